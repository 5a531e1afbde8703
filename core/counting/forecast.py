"""How today will end: what past days became from this hour on, each scaled by how busy today has been so far.

Every past day of the same kind proposes an end for today: what it still sent after this time of day, times a power of
today's recipients so far over its own. The power (0: the morning tells nothing, 1: all) is the one that would have
told those past days best. The proposals' weighted quantiles are the forecast: no day, however odd, moves them far.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from statistics import median

import numpy as np
from numpy.typing import NDArray

from core import clock
from core.accounts.access import Access
from core.accounts.form import Form
from core.counting import quotas, usage
from core.counting.headroom import State
from core.counting.usage import Hours

WEEKS = 8
NEEDED = 4  # past days like today
FADE = 28  # days after which a past day counts half
KIN = 0.5  # what a day of another weekday counts that sends as much
WORKING, WEEKEND = range(5), range(5, 7)  # weekdays as Python counts them
PAUSE = 14  # days without mail after which what was before tells nothing
SELDOM = 0.25  # the share of a weekday's days without mail up to which those were days off
POWERS = (0.0, 0.5, 1.0)
DAMPING = 0.15  # of the usual recipients so far, added to both sides of the ratio: a quiet morning is not told by one
MOST = 4  # times: what a morning can say about the rest of its day, more and less
RANGE = (0.1, 0.5, 0.9)  # low, expected, high
LEAVES = {"rolling 24h": True, "day": False}  # the windows: whether what was sent leaves them before midnight

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Window:
    """A limit of recipients: used now, and of each of the last 24 hours, the oldest first (empty: nothing leaves)."""

    amount: int
    used: int
    last: Sequence[float] = ()

    def left(self, hours: float) -> float:
        """How many leave within so many hours."""
        return float(np.interp(hours, range(len(self.last) + 1), np.cumsum([0, *self.last])))


@dataclass(frozen=True, slots=True)
class Point:
    """Recipients since midnight at a moment, in 8 of 10 cases from `low` to `high`."""

    at: datetime
    expected: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """Today's recipients at midnight if nothing holds them back: as likely more as less than `expected`.

    8 of 10 days end from `low` to `high`. The limit is reached at `reached_at`, at the earliest at `reached_from` (on a
    `high` day) and at the latest at `reached_to` (on a `low` one); None: not today. `days` are those that it rests on.
    """

    expected: int
    low: int
    high: int
    reached_at: datetime | None
    reached_from: datetime | None
    reached_to: datetime | None
    curve: tuple[Point, ...]
    days: int


@dataclass(frozen=True, slots=True)
class TooLittle:
    """No forecast: so few past days like today are known, of those that it needs."""

    days: int
    needed: int = NEEDED


def of(
    access: Access,
    form: Form,
    states: Sequence[State],
    *,
    zone: tzinfo,
    now: int | None = None,
    days: Sequence[Hours] | None = None,
) -> Forecast | TooLittle:
    """The forecast of the quota that a form uses, against the tightest of its limits of recipients a day.

    `days` are what `known` returns, where that is read already.
    """
    moment = clock.local(clock.now() if now is None else now, zone)
    quota = quotas.of(access, form)
    days = known(access, quota, moment) if days is None else days
    state = tightest(states)
    return forecast(days[:-1], days[-1], moment, _window(access, quota, state, moment) if state else None)


def known(access: Access, quota: int | None, moment: datetime) -> list[Hours]:
    """The days that a forecast rests on, the oldest first, and the day of a moment behind them."""
    today, zone = moment.date(), moment.tzinfo or UTC
    return usage.hourly(access, quota=quota, since=today - timedelta(weeks=WEEKS), until=today, zone=zone)


def tightest(states: Sequence[State]) -> State | None:
    """The limit of recipients a day that leaves the least, None where there is none."""
    daily = [state for state in states if state.limit.unit == "recipients" and state.limit.window in LEAVES]
    return min(daily, key=lambda state: state.remaining, default=None)


def forecast(
    history: Sequence[Hours], today: Hours, moment: datetime, limit: Window | None = None
) -> Forecast | TooLittle:
    """How today ends, from the days before it without gaps, the oldest first, and what it sent up to a moment."""
    counts = np.array([day.recipients for day in history], dtype=float).reshape(-1, 24)
    weekdays = np.array([day.day.weekday() for day in history], dtype=int)
    since, mailed = _began(counts.sum(axis=1) > 0)
    if mailed < NEEDED:
        return TooLittle(mailed)
    counts, weights = _alike(counts[since:], weekdays[since:], today.day.weekday())
    if len(counts) < NEEDED:
        return TooLittle(len(counts))
    times = _times(moment)
    clock_hours = [_hour(moment), *(_hour(at) for at in times[1:-1]), 24.0]
    so_far = sum(today.recipients)
    past = _until(counts, clock_hours)
    rest = past - past[:, :1]
    rises = _quantiles(rest * _scales(past[:, 0], rest[:, -1], weights, so_far)[:, None], weights)
    curve = tuple(
        Point(at, *(so_far + int(n) for n in (expected, low, high)))
        for at, (low, expected, high) in zip(times, np.rint(rises.T), strict=True)
    )
    reached = {name: _reached(curve, name, limit) for name in ("expected", "high", "low")}
    end = curve[-1]
    return Forecast(
        end.expected, end.low, end.high, reached["expected"], reached["high"], reached["low"], curve, len(counts)
    )


def _began(mailed: NDArray[np.bool_]) -> tuple[int, int]:
    """The first day to go by and the days with mail since: a business begins with its first mail, or after a pause."""
    days = np.flatnonzero(mailed)
    gaps = np.diff([*days, len(mailed)])
    kept = days[np.flatnonzero(gaps > PAUSE).max(initial=-1) + 1 :]
    return (int(kept[0]), len(kept)) if len(kept) else (len(mailed), 0)


def _alike(counts: Numbers, weekdays: NDArray[np.int_], today: int) -> tuple[Numbers, Numbers]:
    """The days to go by, and what each counts: working days or the week end, without days off."""
    totals, ages = counts.sum(axis=1), np.arange(len(counts), 0, -1)
    worked = totals > 0
    kin = np.zeros(len(counts))
    for day in range(7):
        same = weekdays == day
        if same.any() and 1 - worked[same].mean() > SELDOM:
            worked |= same
    own = _level(totals, worked & (weekdays == today))
    for day in WEEKEND if today in WEEKEND else WORKING:
        same = worked & (weekdays == day)
        kin[same] = 1 if day == today else _kin(_level(totals, same), own)
    return counts[kin > 0], (kin * 0.5 ** (ages / FADE))[kin > 0]


def _level(totals: Numbers, chosen: NDArray[np.bool_]) -> float | None:
    return float(median(totals[chosen])) if chosen.any() else None


def _kin(level: float | None, own: float | None) -> float:
    """What a day of another weekday counts: the less, the more the two differ."""
    if level is None or own is None:
        return KIN
    return KIN * (min(level, own) + 1) / (max(level, own) + 1)


def _scales(so_far: Numbers, rest: Numbers, weights: Numbers, today: int) -> Numbers:
    """By how much today's rest is expected to differ from each past day's, from their recipients up to now."""
    damping = DAMPING * float(_median(so_far, weights[None, :])[0]) + 1
    others = weights * (1 - np.eye(len(weights)))  # each past day is told by all the others

    def missed(power: float) -> float:
        unit = (so_far + damping) ** power
        return float(weights @ abs(_median(rest / unit, others) * unit - rest))

    power = min(POWERS, key=missed)
    return np.asarray(np.clip((today + damping) / (so_far + damping), 1 / MOST, MOST) ** power)


def _median(values: Numbers, weights: Numbers) -> Numbers:
    """The weighted median of the same values for each row of weights."""
    order = np.argsort(values, kind="stable")
    sums = np.cumsum(weights[:, order], axis=1)
    return np.asarray(values[order][(sums < sums[:, -1:] / 2).sum(axis=1)])


def _quantiles(values: Numbers, weights: Numbers) -> Numbers:
    """The weighted quantiles of RANGE of each column, as one more day would fall; few days reach beyond themselves."""
    many = weights.sum() ** 2 / (weights**2).sum()
    order = np.argsort(values, axis=0, kind="stable")
    ordered, weighed = np.take_along_axis(values, order, axis=0), weights[order]
    middles = (np.cumsum(weighed, axis=0) - weighed / 2) / weights.sum()
    places = np.pad(0.5 + (middles - 0.5) * many / (many + 1), ((1, 1), (0, 0)), constant_values=((0, 1), (0, 0)))
    ends = 2 * ordered[[0, -1]] - ordered[[1, -2]]  # as far out again as the last two lie apart
    ladder = np.vstack([np.maximum(0, ends[:1]), ordered, ends[1:]])
    none = weights @ (np.rint(values) == 0) / weights.sum()  # where so many sent no more, all that may fail is above
    ranges = [(RANGE[0], RANGE[1], RANGE[2] - RANGE[0] * (share >= RANGE[0])) for share in none]
    found = [np.interp(*ladders) for ladders in zip(ranges, places.T, ladder.T, strict=True)]
    return np.maximum.accumulate(found).T


def _until(counts: Numbers, hours: Sequence[float]) -> Numbers:
    """Recipients of each day from midnight to each of these hours, even within an hour."""
    whole = np.floor(hours).astype(int)
    sums = np.cumsum(np.pad(counts, ((0, 0), (1, 0))), axis=1)[:, whole]
    return np.asarray(sums + np.pad(counts, ((0, 0), (0, 1)))[:, whole] * (np.array(hours) - whole))


def _times(moment: datetime) -> list[datetime]:
    """The moment, the full hours that the day's clock still shows, and the next midnight."""
    day = moment.date()
    hours = [datetime(day.year, day.month, day.day, hour, tzinfo=moment.tzinfo) for hour in range(moment.hour + 1, 24)]
    following = day + timedelta(days=1)
    midnight = datetime(following.year, following.month, following.day, tzinfo=moment.tzinfo)
    real = [at for at in hours if at.astimezone(UTC).astimezone(at.tzinfo).hour == at.hour]
    return [moment, *(at for at in real if at.timestamp() > moment.timestamp()), midnight]


