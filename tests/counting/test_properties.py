"""Whatever happens to sends, what is counted is the sum over them, and counting anew changes nothing."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from core import clock, database, tables
from core.accounts import access as accounts
from core.accounts import account, providers
from core.accounts.access import Access
from core.accounts.form import Form
from core.counting import breakdown, log, person, quotas, recount
from core.sending import reservation
from core.sending.reservation import FOLLOWS, Envelope, Recipient, Result, record_all, repair, reserve, settle
from tests.counting import ledger
from tests.counting.ledger import WIDE, Sent
from tests.samples import SHOP, form

START = 1_772_953_200_000  # 2026-03-08T07:00Z: New York's clocks are set forward
ZONE = "America/New_York"
SHARED = Form("one@wide.example", "smtp.wide.example", 587, "starttls", "one@wide.example")
FORMS = (
    SHARED,
    form(SHARED, from_address="two@wide.example", username="two@wide.example"),
    SHOP,
    form(SHOP, mode="default"),
)
PEOPLE = [f"{name}@{domain}" for name in ("an", "ann", "Bob") for domain in ("people.example", "c.example")]
effort = settings(
    max_examples=18, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)

outcomes = st.sampled_from(["accepted", "refused", "failed", "unknown"])
addressed = st.lists(
    st.tuples(st.sampled_from(["to", "cc", "bcc", "other"]), st.sampled_from(PEOPLE), outcomes), min_size=1, max_size=4
)
moments = st.integers(START - 3 * clock.DAY_MS, START + 2 * clock.DAY_MS)
sent = st.tuples(st.sampled_from(["reserve", "record"]), st.integers(0, 1), st.sampled_from(FORMS), addressed, moments)
days = st.integers(0, 200)
acts = st.one_of(
    sent,
    sent,
    st.tuples(st.just("settle"), st.integers(0, 9), st.lists(outcomes, min_size=4, max_size=4)),
    st.tuples(st.just("repair"), days),
    st.tuples(st.just("forget"), st.sampled_from([0, 91, 92, 93, 94, 200])),
    st.tuples(st.just("keep"), st.sampled_from([30, 90, 365])),
    st.tuples(st.just("delete"), st.sampled_from(PEOPLE)),
    st.tuples(st.just("recount"), st.sampled_from([0, 91, 92, 93, 94, 200])),
    st.tuples(st.just("sample")),
)


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider that counts domains, too."""
    known = providers.catalogue() | {WIDE.id: WIDE}
    monkeypatch.setattr(providers, "catalogue", lambda: known)
    monkeypatch.setattr(providers, "by_host", providers.by_host.__wrapped__)  # its memory is of the true ones


