"""The windows that limits are counted in: ones that slide, and ones of the calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from core import clock

MINUTE_MS = 60_000
SLIDING = {  # their length in milliseconds
    "rolling 24h": clock.DAY_MS,
    "15 minutes": 15 * MINUTE_MS,
    "10 minutes": 10 * MINUTE_MS,
    "minute": MINUTE_MS,  # a clock minute, read strictly: what fits here fits there
    "second": 1000,
}
CALENDAR = ("hour", "day", "month")
MESSAGE = "message"  # a cap of each message: nothing adds up
ALL = (*SLIDING, *CALENDAR, MESSAGE)
DAILY = ("rolling 24h", "day")


def start(window: str, now: int, zone: tzinfo) -> int:
    """The last moment that counts no more, in UTC milliseconds: the window is what comes after it."""
    if window in SLIDING:
        return now - SLIDING[window]
    return clock.stored(_begin(window, clock.local(now, zone))) - 1


def leaves(window: str, at: int, now: int, zone: tzinfo) -> datetime:
    """When something that was counted at a moment counts no more."""
    if window in SLIDING:
        return clock.local(at + SLIDING[window], zone)
    begun = _begin(window, clock.local(now, zone))
    if window == "hour":
        return (begun.astimezone(UTC) + timedelta(hours=1)).astimezone(zone)
    later = begun + timedelta(days=32 if window == "month" else 1)
    return later.replace(day=1) if window == "month" else later


def share(window: str, now: int, zone: tzinfo) -> float:
    """How many days' worth of mail falls into a window: what is sent every day counts that often in it."""
    if window in DAILY:
        return 1.0
    if window == "month":
        return clock.local(now, zone).day
    return SLIDING.get(window, 60 * MINUTE_MS) / clock.DAY_MS


def _begin(window: str, moment: datetime) -> datetime:
    """When the hour, the day or the month of a moment began; a clock set forward at midnight begins its day later."""
    if window == "hour":
        past = timedelta(minutes=moment.minute, seconds=moment.second, microseconds=moment.microsecond)
        return (moment.astimezone(UTC) - past).astimezone(moment.tzinfo)
    first = moment.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return first.replace(day=1) if window == "month" else first
