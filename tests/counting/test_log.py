"""The log of sends: found by what a person remembers, hidden where asked, forgotten in time."""

import dataclasses
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from core import clock, database, ids, tables
from core.accounts import account, setups
from core.accounts.access import Access, access
from core.accounts.form import address_problem
from core.clock import DAY_MS
from core.counting import headroom, limits, log
from core.counting.log import Entry, Wanted
from core.sending.reservation import Envelope, Recipient, Result, record, reserve
from tests.samples import GMAIL, SHOP, another_account, envelope

NOW = 1_800_000_000_000
OK = Result("accepted", "250 2.0.0 Ok")
UNKNOWN = Result("refused", "550 5.1.1 <bob@shop.example>: User Unknown")
FULL = Result("refused", "452 4.2.2 Mailbox is 100% full_up")


def send(address: str, result: Result = OK, *, mine: Access | None = None, **values: Any) -> int:
    """A send to one recipient, with its end; its identifier."""
    message = Envelope(SHOP, [Recipient(address)], "test", **values)
    return record(mine or access(), message, [result])


def found(**wanted: Any) -> list[str]:
    """The recipients of the entries that fit, in the order of the alphabet."""
    return sorted(entry.recipient for entry in log.find(access(), Wanted(**wanted)))


@pytest.fixture
def three() -> None:
    """One accepted recipient, and two that were refused for different reasons."""
    send("anna@people.example")
    send("bob@people.example", UNKNOWN)
    send("Chi@people.example", FULL)


@pytest.mark.usefixtures("three")
class TestSearch:
    """Each word must stand in the recipient or in the server's words."""

    @pytest.mark.parametrize(
        ("text", "people"),
        [
            ("anna", ["anna@people.example"]),
            ("ANNA@People", ["anna@people.example"]),
            ("chi@", ["Chi@people.example"]),
            ("@people.example", ["Chi@people.example", "anna@people.example", "bob@people.example"]),
            ("nobody", []),
        ],
    )
    def test_by_the_recipient(self, text: str, people: list[str]) -> None:
        assert found(text=text) == people

    @pytest.mark.parametrize("text", ["user unknown", "USER", "unknown user", "5.1.1", "  unknown\tuser "])
    def test_by_words_of_the_reply_in_any_case_and_order(self, text: str) -> None:
        assert found(text=text) == ["bob@people.example"]

    @pytest.mark.parametrize("text", ["bob 5.1.1", "5.1.1 people"])
    def test_by_recipient_and_reply_together(self, text: str) -> None:
        assert found(text=text) == ["bob@people.example"]

    @pytest.mark.parametrize(
        ("text", "people"),
        [
            ("100%", ["Chi@people.example"]),
            ("%", ["Chi@people.example"]),
            ("full_up", ["Chi@people.example"]),
            ("_", ["Chi@people.example"]),
            ("a%a", []),
            ("b_b", []),
            ("/", []),
            ("\\", []),
            ("'", []),
        ],
    )
    def test_every_sign_is_a_plain_letter(self, text: str, people: list[str]) -> None:
        assert found(text=text) == people

    @pytest.mark.parametrize("text", ["", "   ", "\t\n"])
    def test_blanks_alone_leave_nothing_out(self, text: str) -> None:
        assert len(found(text=text)) == 3

    @pytest.mark.parametrize(
        ("outcomes", "number"), [((), 3), (["accepted"], 1), (["refused"], 2), (["accepted", "refused"], 3), (["x"], 0)]
    )
    def test_by_outcome(self, outcomes: Sequence[str], number: int) -> None:
        assert len(found(outcomes=outcomes)) == number

    def test_by_setup(self) -> None:
        setup = setups.save(access(), SHOP)
        send("dora@people.example", setup=setup)

        assert found(setup=setup) == ["dora@people.example"]

    def test_by_everything_at_once(self) -> None:
        setup = setups.save(access(), SHOP)
        send("dora@people.example", UNKNOWN, setup=setup)
        send("dora@people.example", OK, setup=setup)

        assert found(setup=setup, outcomes=["refused"], text="dora unknown") == ["dora@people.example"]

    @pytest.mark.parametrize("text", ["", "people", "unknown", "nobody"])
    def test_the_count_is_the_number_of_what_is_found(self, text: str) -> None:
        assert log.count(access(), Wanted(text=text)) == len(found(text=text))


@pytest.mark.parametrize(
    ("stored", "text"),
    [("đặng@people.example", "ĐẶNG"), ("ĐẶNG@people.example", "đặng"), ("MÜLLER@people.example", "müller")],
)
def test_letters_beyond_ascii_are_found_in_any_case(stored: str, text: str) -> None:
    send(stored)

    assert found(text=text) == [stored]


