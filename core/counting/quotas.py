"""What limits are counted against: the log-in at a server, or the platform's default service."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from core import ids, tables
from core.accounts import providers
from core.accounts.access import Access
from core.accounts.form import Form

PLATFORM = "platform"


def key(form: Form) -> str:
    """The name of the quota that a form uses: a provider counts by log-in, whichever of its servers is used."""
    if form.mode == "default":
        return PLATFORM
    login = (form.username or form.from_address).lower()
    provider = providers.by_host(form.host, form.username)
    return f"login:{provider.id if provider else form.host}:{login}"


def ensure(connection: Connection, form: Form) -> int:
    """The identifier of the form's quota, made at its first use; within a write transaction."""
    wanted, provider = key(form), providers.by_host(form.host, form.username)
    if (found := find(connection, wanted)) is not None:
        return found
    made = ids.new()
    connection.execute(insert(tables.quotas).values(id=made, key=wanted, provider=provider.id if provider else None))
    return made


def of(access: Access, form: Form) -> int | None:
    """The quota of a form, None where nothing was ever counted against it."""
    with access.read() as rows:
        return find(rows.connection, key(form))


def find(connection: Connection, wanted: str) -> int | None:
    """The quota of a key, None where nothing was ever counted against it."""
    found: int | None = connection.execute(select(tables.quotas.c.id).where(tables.quotas.c.key == wanted)).scalar()
    return found
