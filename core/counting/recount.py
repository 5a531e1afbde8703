"""Counts anew what the log of sends says; nothing changes unless something was wrong."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta, tzinfo
from typing import Any

from sqlalchemy import Select, and_, case, func, select, update

from core import clock, tables
from core.accounts import account
from core.accounts.access import Access, Rows
from core.counting import breakdown, usage
from core.counting.headroom import COUNTED

AT_A_TIME = 10_000  # rows
Value = tuple[int, int, str, str]  # quota, day, dimension, value


def recount(access: Access, *, now: int | None = None) -> int:
    """Makes usage, bookings and break-downs what the log says, in one transaction; how many figures were wrong.

    Break-downs are made anew for the days that are kept, those by domain where every recipient still is; others stay.
    """
    with access.write() as rows:
        wrong = _bookings(rows) + _usage(rows)
        whole = rows.first(rows.select(tables.accounts))
        kept = (clock.now() if now is None else now) - whole.retention_days * clock.DAY_MS
        zone = account.zone_of(rows)
        return wrong + _breakdowns(rows, clock.local(kept, zone).date() + timedelta(days=1), zone)


def _bookings(rows: Rows) -> int:
    """What each send is booked with at its quotas: the sum of its kinds."""
    sends, booked = tables.sends.c, tables.send_quotas
    total = sends.to_count + sends.cc_count + sends.bcc_count + sends.other_count
    same = and_(sends.account_id == booked.c.account_id, sends.id == booked.c.send_id)
    right = select(total).where(same).scalar_subquery()
    moment = select(sends.created_at).where(same).scalar_subquery()
    off = (booked.c.recipients != right) | (booked.c.created_at != moment)
    statement = update(booked).where(booked.c.account_id == rows.account_id, off)
    return rows.run(statement.values(recipients=right, created_at=moment))


def _usage(rows: Rows) -> int:
    table = tables.usage
    right: dict[tuple[int, ...], tuple[int, ...]] = {
        tuple(row[:3]): tuple(row[3:]) for row in rows.connection.execute(_sums(rows))
    }
    columns = [table.c[name] for name in ("quota_id", "bucket", "setup_id", *usage.COUNTS)]
    found = {tuple(row[:3]): tuple(row[3:]) for row in rows.all(rows.select(table, *columns))}
    nothing = (0,) * len(usage.COUNTS)
    wrong = {key for key in right.keys() | found.keys() if right.get(key, nothing) != found.get(key, nothing)}
    for key in wrong:
        change = [a - b for a, b in zip(right.get(key, nothing), found.get(key, nothing), strict=True)]
        values = dict(zip(("quota_id", "bucket", "setup_id"), key, strict=True))
        rows.add(table, values | dict(zip(usage.COUNTS, change, strict=True)), counted=usage.COUNTS)
    return len(wrong)


def _sums(rows: Rows) -> Select[Any]:
    """The log by quota, quarter of an hour and setup."""
    sends, booked = tables.sends, tables.send_quotas
    kinds = [sends.c[f"{kind}_count"] for kind in usage.KINDS]
    key = (booked.c.quota_id, (sends.c.created_at // clock.BUCKET_MS), func.coalesce(sends.c.setup_id, 0))
    messages = func.sum(case((sum(kinds[1:], kinds[0]) > 0, 1), else_=0))
    counts = (messages, *map(func.sum, kinds), func.sum(sends.c.refused_count))
    same = and_(sends.c.account_id == booked.c.account_id, sends.c.id == booked.c.send_id)
    return rows.select(sends, *key, *counts).select_from(sends.join(booked, same)).group_by(*key)


def _breakdowns(rows: Rows, since: date, zone: tzinfo) -> int:
    """Break-downs of a day and later; how many were wrong."""
    table, first = tables.breakdown, breakdown.ordinal(since)
    right, left_alone = _broken_down(rows, since, zone)
    columns = (table.c.quota_id, table.c.day, table.c.dimension, table.c.value, table.c.recipients)
    found = {tuple(row[:4]): row[4] for row in rows.all(rows.select(table, *columns).where(table.c.day >= first))}
    left_alone |= {key[:3] for key in found if key[3] == breakdown.OTHER}  # folded
    wrong = {key for key in right.keys() | found.keys() if right.get(key, 0) != found.get(key, 0)}
    wrong = {key for key in wrong if key[:3] not in left_alone}
    for key in wrong:
        values = dict(zip(("quota_id", "day", "dimension", "value"), key, strict=True))
        change = right.get(key, 0) - found.get(key, 0)
        rows.add(table, values | {"recipients": change}, counted=("recipients",))
    return len(wrong)


def _broken_down(rows: Rows, since: date, zone: tzinfo) -> tuple[Counter[Value], set[tuple[int, int, str]]]:
    """Break-downs as the log has them, and which it cannot tell: of days whose recipients are not all kept."""
    found: Counter[Value] = Counter()
    lacking: Counter[tuple[int, int, str]] = Counter()
    start = clock.stored(clock.midnight(since, zone))
    for row in rows.connection.execute(_totals(rows, start).execution_options(yield_per=AT_A_TIME)):
        day = breakdown.ordinal(clock.local(row.created_at, zone).date())
        found[row.quota_id, day, "from", breakdown.sender(row.from_address)] += row.recipients
        found[row.quota_id, day, "source", row.source] += row.recipients
        lacking[row.quota_id, day, "domain"] += row.recipients
    for row in rows.connection.execute(_people(rows, start).execution_options(yield_per=AT_A_TIME)):
        day = breakdown.ordinal(clock.local(row.created_at, zone).date())
        found[row.quota_id, day, "domain", breakdown.domain(row.address)] += 1
        lacking[row.quota_id, day, "domain"] -= 1
    return found, {key for key, amount in lacking.items() if amount}


def _totals(rows: Rows, start: int) -> Select[Any]:
    """Sends from a moment on, with what they are booked with at each quota."""
    sends, booked = tables.sends, tables.send_quotas
    same = and_(booked.c.account_id == sends.c.account_id, booked.c.send_id == sends.c.id)
    columns = (booked.c.quota_id, sends.c.created_at, sends.c.from_address, sends.c.source, booked.c.recipients)
    query = rows.select(sends, *columns).select_from(sends.join(booked, same))
    return query.where(sends.c.created_at >= start, booked.c.recipients > 0)


def _people(rows: Rows, start: int) -> Select[Any]:
    """The counted recipients of the same sends."""
    sends, people, booked = tables.sends, tables.recipients, tables.send_quotas
    mine = and_(people.c.account_id == sends.c.account_id, people.c.send_id == sends.c.id)
    same = and_(booked.c.account_id == sends.c.account_id, booked.c.send_id == sends.c.id)
    query = rows.select(sends, booked.c.quota_id, sends.c.created_at, people.c.address)
    query = query.select_from(sends.join(booked, same).join(people, mine))
    outcome = func.coalesce(people.c.outcome, sends.c.outcome)
    return query.where(sends.c.created_at >= start, outcome.in_(COUNTED))
