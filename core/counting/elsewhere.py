"""Volume that Mailgauge does not see: sent by other programs with the same log-in, added by hand or learnt."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

from sqlalchemy import select

from core import clock, ids, tables
from core.accounts.access import Access, Rows
from core.accounts.form import Form
from core.accounts.providers import Limit
from core.counting import quotas, windows

ONCE, DAILY, REFUSAL = "once", "daily", "refusal"
KINDS = (ONCE, DAILY, REFUSAL)


@dataclass(frozen=True, slots=True)
class Entry:
    """`amount` of a unit: sent once at a moment, every day from then on, or at least, as a provider's refusal shows."""

    id: int
    kind: str
    unit: str
    amount: int
    at: int


def add(access: Access, form: Form, amount: int, *, kind: str = ONCE, unit: str = "recipients", at: int = 0) -> int:
    """Adds an entry to the quota of a form, at a moment or now; its identifier. A new estimate replaces the old one.

    Raises ValueError for none.
    """
    if kind not in KINDS or amount < 1:
        raise ValueError(f"{amount} {kind}")
    table, made = tables.elsewhere, ids.new()
    with access.write() as rows:
        quota = quotas.ensure(rows.connection, form)[0]
        if kind == DAILY:
            rows.run(rows.delete(table).where(table.c.quota_id == quota, table.c.kind == kind, table.c.unit == unit))
        values = {"id": made, "quota_id": quota, "kind": kind, "unit": unit, "amount": amount, "at": at or clock.now()}
        rows.insert(table, values)
    return made


def remove(access: Access, entry: int) -> bool:
    """Removes an entry; whether there was one."""
    with access.write() as rows:
        return rows.run(rows.delete(tables.elsewhere).where(tables.elsewhere.c.id == entry)) > 0


def entries(access: Access, form: Form, *, since: int = 0) -> list[Entry]:
    """The account's entries for the quota of a form, the newest first: those after a moment, and standing ones."""
    table = tables.elsewhere
    with access.read() as rows:
        quota = quotas.find(rows.connection, quotas.key(form))
        query = rows.select(table).where(table.c.quota_id == quota).order_by(table.c.at.desc())
        query = query.where((table.c.at > since) | (table.c.kind == DAILY))
        return [Entry(row.id, row.kind, row.unit, row.amount, row.at) for row in rows.all(query)]


def daily(found: list[Entry], *, since: date, until: date, zone: tzinfo) -> dict[date, int]:
    """Recipients sent elsewhere for each day that has some, both ends included."""
    sums: dict[date, int] = {}
    for entry in (entry for entry in found if entry.unit == "recipients"):
        first = clock.local(entry.at, zone).date()
        last = until if entry.kind == DAILY else first
        begin = max(first, since)
        for day in (begin + timedelta(days=i) for i in range((min(last, until) - begin).days + 1)):
            sums[day] = sums.get(day, 0) + entry.amount
    return sums


def within(
    rows: Rows, against: Collection[int], limit: Limit, *, since: int, now: int, zone: tzinfo
) -> list[tuple[int | None, int]]:
    """What counts against a limit in its window: moments with amounts; of a standing estimate, no moment.

    `against` are the limit's own quota and the log-in's, which entries are written for. Every account that shares one
    adds to it; a limit for each account counts its own entries alone.
    """
    table = tables.elsewhere
    query = rows.select(table) if limit.scope == "account" else select(table)
    found = rows.all(query.where(table.c.quota_id.in_(against), table.c.unit == limit.unit, table.c.amount > 0))
    often = windows.share(limit.window, now, zone)
    standing = [(None, math.ceil(row.amount * often)) for row in found if row.kind == DAILY]
    return standing + [(row.at, row.amount) for row in found if row.kind != DAILY and row.at > since]
