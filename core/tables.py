"""The tables. Times are UTC milliseconds since 1970, ids are made by core, `account_id` is part of every key."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    case,
    false,
    func,
    literal_column,
    or_,
    true,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _account() -> Column[int]:
    return Column("account_id", BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)


accounts = Table(
    "accounts",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", String(200), nullable=False, unique=True),
    Column("timezone", String(64)),  # empty: the browser's, once one was seen
    Column("language", String(8)),
    Column("system_address", String(320)),
    Column("retention_days", Integer, nullable=False, server_default="90"),  # of recipients' addresses
    Column("sample", Boolean, nullable=False, server_default=false()),  # made up, to look around in
    Column("created_at", BigInteger, nullable=False),
)

quotas = Table(
    "quotas",  # shared by accounts: the provider counts the log-in, whoever uses it
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("key", String(600), nullable=False, unique=True),
    Column("provider", String(64)),
)

setups = Table(
    "setups",
    metadata,
    _account(),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", String(200), nullable=False),
    Column("mode", String(16), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("from_address", String(320), nullable=False, default=""),
    Column("from_name", String(200), nullable=False, default=""),
    Column("host", String(253), nullable=False, default=""),
    Column("port", Integer),
    Column("encryption", String(16)),
    Column("username", String(320), nullable=False, default=""),
    Column("secret", LargeBinary),
    Column("allow_plaintext", Boolean, nullable=False, default=False),
    Column("trust", String(64), nullable=False, server_default=""),  # SHA-256 of a certificate trusted by hand
    Column("state", String(16), nullable=False, default="untested"),
    Column("state_since", BigInteger),
    Column("checked_at", BigInteger),
    Column("cause", String(64)),
    Column("version", Integer, nullable=False, default=1),
    Column("created_at", BigInteger, nullable=False),
    UniqueConstraint("account_id", "name"),
)
Index(
    "uq_setups_active",
    setups.c.account_id,
    unique=True,
    sqlite_where=setups.c.active == true(),
    postgresql_where=setups.c.active == true(),
)

limits = Table(
    "limits",  # an account's own figures; a provider's stand in data/providers.toml
    metadata,
    _account(),
    Column("quota_id", BigInteger, ForeignKey("quotas.id"), primary_key=True),
    Column("unit", String(16), primary_key=True),
    Column("window", String(16), primary_key=True),
    Column("amount", Integer, nullable=False),
)

sends = Table(
    "sends",
    metadata,
    _account(),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("setup_id", BigInteger),
    Column("check_id", BigInteger),
    Column("source", String(16), nullable=False),
    Column("digest", BigInteger),  # of the Message-ID: tells a message that is read again somewhere else
    Column("from_address", String(320), nullable=False),
    Column("host", String(253), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("reply", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("to_count", Integer, nullable=False, default=0),
    Column("cc_count", Integer, nullable=False, default=0),
    Column("bcc_count", Integer, nullable=False, default=0),
    Column("other_count", Integer, nullable=False, default=0),
    Column("refused_count", Integer, nullable=False, default=0),
    Column("bounced_count", Integer, nullable=False, server_default="0"),  # of those that were accepted
    sqlite_with_rowid=False,
)
Index("ix_sends_account_id_created_at", sends.c.account_id, sends.c.created_at)
Index(
    "ix_sends_account_id_digest",
    sends.c.account_id,
    sends.c.digest,
    sqlite_where=sends.c.digest.is_not(None),
    postgresql_where=sends.c.digest.is_not(None),
)
# what somebody did not get; in plain figures and texts, since an index is found by its very words
LOST = or_(
    sends.c.refused_count > literal_column("0"),
    sends.c.bounced_count > literal_column("0"),
    sends.c.outcome.in_([literal_column("'unknown'"), literal_column("'failed'")]),
)
Index("ix_sends_undelivered", sends.c.account_id, sends.c.created_at, sqlite_where=LOST, postgresql_where=LOST)

IN_FLIGHT = sends.c.outcome == literal_column("'reserved'")
Index("ix_sends_in_flight", sends.c.account_id, sends.c.created_at, sqlite_where=IN_FLIGHT, postgresql_where=IN_FLIGHT)

send_quotas = Table(
    "send_quotas",
    metadata,
    _account(),
    Column("send_id", BigInteger, primary_key=True, autoincrement=False),
    Column("quota_id", BigInteger, ForeignKey("quotas.id"), primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Column("recipients", Integer, nullable=False),
    ForeignKeyConstraint(["account_id", "send_id"], ["sends.account_id", "sends.id"], ondelete="CASCADE"),
    sqlite_with_rowid=False,
)
Index(
    "ix_send_quotas_quota_id_created_at",  # alone answers how many since when
    send_quotas.c.quota_id,
    send_quotas.c.created_at,
    send_quotas.c.recipients,
)

recipients = Table(
    "recipients",
    metadata,
    _account(),
    Column("send_id", BigInteger, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(8), nullable=False),
    Column("address", String(320), nullable=False),
    Column("outcome", String(16)),  # empty: the send's; so is the reply
    Column("reply", Text),
    ForeignKeyConstraint(["account_id", "send_id"], ["sends.account_id", "sends.id"], ondelete="CASCADE"),
    sqlite_with_rowid=False,
)

# what the server said of a recipient: its own reply, or the send's where the outcome is the send's
SAID = func.coalesce(recipients.c.reply, case((recipients.c.outcome.is_(None), sends.c.reply)))

usage = Table(
    "usage",
    metadata,
    _account(),
    Column("quota_id", BigInteger, ForeignKey("quotas.id"), primary_key=True),
    Column("bucket", Integer, primary_key=True, autoincrement=False),  # quarters of an hour since 1970
    Column("setup_id", BigInteger, primary_key=True, autoincrement=False),  # 0: values that were never saved
    Column("messages", Integer, nullable=False, default=0),
    Column("to", Integer, nullable=False, default=0),
    Column("cc", Integer, nullable=False, default=0),
    Column("bcc", Integer, nullable=False, default=0),
    Column("other", Integer, nullable=False, default=0),
    Column("refused", Integer, nullable=False, default=0),
    sqlite_with_rowid=False,
)
Index("ix_usage_quota_id_bucket", usage.c.quota_id, usage.c.bucket)  # of all accounts that share it

breakdown = Table(
    "breakdown",
    metadata,
    _account(),
    Column("quota_id", BigInteger, ForeignKey("quotas.id"), primary_key=True),
    Column("day", Integer, primary_key=True, autoincrement=False),  # since 1970; the account's, at the time of the send
    Column("dimension", String(16), primary_key=True),  # from, domain (of the recipient), source
    Column("value", String(320), primary_key=True),  # empty: all but the largest
    Column("recipients", Integer, nullable=False),
    sqlite_with_rowid=False,
)

elsewhere = Table(
    "elsewhere",  # sent with the same log-in where Mailgauge does not see it
    metadata,
    _account(),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("quota_id", BigInteger, ForeignKey("quotas.id"), nullable=False),
    Column("kind", String(16), nullable=False),  # once, daily (a standing estimate), or refusal (the provider's own)
    Column("unit", String(16), nullable=False),
    Column("amount", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
)
Index("ix_elsewhere_quota_id_at", elsewhere.c.quota_id, elsewhere.c.at)

watches = Table(
    "watches",  # Sent folders that are read
    metadata,
    _account(),
    Column("setup_id", BigInteger, primary_key=True, autoincrement=False),
    Column("bounces", Boolean, nullable=False, default=False),  # the inbox is read for them, too
    Column("folders", JSON, nullable=False),  # by role: its name, UIDVALIDITY, how far it is read
    Column("state", String(16), nullable=False),
    Column("reply", Text),
    Column("found", Integer, nullable=False, default=0),
    Column("total", Integer),  # while the first run goes on
    Column("read_at", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    ForeignKeyConstraint(["account_id", "setup_id"], ["setups.account_id", "setups.id"], ondelete="CASCADE"),
)

checks = Table(
    "checks",
    metadata,
    _account(),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("setup_id", BigInteger),
    Column("source", String(16), nullable=False),  # page or cli
    Column("created_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
    Column("stage", String(16)),  # the one under way
    Column("stage_since", BigInteger),
    Column("form", JSON, nullable=False),  # what was tested, without the password
    Column("verdict", String(16)),
    Column("cause", String(64)),
    Column("result", JSON),
)
Index("ix_checks_account_id_created_at", checks.c.account_id, checks.c.created_at)

steps = Table(
    "steps",
    metadata,
    _account(),
    Column("check_id", BigInteger, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("document", JSON, nullable=False),
    ForeignKeyConstraint(["account_id", "check_id"], ["checks.account_id", "checks.id"], ondelete="CASCADE"),
)
