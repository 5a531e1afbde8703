"""Usage as other programs read it: the JSON of `usage --json`."""

from __future__ import annotations

import zoneinfo
from datetime import date, datetime, timedelta
from typing import Any

from core.accounts import access, account, setups
from core.counting import headroom, quotas, usage
from core.counting.headroom import State
from core.i18n import N_
from core.told import NotFound

DAYS = 30


def report(setup: str, *, since: date | None, until: date | None, timezone: str | None) -> dict[str, Any]:
    """Recipients per day and each limit's state of one setup. Raises NotFound for a setup or a time zone."""
    mine = access.access()
    zone = _zone(timezone) if timezone else account.load(mine).zone
    found = setups.find(mine, setup)
    last = until or datetime.now(zone).date()
    first = since or last - timedelta(days=DAYS - 1)
    quota = quotas.of(mine, found.form)
    days = usage.daily(mine, quota=quota, since=first, until=last, zone=zone)
    return {
        "setup": found.name,
        "timezone": str(zone),
        "days": [day.document() for day in days],
        "limits": [_limit(state) for state in headroom.states(mine, found.form, zone=zone)],
        "forecast": None,
    }


def _limit(state: State) -> dict[str, Any]:
    limit = state.limit
    return {
        "unit": limit.unit,
        "amount": limit.amount,
        "window": limit.window,
        "used": state.used,
        "remaining": state.remaining,
        "frees_at": state.frees_at.isoformat() if state.frees_at else None,
        "source": limit.source,
    }


def _zone(name: str) -> zoneinfo.ZoneInfo:
    if name not in zoneinfo.available_timezones():
        raise NotFound(N_("“{value}” is no time zone: choose one from the list."), value=name)
    return zoneinfo.ZoneInfo(name)
