"""What limits are counted against: a log-in at a server, a domain there, or the platform's default service."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, insert, select

from core import ids, tables
from core.accounts import providers
from core.accounts.access import Access
from core.accounts.form import Form
from core.prepared import Prepared

PLATFORM = "platform"
_BY_KEY = Prepared(select(tables.quotas.c.id).where(tables.quotas.c.key == bindparam("wanted")))
WIDE = {"domain", "plan"}  # scopes of limits that several log-ins share; of a plan its domain is what is known


def keys(form: Form) -> list[str]:
    """The names of the quotas that a form uses, its own first.

    A provider counts by log-in, whichever of its servers is used; some count a whole domain, too.
    """
    if form.mode == "default":
        return [PLATFORM]
    login = (form.username or form.from_address).lower()
    provider = providers.by_host(form.host, form.username)
    place = provider.id if provider else form.host
    found = [f"login:{place}:{login}"]
    if provider and any(limit.scope in WIDE for limit in provider.limits):
        found.append(f"domain:{place}:{_domain(form)}")
    return found


def key(form: Form, scope: str = "login") -> str:
    """The name of the quota that a limit of a scope is counted against."""
    found = keys(form)
    return found[-1] if scope in WIDE else found[0]


def ensure(connection: Connection, form: Form) -> list[int]:
    """The identifiers of the form's quotas, made at their first use; within a write transaction."""
    wanted = keys(form)
    known = find_all(connection, wanted)
    provider = providers.by_host(form.host, form.username) if len(known) < len(wanted) else None
    for name in wanted:
        if name not in known:
            known[name] = ids.new()
            values = {"id": known[name], "key": name, "provider": provider.id if provider else None}
            connection.execute(insert(tables.quotas).values(values))
    return [known[name] for name in wanted]


def of(access: Access, form: Form) -> int | None:
    """The form's own quota, None where nothing was ever counted against it."""
    with access.read() as rows:
        return find(rows.connection, key(form))


def find(connection: Connection, wanted: str) -> int | None:
    """The quota of a key, None where nothing was ever counted against it."""
    return find_all(connection, [wanted]).get(wanted)


def find_all(connection: Connection, wanted: list[str]) -> dict[str, int]:
    """The quotas of these keys that there are."""
    found = ((name, _BY_KEY(connection, {"wanted": name}).fetchone()) for name in wanted)
    return {name: row[0] for name, row in found if row}


def _domain(form: Form) -> str:
    return (form.from_address or form.username).rpartition("@")[2].lower()
