"""The time as it is stored: milliseconds since 1970 in UTC."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, tzinfo

DAY_MS = 86_400_000
BUCKET_MS = 900_000  # 15 minutes: serves every time zone


def now() -> int:
    """Milliseconds since 1970-01-01T00:00Z."""
    return time.time_ns() // 1_000_000


def local(ms: int, zone: tzinfo = UTC) -> datetime:
    """A stored time in a zone."""
    return datetime.fromtimestamp(ms / 1000, zone)


def stored(moment: datetime) -> int:
    """An aware time as it is stored."""
    return round(moment.timestamp() * 1000)


def midnight(day: date, zone: tzinfo) -> datetime:
    """When a day begins in a zone; where its clock is set forward at midnight, that is later."""
    return datetime(day.year, day.month, day.day, tzinfo=zone)
