"""How today will end, from what past days became."""

import dataclasses
import itertools
import random
import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core import clock
from core.accounts.access import access
from core.accounts.providers import Limit
from core.counting import backtest, businesses, forecast, quotas, usage
from core.counting.forecast import NEEDED, Forecast, Point, TooLittle, Window
from core.counting.headroom import State
from core.counting.usage import NONE, Hours
from tests.samples import SHOP

NOON = datetime(2026, 6, 17, 12, tzinfo=UTC)  # a Wednesday
Course = tuple[int, ...]
QUIET: Course = NONE
EVEN: Course = (*NONE[:8], *(10,) * 10, *NONE[:6])  # ten an hour from 8 to 18


def before(moment: datetime, number: int, course: Callable[[date], Course]) -> list[Hours]:
    """So many days before the one of a moment."""
    days = [moment.date() - timedelta(days=n) for n in range(number, 0, -1)]
    return [Hours(day, to=course(day)) for day in days]


def today(course: Course, moment: datetime = NOON) -> Hours:
    """A day's course up to the full hour of a moment."""
    return Hours(moment.date(), to=(*course[: moment.hour], *NONE[moment.hour :]))


def office(course: Course = EVEN) -> Callable[[date], Course]:
    """The same on each working day, nothing at the week end."""
    return lambda day: course if day.weekday() < 5 else QUIET


def times(course: Course, factor: float) -> Course:
    """A course with more or less of everything."""
    return tuple(round(factor * n) for n in course)


def uneven(day: date) -> Course:
    """Working days that differ, by a figure of the day."""
    return times(EVEN, random.Random(day.toordinal()).uniform(0.5, 1.5)) if day.weekday() < 5 else QUIET  # noqa: S311


def foretold(
    history: list[Hours], course: Course = EVEN, moment: datetime = NOON, limit: Window | None = None
) -> Forecast:
    """The forecast, which must be one."""
    found = forecast.forecast(history, today(course, moment), moment, limit)
    assert isinstance(found, Forecast)
    return found


def test_a_day_like_every_other_ends_like_every_other() -> None:
    found = foretold(before(NOON, 56, office()))

    assert (found.low, found.expected, found.high) == (100, 100, 100)


def test_it_rests_on_working_days_only() -> None:
    assert foretold(before(NOON, 56, office())).days == 40


def test_the_week_end_rests_on_week_ends_only() -> None:
    saturday = NOON + timedelta(days=3)

    found = foretold(before(saturday, 56, office()), QUIET, saturday)

    assert (found.expected, found.high, found.days) == (0, 0, 14)  # the first week end was before the first mail


def test_a_weekday_of_its_own_kind_is_told_by_its_own() -> None:
    def course(day: date) -> Course:
        return times(EVEN, 5) if day.weekday() == NOON.weekday() else office()(day)

    assert foretold(before(NOON, 56, course), times(EVEN, 5)).expected == 500


def test_a_half_day_on_saturday_is_no_sunday() -> None:
    saturday = NOON + timedelta(days=3)
    half = (*NONE[:8], *(10,) * 6, *NONE[:10])

    found = foretold(before(saturday, 56, lambda day: QUIET if day.weekday() == 6 else half), half, saturday)

    assert (found.low, found.expected) == (60, 60)


def test_a_busier_morning_makes_a_busier_day() -> None:
    history = before(NOON, 56, uneven)

    assert foretold(history, times(EVEN, 1.4)).expected > 120
    assert foretold(history, times(EVEN, 0.6)).expected < 80


def test_a_morning_that_tells_nothing_is_not_listened_to() -> None:
    def course(day: date) -> Course:
        mornings = random.Random(day.toordinal()).randint(0, 9)  # noqa: S311 - it makes figures up
        return (*NONE[:8], *(mornings,) * 4, 0, *(50,) * 4, *NONE[:7])

    busy = (*NONE[:8], *(9,) * 4, *NONE[:12])

    assert foretold(before(NOON, 56, course), busy).expected == 36 + 200


