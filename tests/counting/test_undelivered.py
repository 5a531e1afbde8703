"""Who did not get mail: found by day, told by cause, taken away as a file."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core import clock, database, i18n, tables
from core.accounts import setups
from core.accounts.access import access
from core.counting import log, person, undelivered
from core.counting.undelivered import Group
from core.diagnosis import explain as engine
from core.sending.reservation import Envelope, Recipient, Result, record, repair, reserve
from tests.samples import GMAIL, SHOP, another_account

DAY = date(2026, 6, 15)
NOON = clock.stored(datetime(2026, 6, 15, 12, tzinfo=UTC))
SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")
NOBODY = "550-5.1.1 The email account that you tried to reach does not exist. {id}-gsmtp"
WORDS: dict[str, Any] = {"since": DAY, "until": DAY, "zone": UTC}


def send(outcome: str, reply: str = "", *, at: int = NOON, to: str = "ann@people.example", **values: Any) -> None:
    """A mail to one recipient, with its end."""
    message = Envelope(values.pop("form", SHOP), [Recipient(to)], "test", created_at=at, **values)
    record(access(), message, [Result(outcome, reply or None)])


def groups(language: str = "en") -> list[Group]:
    """The day's recipients by cause."""
    return undelivered.groups(undelivered.find(access(), **WORDS), language)


def sheet(*, masked: bool = False, language: str = "en") -> list[list[str]]:
    """The day's file as a program reads it."""
    content = undelivered.file(access(), language=language, masked=masked, **WORDS)
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(("outcome", "lost"), [("refused", 1), ("unknown", 1), ("failed", 1), ("accepted", 0)])
def test_who_was_not_served_is_found(outcome: str, lost: int) -> None:
    send(outcome)

    assert (len(undelivered.find(access(), **WORDS)), undelivered.count(access(), **WORDS)) == (lost, lost)


def test_a_mail_under_way_is_not_lost_yet() -> None:
    reserve(access(), Envelope(SHOP, [Recipient("ann@people.example")], "test", created_at=NOON))

    assert undelivered.count(access(), **WORDS) == 0


def test_a_mail_whose_process_ended_is() -> None:
    reserve(access(), Envelope(SHOP, [Recipient("ann@people.example")], "test", created_at=NOON))

    repair(access())

    assert undelivered.count(access(), **WORDS) == 1


def test_of_several_recipients_only_those_that_were_refused_are_told() -> None:
    people = [Recipient("ann@people.example"), Recipient("bob@people.example", "cc")]
    results = [Result("accepted", "250 OK"), Result("refused", "550 5.1.1 User unknown")]
    record(access(), Envelope(SHOP, people, "test", created_at=NOON), results)

    (lost,) = undelivered.find(access(), **WORDS)

    assert (lost.entry.recipient, lost.entry.reply) == ("bob@people.example", "550 5.1.1 User unknown")


@pytest.mark.parametrize(
    ("at", "found"),
    [("2026-06-14T16:59:59.999Z", 0), ("2026-06-14T17:00Z", 1), ("2026-06-15T16:59:59Z", 1), ("2026-06-15T17:00Z", 0)],
)
def test_a_day_is_the_accounts(at: str, found: int) -> None:
    send("refused", at=clock.stored(datetime.fromisoformat(at)))

    assert undelivered.count(access(), since=DAY, until=DAY, zone=SAIGON) == found


def test_a_range_holds_both_its_ends() -> None:
    for days in (-1, 0, 1, 2):
        send("refused", at=NOON + days * clock.DAY_MS)

    assert undelivered.count(access(), since=DAY, until=DAY + timedelta(days=1), zone=UTC) == 2


def test_the_newest_is_told_by_its_time() -> None:
    assert undelivered.newest(access()) is None
    send("refused")
    send("accepted", at=NOON + 1)

    assert undelivered.newest(access()) == NOON


def test_the_newest_is_one_whose_recipients_are_still_known() -> None:
    send("refused")

    log.forget(access(), now=NOON + 91 * clock.DAY_MS)

    assert undelivered.newest(access()) is None


def test_another_accounts_recipients_are_not_told() -> None:
    message = Envelope(SHOP, [Recipient("ann@people.example")], "test", created_at=NOON)
    record(another_account(), message, [Result("refused")])

    assert (undelivered.newest(access()), undelivered.count(access(), **WORDS)) == (None, 0)


def test_the_cause_of_the_most_comes_first() -> None:
    send("refused", "552 5.2.2 The recipient's mailbox is full")
    for number in range(3):
        send("refused", f"550 5.1.1 <n{number}@people.example>: User unknown", to=f"n{number}@people.example")

    assert [(group.cause, len(group.entries)) for group in groups()] == [
        ("recipient.unknown", 3),
        ("recipient.mailbox_full", 1),
    ]


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize(
    ("outcome", "reply", "cause"),
    [
        ("refused", "550 5.1.1 User unknown", "recipient.unknown"),
        ("refused", "550 Blorps gleeb no wugs on a Thursday", "unknown"),
        ("refused", "", ""),
        ("unknown", "", ""),
        ("failed", "", ""),
    ],
)
def test_each_cause_has_a_title_and_what_to_do(outcome: str, reply: str, cause: str, language: str) -> None:
    send(outcome, reply)

    (group,) = groups(language)

    assert (group.cause, bool(group.title), bool(group.fixes)) == (cause, True, True)


