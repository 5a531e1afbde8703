"""The course of today: what is in the data behind the picture."""

from datetime import UTC, date, datetime, timedelta

from core.charts import course
from core.charts.course import Labels
from core.counting.forecast import Forecast, Point
from core.counting.usage import NONE, Hours

TODAY = date(2026, 6, 15)
NOON = datetime(2026, 6, 15, 12, 30, tzinfo=UTC)
MIDNIGHT = datetime(2026, 6, 16, tzinfo=UTC)
WORDS = Labels("Time", "Recipients", "Today", "Expected", "Average", "Limit 500", "≈ 16:00")
CURVE = (Point(NOON, 30, 30, 30), Point(MIDNIGHT, 100, 80, 130))


def hours(ago: int, **sent: int) -> Hours:
    """A day with so many To at some hours, such as h9=20."""
    return Hours(TODAY - timedelta(days=ago), to=tuple(sent.get(f"h{hour}", 0) for hour in range(24)))


def line(name: str, days: list[Hours], found: Forecast | None = None) -> list[tuple[float, float, float, float]]:
    """The points of a line: hour, amount, low, high."""
    data = course.frame(days, NOON, found, WORDS)
    rows = data[data.line == name]
    return [(row.hour, row.amount, row.low, row.high) for row in rows.itertuples()]


def test_today_adds_up_until_now_and_no_further() -> None:
    points = line("Today", [hours(0, h9=20, h12=10)])

    assert [point[:2] for point in points[9:]] == [(9, 0), (10, 20), (11, 20), (12, 20), (12.5, 30)]


def test_the_forecast_goes_from_now_to_the_end_of_the_day_with_its_range() -> None:
    points = line("Expected", [hours(0)], Forecast(100, 80, 130, None, None, None, CURVE, 9))

    assert points == [(12.5, 30, 30, 30), (24, 100, 80, 130)]


def test_without_a_forecast_nothing_is_expected() -> None:
    assert line("Expected", [hours(0)]) == []


def test_the_average_day_is_of_days_with_mail() -> None:
    average = course.average([hours(3, h9=10), hours(2), hours(1, h10=20)])

    assert (average[9], average[10], average[11], average[24]) == (0, 5, 15, 15)


def test_days_long_ago_are_not_in_the_average() -> None:
    old = [hours(course.RECENT + 1 - n, h9=1000 if n == 0 else 10) for n in range(course.RECENT + 1)]

    assert course.average(old)[24] == 10


def test_without_a_past_there_is_no_average() -> None:
    assert line("Average", [Hours(TODAY, to=NONE)]) == []


def test_the_limit_and_where_it_is_reached_are_said_in_the_picture() -> None:
    data = course.frame([hours(0, h9=20)], NOON, None, WORDS)

    drawn = course.chart(data, limit=500, reached=NOON, labels=WORDS).to_dict()

    words = {row["label"] for rows in drawn["datasets"].values() for row in rows if "label" in row}
    assert {"Limit 500", "≈ 16:00"} <= words