@dataclass
class House:
    """Two accounts with the same log-ins, and what was sent, as it was asked for."""

    both: Sequence[Access]
    sent: list[Sent] = field(default_factory=list)
    recounted: int = 0  # figures that a recount found wrong

    def act(self, name: str, *values: Any) -> None:
        """One act of a sequence."""
        getattr(self, f"_{name}")(*values)

    def _reserve(self, *values: Any) -> None:
        made = self._send(*values, known=False)
        made.id = reserve(Access(made.account), self._envelope(made))

    def _record(self, *values: Any) -> None:
        made = self._send(*values, known=True)
        results = [Result(outcome) for outcome in made.outcomes]
        (made.id,) = record_all(Access(made.account), [(self._envelope(made), results)])

    def _send(self, number: int, chosen: Form, people: list[Any], at: int, *, known: bool) -> Sent:
        ends = [outcome if known else "reserved" for _, _, outcome in people]
        made = Sent(self.both[number].account_id, chosen, at, [person[:2] for person in people], ends, setup=number * 7)
        self.sent.append(made)
        return made

    def _envelope(self, made: Sent) -> Envelope:
        people = [Recipient(address, kind) for kind, address in made.people]
        return Envelope(made.form, people, made.source, setup=made.setup, created_at=made.at)

    def _settle(self, number: int, ends: list[str]) -> None:
        if number >= len(self.sent) or self.sent[number].forgotten:
            return
        chosen = self.sent[number]
        ends = ends[: len(chosen.people)]
        before, after = whole(chosen.outcomes), whole(ends)
        with contextlib.suppress(ValueError) if after not in FOLLOWS.get(before, set()) else contextlib.nullcontext():
            settle(Access(chosen.account), chosen.id, [Result(end) for end in ends], "250 an@people.example is known")
        if after in FOLLOWS.get(before, set()):
            chosen.outcomes = ends

    def _repair(self, later: int) -> None:
        now = START + later * clock.DAY_MS
        for mine in self.both:
            repair(mine, now=now)
        for each in self.sent:
            if each.outcomes[0] == "reserved" and each.at < now - reservation.LEASE_MS:
                each.outcomes = ["unknown"] * len(each.outcomes)

    def _forget(self, later: int) -> None:
        now = START + later * clock.DAY_MS
        for mine in self.both:
            log.forget(mine, now=now)
            before = now - account.load(mine).retention_days * clock.DAY_MS
            for each in self.sent:
                each.forgotten |= each.account == mine.account_id and each.at < before

    def _keep(self, kept: int) -> None:
        account.keep(self.both[0], kept)

    def _delete(self, address: str) -> None:
        person.delete(self.both[0], address)

    def _recount(self, later: int) -> None:
        self.recounted += sum(recount.recount(mine, now=START + later * clock.DAY_MS) for mine in self.both)

    def _sample(self) -> None:
        other = accounts.create(name="sample", sample=True)
        sent = Sent(other.account_id, SHARED, START, [("to", PEOPLE[0])], ["accepted"])
        record_all(other, [(self._envelope(sent), [Result("accepted")])])
        accounts.remove(other)


def whole(ends: Sequence[str]) -> str:
    """What a send is as a whole."""
    return next(name for name in ("reserved", "accepted", "unknown", "refused", "failed") if name in ends)


@contextlib.contextmanager
def house() -> Iterator[House]:
    """Two accounts without a send, gone at the end."""
    both = [accounts.create(name=name, timezone=ZONE) for name in ("house one", "house two")]
    try:
        yield House(both)
    finally:
        for mine in both:
            accounts.remove(mine)


def names() -> dict[int, str]:
    """The quotas that there are."""
    with database.read() as connection:
        return {row.id: row.key for row in connection.execute(select(tables.quotas))}


def stored() -> Counter[tuple[int, str, int, int, str]]:
    """Usage as the model has it."""
    known, found = names(), Counter[tuple[int, str, int, int, str]]()
    with database.read() as connection:
        for row in connection.execute(select(tables.usage)):
            for name in ("messages", "to", "cc", "bcc", "other", "refused"):
                found[row.account_id, known[row.quota_id], row.bucket, row.setup_id, name] += row._mapping[name]
    assert not [key for key, amount in found.items() if amount < 0]
    return +found


def booked() -> Counter[tuple[int, str, int, int]]:
    """What each send is booked with."""
    known = names()
    with database.read() as connection:
        rows = connection.execute(select(tables.send_quotas)).all()
    return +Counter(
        {(row.account_id, known[row.quota_id], row.send_id, row.created_at): row.recipients for row in rows}
    )


def broken_down(*, by_domain: bool) -> Counter[tuple[int, str, int, str, str]]:
    """Break-downs as the model has them; domains as sums alone, since a person's may have been deleted."""
    known, found = names(), Counter[tuple[int, str, int, str, str]]()
    with database.read() as connection:
        for row in connection.execute(select(tables.breakdown)):
            value = row.value if by_domain or row.dimension != "domain" else ""
            found[row.account_id, known[row.quota_id], row.day, row.dimension, value] += row.recipients
    return Counter({key: amount for key, amount in found.items() if amount})


def holds(here: House, *, by_domain: bool) -> None:
    """That what is counted is the sum over sends."""
    model = ledger.broken_down(here.sent, ZoneInfo(ZONE))
    if not by_domain:
        sums: Counter[tuple[int, str, int, str, str]] = Counter()
        for (*place, dimension, value), amount in model.items():
            sums[(*place, dimension, value if dimension != "domain" else "")] += amount  # type: ignore[index]
        model = sums
    assert stored() == ledger.usage(here.sent)
    assert broken_down(by_domain=by_domain) == model
    assert booked() == +Counter(
        {
            (each.account, key, each.id, each.at): len(each.charged())
            for each in here.sent
            for key in quotas.keys(each.form)
        }
    )


