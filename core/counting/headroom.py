"""What may still be sent: each limit of a form, used and remaining, and when something is free again."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from core import clock, tables
from core.accounts.access import Access, Rows
from core.accounts.form import Form
from core.accounts.providers import Limit
from core.counting import elsewhere, limits, quotas, windows
from core.i18n import N_

USED = {
    "rolling 24h": N_("{used} of {amount} {unit} used in the last 24 hours, {left} remain"),
    "day": N_("{used} of {amount} {unit} used today, {left} remain"),
    "hour": N_("{used} of {amount} {unit} used this hour, {left} remain"),
    "month": N_("{used} of {amount} {unit} used this month, {left} remain"),
    "15 minutes": N_("{used} of {amount} {unit} used in the last 15 minutes, {left} remain"),
    "10 minutes": N_("{used} of {amount} {unit} used in the last 10 minutes, {left} remain"),
    "minute": N_("{used} of {amount} {unit} used in the last minute, {left} remain"),
    "second": N_("{used} of {amount} {unit} used in the last second, {left} remain"),
}
USED_UP = {
    "rolling 24h": N_("Limit reached: {used} of {amount} {unit} used in the last 24 hours"),
    "day": N_("Limit reached: {used} of {amount} {unit} used today"),
    "hour": N_("Limit reached: {used} of {amount} {unit} used this hour"),
    "month": N_("Limit reached: {used} of {amount} {unit} used this month"),
    "15 minutes": N_("Limit reached: {used} of {amount} {unit} used in the last 15 minutes"),
    "10 minutes": N_("Limit reached: {used} of {amount} {unit} used in the last 10 minutes"),
    "minute": N_("Limit reached: {used} of {amount} {unit} used in the last minute"),
    "second": N_("Limit reached: {used} of {amount} {unit} used in the last second"),
}
FROM_THE_LOG = ("unique", "external", "unique external")  # units that only the recipients' addresses tell
COUNTED = ("reserved", "accepted", "unknown", "bounced")  # what a limit is charged with: all that the server took


@dataclass(frozen=True, slots=True)
class State:
    """A limit at a moment. `used` includes `elsewhere` (sent where Mailgauge does not see it) and `others` (by other
    accounts with the same quota). `frees_at` is when the oldest counted send leaves the window, None while nothing is
    used; at the end of that minute, `free_by`, `frees` of it are free again.
    """

    limit: Limit
    used: int
    frees_at: datetime | None
    frees: int = 0
    elsewhere: int = 0
    others: int = 0

    @property
    def remaining(self) -> int:
        """How many more fit, at least none."""
        return max(0, self.limit.amount - self.used)

    @property
    def free_by(self) -> datetime | None:
        """The first full minute at which something is free again."""
        if self.frees_at is None:
            return None
        moment = self.frees_at.astimezone(UTC)  # there no minute is missing, and none comes twice
        whole = moment.replace(second=0, microsecond=0)
        return (whole if whole == moment else whole + timedelta(minutes=1)).astimezone(self.frees_at.tzinfo)

    @property
    def share(self) -> float:
        """How much of it is used: 1.0 is all."""
        return self.used / self.limit.amount


def states(access: Access, form: Form, *, zone: tzinfo, now: int | None = None) -> list[State]:
    """Each limit of a form but the caps of a single message, used over all accounts that share its quota."""
    moment = clock.now() if now is None else now
    with access.read() as rows:
        return of_rows(rows, form, zone=zone, now=moment)


def of_rows(rows: Rows, form: Form, *, zone: tzinfo, now: int) -> list[State]:
    """The same, read within a transaction that is already open."""
    found = [limit for limit in limits.of_rows(rows, form) if limit.window != windows.MESSAGE]
    return [state(rows, form, limit, zone=zone, now=now) for limit in found]


def tightest(found: Iterable[State]) -> State | None:
    """The limit that will be reached first, as far as used figures tell; of equals the first."""
    return max(found, key=lambda state: state.share, default=None)


def last_day(access: Access, form: Form, unit: str, found: Iterable[State], *, zone: tzinfo) -> int:
    """What the account sent through here in the last 24 hours; read anew only where no limit counts so."""
    window = windows.DAILY[0]
    like = next((state for state in found if (state.limit.unit, state.limit.window) == (unit, window)), None)
    if like is None:
        with access.read() as rows:
            like = state(rows, form, Limit(unit, 1, window, ""), zone=zone, now=clock.now())
    return like.used - like.others - like.elsewhere


def state(rows: Rows, form: Form, limit: Limit, *, zone: tzinfo, now: int) -> State:
    """One limit, exact to the send at the edge of its window; `zone` is the account's."""
    zone = zoneinfo.ZoneInfo(limit.zone) if limit.zone else zone
    since = windows.start(limit.window, now, zone)
    own, its = quotas.key(form), quotas.key(form, limit.scope)
    against = quotas.find_all(rows.connection, list({own, its}))
    quota = against.get(its)
    if quota is None:
        return State(limit, 0, None)
    charged = (_Addresses if limit.unit in FROM_THE_LOG else _Bookings)(rows, quota, limit, since)
    used = charged.count(since)
    entries = elsewhere.within(rows, against.values(), limit, since=since, now=now, zone=zone)
    unseen = sum(amount for _, amount in entries)
    found = State(limit, used + unseen, None, elsewhere=unseen, others=used - charged.own(since))
    oldest = [at for at in (charged.oldest(since), *(at for at, _ in entries)) if at is not None]
    if not oldest:
        return found
    found = replace(found, frees_at=windows.leaves(limit.window, min(oldest), now, zone))
    then = clock.stored(found.free_by or clock.local(now))
    later = windows.start(limit.window, then, zone)
    left = elsewhere.within(rows, against.values(), limit, since=later, now=then, zone=zone)
    return replace(found, frees=found.used - charged.count(later) - sum(amount for _, amount in left))