def test_a_recipient_among_several_is_found_alone() -> None:
    message = Envelope(SHOP, [Recipient("anna@people.example"), Recipient("bob@people.example", "cc")], "test")
    record(access(), message, [OK, UNKNOWN])

    assert [(entry.kind, entry.outcome) for entry in log.find(access(), Wanted(text="bob"))] == [("cc", "refused")]


def test_the_newest_comes_first() -> None:
    for number, age in enumerate((5, 1, 3)):
        send(f"{number}@people.example", created_at=NOW - age)

    assert [NOW - entry.at for entry in log.find(access())] == [1, 3, 5]


def test_a_limit_leaves_the_newest() -> None:
    for number in range(5):
        send(f"{number}@people.example", created_at=NOW + number)

    assert [entry.recipient[0] for entry in log.find(access(), limit=2)] == ["4", "3"]


def test_a_send_under_way_is_an_entry() -> None:
    reserve(access(), envelope())

    assert [(entry.outcome, entry.reply) for entry in log.find(access())] == [("reserved", "")]


def test_a_removed_setup_leaves_its_sends_without_its_name() -> None:
    setup = setups.save(access(), SHOP)
    send("anna@people.example", setup=setup)

    setups.remove(access(), setup)

    assert [entry.setup for entry in log.find(access())] == [""]


@pytest.mark.parametrize(
    ("since", "until", "fitting"), [(NOW, NOW + 1, 1), (NOW - 9, NOW, 0), (NOW + 1, NOW + 9, 0), (NOW, None, 1)]
)
def test_a_span_holds_its_first_moment_and_not_its_last(since: int, until: int | None, fitting: int) -> None:
    send("anna@people.example", created_at=NOW)

    assert log.count(access(), Wanted(since=since, until=until)) == fitting


@pytest.mark.parametrize("wanted", [Wanted(), Wanted(text="people"), Wanted(outcomes=["refused"])], ids=str)
def test_every_entry_is_found_with_and_without_a_limit(wanted: Wanted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "PAGE", 3)
    for number in range(10):
        send(f"{number}@people.example", UNKNOWN if number % 3 else OK, created_at=NOW + number % 4)

    assert list(log.every(access(), wanted)) == log.find(access(), wanted, limit=1000)


def test_every_entry_is_of_one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "PAGE", 2)
    for number in range(6):
        send(f"{number}@people.example")

    entries = log.every(access(), Wanted())
    first = next(entries)
    send("late@people.example")

    assert "late@people.example" not in [entry.recipient for entry in (first, *entries)]


class TestOfAnotherAccount:
    """One account's entries are never another's."""

    @pytest.fixture(autouse=True)
    def other(self) -> Access:
        """The right to an account with a send of its own."""
        other = another_account()
        send("theirs@people.example", UNKNOWN, mine=other, created_at=NOW - 400 * DAY_MS)
        return other

    @pytest.mark.parametrize("wanted", [Wanted(), Wanted(text="theirs"), Wanted(outcomes=["refused"])], ids=str)
    def test_an_entry_is_not_found(self, wanted: Wanted) -> None:
        send("mine@people.example")

        assert "theirs@people.example" not in [entry.recipient for entry in log.find(access(), wanted)]

    def test_an_entry_is_not_counted(self) -> None:
        assert log.count(access(), Wanted()) == 0

    def test_an_entry_is_not_downloaded(self) -> None:
        assert list(log.every(access(), Wanted())) == []

    def test_an_entry_is_not_found_by_its_setup(self, other: Access) -> None:
        setup = setups.save(other, SHOP)
        send("theirs@people.example", mine=other, setup=setup)

        assert found(setup=setup) == []

    def test_an_entry_is_not_forgotten(self, other: Access) -> None:
        log.forget(access(), now=NOW)

        assert [entry.recipient for entry in log.find(other)] == ["theirs@people.example"]

    def test_an_entry_does_not_outlive_ours(self) -> None:
        assert log.outlived(access(), 1) == 0


LOCAL = st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), min_size=3, max_size=30)
ADDRESSES = st.builds("{}@c.example".format, LOCAL).filter(lambda text: address_problem("to", text) is None)
REPLIES = [
    "550 5.1.1 <{}>: Recipient address rejected: User unknown",
    "550 {} unknown",
    "550-5.1.1 {}\n550 5.1.1 The email account that you tried to reach does not exist",
    "553 sender '{}' not owned by user \"{}\"",
    "550 SPF fail smtp.mailfrom={}; header.from={}",
    "550 mailto:{} (to {}) [{}]",
    "250 Ok, {}",
]


