"""The forecast as other programs and the terminal get it."""

from typing import Any

import pytest

from core import clock
from core.accounts.access import access
from core.accounts.platform import form as platform
from core.counting import quotas, report, usage

NOTHING = {"reached_at": None, "reached_from": None, "reached_to": None}
CALM = {"expected": 480, "low": 430, "high": 520, "days": 40} | NOTHING
AT, EARLIEST = "2026-06-17T15:40+07:00", "2026-06-17T14:05+07:00"


def forecast() -> Any:
    """The field of the default setup's report."""
    return report.report("default", since=None, until=None, timezone="UTC")["forecast"]


def test_four_weeks_of_mail_make_a_forecast() -> None:
    with access().write() as rows:
        quota = quotas.ensure(rows.connection, platform())[0]
        for ago in range(1, 29):
            usage.add(
                rows, quota=quota, setup=None, at=clock.now() - ago * clock.DAY_MS, counts={"messages": 1, "to": 5}
            )

    found = forecast()

    assert sorted(found) == ["days", "expected", "high", "low", "reached_at", "reached_from", "reached_to"]
    assert 0 <= found["low"] <= found["expected"] <= found["high"]


def test_too_little_data_is_null() -> None:
    assert forecast() is None


@pytest.mark.parametrize(
    ("document", "line"),
    [
        (None, "Too little data for a forecast: it needs 4 days with mail that are like today."),
        (CALM, "Expected today: 480 recipients, in 8 of 10 cases 430 to 520"),
        (
            CALM | {"reached_at": AT, "reached_from": EARLIEST},
            "Expected today: 480 recipients, in 8 of 10 cases 430 to 520. "
            "The limit is expected to be reached at 15:40, at the earliest at 14:05",
        ),
        (
            CALM | {"reached_from": EARLIEST},
            "Expected today: 480 recipients, in 8 of 10 cases 430 to 520. "
            "The limit may be reached today, at the earliest at 14:05",
        ),
    ],
    ids=["too little", "calm", "reached", "perhaps"],
)
def test_the_terminal_gets_one_line(document: dict[str, Any] | None, line: str) -> None:
    assert report.foretold(document, "en") == line
