"""Break-downs: what is in the data behind the picture."""

from core.charts import shares
from core.charts.shares import MOST, Labels

WORDS = Labels("Recipients", "Others")


def test_each_value_has_its_number_and_its_share() -> None:
    data = shares.frame([("a.example", 3000), ("b.example", 1000)], WORDS)

    assert list(zip(data.value, data.label, strict=True)) == [
        ("a.example", "3,000 · 75%"),
        ("b.example", "1,000 · 25%"),
    ]


def test_small_values_are_told_together_and_nothing_is_lost() -> None:
    found = [(f"{n}.example", 100 - n) for n in range(MOST + 3)]

    data = shares.frame(found, WORDS)

    assert (len(data), data.value.iloc[-1], data.recipients.sum()) == (MOST + 1, "Others", sum(n for _, n in found))


def test_values_that_lost_their_name_are_among_the_others() -> None:
    data = shares.frame([("", 50), ("a.example", 10)], WORDS)

    assert list(zip(data.value, data.recipients, strict=True)) == [("a.example", 10), ("Others", 50)]
