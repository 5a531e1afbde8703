"""The ways an account sends: stored, one of them active, each with the state that its tests left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core import clock, ids, tables
from core.accounts import platform, vault
from core.accounts.access import Access, Rows
from core.accounts.form import Form
from core.counting import watch
from core.i18n import N_
from core.secret import Secret
from core.told import NotFound, Told

TESTED = {"works": "works", "fault": "fails"}  # a check's verdict, and the state it leaves


@dataclass(frozen=True, slots=True)
class Setup:
    """A setup as it is stored. `state` is untested, works or fails; times are UTC milliseconds."""

    id: int
    name: str
    mode: str
    active: bool
    form: Form
    has_secret: bool
    state: str
    state_since: int | None
    checked_at: int | None
    cause: str | None
    version: int


class Stale(Told):
    """The setup was saved or removed elsewhere since it was read."""

    sentence = N_("Another tab or person saved this setup meanwhile. Nothing was stored.")


class Removed(Told):
    """The setup was removed elsewhere since it was read."""

    sentence = N_("This setup was removed meanwhile. What you typed is kept: Save again stores it as a new one.")


def all(access: Access) -> list[Setup]:  # noqa: A001 - reads as setups.all(access)
    """Every setup of an account, the oldest first."""
    with access.read() as rows:
        found = rows.all(rows.select(tables.setups).order_by(tables.setups.c.id))
    return [_setup(row) for row in found]


def find(access: Access, wanted: int | str) -> Setup:
    """A setup by its identifier or name. Raises NotFound."""
    column = tables.setups.c.id if isinstance(wanted, int) else tables.setups.c.name
    with access.read() as rows:
        row = rows.first(rows.select(tables.setups).where(column == wanted))
    if row is None:
        raise NotFound(N_("No setup is named “{name}”."), name=wanted)
    return _setup(row)


def active(access: Access) -> Setup:
    """The setup that the account sends through."""
    return next(setup for setup in all(access) if setup.active)


def secret(access: Access, setup: int | None, form: Form) -> Secret:
    """The stored password, if the form still asks for what it was saved with; else an empty one."""
    if setup is None:
        return Secret()
    with access.read() as rows:
        query = rows.select(tables.setups, tables.setups.c.secret).where(tables.setups.c.id == setup)
        row = rows.first(query)
    return vault.unseal(row.secret, form) if row else Secret()


def save(access: Access, form: Form, *, setup: int | None = None, version: int | None = None) -> int:
    """Stores a form as a new setup or over an old one; the identifier. An empty password keeps the stored one.

    A Sent folder that is watched through it is read again at once, however long its pause was to be.
    Raises Stale when `version` is no longer the stored one.
    """
    kept = form.password or secret(access, setup, form)
    values = _columns(form) | {"secret": vault.seal(kept, form)}
    with access.write() as rows:
        if setup is None:
            return _create(rows, form, values)
        old = rows.first(rows.select(tables.setups).where(tables.setups.c.id == setup))
        if old is None:
            raise NotFound(N_("This setup was removed."))
        if version is not None and old.version != version:
            raise Stale
        if _columns(_form(old)) != _columns(form) or form.password:
            values |= {"state": "untested", "state_since": None, "checked_at": None, "cause": None}
        values["version"] = old.version + 1
        rows.run(rows.update(tables.setups).where(tables.setups.c.id == setup).values(values))
        watch.renew(rows, setup)
    return setup


def activate(access: Access, setup: int) -> None:
    """Makes a setup the one that the account sends through. Raises NotFound."""
    table = tables.setups
    with access.write() as rows:
        if rows.first(rows.select(table, table.c.id).where(table.c.id == setup)) is None:
            raise NotFound(N_("This setup was removed."))
        rows.run(rows.update(table).where(table.c.active).values(active=False))
        rows.run(rows.update(table).where(table.c.id == setup).values(active=True))


def remove(access: Access, setup: int) -> None:
    """Removes an own setup with its password; the default takes over from an active one. What it sent stays counted.

    Raises NotFound.
    """
    table = tables.setups.c
    with access.write() as rows:
        own = (table.id == setup, table.mode == "smtp")
        row = rows.first(rows.select(tables.setups, table.active).where(*own))
        if row is None:
            raise NotFound(N_("This setup was removed."))
        rows.run(rows.delete(tables.setups).where(*own))
        if row.active:
            rows.run(rows.update(tables.setups).where(table.mode == "default").values(active=True))


def tested(rows: Rows, setup: int, form: Form, verdict: str, cause: str | None) -> None:
    """Notes the end of a check on the setup that was tested; only a verdict on the server changes its state."""
    state = TESTED.get(verdict)
    mine = tables.setups.c.id == setup
    old = rows.first(rows.select(tables.setups).where(mine))
    if state is None or old is None or not (form.mode == "default" or _is(old, form)):
        return
    now = clock.now()
    since = old.state_since if old.state == state else now
    values = {"state": state, "state_since": since, "checked_at": now, "cause": cause}
    rows.run(rows.update(tables.setups).where(mine).values(values))


def _is(row: Any, form: Form) -> bool:
    """Whether a form asks for what is stored, with the stored password."""
    return same(_form(row), form) and vault.unseal(row.secret, form) == form.password


def same(one: Form, other: Form) -> bool:
    """Whether two forms ask for the same log-in at the same server under the same From."""
    return _columns(one) == _columns(other)


def _create(rows: Rows, form: Form, values: dict[str, Any]) -> int:
    made = ids.new()
    base = {"id": made, "mode": form.mode, "active": False, "state": "untested", "created_at": clock.now()}
    taken = {row.name for row in rows.all(rows.select(tables.setups, tables.setups.c.name))}
    names = [form.from_address, *(f"{form.from_address} {n}" for n in range(2, len(taken) + 3))]
    name = next(name for name in names if name not in taken)
    rows.insert(tables.setups, base | values | {"name": name, "version": 1})
    return made


def _columns(form: Form) -> dict[str, Any]:
    names = ("from_address", "from_name", "host", "port", "encryption", "username", "allow_plaintext", "trust")
    return {name: getattr(form, name) for name in names}


def _form(row: Any) -> Form:
    return Form(mode=row.mode, **{name: getattr(row, name) for name in _columns(Form("", "", 0, ""))})


def _setup(row: Any) -> Setup:
    form = platform.form() if row.mode == "default" else _form(row)
    return Setup(
        form=form,
        has_secret=row.secret is not None,
        **{name: getattr(row, name) for name in ("id", "name", "mode", "active", "state")},
        **{name: getattr(row, name) for name in ("state_since", "checked_at", "cause", "version")},
    )
