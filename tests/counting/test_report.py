"""The forecast as other programs and the terminal get it."""

from typing import Any

import pytest

from core import clock
from core.accounts import setups
from core.accounts.access import access
from core.accounts.platform import form as platform
from core.counting import elsewhere, quotas, report, usage
from tests.samples import GMAIL

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


def test_what_was_sent_elsewhere_stands_beside_its_limit() -> None:
    setup = setups.find(access(), setups.save(access(), GMAIL))
    elsewhere.add(access(), GMAIL, 40)

    found = report.report(setup.name, since=None, until=None, timezone="UTC")["limits"][0]

    assert (found["used"], found["elsewhere"], found["others"]) == (40, 40, 0)


@pytest.mark.parametrize("share", ["elsewhere", "others"])
def test_the_terminal_says_at_least_where_others_have_a_part_in_it(share: str) -> None:
    limit = {"unit": "recipients", "amount": 500, "window": "day", "used": 42, "remaining": 458}

    told = report.used(limit | {"elsewhere": 0, "others": 0} | {share: 2}, "en")

    assert told == "at least 42 of 500 recipients used today, at most 458 remain"