def test_days_that_differ_make_a_range_around_what_is_expected() -> None:
    found = foretold(before(NOON, 56, uneven), EVEN, NOON.replace(hour=9))

    assert found.low < found.expected < found.high


@pytest.mark.parametrize("hour", range(24))
def test_it_is_never_below_what_is_counted(hour: int) -> None:
    busy = times(EVEN, 20)

    found = foretold(before(NOON, 56, uneven), busy, NOON.replace(hour=hour))

    assert min(found.low, found.expected) >= sum(busy[:hour])


def test_a_minute_before_midnight_is_what_is_counted() -> None:
    moment = NOON.replace(hour=23, minute=59)
    course = (*NONE[:23], 60)

    found = forecast.forecast(before(moment, 56, lambda _: course), Hours(moment.date(), to=course), moment)

    assert isinstance(found, Forecast)
    assert (found.low, found.expected, found.high) == (61, 61, 61)


def test_half_past_is_half_of_the_hour() -> None:
    moment = NOON.replace(minute=30)

    found = forecast.forecast(
        before(moment, 56, office()), Hours(moment.date(), to=(*EVEN[:12], 5, *NONE[:11])), moment
    )

    assert isinstance(found, Forecast)
    assert (found.curve[0].expected, found.curve[1].expected, found.expected) == (45, 50, 100)


class TestOddDays:
    """What does not belong to an ordinary week."""

    def test_nine_days_off_change_nothing(self) -> None:
        off = {NOON.date() - timedelta(days=n) for n in range(3, 12)}

        found = foretold(before(NOON, 56, lambda day: QUIET if day in off else office()(day)))

        assert (found.low, found.expected, found.high) == (100, 100, 100)

    def test_a_day_off_is_noticed_by_noon(self) -> None:
        assert foretold(before(NOON, 56, uneven), QUIET).expected < 20

    def test_one_burst_leaves_the_others_as_they_were(self) -> None:
        burst = NOON.date() - timedelta(days=7)  # a Wednesday, too

        found = foretold(before(NOON, 56, lambda day: times(EVEN, 50) if day == burst else office()(day)))

        assert (found.low, found.expected, found.high) == (100, 100, 100)

    def test_a_burst_this_morning_does_not_go_on_all_day(self) -> None:
        burst = (*NONE[:8], 1000, *NONE[:15])

        assert foretold(before(NOON, 56, uneven), burst, NOON.replace(hour=9)).high < 1000 + 4 * 200

    def test_recent_weeks_weigh_more(self) -> None:
        grown = NOON.date() - timedelta(days=24)

        found = foretold(
            before(NOON, 56, lambda day: times(office()(day), 1 if day < grown else 2)), QUIET, NOON.replace(hour=7)
        )

        assert found.expected == 200


class TestTooLittle:
    """No forecast without days to go by."""

    def test_a_fresh_account_has_none(self) -> None:
        assert forecast.forecast(before(NOON, 56, lambda _: QUIET), today(QUIET), NOON) == TooLittle(0, NEEDED)

    def test_no_history_at_all_is_none(self) -> None:
        assert forecast.forecast([], today(EVEN), NOON) == TooLittle(0, NEEDED)

    def test_three_days_of_mail_are_too_few(self) -> None:
        friday = NOON + timedelta(days=2)
        monday = NOON.date() - timedelta(days=2)

        found = forecast.forecast(before(friday, 4, office()), today(EVEN, friday), friday)

        assert friday.date() - timedelta(days=4) == monday
        assert isinstance(found, Forecast)
        assert forecast.forecast(before(friday, 3, office()), today(EVEN, friday), friday) == TooLittle(3, NEEDED)

    def test_a_business_that_started_last_week_has_a_forecast(self) -> None:
        started = NOON.date() - timedelta(days=7)

        found = foretold(before(NOON, 56, lambda day: QUIET if day < started else office()(day)))

        assert (found.expected, found.days) == (100, 5)

    def test_its_first_week_end_has_none(self) -> None:
        saturday = NOON + timedelta(days=3)

        found = forecast.forecast(before(saturday, 9, office()), today(QUIET, saturday), saturday)

        assert found == TooLittle(2, NEEDED)

    def test_one_test_weeks_before_the_start_is_no_start(self) -> None:
        started, tested = NOON.date() - timedelta(days=7), NOON.date() - timedelta(days=40)

        def course(day: date) -> Course:
            return office()(day) if day >= started else (*NONE[:9], int(day == tested), *NONE[:14])

        assert foretold(before(NOON, 56, course)).days == 5

    def test_two_weeks_of_silence_make_what_was_before_tell_nothing(self) -> None:
        ended = NOON.date() - timedelta(days=15)

        found = forecast.forecast(
            before(NOON, 56, lambda day: QUIET if day > ended else office()(day)), today(QUIET), NOON
        )

        assert found == TooLittle(0, NEEDED)