class _Bookings:
    """Recipients or messages charged to a quota: whole quarters of an hour from usage, the edge from the log."""

    def __init__(self, rows: Rows, quota: int, limit: Limit, _: int) -> None:
        self.rows, self.quota, self.messages = rows, quota, limit.unit == "messages"
        self.scope = rows.account_id if limit.scope == "account" else None

    def count(self, since: int) -> int:
        """What was counted after a moment."""
        return self._count(since, self.scope)

    def own(self, since: int) -> int:
        """The account's own share of it."""
        return self._count(since, self.rows.account_id)

    def oldest(self, since: int) -> int | None:
        """The first moment after another that something was counted at."""
        booked = tables.send_quotas.c
        found = select(booked.created_at).where(booked.quota_id == self.quota, booked.created_at > since)
        found = found.where(booked.recipients > 0, *self._mine(booked, self.scope))
        first: int | None = self.rows.connection.execute(found.order_by(booked.created_at).limit(1)).scalar()
        return first

    def _count(self, since: int, account: int | None) -> int:
        full = since // clock.BUCKET_MS + 1
        table, booked = tables.usage.c, tables.send_quotas.c
        counted = table.messages if self.messages else table.to + table.cc + table.bcc + table.other
        whole = select(func.sum(counted)).where(table.quota_id == self.quota, table.bucket >= full)
        amount = func.count() if self.messages else func.sum(booked.recipients)
        span = (booked.created_at > since, booked.created_at < full * clock.BUCKET_MS, booked.recipients > 0)
        edge = select(amount).where(booked.quota_id == self.quota, *span)
        found = (whole.where(*self._mine(table, account)), edge.where(*self._mine(booked, account)))
        return sum(self.rows.connection.execute(query).scalar() or 0 for query in found)

    @staticmethod
    def _mine(table: Any, account: int | None) -> list[ColumnElement[bool]]:
        return [] if account is None else [table.account_id == account]


class _Addresses:
    """Recipients by address, as the log of every account that shares a quota has them: who, when, by which account.

    Whose address was deleted is somebody different in each mail, and external to nobody.
    """

    def __init__(self, rows: Rows, quota: int, limit: Limit, since: int) -> None:
        self.account, self.once = rows.account_id, "unique" in limit.unit
        sends, people, booked = tables.sends, tables.recipients, tables.send_quotas
        same = and_(people.c.account_id == booked.c.account_id, people.c.send_id == booked.c.send_id)
        sent = and_(sends.c.account_id == booked.c.account_id, sends.c.id == booked.c.send_id)
        somebody = (people.c.send_id, people.c.position)
        columns = (booked.c.created_at, booked.c.account_id, sends.c.from_address, people.c.address, *somebody)
        query = select(*columns).select_from(booked.join(sends, sent).join(people, same))
        outcome = func.coalesce(people.c.outcome, sends.c.outcome)
        query = query.where(booked.c.quota_id == quota, booked.c.created_at > since, outcome.in_(COUNTED))
        query = query.where(booked.c.account_id == rows.account_id) if limit.scope == "account" else query
        self.found = [
            (row.created_at, row.account_id, row.address.lower() or f"{row.account_id} {row.send_id} {row.position}")
            for row in rows.connection.execute(query)
            if "external" not in limit.unit or (row.address and _domain(row.address) != _domain(row.from_address))
        ]

    def count(self, since: int) -> int:
        """What was counted after a moment."""
        return self._count(address for at, _, address in self.found if at > since)

    def own(self, since: int) -> int:
        """The account's own share of it: whom nobody but others wrote to is no part of that."""
        return self._count(address for at, account, address in self.found if at > since and account == self.account)

    def oldest(self, since: int) -> int | None:
        """The first moment after another that something was counted at; of an address that counts once, the last."""
        if not self.once:
            return min((at for at, _, _ in self.found if at > since), default=None)
        last: dict[str, int] = {}
        for at, _, address in self.found:
            last[address] = max(at, last.get(address, at))
        return min((at for at in last.values() if at > since), default=None)

    def _count(self, addresses: Iterable[str]) -> int:
        return len(set(addresses)) if self.once else sum(1 for _ in addresses)


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()
