"""A provider's own “limit exceeded” teaches how much was sent elsewhere."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta

import pytest

from core import clock, tables
from core.accounts.access import access
from core.accounts.form import Form
from core.counting import elsewhere, headroom, limits, refusal, windows
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

    assert entry().amount == 10


def test_two_refusals_at_once_teach_the_same_once() -> None:
    limits.own(access(), GMAIL, 10)
    access()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: refusal.learn(access(), GMAIL, zone=UTC), range(4)))

    assert [state.used for state in headroom.states(access(), GMAIL, zone=UTC)] == [10]


def test_a_limit_of_a_whole_domain_learns_too() -> None:
    elastic = Form("shop@shop.example", "smtp.elasticemail.com", 2525, "starttls", "shop@shop.example")

    refusal.learn(access(), elastic, zone=UTC)

    day = [state for state in headroom.states(access(), elastic, zone=UTC) if state.limit.window in windows.DAILY]
    assert [state.remaining for state in day] == [0]


def test_the_time_that_something_is_free_again_is_that_of_what_was_sent() -> None:
    sent = NOW - 20 * 3_600_000
    reserve(access(), envelope(YANDEX, at=sent))
    for _ in range(2):
        refusal.learn(access(), YANDEX, zone=UTC, now=NOW - 23 * 3_600_000)
    limits.own(access(), YANDEX, 600)

    with access().write() as rows:
        rows.run(rows.update(tables.elsewhere).values(amount=0))

    (state,) = [each for each in headroom.states(access(), YANDEX, zone=UTC, now=NOW) if each.limit.source == "own"]
    assert state.frees_at == clock.local(sent + clock.DAY_MS)


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
