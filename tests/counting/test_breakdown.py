"""Recipients by From, domain and source: the largest by name, the rest together."""

from datetime import UTC, date, datetime, timedelta

import pytest

from core import clock, service
from core.accounts.access import access
from core.counting import breakdown, quotas
from core.sending.reservation import Envelope, Recipient, Result, record, reserve, settle
from tests.samples import SHOP, form

DAY = date(2026, 6, 15)
NOON = clock.stored(datetime(2026, 6, 15, 12, tzinfo=UTC))


def send(*addresses: str, at: int = NOON, sender: str = SHOP.from_address) -> int:
    """A send that is under way; its identifier."""
    message = Envelope(form(SHOP, from_address=sender), [Recipient(each) for each in addresses], "test", created_at=at)
    return reserve(access(), message)


def read(dimension: str = "domain", *, until: date = DAY) -> list[tuple[str, int]]:
    """A break-down of the day, and of those up to another."""
    return breakdown.read(access(), quota=quotas.of(access(), SHOP), since=DAY, until=until, dimension=dimension)


def many(number: int) -> None:
    """A send to so many domains, to the first once, to the second twice, and so on."""
    send(*(f"{i}@d{n:03}.example" for n in range(number) for i in range(n + 1)))


@pytest.mark.parametrize(
    ("dimension", "found"),
    [
        ("domain", [("c.example", 2), ("people.example", 1)]),
        ("from", [("shop@shop.example", 3)]),
        ("source", [("test", 3)]),
    ],
)
def test_recipients_are_broken_down(dimension: str, found: list[tuple[str, int]]) -> None:
    send("a@c.example", "b@C.example", "a@people.example", sender="Shop@shop.example")

    assert read(dimension) == found


def test_who_was_refused_is_no_longer_part_of_it() -> None:
    number = send("a@c.example", "b@people.example")

    settle(access(), number, [Result("refused"), Result("accepted")])

    assert read() == [("people.example", 1)]


def test_a_mail_that_nobody_answers_to_has_a_sender_with_a_name() -> None:
    message = Envelope(form(SHOP, from_address=""), [Recipient("a@c.example")], "test", created_at=NOON)

    record(access(), message, [Result("accepted")])

    assert read("from") == [(breakdown.NOBODY, 1)]


@pytest.mark.parametrize(("domains", "named", "folded"), [(99, 99, 0), (100, 100, 0), (101, 100, 1), (103, 100, 3)])
def test_the_100_largest_keep_their_names(domains: int, named: int, folded: int) -> None:
    many(domains)

    lost = breakdown.fold(access(), before=DAY + timedelta(days=1))

    names = [value for value, _ in read() if value != breakdown.OTHER]
    assert (lost, sorted(names)) == (folded, [f"d{n:03}.example" for n in range(domains - named, domains)])


def test_what_is_folded_is_there_as_a_sum() -> None:
    many(103)

    breakdown.fold(access(), before=DAY + timedelta(days=1))

    assert dict(read())[breakdown.OTHER] == 1 + 2 + 3


def test_a_day_is_not_folded_before_its_time() -> None:
    many(101)

    assert breakdown.fold(access(), before=DAY) == 0


def test_folding_twice_changes_nothing() -> None:
    many(103)
    breakdown.fold(access(), before=DAY + timedelta(days=1))
    before = read()

    assert breakdown.fold(access(), before=DAY + timedelta(days=1)) == 0
    assert read() == before


def test_what_comes_late_is_folded_with_the_rest() -> None:
    many(103)
    breakdown.fold(access(), before=DAY + timedelta(days=1))
    send("a@late.example")

    breakdown.fold(access(), before=DAY + timedelta(days=1))

    assert dict(read())[breakdown.OTHER] == 1 + 2 + 3 + 1


@pytest.mark.parametrize(("ago", "named"), [(0, 101), (1, 101), (2, 101), (3, 100)])
def test_upkeep_folds_the_days_before_yesterday(monkeypatch: pytest.MonkeyPatch, ago: int, named: int) -> None:
    many(101)
    now = NOON + ago * clock.DAY_MS
    monkeypatch.setattr(clock, "now", lambda: now)

    service._tidy()

    assert len([value for value, _ in read() if value != breakdown.OTHER]) == named
