"""The first tables: accounts, setups, quotas, limits, sends, recipients, usage, checks."""

import time

import sqlalchemy as sa
from alembic import op

from core import ids

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Forward."""
    _tables()
    account = ids.new()
    now = time.time_ns() // 1_000_000
    op.bulk_insert(
        sa.table("accounts", *map(sa.column, ("id", "name", "created_at"))),
        [{"id": account, "name": "default", "created_at": now}],
    )
    names = (
        "account_id",
        "id",
        "name",
        "mode",
        "active",
        "from_address",
        "from_name",
        "host",
        "username",
        "allow_plaintext",
        "state",
        "version",
        "created_at",
    )
    op.bulk_insert(
        sa.table("setups", *map(sa.column, names)),
        [
            dict(
                zip(
                    names,
                    (account, ids.new(), "default", "default", True, "", "", "", "", False, "untested", 1, now),
                    strict=True,
                )
            )
        ],
    )


def _tables() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("system_address", sa.String(length=320), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("name", name=op.f("uq_accounts_name")),
    )
    op.create_table(
        "quotas",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=600), nullable=False),
        sa.Column("provider", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotas")),
        sa.UniqueConstraint("key", name=op.f("uq_quotas_key")),
    )
    op.create_table(
        "checks",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("setup_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("stage", sa.String(length=16), nullable=True),
        sa.Column("stage_since", sa.BigInteger(), nullable=True),
        sa.Column("form", sa.JSON(), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=True),
        sa.Column("cause", sa.String(length=64), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_checks_accounts"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_checks")),
    )
    op.create_index("ix_checks_account_id_created_at", "checks", ["account_id", "created_at"], unique=False)
    op.create_table(
        "limits",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("quota_id", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("window", sa.String(length=16), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_limits_accounts"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["quota_id"], ["quotas.id"], name=op.f("fk_limits_quotas")),
        sa.PrimaryKeyConstraint("account_id", "quota_id", "unit", "window", name=op.f("pk_limits")),
    )
    op.create_table(
        "sends",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("setup_id", sa.BigInteger(), nullable=True),
        sa.Column("check_id", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("message_id", sa.String(length=998), nullable=True),
        sa.Column("from_address", sa.String(length=320), nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("to_count", sa.Integer(), nullable=False),
        sa.Column("cc_count", sa.Integer(), nullable=False),
        sa.Column("bcc_count", sa.Integer(), nullable=False),
        sa.Column("other_count", sa.Integer(), nullable=False),
        sa.Column("refused_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_sends_accounts"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_sends")),
    )
    op.create_index("ix_sends_account_id_created_at", "sends", ["account_id", "created_at"], unique=False)
    op.create_table(
        "setups",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("from_address", sa.String(length=320), nullable=False),
        sa.Column("from_name", sa.String(length=200), nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("port", sa.Integer(), nullable=True),
        sa.Column("encryption", sa.String(length=16), nullable=True),
        sa.Column("username", sa.String(length=320), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("allow_plaintext", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("state_since", sa.BigInteger(), nullable=True),
        sa.Column("checked_at", sa.BigInteger(), nullable=True),
        sa.Column("cause", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_setups_accounts"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "id", name=op.f("pk_setups")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_setups_account_id_name")),
    )
    op.create_index(
        "uq_setups_active",
        "setups",
        ["account_id"],
        unique=True,
        sqlite_where=sa.text("active = 1"),
        postgresql_where=sa.text("active = 1"),
    )
    op.create_table(
        "usage",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("quota_id", sa.BigInteger(), nullable=False),
        sa.Column("setup_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("bucket", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("to", sa.Integer(), nullable=False),
        sa.Column("cc", sa.Integer(), nullable=False),
        sa.Column("bcc", sa.Integer(), nullable=False),
        sa.Column("other", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_usage_accounts"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["quota_id"], ["quotas.id"], name=op.f("fk_usage_quotas")),
        sa.PrimaryKeyConstraint("account_id", "quota_id", "setup_id", "bucket", name=op.f("pk_usage")),
    )
    op.create_table(
        "recipients",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("send_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id", "send_id"],
            ["sends.account_id", "sends.id"],
            name=op.f("fk_recipients_sends"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_recipients_accounts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "send_id", "position", name=op.f("pk_recipients")),
    )
    op.create_table(
        "send_quotas",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("send_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("quota_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("recipients", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "send_id"],
            ["sends.account_id", "sends.id"],
            name=op.f("fk_send_quotas_sends"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_send_quotas_accounts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["quota_id"], ["quotas.id"], name=op.f("fk_send_quotas_quotas")),
        sa.PrimaryKeyConstraint("account_id", "send_id", "quota_id", name=op.f("pk_send_quotas")),
    )
    op.create_index("ix_send_quotas_quota_id_created_at", "send_quotas", ["quota_id", "created_at"], unique=False)
    op.create_table(
        "steps",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("check_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id", "check_id"],
            ["checks.account_id", "checks.id"],
            name=op.f("fk_steps_checks"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_steps_accounts"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "check_id", "position", name=op.f("pk_steps")),
    )
