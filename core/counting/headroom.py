"""What may still be sent: each limit of a form, used and remaining, and when something is free again."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

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
COUNTED = ("reserved", "accepted", "unknown")  # outcomes that a limit is charged with
Booked = tuple[int, int]  # a moment, and how much was counted at it


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
        whole = self.frees_at and self.frees_at.replace(second=0, microsecond=0)
        return whole + timedelta(minutes=1) if whole and whole != self.frees_at else whole

    @property
    def share(self) -> float:
        """How much of it is used: 1.0 is all."""
        return self.used / self.limit.amount


def states(access: Access, form: Form, *, zone: tzinfo, now: int | None = None) -> list[State]:
    """Each limit of a form but the caps of a single message, used over all accounts that share its quota."""
    moment = clock.now() if now is None else now
    with access.read() as rows:
        found = [limit for limit in limits.of_rows(rows, form) if limit.window != windows.MESSAGE]
        return [state(rows, form, limit, zone=zone, now=moment) for limit in found]


def tightest(found: Iterable[State]) -> State | None:
    """The limit that will be reached first, as far as used figures tell; of equals the first."""
    return max(found, key=lambda state: state.share, default=None)


def state(rows: Rows, form: Form, limit: Limit, *, zone: tzinfo, now: int) -> State:
    """One limit, exact to the send at the edge of its window; `zone` is the account's."""
    zone = zoneinfo.ZoneInfo(limit.zone) if limit.zone else zone
    since = windows.start(limit.window, now, zone)
    quota = quotas.find(rows.connection, quotas.key(form, limit.scope))
    if quota is None:
        return State(limit, 0, None)
    mine = rows.account_id if limit.scope == "account" else None
    if limit.unit in FROM_THE_LOG:
        booked = _by_address(rows, quota, limit.unit, since)
        used, own = sum(amount for _, amount in booked), None
    else:
        booked = _oldest(rows.connection, quota, limit.unit, since, mine)
        used = _count(rows.connection, quota, limit.unit, since, mine)
        own = used if mine else _count(rows.connection, quota, limit.unit, since, rows.account_id)
    entries = elsewhere.within(rows, quota, limit, since=since, now=now, zone=zone)
    unseen = sum(amount for _, amount in entries)
    passing = sorted(booked + [(at, amount) for at, amount in entries if at is not None])
    others = used - own if own is not None else 0
    found = State(limit, used + unseen, None, elsewhere=unseen, others=others)
    return _freed(found, passing, now, zone) if passing else found


def _count(connection: Connection, quota: int, unit: str, since: int, account: int | None) -> int:
    """What was counted after a moment: whole quarters of an hour from usage, the edge from the log."""
    full = since // clock.BUCKET_MS + 1
    table, booked = tables.usage.c, tables.send_quotas.c
    counted = table.messages if unit == "messages" else table.to + table.cc + table.bcc + table.other
    whole = select(func.sum(counted)).where(table.quota_id == quota, table.bucket >= full)
    amount = func.count() if unit == "messages" else func.sum(booked.recipients)
    span = (booked.created_at > since, booked.created_at < full * clock.BUCKET_MS, booked.recipients > 0)
    edge = select(amount).where(booked.quota_id == quota, *span)
    if account is not None:
        whole, edge = whole.where(table.account_id == account), edge.where(booked.account_id == account)
    return sum(connection.execute(query).scalar() or 0 for query in (whole, edge))


def _oldest(connection: Connection, quota: int, unit: str, since: int, account: int | None) -> list[Booked]:
    """What will leave the window first: everything that was counted in the minute of the oldest send."""
    booked = tables.send_quotas.c
    mine = and_(booked.quota_id == quota, booked.created_at > since, booked.recipients > 0)
    mine = mine if account is None else and_(mine, booked.account_id == account)
    first = connection.execute(select(booked.created_at).where(mine).order_by(booked.created_at).limit(1)).scalar()
    if first is None:
        return []
    amount = func.count() if unit == "messages" else func.sum(booked.recipients)
    by_time = select(booked.created_at, amount).where(mine, booked.created_at <= _minute(first))
    return [(at, many) for at, many in connection.execute(by_time.group_by(booked.created_at))]


def _by_address(rows: Rows, quota: int, unit: str, since: int) -> list[Booked]:
    """Recipients by address, from this account's log; of one that is counted once, its last time."""
    sends, people, booked = tables.sends, tables.recipients, tables.send_quotas
    same = and_(people.c.account_id == booked.c.account_id, people.c.send_id == booked.c.send_id)
    sent = and_(sends.c.account_id == booked.c.account_id, sends.c.id == booked.c.send_id)
    query = rows.select(booked, booked.c.created_at, sends.c.from_address, people.c.address)
    query = query.select_from(booked.join(sends, sent).join(people, same))
    found = rows.all(query.where(booked.c.quota_id == quota, booked.c.created_at > since, charged()))
    if "external" in unit:
        found = [row for row in found if _domain(row.address) != _domain(row.from_address)]
    if "unique" not in unit:
        return [(row.created_at, 1) for row in found]
    last: dict[str, int] = {}
    for row in found:
        address = row.address.lower()
        last[address] = max(row.created_at, last.get(address, 0))
    return [(at, 1) for at in last.values()]


def _freed(found: State, passing: list[Booked], now: int, zone: tzinfo) -> State:
    """The state with what will leave its window, and when: the oldest, and what follows in the same minute."""
    window = found.limit.window
    found = replace(found, frees_at=windows.leaves(window, passing[0][0], now, zone))
    if window in windows.CALENDAR:
        return replace(found, frees=found.used)
    left = clock.stored(found.free_by or clock.local(now)) - windows.SLIDING[window]
    return replace(found, frees=sum(amount for at, amount in passing if at <= left))


def _minute(at: int) -> int:
    """The end of the minute that a moment is in."""
    return (at // windows.MINUTE_MS + 1) * windows.MINUTE_MS


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


def charged() -> ColumnElement[bool]:
    """Whether a recipient, beside its send, is what limits are charged with.

    That is what the provider took, also where the mail came back later: refused, though the send counts nobody so.
    """
    outcome = func.coalesce(tables.recipients.c.outcome, tables.sends.c.outcome)
    return or_(outcome.in_(COUNTED), and_(outcome == "refused", tables.sends.c.refused_count == 0))
