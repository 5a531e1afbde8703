"""The log of sends: who sent how many to whom, and what the server said; searched, masked, and forgotten in time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from core import clock, tables
from core.accounts.access import Access, Rows

ADDRESS = re.compile(r"""("[^"\n…]{1,64}"|[^@\s<>,;:'"()\[\]=…]{1,64})@(?=[^\s@])""")
LONGEST = 200  # letters of a search that are looked for
PAGE = 1000  # rows that a download reads at a time


@dataclass(frozen=True, slots=True)
class Entry:
    """One recipient of one send; times are UTC milliseconds. `setup` is its name, empty where none was stored."""

    send: int
    at: int
    setup: str
    source: str
    from_address: str
    kind: str
    recipient: str
    outcome: str
    reply: str

    def masked(self) -> Entry:
        """The entry with each address but for its first letter and its domain hidden, in the server's words as well."""
        known = {address: _hide(address) for address in (self.from_address, self.recipient) if address}
        shown = {name: mask(getattr(self, name), known) for name in ("from_address", "recipient", "reply", "setup")}
        return Entry(**{each.name: shown.get(each.name, getattr(self, each.name)) for each in fields(self)})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: of a setup, with one of these outcomes, with a text in the recipient or in the server's words.

    `since` and `until` are moments, the second one no longer included.
    """

    setup: int | None = None
    outcomes: Sequence[str] = ()
    text: str = ""
    since: int | None = None
    until: int | None = None


def mask(text: str, known: Mapping[str, str] | None = None) -> str:
    """The text with the addresses in it hidden but for first letter and domain; `known` ones however they are spelt."""
    for address, shown in (known or {}).items():
        text = shown.join(re.split(re.escape(address), text, flags=re.IGNORECASE))
    return ADDRESS.sub(_hidden, text)


def _hidden(found: re.Match[str]) -> str:
    return _hide(found[0])


def _hide(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


def find(access: Access, wanted: Wanted | None = None, *, limit: int = 500) -> list[Entry]:
    """The newest entries that fit, the newest first."""
    with access.read() as rows:
        return [_entry(row) for row in rows.all(_query(rows, wanted or Wanted()).limit(limit))]


def count(access: Access, wanted: Wanted, *, most: int | None = None) -> int:
    """How many entries fit, counted up to a number: ten million would take their time."""
    with access.read() as rows:
        counted = select(func.count()).select_from(_query(rows, wanted).order_by(None).limit(most).subquery())
        found: int = rows.connection.execute(counted).scalar_one()
        return found


def every(access: Access, wanted: Wanted) -> Iterator[Entry]:
    """All entries that fit, the newest first, of one moment."""
    with access.read() as rows:
        found = rows.connection.execute(_query(rows, wanted).execution_options(yield_per=PAGE))
        yield from map(_entry, found)


def known(rows: Rows, digests: Sequence[int]) -> set[int]:
    """Which of these messages the log has, by core.ids.digest of their Message-ID."""
    table = tables.sends
    return {row.digest for row in rows.all(rows.select(table, table.c.digest).where(table.c.digest.in_(digests)))}


def forget(access: Access, *, now: int | None = None) -> int:
    """Forgets recipients, replies and checks older than the account keeps them; how many recipients.

    The numbers of each send stay, so that usage is the sum over sends for ever.
    """
    sends = tables.sends.c
    with access.write() as rows:
        account = rows.first(rows.select(tables.accounts, tables.accounts.c.retention_days))
        if account is None:
            return 0
        before = (clock.now() if now is None else now) - account.retention_days * clock.DAY_MS
        _forget_checks(rows, before)
        first = rows.first(rows.select(tables.sends, func.min(sends.created_at)))[0]
    begins = range(first, before, clock.DAY_MS) if first is not None else ()
    return sum(_forget_sends(access, begin, min(begin + clock.DAY_MS, before)) for begin in begins)


def _forget_sends(access: Access, begin: int, end: int) -> int:
    """Forgets the sends of one day: other writers get their turn between two days, and wait for none that is done."""
    sends, people = tables.sends.c, tables.recipients
    old = (sends.created_at >= begin, sends.created_at < end)
    with access.read() as rows:
        mine = and_(people.c.account_id == sends.account_id, people.c.send_id == sends.id)
        kept = rows.select(tables.sends, sends.id).select_from(tables.sends.outerjoin(people, mine))
        if rows.first(kept.where(*old, or_(people.c.send_id.is_not(None), sends.reply.is_not(None))).limit(1)) is None:
            return 0
    with access.write() as rows:
        numbers = rows.select(tables.sends, sends.id).where(*old)
        rows.run(rows.update(tables.sends).where(*old, sends.reply.is_not(None)).values(reply=None))
        return rows.run(rows.delete(people).where(people.c.send_id.in_(numbers)))


def outlived(access: Access, days: int) -> int:
    """How many recipients would be forgotten if they were kept for so many days only."""
    before = clock.now() - days * clock.DAY_MS
    with access.read() as rows:
        old = rows.select(tables.sends, tables.sends.c.id).where(tables.sends.c.created_at < before)
        query = rows.select(tables.recipients, func.count()).where(tables.recipients.c.send_id.in_(old))
        return int(rows.first(query)[0])


def _forget_checks(rows: Rows, before: int) -> None:
    """Closed checks go, too, but for the last one of each setup: its page shows it."""
    checks = tables.checks
    last = rows.select(checks, func.max(checks.c.id)).group_by(checks.c.setup_id)
    old = (checks.c.created_at < before, checks.c.closed_at.is_not(None), checks.c.id.not_in(last))
    rows.run(rows.delete(checks).where(*old))


def _query(rows: Rows, wanted: Wanted) -> Select[Any]:
    sends, people, setups = tables.sends, tables.recipients, tables.setups
    joined = sends.outerjoin(people, and_(people.c.account_id == sends.c.account_id, people.c.send_id == sends.c.id))
    joined = joined.outerjoin(setups, and_(setups.c.account_id == sends.c.account_id, setups.c.id == sends.c.setup_id))
    columns = {
        "kind": func.coalesce(people.c.kind, ""),
        "recipient": func.coalesce(people.c.address, ""),
        "outcome": func.coalesce(people.c.outcome, sends.c.outcome),
        "reply": func.coalesce(tables.SAID, ""),
        "setup": func.coalesce(setups.c.name, ""),
    }
    named = [column.label(name) for name, column in columns.items()]
    query = rows.select(sends, sends.c.id, sends.c.created_at, sends.c.source, sends.c.from_address, *named)
    query = query.select_from(joined).where(*_conditions(wanted, columns))
    return query.order_by(sends.c.created_at.desc(), sends.c.id.desc(), people.c.position)


def _conditions(wanted: Wanted, columns: dict[str, Any]) -> Iterator[ColumnElement[bool]]:
    if wanted.setup is not None:
        yield tables.sends.c.setup_id == wanted.setup
    if wanted.since is not None:
        yield tables.sends.c.created_at >= wanted.since
    if wanted.until is not None:
        yield tables.sends.c.created_at < wanted.until
    if wanted.outcomes:
        yield columns["outcome"].in_(wanted.outcomes)
        if {"refused", "bounced", "failed", "unknown"}.issuperset(wanted.outcomes):
            yield tables.LOST  # the few of them have an index
    for word in wanted.text[:LONGEST].split():
        parts = (columns["recipient"], columns["reply"])
        yield or_(*(part.icontains(word, autoescape=True) for part in parts))


def _entry(row: Any) -> Entry:
    names = ("setup", "source", "from_address", "kind", "recipient", "outcome", "reply")
    return Entry(row.id, row.created_at, **{name: getattr(row, name) for name in names})
