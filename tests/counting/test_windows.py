"""What is used, and when it is free again, beside a count by hand: in every window, unit, scope and odd day."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import clock, ids
from core.accounts import providers
from core.accounts.access import Access, access
from core.accounts.form import Form
from core.accounts.providers import Limit
from core.counting import elsewhere, headroom, limits, windows
from core.counting.headroom import State
from core.sending.reservation import Envelope, Recipient, Result, record_all
from tests.counting import ledger
from tests.counting.ledger import WIDE, Sent
from tests.samples import SHOP, another_account, form

ZONES = {  # a moment near which something odd happens there
    "UTC": "2026-06-15T00:00Z",
    "Asia/Ho_Chi_Minh": "2026-06-30T17:00Z",
    "Asia/Kathmandu": "2026-06-14T18:15Z",
    "America/New_York spring": "2026-03-08T07:00Z",  # 23 hours
    "America/New_York autumn": "2026-11-01T06:00Z",  # 25 hours
    "Australia/Lord_Howe spring": "2026-10-03T15:30Z",  # 23.5 hours
    "Australia/Lord_Howe autumn": "2026-04-04T15:00Z",  # 24.5 hours
    "Africa/Cairo": "2026-04-23T22:00Z",  # there is no midnight
    "America/Havana spring": "2026-03-08T05:00Z",  # nor here
    "America/Havana autumn": "2026-11-01T05:00Z",  # midnight comes twice
    "Asia/Beirut": "2026-10-24T21:00Z",  # 23 o'clock comes twice
}
UNITS = sorted(limits.UNITS)
ODD = st.sampled_from(sorted(ZONES))
SCOPES = pytest.mark.parametrize("scope", ["login", "account", "domain"])
EDGES = (0, 1, -1, 999, 1000, 59_999, 60_000, 30_000)
LENGTHS = (*windows.SLIDING.values(), 0, 3_600_000, 1_800_000, 23 * 3_600_000, 25 * 3_600_000)
effort = settings(
    max_examples=14,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)

near = st.builds(
    lambda length, edge, sign: sign * length + edge, st.sampled_from(LENGTHS), st.sampled_from(EDGES), st.just(-1)
)
far = st.integers(-40 * clock.DAY_MS, 2 * 3_600_000)  # a clock that was set back leaves sends of times to come
ages = st.one_of(near, near, far)
people = st.lists(
    st.tuples(
        st.sampled_from(["to", "cc", "bcc", "other"]),
        st.sampled_from(["a@people.example", "A@people.example", "b@shop.example", "b@SHOP.example", "c@c.example"]),
    ),
    min_size=1,
    max_size=3,
)
unseen = st.lists(
    st.tuples(ages, st.sampled_from(elsewhere.KINDS), st.sampled_from(UNITS), st.integers(1, 40)), max_size=2
)
units = st.lists(st.sampled_from(UNITS), min_size=1, max_size=2, unique=True)
sends = st.lists(
    st.tuples(ages, people, st.integers(0, 5), st.sampled_from(["accepted", "refused", "mixed"])), max_size=6
)


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider that counts domains, too."""
    known = providers.catalogue() | {WIDE.id: WIDE}
    monkeypatch.setattr(providers, "catalogue", lambda: known)
    monkeypatch.setattr(providers, "by_host", providers.by_host.__wrapped__)  # its memory is of the true ones


@pytest.fixture
def both() -> tuple[Access, Access]:
    """The own account, and one that shares its log-ins."""
    return access(), another_account()


def forms() -> tuple[Form, Form, Form]:
    """Two log-ins of a domain at a provider that counts domains, and one elsewhere; no test before knew them."""
    name = f"n{ids.new()}"
    shared = Form(f"one@{name}.example", "smtp.wide.example", 587, "starttls", f"one@{name}.example")
    return (
        shared,
        form(shared, from_address=f"two@{name}.example", username=f"two@{name}.example"),
        form(SHOP, username=name),
    )


