"""What may still be sent: each limit of a quota, used and remaining, and when something is free again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import Connection, func, select

from core import clock, settings, tables
from core.accounts import providers
from core.accounts.access import Access, Rows
from core.accounts.form import Form
from core.accounts.providers import Limit
from core.counting import quotas
from core.i18n import N_

OWN = "own"
PLATFORM = "platform"
UNITS = {"recipients": N_("recipients"), "messages": N_("messages")}
USED = {
    "rolling 24h": N_("{used} of {amount} {unit} used in the last 24 hours, {left} remain"),
    "day": N_("{used} of {amount} {unit} used today, {left} remain"),
}
USED_UP = {
    "rolling 24h": N_("Limit reached: {used} of {amount} {unit} used in the last 24 hours"),
    "day": N_("Limit reached: {used} of {amount} {unit} used today"),
}
NUMBER = re.compile(r"[0-9]{1,3}(\.[0-9]{3})+|[0-9]{1,3}(,[0-9]{3})+|[0-9]+")
MOST = 100_000_000  # recipients that a contract may allow


@dataclass(frozen=True, slots=True)
class State:
    """A limit at a moment: `frees_at` is when the oldest counted send leaves the window, None while nothing is used."""

    limit: Limit
    used: int
    frees_at: datetime | None

    @property
    def remaining(self) -> int:
        """How many more fit, at least none."""
        return max(0, self.limit.amount - self.used)


def of(access: Access, form: Form) -> list[Limit]:
    """The limits of a form: the account's own figures replace the plan's of the same unit and window."""
    with access.read() as rows:
        return of_rows(rows, form)


def of_rows(rows: Rows, form: Form) -> list[Limit]:
    """The limits of a form, read within a transaction that is already open."""
    quota = quotas.find(rows.connection, quotas.key(form))
    figures = rows.all(rows.select(tables.limits).where(tables.limits.c.quota_id == quota))
    mine = [Limit(row.unit, row.amount, row.window, OWN) for row in figures]
    units = {limit.unit for limit in mine}
    return mine + [limit for limit in plan(form) if limit.unit not in units]


def states(access: Access, form: Form, *, zone: tzinfo, now: int | None = None) -> list[State]:
    """Each limit of a form, used over all accounts that share its quota."""
    moment = clock.now() if now is None else now
    with access.read() as rows:
        quota = quotas.find(rows.connection, quotas.key(form))
        return [state(rows.connection, quota, limit, zone=zone, now=moment) for limit in of_rows(rows, form)]


def state(connection: Connection, quota: int | None, limit: Limit, *, zone: tzinfo, now: int) -> State:
    """One limit, counted from the log: exact to the send at the edge of its window."""
    since = start(limit.window, now, zone)
    booked = tables.send_quotas.c
    amount = func.sum(booked.recipients) if limit.unit == "recipients" else func.count()
    query = select(amount, func.min(booked.created_at))
    query = query.where(booked.quota_id == quota, booked.created_at > since, booked.recipients > 0)
    used, oldest = connection.execute(query).one()
    return State(limit, used or 0, _free(limit.window, oldest, now, zone) if oldest else None)


def start(window: str, now: int, zone: tzinfo) -> int:
    """When a window began: 24 hours ago, or at midnight of the zone."""
    return now - clock.DAY_MS if window == "rolling 24h" else clock.stored(_midnight(now, zone)) - 1


def own(access: Access, form: Form, amount: int | None) -> None:
    """Sets the account's own figure of recipients a day (rolling 24 h), or removes it."""
    with access.write() as rows:
        quota = quotas.ensure(rows.connection, form)
        mine = tables.limits.c
        rows.run(rows.delete(tables.limits).where(mine.quota_id == quota, mine.unit == "recipients"))
        if amount:
            rows.insert(
                tables.limits, {"quota_id": quota, "unit": "recipients", "window": "rolling 24h", "amount": amount}
            )


def parse(text: str) -> int | None:
    """A figure as a person types it, with or without thousands marks; None for an empty one. Raises ValueError."""
    typed = "".join(text.split())
    if not typed:
        return None
    digits = re.sub("[.,]", "", typed).lstrip("0")
    if not NUMBER.fullmatch(typed) or not 0 < len(digits) <= len(str(MOST)) or int(digits) > MOST:
        raise ValueError(f"type a number from 1 to {MOST}")
    return int(digits)


def plan(form: Form) -> list[Limit]:
    """The limits that the platform or the provider sets."""
    if form.mode == "default":
        daily = settings.current().default_daily_limit
        return [Limit("recipients", daily, "rolling 24h", PLATFORM)] if daily else []
    provider = providers.by_host(form.host, form.username)
    found = provider.limits if provider else ()
    return [limit for limit in found if limit.unit in UNITS and limit.window in USED and limit.scope == "login"]


def _midnight(now: int, zone: tzinfo) -> datetime:
    return clock.local(now, zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)


def _free(window: str, oldest: int, now: int, zone: tzinfo) -> datetime:
    if window == "rolling 24h":
        return clock.local(oldest + clock.DAY_MS, zone)
    return _midnight(now, zone) + timedelta(days=1)
