"""Days as bars: what is in the data behind the picture."""

from datetime import date

import pytest

from core.charts import days
from core.charts.days import ELSEWHERE, Bars, Labels
from core.counting.usage import Day

FIRST, SECOND = date(2026, 6, 14), date(2026, 6, 15)
SHOWN = [Day(FIRST, 2, 3, 2, 1, 0, 4), Day(SECOND)]
KINDS = {"to": "To", "cc": "Cc", "bcc": "Bcc"}


def labels(**kinds: str) -> Labels:
    """Words, with these kinds."""
    return Labels("Day", "Recipients", "Kind", kinds or KINDS, "Limit 5", "over")


def test_a_day_has_a_row_for_each_kind() -> None:
    data = days.frame(Bars(SHOWN), labels())

    rows = data[data.day == "2026-06-14"]
    assert list(zip(rows.kind, rows.amount, rows.total, strict=True)) == [("To", 3, 6), ("Cc", 2, 6), ("Bcc", 1, 6)]


def test_a_day_without_mail_keeps_its_place() -> None:
    data = days.frame(Bars(SHOWN), labels())

    assert list(data[data.day == "2026-06-15"].amount) == [0, 0, 0]


def test_what_was_sent_elsewhere_counts_to_the_total_and_is_marked() -> None:
    data = days.frame(Bars(SHOWN, {SECOND: 40}), labels(**KINDS, **{ELSEWHERE: "Elsewhere"}))

    assert [(row.day, row.amount, row.total) for row in data[data.elsewhere].itertuples()] == [("2026-06-15", 40, 40)]


def test_messages_are_counted_where_they_are_asked_for() -> None:
    data = days.frame(Bars(SHOWN), labels(messages="Messages"))

    assert list(data.amount) == [2, 0]


@pytest.mark.parametrize(("limit", "told"), [(5, ["▲ over 6"]), (6, ["6"]), (None, ["6"])])
def test_only_a_day_over_the_limit_is_marked_by_a_sign_and_a_word(limit: int | None, told: list[str]) -> None:
    drawn = days.chart(days.frame(Bars(SHOWN), labels()), limit=limit, labels=labels()).to_dict()

    words = [row["label"] for rows in drawn["datasets"].values() for row in rows if "over" in row and row["label"]]
    assert words == told


@pytest.mark.parametrize(("limit", "lines"), [(5, 1), (None, 0)])
def test_a_limit_is_a_labelled_line(limit: int | None, lines: int) -> None:
    drawn = days.chart(days.frame(Bars(SHOWN), labels()), limit=limit, labels=labels()).to_dict()

    assert [rows[0]["label"] for rows in drawn["datasets"].values() if "limit" in rows[0]] == ["Limit 5"] * lines
