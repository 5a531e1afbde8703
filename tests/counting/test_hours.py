"""Recipients by the hours that the local clock shows."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import clock
from core.accounts.access import access
from core.counting import quotas, usage
from core.counting.usage import KINDS, Hours
from core.sending.reservation import reserve
from tests.samples import SHOP, another_account, envelope

ZONES = ["Asia/Ho_Chi_Minh", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo"]


def counted(*sends: tuple[datetime, str]) -> int:
    """The number of the shop's quota, after one recipient of a kind at each of these moments."""
    with access().write() as rows:
        quota = quotas.ensure(rows.connection, SHOP)[0]
        for at, kind in sends:
            usage.add(rows, quota=quota, setup=None, at=clock.stored(at), counts={"messages": 1, kind: 1})
    return quota


def hours(quota: int, day: date, zone: str) -> Hours:
    """One local day."""
    (found,) = usage.hourly(access(), quota=quota, since=day, until=day, zone=ZoneInfo(zone))
    return found


def shown(numbers: tuple[int, ...]) -> dict[int, int]:
    """The hours with anything in them."""
    return {hour: number for hour, number in enumerate(numbers) if number}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_its_own_hours(kind: str) -> None:
    quota = counted((datetime(2026, 6, 15, 9, 59, tzinfo=UTC), kind))

    found = hours(quota, date(2026, 6, 15), "UTC")

    assert shown(getattr(found, kind)) == shown(found.recipients) == {9: 1}


@pytest.mark.parametrize("zone", ZONES)
def test_an_hour_is_the_local_clocks(zone: str) -> None:
    quota = counted(
        (datetime(2026, 6, 15, 13, 59, 59, tzinfo=ZoneInfo(zone)), "to"),
        (datetime(2026, 6, 15, 14, 0, tzinfo=ZoneInfo(zone)), "to"),
    )

    assert shown(hours(quota, date(2026, 6, 15), zone).to) == {13: 1, 14: 1}


def test_an_hour_that_the_clock_shows_twice_holds_both() -> None:
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)  # 1:30 in New York, and again an hour later
    quota = counted((first, "to"), (first + timedelta(hours=1), "cc"), (first + timedelta(hours=2), "bcc"))

    assert shown(hours(quota, date(2026, 11, 1), "America/New_York").recipients) == {1: 2, 2: 1}


def test_an_hour_that_the_clock_skips_holds_none() -> None:
    first = datetime(2026, 3, 8, 6, 30, tzinfo=UTC)  # 1:30 in New York, 3:30 an hour later
    quota = counted((first, "to"), (first + timedelta(hours=1), "to"))

    assert shown(hours(quota, date(2026, 3, 8), "America/New_York").to) == {1: 1, 3: 1}


def test_days_without_mail_are_there_too() -> None:
    quota = counted((datetime(2026, 6, 15, 9, tzinfo=UTC), "to"))

    found = usage.hourly(access(), quota=quota, since=date(2026, 6, 14), until=date(2026, 6, 16), zone=UTC)

    assert [(each.day.day, sum(each.recipients)) for each in found] == [(14, 0), (15, 1), (16, 0)]


def test_each_account_sees_its_own_share() -> None:
    at = datetime(2026, 6, 15, 9, tzinfo=UTC)
    reserve(another_account(), envelope(at=at))
    quota = counted((at, "to"))

    assert shown(hours(quota, date(2026, 6, 15), "UTC").to) == {9: 1}


def test_a_setup_has_its_own_share() -> None:
    at = datetime(2026, 6, 15, 9, tzinfo=UTC)
    reserve(access(), envelope(at=at, setup=11))
    quota = counted((at, "to"))

    (found,) = usage.hourly(access(), quota=quota, since=at.date(), until=at.date(), zone=UTC, setup=11)

    assert shown(found.to) == {9: 1}


moments = st.datetimes(datetime(2026, 10, 30), datetime(2026, 11, 3), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis wants them naive


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(moments, st.sampled_from(KINDS)), max_size=6), st.sampled_from(ZONES))
def test_hours_sum_up_to_days(sends: list[tuple[datetime, str]], zone: str) -> None:
    span = {"since": date(2026, 10, 29), "until": date(2026, 11, 4), "zone": ZoneInfo(zone)}
    quota = counted(*sends)

    by_day = usage.daily(access(), quota=quota, **span)
    by_hour = usage.hourly(access(), quota=quota, **span)

    assert [[sum(getattr(each, kind)) for kind in KINDS] for each in by_hour] == [
        [getattr(each, kind) for kind in KINDS] for each in by_day
    ]