def log(both: Sequence[Access], chosen: Sequence[Form], now: int, mix: Sequence[Any]) -> list[Sent]:
    """Sends by either account with any of the forms, written and as the model has them."""
    made = []
    for age, addressed, number, outcome in mix:
        outcomes = [outcome] * len(addressed) if outcome != "mixed" else ["accepted", "refused", "unknown"]
        mine = both[number % 2]
        made.append(Sent(mine.account_id, chosen[number % 3], now + age, addressed, outcomes[: len(addressed)]))
    for mine in both:
        record_all(mine, [_written(sent) for sent in made if sent.account == mine.account_id])
    return made


def add(both: Sequence[Access], chosen: Form, now: int, beside: Sequence[Any]) -> None:
    """Volume sent elsewhere, told by the two accounts in turn."""
    for number, (age, kind, unit, amount) in enumerate(beside):
        elsewhere.add(both[number % 2], chosen, amount, kind=kind, unit=unit, at=now + age)


def seen_elsewhere(beside: Sequence[Any], limit: Limit, now: int, zone: ZoneInfo) -> int:
    """The same, counted by hand."""
    mine = beside[:1] if limit.scope == "account" else beside
    first = ledger.begin(limit.window, now, zone)
    days = {"month": clock.local(now, zone).day, "day": 1.0, "hour": 1 / 24}
    often = days.get(limit.window) or windows.SLIDING[limit.window] / clock.DAY_MS
    amounts = [
        math.ceil(amount * often) if kind == elsewhere.DAILY else amount * (now + age >= first)
        for age, kind, unit, amount in mine
        if unit == limit.unit
    ]
    return sum(amounts)


def _written(sent: Sent) -> tuple[Envelope, list[Result]]:
    addressed = [Recipient(address, kind) for kind, address in sent.people]
    message = Envelope(sent.form, addressed, sent.source, created_at=sent.at)
    return message, [Result(outcome) for outcome in sent.outcomes]


def state(mine: Access, chosen: Form, limit: Limit, now: int, zone: ZoneInfo) -> State:
    """A limit at a moment."""
    with mine.read() as rows:
        return headroom.state(rows, chosen, limit, zone=zone, now=now)


def every_limit(scope: str, units: Sequence[str]) -> Iterator[Limit]:
    """A limit of each window that adds up, and of these units."""
    for window in (*windows.SLIDING, *windows.CALENDAR):
        for unit in units:
            yield Limit(unit, 10, window, "test", scope)


@dataclass(frozen=True)
class Scene:
    """A place, how many milliseconds its clock is from an odd moment there, and what was sent."""

    odd: str
    ms: int
    mix: list[Any]
    beside: list[Any]
    units: list[str]

    @property
    def zone(self) -> ZoneInfo:
        """The account's."""
        return ZoneInfo(self.odd.partition(" ")[0])

    @property
    def now(self) -> int:
        """The moment of the question."""
        return clock.stored(datetime.fromisoformat(ZONES[self.odd])) + self.ms


moments = st.builds(lambda m, ms: 60_000 * m + ms, st.integers(-1600, 1600), st.sampled_from([0, 0, 1, -1, 500]))
scenes = st.builds(Scene, ODD, moments, sends, unseen, units)


@effort
@given(scene=scenes)
@SCOPES
def test_what_is_used_is_a_count_over_the_log(both: tuple[Access, Access], scope: str, scene: Scene) -> None:
    chosen, zone, now = forms(), scene.zone, scene.now
    made = log(both, chosen, now, scene.mix)
    add(both, chosen[0], now, scene.beside)

    for limit in every_limit(scope, scene.units):
        if limit.window == "hour" and "Lord_Howe" in scene.odd:
            continue  # what an hour is there, when the clock is set by half of one, is anybody's guess
        found = state(both[0], chosen[0], limit, now, zone)
        by_hand = ledger.used(made, Sent(both[0].account_id, chosen[0], now, [], []), limit, zone)
        assert found.used - found.elsewhere == by_hand, limit
        assert found.elsewhere == seen_elsewhere(scene.beside, limit, now, zone), limit


