"""Alembic's entry: runs on the connection that core.database hands over."""

from alembic import context

from core.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
