"""Smaller rows for sends, break-downs by day, volume sent elsewhere, Sent folders that are read."""

import zoneinfo
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from core import ids

revision = "0004"
down_revision = "0003"

KINDS = ("to", "cc", "bcc", "other")
WHOLE = "(SELECT s.{0} FROM sends s WHERE s.account_id = r.account_id AND s.id = r.send_id)"
SAME = {  # an outcome that is the send's needs no room, nor does then a reply that is
    "outcome": f"nullif(r.outcome, {WHOLE.format('outcome')})",
    "reply": f"CASE WHEN r.outcome = {WHOLE.format('outcome')} THEN nullif(r.reply, {WHOLE.format('reply')})"
    " ELSE r.reply END",
}
COUNTED = "('reserved', 'accepted', 'unknown')"
BROKEN_DOWN = """INSERT INTO breakdown
SELECT q.account_id, q.quota_id, local_day(s.created_at, a.timezone), {dimension}, {value}, {amount}
FROM send_quotas q JOIN sends s ON s.account_id = q.account_id AND s.id = q.send_id
JOIN accounts a ON a.id = q.account_id {more}
WHERE q.recipients > 0 GROUP BY 1, 2, 3, 5"""


def upgrade() -> None:
    """Forward."""
    _rebuild()
    _new_tables()
    _break_down()


def _rebuild() -> None:
    """Copies the tables of the log into ones without row numbers; children go before their parents."""
    functions = op.get_bind().connection.driver_connection.create_function  # type: ignore[union-attr]
    for name, function in (("digest", _digest), ("local_day", _local_day), ("domain_of", _domain_of)):
        functions(name, function.__code__.co_argcount, function)
    send = _key("send_id")
    _create("sends", *_key("id"), *_of_a_send())
    _create("recipients", *send, _integer("position", key=True), _text("kind", 8), _text("address", 320), *_said())
    _create("send_quotas", *send, _big("quota_id", "quotas.id", key=True), _big("created_at"), _integer("recipients"))
    setup = (_integer("bucket", key=True), _big("setup_id", key=True))
    counts = [_integer(name) for name in ("messages", *KINDS, "refused")]
    _create("usage", _account(), _big("quota_id", "quotas.id", key=True), *setup, *counts, parent=False)
    for name in ("recipients", "send_quotas", "usage", "sends"):
        op.drop_table(name)
    for name in ("sends", "recipients", "send_quotas", "usage"):
        op.rename_table(f"{name}_new", name)
    op.create_index("ix_sends_account_id_created_at", "sends", ["account_id", "created_at"])
    op.create_index("ix_send_quotas_quota_id_created_at", "send_quotas", ["quota_id", "created_at", "recipients"])
    op.create_index("ix_usage_quota_id_bucket", "usage", ["quota_id", "bucket"])
    known = sa.text("digest IS NOT NULL")
    op.create_index("ix_sends_account_id_digest", "sends", ["account_id", "digest"], sqlite_where=known)


def _create(name: str, *columns: sa.Column[Any], parent: bool = True) -> None:
    """A table beside the old one, with what that one holds."""
    child = any(column.name == "send_id" for column in columns)
    keys = sa.ForeignKeyConstraint(
        ["account_id", "send_id"], ["sends_new.account_id", "sends_new.id"], name=f"fk_{name}_sends", ondelete="CASCADE"
    )
    op.create_table(f"{name}_new", *columns, *([keys] if child and parent else []), sqlite_with_rowid=False)
    listed = ", ".join(f'"{column.name}"' for column in columns)
    values = listed.replace('"digest"', "digest(message_id)")  # all that a Message-ID is needed for
    if name == "recipients":
        for column, same in SAME.items():
            values = values.replace(f'"{column}"', same)
    op.execute(f"INSERT INTO {name}_new ({listed}) SELECT {values} FROM {name} r")  # noqa: S608 - our own words


def _break_down() -> None:
    """Fills the break-downs with what the log still has."""
    people = f"""JOIN recipients r ON r.account_id = s.account_id AND r.send_id = s.id
        AND coalesce(r.outcome, s.outcome) IN {COUNTED}"""
    sender = "CASE WHEN s.from_address = '' THEN '<>' ELSE lower(s.from_address) END"
    op.execute(BROKEN_DOWN.format(dimension="'from'", value=sender, amount="sum(q.recipients)", more=""))
    op.execute(BROKEN_DOWN.format(dimension="'source'", value="s.source", amount="sum(q.recipients)", more=""))
    op.execute(BROKEN_DOWN.format(dimension="'domain'", value="domain_of(r.address)", amount="count(*)", more=people))


def _new_tables() -> None:
    day = (
        _integer("day", key=True),
        _text("dimension", 16, key=True),
        _text("value", 320, key=True),
        _integer("recipients"),
    )
    op.create_table("breakdown", _account(), _big("quota_id", "quotas.id", key=True), *day, sqlite_with_rowid=False)
    entry = (_big("quota_id", "quotas.id"), _text("kind", 16), _text("unit", 16), _integer("amount"), _big("at"))
    op.create_table("elsewhere", *_key("id"), *entry)
    op.create_index("ix_elsewhere_quota_id_at", "elsewhere", ["quota_id", "at"])
    op.create_table(
        "watches",
        *_key("setup_id"),
        sa.Column("bounces", sa.Boolean(), nullable=False),
        sa.Column("folders", sa.JSON(), nullable=False),
        _text("state", 16),
        sa.Column("reply", sa.Text()),
        _integer("found"),
        sa.Column("total", sa.Integer()),
        sa.Column("read_at", sa.BigInteger()),
        _big("created_at"),
        sa.ForeignKeyConstraint(["account_id", "setup_id"], ["setups.account_id", "setups.id"], ondelete="CASCADE"),
    )


def _local_day(at: int, zone: str | None) -> int:
    day = datetime.fromtimestamp(at / 1000, zoneinfo.ZoneInfo(zone or "UTC")).date()
    return day.toordinal() - date(1970, 1, 1).toordinal()


def _domain_of(address: str) -> str:
    return address.rpartition("@")[2].lower()[:320]


def _digest(message_id: str | None) -> int | None:
    return ids.digest(message_id) if message_id else None


def _of_a_send() -> list[sa.Column[Any]]:
    start = [sa.Column(name, sa.BigInteger()) for name in ("setup_id", "check_id")]
    words = [_text("from_address", 320), _text("host", 253), _text("outcome", 16), sa.Column("reply", sa.Text())]
    known = [_text("source", 16), sa.Column("digest", sa.BigInteger())]
    return start + known + words + [_big("created_at")] + [_integer(f"{name}_count") for name in (*KINDS, "refused")]


def _said() -> tuple[sa.Column[Any], sa.Column[Any]]:
    return sa.Column("outcome", sa.String(16)), sa.Column("reply", sa.Text())


def _key(name: str) -> tuple[sa.Column[Any], sa.Column[Any]]:
    return _account(), _big(name, key=True)


def _account() -> sa.Column[Any]:
    whole = sa.ForeignKey("accounts.id", ondelete="CASCADE")
    return sa.Column("account_id", sa.BigInteger(), whole, primary_key=True, nullable=False)


def _big(name: str, parent: str = "", *, key: bool = False) -> sa.Column[Any]:
    keys = [sa.ForeignKey(parent)] if parent else []
    return sa.Column(name, sa.BigInteger(), *keys, primary_key=key, nullable=False, autoincrement=False)


def _integer(name: str, *, key: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), primary_key=key, nullable=False, autoincrement=False)


def _text(name: str, length: int, *, key: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length), primary_key=key, nullable=False)
