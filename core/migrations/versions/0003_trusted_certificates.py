"""A certificate that a person trusts for a setup, though no authority does."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Forward."""
    op.add_column("setups", sa.Column("trust", sa.String(64), nullable=False, server_default=""))
