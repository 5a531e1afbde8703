"""Recipients counted once, by kind, on the day that the account calls so."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func

from core import clock, tables
from core.accounts.access import access
from core.counting import quotas, usage
from core.counting.headroom import COUNTED
from core.counting.usage import COUNTS, KINDS, Day
from core.sending.reservation import Result, record, reserve, settle
from tests.samples import SHOP, another_account, envelope, form

OUTCOMES = ["accepted", "refused", "failed", "unknown"]
TODAY = datetime(2026, 6, 15, 12, tzinfo=UTC)
ZONES = ["Asia/Ho_Chi_Minh", "Asia/Kathmandu", "America/New_York", "Atlantic/Azores", "Africa/Cairo", "Etc/GMT+12"]


def days(first: date, last: date, zone: str = "UTC", setup: int | None = None) -> list[Day]:
    """The days of the shop's quota."""
    mine = access()
    with mine.read() as rows:
        quota = quotas.find(rows.connection, quotas.key(SHOP))
    return usage.daily(mine, quota=quota, since=first, until=last, zone=ZoneInfo(zone), setup=setup)


def today(setup: int | None = None) -> Day:
    """The day that most tests send on."""
    (day,) = days(TODAY.date(), TODAY.date(), setup=setup)
    return day


def every_hour(first: datetime, last: datetime) -> None:
    """One accepted recipient an hour, as counted by sends."""
    with access().write() as rows:
        quota = quotas.ensure(rows.connection, SHOP)[0]
        for hour in range(round((last - first) / timedelta(hours=1))):
            at = clock.stored(first + timedelta(hours=hour))
            usage.add(rows, quota=quota, setup=None, at=at, counts={"messages": 1, "to": 1})


def results(*outcomes: str) -> list[Result]:
    """What became of each recipient."""
    return [Result(outcome) for outcome in outcomes]


def test_one_to_and_one_cc_are_two() -> None:
    reserve(access(), envelope(SHOP, "to", "cc", at=TODAY))

    assert today() == Day(TODAY.date(), messages=1, to=1, cc=1)
    assert today().recipients == 2


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_counts_under_its_name(kind: str) -> None:
    reserve(access(), envelope(SHOP, kind, kind, kind, at=TODAY))

    assert getattr(today(), kind) == today().recipients == 3


def test_the_same_person_twice_is_two() -> None:
    for _ in range(2):
        reserve(access(), envelope(at=TODAY))

    assert (today().recipients, today().messages) == (2, 2)


def test_a_refused_recipient_is_counted_as_refused_only() -> None:
    send = reserve(access(), envelope(SHOP, "to", "cc", "bcc", at=TODAY))

    settle(access(), send, results("accepted", "refused", "refused"))

    assert today() == Day(TODAY.date(), messages=1, to=1, refused=2)


def test_a_message_that_nobody_took_is_no_message() -> None:
    record(access(), envelope(SHOP, "to", "cc", at=TODAY), results("refused", "refused"))

    assert today() == Day(TODAY.date(), refused=2)


def test_a_message_that_never_left_counts_nowhere() -> None:
    send = reserve(access(), envelope(SHOP, "to", "cc", at=TODAY))

    settle(access(), send, results("failed", "failed"))

    assert today() == Day(TODAY.date())


def test_an_unknown_outcome_counts_as_used() -> None:
    send = reserve(access(), envelope(at=TODAY))

    settle(access(), send, results("unknown"))

    assert today() == Day(TODAY.date(), messages=1, to=1)


def test_an_outcome_counts_on_the_day_of_its_send() -> None:
    send = reserve(access(), envelope(SHOP, "to", "cc", at=TODAY))

    settle(access(), send, results("refused", "accepted"))

    assert days(TODAY.date() + timedelta(days=1), datetime.now(UTC).date() + timedelta(days=1))[-1].refused == 0
    assert today().refused == 1


def test_a_setup_has_its_own_share_of_a_quota() -> None:
    reserve(access(), envelope(at=TODAY, setup=11))
    reserve(access(), envelope(SHOP, "to", "to", at=TODAY, setup=12))

    assert [today(setup).recipients for setup in (11, 12, None)] == [1, 2, 3]


def test_another_log_in_counts_apart() -> None:
    reserve(access(), envelope(form(SHOP, username="other@shop.example"), at=TODAY))

    assert today().recipients == 0


def test_each_account_sees_its_own_share() -> None:
    reserve(another_account(), envelope(at=TODAY))
    reserve(access(), envelope(SHOP, "to", "to", at=TODAY))

    assert today().recipients == 2


