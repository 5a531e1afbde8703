"""A sample account to look around in, and how long recipients' addresses are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Forward."""
    op.add_column("accounts", sa.Column("retention_days", sa.Integer(), nullable=False, server_default="90"))
    op.add_column("accounts", sa.Column("sample", sa.Boolean(), nullable=False, server_default=sa.false()))
