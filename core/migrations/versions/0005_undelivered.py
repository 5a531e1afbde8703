"""Sends that somebody did not get are found by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Forward."""
    bounced = sa.Column("bounced_count", sa.Integer(), nullable=False, server_default="0")
    op.add_column("sends", bounced)
    lost = sa.text("refused_count > 0 OR bounced_count > 0 OR outcome IN ('unknown', 'failed')")
    op.create_index("ix_sends_undelivered", "sends", ["account_id", "created_at"], sqlite_where=lost)
    in_flight = sa.text("outcome = 'reserved'")
    op.create_index("ix_sends_in_flight", "sends", ["account_id", "created_at"], sqlite_where=in_flight)