@effort
@given(sequence=st.lists(acts, min_size=1, max_size=9))
def test_what_is_counted_is_the_sum_over_sends(sequence: list[Any]) -> None:
    with house() as here:
        for act in sequence:
            here.act(*act)

        holds(here, by_domain="delete" not in [act[0] for act in sequence])
        assert here.recounted == 0


@effort
@given(sequence=st.lists(acts, min_size=1, max_size=9), later=st.sampled_from([0, 91, 94, 200]))
def test_counting_anew_changes_nothing(sequence: list[Any], later: int) -> None:
    with house() as here:
        for act in sequence:
            here.act(*act)
        before = rows()

        here.act("recount", later)

        assert rows() == before
        assert here.recounted == 0


def rows() -> list[Any]:
    """Everything that is counted."""
    with database.read() as connection:
        return [
            connection.execute(select(table)).all()
            for table in (tables.usage, tables.send_quotas, tables.breakdown, tables.sends, tables.recipients)
        ]


wrongs = st.lists(
    st.tuples(st.sampled_from(["usage", "send_quotas", "breakdown"]), st.sampled_from(["more", "gone", "strange"])),
    min_size=1,
    max_size=3,
)


@effort
@given(sequence=st.lists(sent, min_size=1, max_size=6), wrong=wrongs)
def test_counting_anew_mends_any_figure(sequence: list[Any], wrong: list[tuple[str, str]]) -> None:
    with house() as here:
        for act in sequence:
            here.act(*act)
        for table, how in wrong:
            tamper(table, how)

        here.act("recount", 0)

        holds(here, by_domain=True)
        assert sum(recount.recount(mine, now=START) for mine in here.both) == 0


def tamper(name: str, how: str) -> None:
    """Makes a table of counts wrong: its first row is another, or gone; or one is there that nobody counted."""
    table = tables.metadata.tables[name]
    with database.write() as connection:
        row = connection.execute(select(table).limit(1)).first()
        if row is None:
            return
        this = [column == row._mapping[column.name] for column in table.primary_key]
        counted = "to" if name == "usage" else "recipients"
        if how == "more":
            connection.execute(update(table).where(*this).values({counted: table.c[counted] + 3}))
        elif how == "gone" and name != "send_quotas":  # a send without its quotas cannot be told from one of none
            connection.execute(delete(table).where(*this))
        elif how == "strange" and name != "send_quotas":
            other = {"setup_id": 99} if name == "usage" else {"value": "strange.example"}
            connection.execute(table.insert().prefix_with("OR IGNORE").values({**row._mapping, **other}))


def test_a_send_that_lost_its_quota_is_told_by_no_figure_of_usage() -> None:
    with house() as here:
        here.act("record", 0, SHOP, [("to", PEOPLE[0], "accepted")], START)
        with database.write() as connection:
            connection.execute(delete(tables.send_quotas))

        here.act("recount", 0)

        assert stored() == Counter()


def test_recipients_that_were_forgotten_keep_their_break_downs_when_more_are_to_be_kept() -> None:
    with house() as here:
        here.act("record", 0, SHOP, [("to", PEOPLE[0], "accepted")], START)
        here.act("forget", 91)
        here.act("keep", 365)

        here.act("recount", 92)

        holds(here, by_domain=True)


def test_break_downs_add_up_when_they_are_folded_and_a_send_ends_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breakdown, "NAMED", 1)
    with house() as here:
        for at in (START, START + 1):
            here.act("reserve", 0, SHOP, [("to", address, "") for address in PEOPLE], at)
        breakdown.fold(here.both[0], before=clock.local(START + 3 * clock.DAY_MS).date())

        here.act("settle", 0, ["refused"] * len(PEOPLE))

        holds(here, by_domain=False)
        assert sum(recount.recount(mine, now=START) for mine in here.both) == 0
