"""Recipients and messages counted in 15-minute buckets, and summed into an account's local days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta, tzinfo
from itertools import groupby, pairwise

from sqlalchemy import func

from core import clock, tables
from core.accounts.access import Access, Rows

KINDS = ("to", "cc", "bcc", "other")
COUNTS = ("messages", *KINDS, "refused")


@dataclass(frozen=True, slots=True)
class Day:
    """One local day: accepted recipients by kind, messages with at least one of them, refused recipients."""

    day: date
    messages: int = 0
    to: int = 0
    cc: int = 0
    bcc: int = 0
    other: int = 0
    refused: int = 0

    @property
    def recipients(self) -> int:
        """What counts toward a limit: one To and one Cc are two."""
        return self.to + self.cc + self.bcc + self.other

    def document(self) -> dict[str, object]:
        """The day as `usage --json` prints it."""
        counts = {field.name: getattr(self, field.name) for field in fields(self)}
        return counts | {"day": self.day.isoformat(), "recipients": self.recipients}


NONE = (0,) * 24


@dataclass(frozen=True, slots=True)
class Hours:
    """Accepted recipients of one local day by kind, each as 24 numbers by the hour that the local clock shows.

    An hour that the clock shows twice (a day of 25 hours) holds both, one that it skips holds none.
    """

    day: date
    to: tuple[int, ...] = NONE
    cc: tuple[int, ...] = NONE
    bcc: tuple[int, ...] = NONE
    other: tuple[int, ...] = NONE

    @property
    def recipients(self) -> tuple[int, ...]:
        """What counts toward a limit, by hour."""
        hours = zip(self.to, self.cc, self.bcc, self.other, strict=True)
        return tuple(to + cc + bcc + other for to, cc, bcc, other in hours)


def add(rows: Rows, *, quota: int, setup: int | None, at: int, counts: Mapping[str, int]) -> None:
    """Adds counts (negative ones take away) to the bucket of a moment; within the send's own transaction."""
    key = {"quota_id": quota, "setup_id": setup or 0, "bucket": at // clock.BUCKET_MS}
    if any(counts.values()):
        rows.add(tables.usage, dict.fromkeys(COUNTS, 0) | key | dict(counts), counted=COUNTS)


def move(rows: Rows, *, quota: int, setup: int, at: int, counts: Mapping[str, int]) -> None:
    """Gives counts of values that were never saved to the setup that they were stored as."""
    add(rows, quota=quota, setup=None, at=at, counts={name: -amount for name, amount in counts.items()})
    add(rows, quota=quota, setup=setup, at=at, counts=counts)


def daily(
    access: Access, *, quota: int | None, since: date, until: date, zone: tzinfo, setup: int | None = None
) -> list[Day]:
    """Every day from `since` to `until` (both included) in the zone, empty ones too; of one setup where it is named."""
    table = tables.usage
    mine = [table.c.quota_id == quota] + ([table.c.setup_id == setup] if setup is not None else [])
    counts: dict[date, dict[str, int]] = {}
    with access.read() as rows:
        for first, begin, length, days in _spans(since, until, zone):
            day = ((table.c.bucket - begin) // length).label("day")
            query = rows.select(table, day, *(func.sum(table.c[name]).label(name) for name in COUNTS)).where(*mine)
            span = (table.c.bucket >= begin, table.c.bucket < begin + days * length)
            for row in rows.all(query.where(*span).group_by(day)):
                counts[first + timedelta(days=row.day)] = {name: row._mapping[name] for name in COUNTS}
    every = (since + timedelta(days=i) for i in range((until - since).days + 1))
    return [Day(day, **counts.get(day, {})) for day in every]


def _spans(since: date, until: date, zone: tzinfo) -> list[tuple[date, int, int, int]]:
    """The days in runs of equal length: first day, its first bucket, buckets of a day, how many days."""
    begins = [_bucket(since + timedelta(days=i), zone) for i in range((until - since).days + 2)]
    lengths = [after - before for before, after in pairwise(begins)]
    found, at = [], 0
    for length, run in groupby(lengths):
        days = len(list(run))
        found.append((since + timedelta(days=at), begins[at], length, days))
        at += days
    return found


def hourly(
    access: Access, *, quota: int | None, since: date, until: date, zone: tzinfo, setup: int | None = None
) -> list[Hours]:
    """Every day from `since` to `until` (both included) by hours of the zone, empty ones too; of one setup if named."""
    table = tables.usage
    first, end = _bucket(since, zone), _bucket(until + timedelta(days=1), zone)
    with access.read() as rows:
        query = rows.select(table, table.c.bucket, *(func.sum(table.c[kind]).label(kind) for kind in KINDS))
        query = query.where(table.c.quota_id == quota, table.c.bucket >= first, table.c.bucket < end)
        query = query.where(table.c.setup_id == setup) if setup is not None else query
        found = rows.all(query.group_by(table.c.bucket))
    sums: dict[date, dict[str, list[int]]] = {}
    for row in found:
        at = clock.local(row.bucket * clock.BUCKET_MS, zone)
        hours = sums.setdefault(at.date(), {kind: [0] * 24 for kind in KINDS})
        for kind in KINDS:
            hours[kind][at.hour] += row._mapping[kind]
    days = (since + timedelta(days=i) for i in range((until - since).days + 1))
    return [Hours(day, **{kind: tuple(counts) for kind, counts in sums.get(day, {}).items()}) for day in days]


def ever(access: Access, quota: int | None) -> bool:
    """Whether anything was ever counted against a quota by this account."""
    table = tables.usage
    with access.read() as rows:
        return rows.first(rows.select(table, table.c.bucket).where(table.c.quota_id == quota).limit(1)) is not None


def _bucket(day: date, zone: tzinfo) -> int:
    """The bucket that a local day begins in; every zone's midnight is a quarter of an hour of UTC."""
    return clock.stored(clock.midnight(day, zone)) // clock.BUCKET_MS
