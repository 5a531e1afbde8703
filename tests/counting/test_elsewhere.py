"""Volume that Mailgauge does not see: by hand, standing, or learnt from a refusal."""

from datetime import UTC, date, datetime, timedelta

import pytest

from core import clock
from core.accounts.access import access
from core.accounts.providers import Limit
from core.counting import elsewhere, headroom
from core.counting.headroom import State
from tests.samples import GMAIL, SHOP, another_account

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
NOW = clock.stored(NOON)
ROLLING = Limit("recipients", 500, "rolling 24h", "test")


def under(limit: Limit = ROLLING, *, now: int = NOW) -> State:
    """How far a limit is used."""
    with access().read() as rows:
        return headroom.state(rows, SHOP, limit, zone=UTC, now=now)


def test_what_was_sent_elsewhere_is_used() -> None:
    elsewhere.add(access(), SHOP, 120, at=NOW)

    assert (under().used, under().elsewhere, under().remaining) == (120, 120, 380)


@pytest.mark.parametrize(("age", "used"), [(clock.DAY_MS - 1, 120), (clock.DAY_MS, 0)])
def test_it_leaves_the_window_to_the_millisecond(age: int, used: int) -> None:
    elsewhere.add(access(), SHOP, 120, at=NOW)

    assert under(now=NOW + age).used == used


@pytest.mark.parametrize(
    ("window", "used"),
    [("rolling 24h", 96), ("day", 96), ("hour", 4), ("15 minutes", 1), ("minute", 1), ("month", 15 * 96)],
)
def test_a_standing_estimate_counts_its_share_of_a_window(window: str, used: int) -> None:
    elsewhere.add(access(), SHOP, 96, kind=elsewhere.DAILY, at=NOW - 90 * clock.DAY_MS)

    assert under(Limit("recipients", 5000, window, "test")).used == used


def test_a_standing_estimate_never_frees_anything() -> None:
    elsewhere.add(access(), SHOP, 96, kind=elsewhere.DAILY)

    assert (under().frees_at, under().frees) == (None, 0)


def test_what_stands_is_not_free_tomorrow() -> None:
    elsewhere.add(access(), SHOP, 96, kind=elsewhere.DAILY, at=NOW)
    elsewhere.add(access(), SHOP, 20, at=NOW)

    assert under(Limit("recipients", 500, "day", "test")).frees == 20


def test_a_new_estimate_replaces_the_old_one_of_its_unit() -> None:
    for amount, unit in ((50, "recipients"), (7, "messages"), (60, "recipients")):
        elsewhere.add(access(), SHOP, amount, kind=elsewhere.DAILY, unit=unit)

    assert sorted(entry.amount for entry in elsewhere.entries(access(), SHOP)) == [7, 60]


def test_another_unit_is_not_touched() -> None:
    elsewhere.add(access(), SHOP, 120, unit="messages", at=NOW)

    assert under().used == 0


def test_another_log_in_is_not_touched() -> None:
    elsewhere.add(access(), GMAIL, 120, at=NOW)

    assert under().used == 0


@pytest.mark.parametrize(("scope", "used"), [("login", 120), ("account", 0)])
def test_another_accounts_entry_counts_where_the_log_in_does(scope: str, used: int) -> None:
    elsewhere.add(another_account(), SHOP, 120, at=NOW)

    assert under(Limit("recipients", 500, "rolling 24h", "test", scope)).used == used


def test_another_accounts_entry_is_not_listed_and_not_removed() -> None:
    entry = elsewhere.add(another_account(), SHOP, 120, at=NOW)

    assert (elsewhere.entries(access(), SHOP), elsewhere.remove(access(), entry)) == ([], False)


def test_a_removed_entry_counts_no_more() -> None:
    entry = elsewhere.add(access(), SHOP, 120, kind=elsewhere.REFUSAL, at=NOW)

    assert (elsewhere.remove(access(), entry), under().used, elsewhere.remove(access(), entry)) == (True, 0, False)


@pytest.mark.parametrize(("kind", "amount"), [("once", 0), ("once", -1), ("twice", 5)])
def test_nonsense_is_refused(kind: str, amount: int) -> None:
    with pytest.raises(ValueError, match=kind):
        elsewhere.add(access(), SHOP, amount, kind=kind)


def test_entries_are_those_since_a_moment_and_the_standing_ones_the_newest_first() -> None:
    for at, kind in ((NOW - 9, "daily"), (NOW - 5, "once"), (NOW, "refusal"), (NOW + 5, "once")):
        elsewhere.add(access(), SHOP, 1, kind=kind, at=at)

    found = elsewhere.entries(access(), SHOP, since=NOW - 1)

    assert [entry.at - NOW for entry in found] == [5, 0, -9]


def test_days_have_what_was_sent_elsewhere_on_them() -> None:
    elsewhere.add(access(), SHOP, 96, kind=elsewhere.DAILY, at=NOW)
    elsewhere.add(access(), SHOP, 20, at=NOW + clock.DAY_MS)
    elsewhere.add(access(), SHOP, 5, unit="messages", at=NOW)
    found = elsewhere.entries(access(), SHOP)
    first, last = NOON.date() - timedelta(days=1), NOON.date() + timedelta(days=2)

    days = elsewhere.daily(found, since=first, until=last, zone=UTC)

    assert days == {date(2026, 6, 15): 96, date(2026, 6, 16): 116, date(2026, 6, 17): 96}