class TestLimit:
    """When a limit is reached today."""

    def test_it_is_reached_on_the_way(self) -> None:
        found = foretold(before(NOON, 56, office()), limit=Window(amount=75, used=40))

        assert found.reached_at == found.reached_from == found.reached_to == NOON.replace(hour=15, minute=30)

    def test_it_is_not_reached_by_what_does_not_come(self) -> None:
        found = foretold(before(NOON, 56, office()), limit=Window(amount=101, used=40))

        assert (found.reached_at, found.reached_from, found.reached_to) == (None, None, None)

    def test_without_a_limit_nothing_is_reached(self) -> None:
        assert foretold(before(NOON, 56, office())).reached_at is None

    def test_one_that_is_reached_is_reached_now(self) -> None:
        assert foretold(before(NOON, 56, office()), limit=Window(amount=30, used=40)).reached_at == NOON

    def test_a_busy_day_reaches_it_first(self) -> None:
        found = foretold(before(NOON, 56, uneven), EVEN, NOON.replace(hour=9), limit=Window(amount=50, used=10))

        assert found.reached_at
        assert found.reached_from
        assert found.reached_from < found.reached_at < (found.reached_to or NOON.replace(hour=23))

    def test_a_limit_within_the_range_may_be_reached(self) -> None:
        history, morning = before(NOON, 56, uneven), NOON.replace(hour=9)
        open_end = foretold(history, EVEN, morning)

        found = foretold(history, EVEN, morning, Window(amount=(open_end.expected + open_end.high) // 2, used=10))

        assert (found.reached_at, found.reached_to) == (None, None)
        assert found.reached_from

    def test_what_leaves_a_sliding_window_makes_room(self) -> None:
        yesterday = Window(amount=100, used=100 - 5, last=(*(10.0,) * 6, *(0.0,) * 14, *(8.75,) * 4))

        assert foretold(before(NOON, 56, office()), limit=yesterday).reached_at is None

    def test_what_leaves_later_comes_too_late(self) -> None:
        late = Window(amount=100, used=75, last=(0.0, 0.0, 0.0, *(10.0,) * 3, *(0.0,) * 14, *(10.0,) * 4))

        assert foretold(before(NOON, 56, office()), limit=late).reached_at == NOON.replace(hour=14, minute=30)


def test_the_course_rises_to_the_end() -> None:
    curve = foretold(before(NOON, 56, uneven), EVEN, NOON.replace(hour=9)).curve

    assert all(
        getattr(one, name) <= getattr(other, name)
        for one, other in itertools.pairwise(curve)
        for name in ("at", "low", "expected", "high")
    )


def test_the_course_begins_with_what_is_counted() -> None:
    assert foretold(before(NOON, 56, uneven)).curve[0] == Point(NOON, 40, 40, 40)


def test_the_course_ends_at_midnight_with_what_is_expected() -> None:
    found = foretold(before(NOON, 56, uneven))

    midnight = NOON.replace(hour=0) + timedelta(days=1)
    assert found.curve[-1] == Point(midnight, found.expected, found.low, found.high)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Asia/Kathmandu", date(2026, 3, 8), 24),
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 24),  # the hour that comes twice is one point
        ("Africa/Cairo", date(2026, 4, 23), 24),  # the next day begins at one
        ("Australia/Lord_Howe", date(2026, 10, 4), 24),  # two o'clock comes half an hour late
    ],
)
def test_the_course_has_the_hours_of_the_local_clock(zone: str, day: date, hours: int) -> None:
    moment = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))

    curve = foretold(before(moment, 56, lambda _: EVEN), QUIET, moment).curve

    stamps = [point.at.timestamp() for point in curve]
    assert (len(curve), sorted(set(stamps))) == (hours + 1, stamps)


