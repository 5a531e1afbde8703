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
    end = _end(window, clock.local(max(at, now), zone))
    if start(window, clock.stored(end), zone) < at:  # a clock set by half an hour repeats a part of the hour
        end = _end(window, end)
    return end


def share(window: str, now: int, zone: tzinfo) -> float:
    """How many days' worth of mail falls into a window: what is sent every day counts that often in it."""
    if window in DAILY:
        return 1.0
    if window == "month":
        return clock.local(now, zone).day
    return SLIDING.get(window, 60 * MINUTE_MS) / clock.DAY_MS


def _end(window: str, moment: datetime) -> datetime:
    """When the next hour, day or month after a moment begins."""
    begun = _begin(window, moment)
    if window == "hour":
        return (begun.astimezone(UTC) + timedelta(hours=1)).astimezone(moment.tzinfo)
    later = (begun + timedelta(days=32)).replace(day=1) if window == "month" else begun + timedelta(days=1)
    return later.astimezone(UTC).astimezone(moment.tzinfo)  # one o'clock where there is no midnight


def _begin(window: str, moment: datetime) -> datetime:
    """When the hour, the day or the month of a moment began; a clock set forward at midnight begins its day later."""
    if window == "hour":
        past = timedelta(minutes=moment.minute, seconds=moment.second, microseconds=moment.microsecond)
        return (moment.astimezone(UTC) - past).astimezone(moment.tzinfo)
    first = moment.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return first.replace(day=1) if window == "month" else first