class TestMasked:
    """Of an address its first letter and its domain are left."""

    @pytest.mark.parametrize("reply", REPLIES)
    @pytest.mark.parametrize("address", ["a.b@c.example", "anna.le+shop@c.example", "nguyễn@c.example"])
    def test_no_field_of_an_entry_holds_an_address(self, address: str, reply: str) -> None:
        entry = Entry(1, 1, address, "test", address, "to", address, "refused", reply.replace("{}", address))

        assert [value for value in dataclasses.astuple(entry.masked()) if address.partition("@")[0] in str(value)] == []

    @pytest.mark.parametrize("reply", REPLIES)
    def test_the_servers_other_words_stay(self, reply: str) -> None:
        hidden = log.mask(reply.replace("{}", "a.b@c.example"))

        assert hidden == reply.replace("{}", "a…@c.example")

    @pytest.mark.parametrize(
        "address",
        ["o'brien@c.example", "tom=jones@c.example", '"john.doe"@c.example', "tom(sales)@c.example", "x:y@c.example"],
    )
    def test_of_an_unusual_address_the_first_letter_is_left_as_well(self, address: str) -> None:
        entry = Entry(1, 1, "", "test", "", "to", address, "accepted", "")

        assert entry.masked().recipient in (f"{address[0]}…@c.example", "…@c.example")

    @given(ADDRESSES)
    def test_no_address_that_we_send_to_is_shown(self, address: str) -> None:
        entry = Entry(1, 1, "", "test", address, "to", address, "refused", f"550 <{address}>: unknown")

        shown = entry.masked()

        assert [text for text in (shown.recipient, shown.from_address, shown.reply) if address in text] == []

    def test_what_is_no_address_stays(self) -> None:
        entry = Entry(1, 1, "default", "test", "", "", "", "accepted", "250 2.0.0 Ok 1@2")

        assert dataclasses.replace(entry, reply="").masked() == dataclasses.replace(entry, reply="")


def aged(days: float, address: str = "anna@people.example", result: Result = UNKNOWN) -> int:
    """A send of so many days ago."""
    return send(address, result, created_at=NOW - round(days * DAY_MS))


def check(days: float, *, setup: int | None = None, closed: bool = True) -> int:
    """A check of so many days ago, with one step; its identifier."""
    made = clock.now() * 1000 + len(checks())
    at = NOW - round(days * DAY_MS)
    ended = at + 1000 if closed else None
    row = {"id": made, "setup_id": setup, "source": "page", "created_at": at, "closed_at": ended, "form": {}}
    with access().write() as rows:
        rows.insert(tables.checks, row)
        rows.insert(tables.steps, {"check_id": made, "position": 0, "document": {"reply": "550"}})
    return made


def checks() -> list[int]:
    """The checks that are kept."""
    with access().read() as rows:
        return [row.id for row in rows.all(rows.select(tables.checks, tables.checks.c.id).order_by(tables.checks.c.id))]


def everything(*these: Any) -> list[Any]:
    """Every row of these tables."""
    with database.read() as connection:
        return [sorted(map(tuple, connection.execute(select(table)))) for table in these]


