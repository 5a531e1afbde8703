"""The hours of the week: what is in the data behind the picture."""

from datetime import date, timedelta

from core import i18n
from core.charts import week
from core.charts.week import Labels
from core.counting.usage import Hours

MONDAY = date(2026, 6, 15)
WORDS = Labels("Time", "Recipients", i18n.weekdays("en"))


def hours(later: int, **sent: int) -> Hours:
    """The day so many days after a Monday, with so many To at some hours, such as h9=20."""
    return Hours(MONDAY + timedelta(days=later), to=tuple(sent.get(f"h{hour}", 0) for hour in range(24)))


def test_an_hour_is_the_mean_of_its_weekdays() -> None:
    data = week.frame([hours(0, h9=20), hours(7, h9=40), hours(1, h10=3)], WORDS)

    found = {(row.weekday, row.hour): row.recipients for row in data.itertuples()}
    assert found == {("Mon", 9): 30, ("Mon", 10): 0, ("Tue", 9): 0, ("Tue", 10): 3}


def test_only_hours_between_the_first_and_the_last_mail_are_shown() -> None:
    data = week.frame([hours(0, h9=1, h12=1)], WORDS)

    assert sorted(set(data.hour)) == [9, 10, 11, 12]


def test_a_week_without_mail_is_empty() -> None:
    assert week.frame([hours(0)], WORDS).empty


def test_the_busiest_hour_is_the_one_with_the_most() -> None:
    data = week.frame([hours(0, h9=20), hours(4, h15=21)], WORDS)

    assert week.busiest(data) == ("Fri", 15, 21)


def test_weeks_begin_on_monday_in_each_language() -> None:
    assert [(names[0], names[6]) for names in map(i18n.weekdays, ("en", "vi"))] == [("Mon", "Sun"), ("Th 2", "CN")]