def test_days_without_mail_are_there_too() -> None:
    reserve(access(), envelope(at=TODAY))

    found = days(TODAY.date() - timedelta(days=1), TODAY.date() + timedelta(days=1))

    assert [(day.day.day, day.recipients) for day in found] == [(14, 0), (15, 1), (16, 0)]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    ("clock_time", "counted"),
    [("2026-06-14T23:59:59.999", [1, 0]), ("2026-06-15T00:00:00", [0, 1]), ("2026-06-15T23:59:59.999", [0, 1])],
)
def test_midnight_is_the_accounts(zone: str, clock_time: str, counted: list[int]) -> None:
    reserve(access(), envelope(at=datetime.fromisoformat(clock_time).replace(tzinfo=ZoneInfo(zone))))

    found = days(date(2026, 6, 14), date(2026, 6, 15), zone)

    assert [day.recipients for day in found] == counted


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Asia/Ho_Chi_Minh", date(2026, 3, 8), 24),
        ("Asia/Kathmandu", date(2026, 3, 8), 24),
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Africa/Cairo", date(2026, 4, 24), 23),  # clocks go forward at midnight: the day begins at one
        ("Atlantic/Azores", date(2026, 10, 25), 25),  # clocks go back at one: midnight comes twice
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
    ],
)
def test_a_day_is_as_long_as_its_zone_makes_it(zone: str, day: date, hours: float) -> None:
    begin = datetime(2026, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    end = begin + timedelta(hours=hours)
    every_hour(begin - timedelta(hours=24), begin)
    every_hour(begin, end)
    every_hour(end, end + timedelta(hours=24))

    found = days(day - timedelta(days=1), day + timedelta(days=1), zone)

    assert [one.recipients for one in found] == [24, round(hours), 24]


people = st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(OUTCOMES)), min_size=1, max_size=4)
acts = st.tuples(st.sampled_from(["reserve", "settle", "twice", "record"]), people, st.integers(0, 3 * 96 - 1))


@settings(deadline=None, max_examples=25)
@given(st.lists(acts, min_size=1, max_size=4))
def test_usage_is_the_sum_over_sends(mix: list[tuple[str, list[tuple[str, str]], int]]) -> None:
    for act, addressed, quarter in mix:
        go(act, [kind for kind, _ in addressed], [outcome for _, outcome in addressed], quarter)

    assert counted() == logged()


@settings(deadline=None, max_examples=25)
@given(st.lists(acts, min_size=1, max_size=4))
def test_days_hold_every_recipient_once(mix: list[tuple[str, list[tuple[str, str]], int]]) -> None:
    before = total()

    for act, addressed, quarter in mix:
        go(act, [kind for kind, _ in addressed], [outcome for _, outcome in addressed], quarter)

    used = sum(act == "reserve" or outcome in COUNTED for act, addressed, _ in mix for _, outcome in addressed)
    assert total() - before == used


def go(act: str, kinds: list[str], outcomes: list[str], quarter: int) -> None:
    """One send, as far as the act goes."""
    message = envelope(SHOP, *kinds, at=TODAY + timedelta(minutes=15 * quarter))
    if act == "record":
        record(access(), message, results(*outcomes))
        return
    send = reserve(access(), message)
    for _ in range({"reserve": 0, "settle": 1, "twice": 2}[act]):
        settle(access(), send, results(*outcomes))


def total() -> int:
    """Recipients of all days that the mix touches."""
    return sum(day.recipients for day in days(TODAY.date(), TODAY.date() + timedelta(days=4)))


def counted() -> dict[str, int]:
    """The sum over usage; messages are another test's business."""
    with access().read() as rows:
        names = [name for name in COUNTS if name != "messages"]
        row = rows.first(rows.select(tables.usage, *(func.sum(tables.usage.c[name]).label(name) for name in names)))
    booked = row.to + row.cc + row.bcc + row.other
    return dict(row._mapping) | {"booked": booked, "messages": messages_of(tables.usage)}


def logged() -> dict[str, int]:
    """The sum over the log of sends."""
    names, column = [name for name in COUNTS if name != "messages"], tables.sends.c
    with access().read() as rows:
        sums = (func.sum(column[f"{name}_count"]).label(name) for name in names)
        row = rows.first(rows.select(tables.sends, *sums))
        booked = rows.first(rows.select(tables.send_quotas, func.sum(tables.send_quotas.c.recipients)))[0]
    return dict(row._mapping) | {"booked": booked, "messages": messages_of(tables.sends)}


def messages_of(table: object) -> int:
    """How many messages had a recipient that counts."""
    with access().read() as rows:
        if table is tables.usage:
            return int(rows.first(rows.select(tables.usage, func.sum(tables.usage.c.messages)))[0])
        people, sends = tables.recipients, tables.sends
        joined = people.join(sends, (people.c.account_id == sends.c.account_id) & (people.c.send_id == sends.c.id))
        query = rows.select(people, people.c.send_id).select_from(joined).distinct()
        return len(rows.all(query.where(func.coalesce(people.c.outcome, sends.c.outcome).in_(COUNTED))))
