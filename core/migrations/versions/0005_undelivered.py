"""Sends that somebody did not get are found by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Forward."""
    lost = sa.text("refused_count > 0 OR outcome IN ('unknown', 'failed')")
    op.create_index("ix_sends_undelivered", "sends", ["account_id", "created_at"], sqlite_where=lost)