class TestForgetting:
    """What is older than the account keeps it goes; the numbers stay."""

    def test_an_account_keeps_recipients_for_90_days(self) -> None:
        assert account.load(access()).retention_days == 90

    @pytest.mark.parametrize(("days", "kept"), [(0, 1), (89.999, 1), (90, 1), (90.001, 0), (4000, 0)])
    def test_a_recipient_goes_after_the_last_day(self, days: float, kept: int) -> None:
        aged(days)

        log.forget(access(), now=NOW)

        assert len(found(text="anna")) == kept

    def test_an_account_may_keep_them_shorter(self) -> None:
        aged(8)
        account.keep(access(), 7)

        log.forget(access(), now=NOW)

        assert found(text="anna") == []

    def test_the_servers_words_go_as_well(self) -> None:
        aged(91)

        log.forget(access(), now=NOW)

        assert [(entry.recipient, entry.reply) for entry in log.find(access())] == [("", "")]

    def test_what_is_forgotten_stands_nowhere_in_the_tables(self) -> None:
        aged(91, "forgotten@people.example", Result("refused", "550 forgotten too"))

        log.forget(access(), now=NOW)

        assert "forgotten" not in repr(everything(*tables.metadata.sorted_tables))

    def test_outcome_and_sender_stay(self) -> None:
        aged(91)

        log.forget(access(), now=NOW)

        assert [(entry.outcome, entry.from_address) for entry in log.find(access())] == [("refused", SHOP.from_address)]

    def test_the_numbers_stay(self) -> None:
        for days in (0, 50, 91, 400):
            aged(days, result=OK)
        counts = [column for column in tables.sends.c if column.name.endswith("_count")]
        numbers = select(tables.sends.c.id, *counts)
        before = everything(tables.usage, tables.send_quotas, numbers.subquery())

        log.forget(access(), now=NOW)

        assert everything(tables.usage, tables.send_quotas, numbers.subquery()) == before

    def test_nothing_younger_is_touched(self) -> None:
        aged(89)
        check(89)
        before = everything(*tables.metadata.sorted_tables)

        log.forget(access(), now=NOW)

        assert everything(*tables.metadata.sorted_tables) == before

    def test_it_says_how_many_recipients_went(self) -> None:
        for days in (1, 91, 92):
            aged(days)

        assert log.forget(access(), now=NOW) == 2

    def test_a_second_time_finds_nothing(self) -> None:
        aged(91)
        check(91)
        log.forget(access(), now=NOW)
        before = everything(*tables.metadata.sorted_tables)

        again = log.forget(access(), now=NOW)

        assert (again, everything(*tables.metadata.sorted_tables)) == (0, before)

    def test_old_checks_go_but_the_newest_of_each_setup(self) -> None:
        first, second = setups.save(access(), SHOP), setups.save(access(), GMAIL)
        made = [check(days, setup=setup) for setup in (first, second, None) for days in (300, 200)]

        log.forget(access(), now=NOW)

        assert checks() == made[1::2]

    def test_an_old_check_goes_with_its_steps(self) -> None:
        check(200)
        newest = check(100)

        log.forget(access(), now=NOW)

        assert [row[1] for row in everything(tables.steps)[0]] == [newest]

    def test_an_old_check_that_is_still_open_stays(self) -> None:
        still_open = check(200, closed=False)
        newest = check(100)

        log.forget(access(), now=NOW)

        assert checks() == [still_open, newest]

    @pytest.mark.parametrize("days", [1, 7, 30, 365])
    def test_what_is_foretold_is_what_then_goes(self, days: int) -> None:
        now = clock.now()
        for age in (0, 6, 8, 29, 31, 200, 366):
            send(f"{age}@people.example", created_at=now - age * DAY_MS - 1000)

        foretold = log.outlived(access(), days)
        account.keep(access(), days)

        assert log.forget(access()) == foretold > 0

    def test_looking_at_what_would_go_forgets_nothing(self) -> None:
        aged(91)

        log.outlived(access(), 1)

        assert found(text="anna") == ["anna@people.example"]

    def test_what_is_forgotten_still_counts_against_limits(self) -> None:
        account.keep(access(), 1)
        now = clock.now()
        send("anna@people.example", created_at=now - DAY_MS + 60_000)
        log.forget(access(), now=now + 2 * DAY_MS)

        with access().read() as rows:
            limit = limits.Limit("recipients", 10, "rolling 24h", "test")
            state = headroom.state(rows, SHOP, limit, zone=account.load(access()).zone, now=now)

        assert state.used == 1

    def test_it_is_gone_from_the_file_as_well(self, data_dir: Path) -> None:
        aged(91, "forgotten@people.example")

        log.forget(access(), now=NOW)
        database.close()

        with closing(sqlite3.connect(data_dir / "mailgauge.db")) as connection:
            kept = connection.execute("SELECT count(*) FROM recipients").fetchone()
        assert kept == (0,)


def test_an_account_that_is_gone_has_nothing_to_forget() -> None:
    assert log.forget(Access(12345)) == 0


def test_every_recipient_of_every_send_is_counted() -> None:
    reserve(access(), envelope(SHOP, "to", "cc", "bcc"))
    reserve(access(), envelope(SHOP, "to"))

    with access().read() as rows:
        stored = rows.first(rows.select(tables.recipients, func.count()))[0]

    assert log.count(access(), Wanted()) == stored == 4


def test_a_forgotten_send_is_known_when_it_is_read_again() -> None:
    number = send("anna@people.example", created_at=NOW, message_id="<7.anna@shop.example>")

    log.forget(access(), now=NOW + 91 * DAY_MS)

    with access().read() as rows:
        row = rows.first(rows.select(tables.sends).where(tables.sends.c.id == number))
    assert row.digest == ids.digest("<7.anna@shop.example>")


def test_a_refusal_without_a_word_does_not_borrow_the_words_of_those_who_were_taken() -> None:
    people = [Recipient("anna@people.example"), Recipient("binh@people.example")]
    record(access(), Envelope(SHOP, people, "test"), [Result("accepted", "250 OK"), Result("refused")])

    assert {entry.outcome: entry.reply for entry in log.find(access())} == {"accepted": "250 OK", "refused": ""}