@pytest.mark.parametrize(
    ("window", "used", "amount", "reached"),
    [
        ("day", 40, 95, NOON.replace(hour=17, minute=30)),
        ("rolling 24h", 100, 105, None),  # each hour ten of yesterday leave, and ten of today come
        ("rolling 24h", 100, 99, NOON),
    ],
)
def test_what_was_counted_is_what_it_goes_by(window: str, used: int, amount: int, reached: datetime | None) -> None:
    with access().write() as rows:
        quota = quotas.ensure(rows.connection, SHOP)[0]
        for day in [*before(NOON, 56, office()), today(EVEN)]:
            for hour, number in enumerate(day.to):
                at = datetime(day.day.year, day.day.month, day.day.day, hour, tzinfo=UTC)
                usage.add(rows, quota=quota, setup=None, at=clock.stored(at), counts={"messages": number, "to": number})
    states = [State(Limit("recipients", amount, window, "own"), used=used, frees_at=None)]

    found = forecast.of(access(), SHOP, states, zone=UTC, now=clock.stored(NOON))

    assert isinstance(found, Forecast)
    assert (found.days, found.curve[0].expected, found.expected, found.reached_at) == (40, 40, 100, reached)


def test_the_limit_that_leaves_least_is_the_one_that_is_reached() -> None:
    states = [
        State(Limit("recipients", amount, "day", "own"), used=amount - left, frees_at=None)
        for amount, left in ((500, 300), (900, 20))
    ]

    assert forecast.tightest([*states, State(Limit("messages", 9, "day", "own"), 9, None)]) == states[1]


def test_an_account_that_sent_nothing_has_no_forecast() -> None:
    assert forecast.of(access(), SHOP, [], zone=UTC) == TooLittle(0, NEEDED)


@pytest.fixture(scope="module", params=businesses.SHAPES)
def tried(request: pytest.FixtureRequest) -> tuple[int, backtest.Score]:
    """What forecasts for businesses of one shape come to, and their seed: another one at each run."""
    seed = secrets.randbelow(10**9)
    return seed, backtest.score(backtest.every(request.param, seed, number=40, tried=20, at=(10, 14)))


def test_it_is_nearer_than_the_better_of_two_naive_ones(tried: tuple[int, backtest.Score]) -> None:
    seed, score = tried

    assert score.ratio <= 0.9, f"seed {seed}: {score}"


def test_eight_of_ten_ranges_hold(tried: tuple[int, backtest.Score]) -> None:
    seed, score = tried

    assert 0.7 <= score.held <= 0.9, f"seed {seed}: {score}"


def test_the_naive_forecasts_are_what_they_are_called() -> None:
    days = businesses.shop(backtest.generator(7), backtest.KNOWN + 1)

    first = backtest.trials("shop", 7, tried=1)[0]

    end, so_far = sum(days[-1].recipients), sum(days[-1].recipients[:9])
    assert (first.yesterday, first.rate) == (abs(sum(days[-2].recipients) - end), abs(round(so_far * 24 / 9) - end))


def test_a_seed_draws_the_same_businesses_again() -> None:
    assert backtest.trials("office", 3, tried=2) == backtest.trials("office", 3, tried=2)


def test_a_forecast_that_always_says_yesterday_is_no_better_than_yesterday() -> None:
    found = [dataclasses.replace(trial, missed=trial.yesterday) for trial in backtest.trials("shop", 5)]

    assert backtest.score(found).ratio >= 1
