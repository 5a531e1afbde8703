"""A provider's own “limit exceeded” teaches how much was sent elsewhere."""

from datetime import UTC, timedelta

import pytest

from core import clock
from core.accounts.access import access
from core.accounts.form import Form
from core.counting import elsewhere, headroom, limits, refusal
from core.counting.elsewhere import REFUSAL, Entry
from core.sending.reservation import reserve
from tests.samples import GMAIL, SHOP, envelope

YANDEX = Form("shop@yandex.ru", "smtp.yandex.com", 465, "ssl", "shop@yandex.ru")
NOW = clock.now()


def entry(form: Form = GMAIL) -> Entry:
    """The one entry of a form."""
    (found,) = elsewhere.entries(access(), form)
    return found


def test_what_is_missing_to_the_limit_was_sent_elsewhere() -> None:
    limits.own(access(), GMAIL, 10)
    reserve(access(), envelope(GMAIL, "to", "cc"))

    refusal.learn(access(), GMAIL, zone=UTC)

    assert (entry().kind, entry().unit, entry().amount) == (REFUSAL, "recipients", 8)


def test_nothing_remains_then() -> None:
    limits.own(access(), GMAIL, 10)

    refusal.learn(access(), GMAIL, zone=UTC)

    assert [state.remaining for state in headroom.states(access(), GMAIL, zone=UTC)] == [0]


def test_a_second_refusal_adds_nothing_that_the_first_has_told() -> None:
    limits.own(access(), GMAIL, 10)

    for _ in range(2):
        refusal.learn(access(), GMAIL, zone=UTC)

    assert sorted(each.amount for each in elsewhere.entries(access(), GMAIL)) == [0, 10]


def test_it_holds_nothing_back_with_most_providers() -> None:
    refusal.learn(access(), GMAIL, zone=UTC)

    assert refusal.hold(access(), GMAIL, zone=UTC) is None


def test_without_a_known_limit_nothing_is_learnt() -> None:
    assert refusal.learn(access(), SHOP, zone=UTC) is None
    assert elsewhere.entries(access(), SHOP) == []


@pytest.mark.parametrize("hours", [0, 23])
def test_where_each_try_prolongs_the_block_it_is_better_to_wait_a_day(hours: int) -> None:
    refusal.learn(access(), YANDEX, zone=UTC, now=NOW)

    until = refusal.hold(access(), YANDEX, zone=UTC, now=NOW + hours * 3_600_000)

    assert until == clock.local(NOW) + timedelta(hours=24)


def test_the_last_refusal_counts() -> None:
    for hours in (0, 5):
        refusal.learn(access(), YANDEX, zone=UTC, now=NOW + hours * 3_600_000)

    until = refusal.hold(access(), YANDEX, zone=UTC, now=NOW + 6 * 3_600_000)

    assert until == clock.local(NOW) + timedelta(hours=29)


def test_after_a_day_nothing_is_held_any_more() -> None:
    refusal.learn(access(), YANDEX, zone=UTC, now=NOW)

    assert refusal.hold(access(), YANDEX, zone=UTC, now=NOW + clock.DAY_MS) is None


def test_an_entry_that_is_removed_holds_nothing() -> None:
    refusal.learn(access(), YANDEX, zone=UTC)
    elsewhere.remove(access(), entry(YANDEX).id)

    assert refusal.hold(access(), YANDEX, zone=UTC) is None