def test_what_no_rule_knows_is_not_guessed() -> None:
    send("refused", "550 Blorps gleeb no wugs on a Thursday")

    assert [group.cause for group in groups()] == ["unknown"]


def test_what_is_known_of_the_setup_decides_with_the_words() -> None:
    setup = setups.save(access(), GMAIL)
    send("refused", "550 5.4.5 Daily user sending limit exceeded. gsmtp", form=GMAIL, setup=setup)

    (lost,) = undelivered.find(access(), **WORDS)

    assert (lost.host, lost.port, lost.encryption) == ("smtp.gmail.com", 587, "starttls")
    assert [group.cause for group in groups()] == ["quota.daily_limit"]


@pytest.mark.parametrize(
    "reply", ["550 5.1.1 <{to}>: User unknown (in reply to RCPT)", NOBODY, "550 5.1.1 User unknown"]
)
def test_a_thousand_refusals_of_one_text_cost_one_explanation(monkeypatch: pytest.MonkeyPatch, reply: str) -> None:
    asked: list[str] = []
    explain = engine.explain
    monkeypatch.setattr(undelivered, "explain", lambda text, **words: asked.append(text) or explain(text, **words))
    undelivered._explained.cache_clear()
    people = [f"n{number}@d{number}.example" for number in range(1000)]
    results = [
        Result("refused", reply.format(to=to, id=f"d2e1a72fcca58-7ab9f{number:03}abc{number}d"))
        for number, to in enumerate(people)
    ]
    record(access(), Envelope(SHOP, [Recipient(to) for to in people], "test", created_at=NOON), results)

    found = [groups() for _ in range(2)]

    assert [[len(group.entries) for group in each] for each in found] == [[1000], [1000]]
    assert len(asked) == 1


def test_marks_of_a_provider_are_never_taken_for_an_identifier() -> None:
    for mark in ("[TSS04]", "[TSS11]", "AUP#1500", "AUP#1520", "(S3150)"):
        send("refused", f"550 5.7.1 {mark} Messages not accepted")

    assert len(undelivered._told(undelivered.find(access(), **WORDS))) == 5


def test_a_file_holds_the_cause_and_what_to_do() -> None:
    send("refused", "550 5.1.1 User unknown")

    header, line = sheet()

    assert header == ["Time", "Recipient", "Outcome", "Cause", "What to do", "Server's reply", "From", "Setup"]
    assert line[:3] == ["2026-06-15 12:00:00", "ann@people.example", "refused"]
    assert (line[3], line[4].startswith(groups()[0].fixes[0])) == (groups()[0].title, True)


def test_no_cell_of_a_file_is_run() -> None:
    send("refused", "=cmd()", to="=ann@people.example")

    assert (sheet()[1][1], sheet()[1][5]) == ("'=ann@people.example", "'=cmd()")


def test_addresses_are_hidden_where_asked() -> None:
    send("refused", "550 5.1.1 <ann@people.example> unknown")

    content = undelivered.file(access(), language="en", masked=True, **WORDS)

    assert b"ann@" not in content
    assert "…@people.example".encode() in content


@pytest.mark.parametrize("forget", ["in time", "by name"])
def test_who_was_forgotten_is_not_told(forget: str) -> None:
    send("refused", "550 5.1.1 <ann@people.example> unknown")
    if forget == "in time":
        log.forget(access(), now=NOON + 91 * clock.DAY_MS)
    else:
        person.delete(access(), "ann@people.example")

    assert b"ann@" not in undelivered.file(access(), language="en", masked=False, **WORDS)


@pytest.mark.parametrize("wanted", [log.Wanted(outcomes=["refused"]), None], ids=["the log's filter", "a day's"])
def test_the_few_are_found_by_their_index(wanted: log.Wanted | None) -> None:
    with access().read() as rows:
        query = log._query(rows, wanted) if wanted else undelivered._query(rows, DAY, DAY, UTC)
        sql = str(query.compile(rows.connection, compile_kwargs={"literal_binds": True}))
    with database.raw() as connection:
        plan = " ".join(str(row) for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}"))

    assert "ix_sends_undelivered" in plan


def test_a_count_of_many_ends_at_its_most() -> None:
    for _ in range(5):
        send("accepted")

    assert [log.count(access(), log.Wanted(), most=most) for most in (3, 9)] == [3, 5]


def test_the_index_is_the_same_in_a_database_that_was_migrated() -> None:
    with database.raw() as connection:
        (made,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'ix_sends_undelivered'").fetchone()

    assert "refused_count > 0 OR bounced_count > 0 OR outcome IN ('unknown', 'failed')" in made
    assert tables.sends.indexes