def _hour(at: datetime) -> float:
    return at.hour + at.minute / 60 + at.second / 3600


def _window(access: Access, quota: int | None, state: State, moment: datetime) -> Window:
    limit = state.limit
    if not LEAVES[limit.window]:
        return Window(limit.amount, state.used)
    now = moment.astimezone(UTC)
    days = usage.hourly(access, quota=quota, since=now.date() - timedelta(days=1), until=now.date(), zone=UTC)
    counts = np.array([day.recipients for day in days], dtype=float).reshape(1, -1)
    sums = np.cumsum(np.append(0, counts))
    edges = np.interp(_hour(now) + np.arange(25), range(49), sums)
    return Window(limit.amount, state.used, tuple(np.diff(edges)))


def _reached(curve: Sequence[Point], name: str, limit: Window | None) -> datetime | None:
    """When a course of the day meets the limit, evenly within an hour."""
    if limit is None:
        return None
    start, before = curve[0], limit.used - limit.amount
    if before >= 0:
        return start.at
    for last, point in pairwise(curve):
        hours = (point.at.timestamp() - start.at.timestamp()) / 3600
        over = limit.used - limit.left(hours) + getattr(point, name) - getattr(start, name) - limit.amount
        if over >= 0:
            part = before / (before - over)
            at = last.at.timestamp() + part * (point.at.timestamp() - last.at.timestamp())
            return datetime.fromtimestamp(at, start.at.tzinfo)
        before = over
    return None