@effort
@given(scene=scenes)
@SCOPES
def test_what_it_says_will_be_free_is_free_then_and_not_before(
    both: tuple[Access, Access], scope: str, scene: Scene
) -> None:
    chosen, zone, now = forms(), scene.zone, scene.now
    log(both, chosen, now, scene.mix)
    add(both, chosen[0], now, [entry for entry in scene.beside if entry[1] != elsewhere.DAILY])

    for limit in every_limit(scope, scene.units):
        frees(both[0], chosen[0], limit, now, zone)


def frees(mine: Access, chosen: Form, limit: Limit, now: int, zone: ZoneInfo) -> None:
    """That a state's promises come true, if nothing more is sent."""
    found = state(mine, chosen, limit, now, zone)
    if found.frees_at is None or found.free_by is None:
        assert (found.used, found.frees) == (0, 0)
        return
    at, by = clock.stored(found.frees_at), clock.stored(found.free_by)
    assert at > now, limit
    assert state(mine, chosen, limit, at - 1, zone).used == found.used, limit
    assert state(mine, chosen, limit, at, zone).used < found.used, limit
    assert found.frees == found.used - state(mine, chosen, limit, by, zone).used, limit
    assert 0 <= by - at < 60_000
    assert by % 60_000 == 0


@pytest.mark.parametrize(
    ("window", "zone", "now", "begins", "ends"),
    [
        ("day", "America/New_York", "2026-03-08T12:00-04:00", "2026-03-08T00:00-05:00", "2026-03-09T00:00-04:00"),
        ("day", "America/New_York", "2026-11-01T12:00-05:00", "2026-11-01T00:00-04:00", "2026-11-02T00:00-05:00"),
        ("day", "Africa/Cairo", "2026-04-24T12:00+03:00", "2026-04-24T01:00+03:00", "2026-04-25T00:00+03:00"),
        ("day", "America/Havana", "2026-03-07T12:00-05:00", "2026-03-07T00:00-05:00", "2026-03-08T01:00-04:00"),
        ("day", "Asia/Kathmandu", "2026-06-15T12:00+05:45", "2026-06-15T00:00+05:45", "2026-06-16T00:00+05:45"),
        ("month", "Asia/Kathmandu", "2026-02-15T12:00+05:45", "2026-02-01T00:00+05:45", "2026-03-01T00:00+05:45"),
        ("month", "Europe/Berlin", "2026-12-31T23:59+01:00", "2026-12-01T00:00+01:00", "2027-01-01T00:00+01:00"),
        ("hour", "Asia/Kathmandu", "2026-06-15T12:10+05:45", "2026-06-15T12:00+05:45", "2026-06-15T13:00+05:45"),
        ("hour", "America/New_York", "2026-11-01T01:30-05:00", "2026-11-01T01:00-05:00", "2026-11-01T02:00-05:00"),
    ],
)  # fmt: skip
def test_a_window_begins_and_ends_where_its_clock_says(
    window: str, zone: str, now: str, begins: str, ends: str
) -> None:
    at, first = (clock.stored(datetime.fromisoformat(text)) for text in (now, begins))

    since = windows.start(window, at, ZoneInfo(zone))
    end = windows.leaves(window, first, at, ZoneInfo(zone))

    assert (since + 1, end) == (first, datetime.fromisoformat(ends))


def test_a_window_that_ends_where_there_is_no_midnight_is_told_by_a_time_that_there_is() -> None:
    havana = ZoneInfo("America/Havana")
    now = clock.stored(datetime(2026, 3, 7, 12, tzinfo=havana))

    assert str(windows.leaves("day", now, now, havana)) == "2026-03-08 01:00:00-04:00"


def test_something_that_is_free_when_the_clock_goes_back_is_told_in_the_same_minute() -> None:
    new_york = ZoneInfo("America/New_York")
    found = State(Limit("recipients", 1, "rolling 24h", "test"), 1, datetime(2026, 11, 1, 1, 59, 30, tzinfo=new_york))

    assert str(found.free_by) == "2026-11-01 01:00:00-05:00"
