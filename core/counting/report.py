"""Usage as other programs read it: the JSON of `usage --json`."""

from __future__ import annotations

import zoneinfo
from datetime import date, datetime, timedelta
from typing import Any

from core.accounts import access, account, setups
from core.counting import forecast as forecasts
from core.counting import headroom, limits, quotas, usage
from core.counting.forecast import Forecast, TooLittle
from core.counting.headroom import State
from core.i18n import N_, translate
from core.told import NotFound

DAYS = 30
EXPECTED = N_("Expected today: {expected} recipients, in 8 of 10 cases {low} to {high}")
REACHED = N_("The limit is expected to be reached at {time}, at the earliest at {earliest}")
EARLIEST = N_("The limit may be reached today, at the earliest at {earliest}")
AT_LEAST, AT_MOST = N_("at least {n}"), N_("at most {n}")
TOO_LITTLE = N_("Too little data for a forecast: it needs {needed} days with mail that are like today.")


def report(setup: str, *, since: date | None, until: date | None, timezone: str | None) -> dict[str, Any]:
    """Recipients per day and each limit's state of one setup. Raises NotFound for a setup or a time zone."""
    mine = access.access()
    zone = _zone(timezone) if timezone else account.load(mine).zone
    found = setups.find(mine, setup)
    last = until or datetime.now(zone).date()
    first = since or last - timedelta(days=DAYS - 1)
    quota = quotas.of(mine, found.form)
    states = headroom.states(mine, found.form, zone=zone)
    days = usage.daily(mine, quota=quota, since=first, until=last, zone=zone)
    return {
        "setup": found.name,
        "timezone": str(zone),
        "days": [day.document() for day in days],
        "limits": [_limit(state) for state in states],
        "forecast": _forecast(forecasts.of(mine, found.form, states, zone=zone)),
    }


def foretold(document: dict[str, Any] | None, language: str) -> str:
    """The field `forecast` in one line."""
    if document is None:
        return translate(language, TOO_LITTLE, needed=forecasts.NEEDED)
    said = translate(language, EXPECTED, **{name: document[name] for name in ("expected", "low", "high")})
    times = {"time": document["reached_at"], "earliest": document["reached_from"]}
    if not times["earliest"]:
        return said
    clock_times = {name: datetime.fromisoformat(at).strftime("%H:%M") for name, at in times.items() if at}
    return f"{said}. {translate(language, REACHED if times['time'] else EARLIEST, **clock_times)}"


def used(document: dict[str, Any], language: str) -> str:
    """One of `limits` in a line; "at least", where others than this account and Mailgauge have a part in it."""
    amount, left = document["used"], document["remaining"]
    if document["elsewhere"] or document["others"]:
        amount, left = translate(language, AT_LEAST, n=amount), translate(language, AT_MOST, n=left)
    words = {"used": amount, "amount": document["amount"], "left": left}
    unit = translate(language, limits.UNITS[document["unit"]])
    return translate(language, headroom.USED[document["window"]], unit=unit, **words)


def _forecast(found: Forecast | TooLittle) -> dict[str, Any] | None:
    if isinstance(found, TooLittle):
        return None
    times = {name: getattr(found, name) for name in ("reached_at", "reached_from", "reached_to")}
    said = {name: at.isoformat(timespec="minutes") if at else None for name, at in times.items()}
    return {"expected": found.expected, "low": found.low, "high": found.high, **said, "days": found.days}


def _limit(state: State) -> dict[str, Any]:
    limit = state.limit
    return {
        "unit": limit.unit,
        "amount": limit.amount,
        "window": limit.window,
        "used": state.used,
        "remaining": state.remaining,
        "elsewhere": state.elsewhere,
        "others": state.others,
        "frees_at": state.frees_at.isoformat() if state.frees_at else None,
        "source": limit.source,
    }


def _zone(name: str) -> zoneinfo.ZoneInfo:
    if name not in zoneinfo.available_timezones():
        raise NotFound(N_("“{value}” is no time zone: choose one from the list."), value=name)
    return zoneinfo.ZoneInfo(name)
