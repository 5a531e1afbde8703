"""One person's data: handed over whole, deleted whole, and nobody else's with it."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from core import clock, database, ids, tables
from core.accounts.access import Access, access
from core.counting import breakdown, log, person, quotas, usage
from core.counting.person import Stored
from core.sending.reservation import Envelope, Recipient, Result, record, reserve, settle
from core.told import Told
from tests.samples import SHOP, another_account

ANN = "ann.lee@people.example"
NOON = clock.stored(datetime(2026, 6, 15, 12, tzinfo=UTC))
OK = Result("accepted", "250 2.0.0 Ok")


def send(*addresses: str, mine: Access | None = None, results: list[Result] | None = None, **values: Any) -> int:
    """A send with its end; its identifier."""
    message = Envelope(SHOP, [Recipient(each) for each in addresses], "test", created_at=NOON, **values)
    return record(mine or access(), message, results or [OK] * len(addresses))


def check(*, to: str = ANN, said: str = "250 OK", closed: bool = True, at: int = NOON) -> int:
    """A test mail to the person, or one whose server named it."""
    made = ids.new()
    with access().write() as rows:
        form = {"from_address": SHOP.from_address, "to": to}
        ended = {"closed_at": at, "verdict": "works", "result": {}} if closed else {}
        rows.insert(tables.checks, {"id": made, "source": "page", "created_at": at, "form": form} | ended)
        rows.insert(tables.steps, {"check_id": made, "position": 0, "document": {"reply": said}})
    return made


def bytes_of_the_database(data_dir: Path) -> bytes:
    """What anybody who has the file can read."""
    with database.raw() as connection:
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return (data_dir / "mailgauge.db").read_bytes()


def quoting(address: str) -> Callable[[], object]:
    """A send to somebody else whose server names an address."""
    return lambda: send("bob@c.example", results=[Result("refused", f"550 <{address}>: gone, and {address} too")])


EVERYWHERE = {
    "a recipient": (lambda: send(ANN), Stored(1, 0, 0)),
    "a recipient in capitals": (lambda: send(ANN.upper()), Stored(1, 0, 0)),
    "twice in one mail": (lambda: send(ANN, "bob@c.example", ANN), Stored(2, 0, 0)),
    "a reply": (quoting(ANN), Stored(0, 1, 0)),
    "a reply to one of several": (
        lambda: send("bob@c.example", "c@c.example", results=[OK, Result("refused", f"550 {ANN} unknown")]),
        Stored(0, 1, 0),
    ),
    "a Message-ID": (lambda: send("bob@c.example", message_id=f"<1.{ANN}>"), Stored(0, 0, 0)),
    "a test's form": (check, Stored(0, 0, 1)),
    "a test's step": (lambda: check(to="bob@c.example", said=f"550 <{ANN}> unknown"), Stored(0, 0, 1)),
    "a test that never ended": (lambda: check(closed=False), Stored(0, 0, 1)),
}


@pytest.mark.parametrize("place", EVERYWHERE)
def test_what_is_stored_is_told_before_it_goes(place: str) -> None:
    make, found = EVERYWHERE[place]
    make()

    assert person.preview(access(), ANN) == found


@pytest.mark.parametrize("place", EVERYWHERE)
def test_what_is_deleted_is_nowhere_in_the_database(data_dir: Path, place: str) -> None:
    make, found = EVERYWHERE[place]
    make()

    assert person.delete(access(), f" {ANN.title()} ") == found
    assert b"ann.lee" not in bytes_of_the_database(data_dir).lower()
    assert person.preview(access(), ANN).total == 0


@pytest.mark.parametrize("place", EVERYWHERE)
def test_what_is_handed_over_names_every_piece(place: str) -> None:
    make, found = EVERYWHERE[place]
    make()

    document = json.loads(json.dumps(person.document(access(), ANN)))
    lines = list(csv.reader(io.StringIO(person.export(access(), ANN).decode("utf-8-sig"), newline="")))

    names = ("recipients", "replies", "checks")
    assert Stored(*(len(document[name]) for name in names)) == found
    assert [line[0] for line in lines[1:]] == [name for name in names for _ in range(getattr(found, name))]


@pytest.mark.parametrize(
    "other",
    [
        "joann.lee@people.example",
        "x.ann.lee@people.example",
        "ann.lee@people.example.org",
        "ann.lee@people.example-shop.example",
        "annxlee@people.example",
        "ann.lee+x@people.example",
    ],
)
def test_somebody_with_a_like_address_keeps_everything(other: str) -> None:
    send(other, message_id=f"<{ids.new()}@shop.example>")
    quoting(other)()
    check(to=other)
    before = person.document(access(), other)

    assert person.delete(access(), ANN).total == 0
    assert person.document(access(), other) == before


def test_another_accounts_rows_are_not_touched() -> None:
    other = another_account()
    send(ANN, mine=other)

    assert person.delete(access(), ANN).total == 0
    assert person.preview(other, ANN).recipients == 1


def test_what_was_counted_stays() -> None:
    send(ANN, "bob@c.example")
    quota = quotas.of(access(), SHOP)
    words = {"quota": quota, "since": date(2026, 6, 15), "until": date(2026, 6, 15)}
    before = usage.daily(access(), zone=UTC, **words)

    person.delete(access(), ANN)

    assert usage.daily(access(), zone=UTC, **words) == before
    assert breakdown.read(access(), dimension="domain", **words) == [("", 1), ("c.example", 1)]


def test_the_log_tells_that_there_was_somebody() -> None:
    send(ANN)

    person.delete(access(), ANN)

    assert [(entry.recipient, entry.outcome) for entry in log.find(access())] == [("", "accepted")]


def test_a_mail_that_is_under_way_can_still_end() -> None:
    message = Envelope(SHOP, [Recipient(ANN), Recipient("bob@c.example")], "test", created_at=NOON)
    number = reserve(access(), message)

    person.delete(access(), ANN)
    settle(access(), number, [Result("refused"), Result("accepted")])

    words = {"quota": quotas.of(access(), SHOP), "since": date(2026, 6, 15), "until": date(2026, 6, 15)}
    assert breakdown.read(access(), dimension="domain", **words) == [("c.example", 1)]


def test_a_test_that_runs_is_left_to_its_end() -> None:
    check(closed=False, at=clock.now())

    assert person.preview(access(), ANN).total == 0


def test_the_rest_of_a_reply_stays() -> None:
    quoting(ANN)()

    person.delete(access(), ANN)

    assert log.find(access())[0].reply == "550 <…>: gone, and … too"


def test_a_message_that_is_read_again_is_still_known() -> None:
    message_id = f"<1.{ANN}>"
    number = send("bob@c.example", message_id=message_id)

    person.delete(access(), ANN)

    with access().read() as rows:
        row = rows.first(rows.select(tables.sends).where(tables.sends.c.id == number))
    assert row.digest == ids.digest(message_id)


def test_a_reply_that_looks_like_a_formula_is_text_in_the_file() -> None:
    send(ANN, results=[Result("refused", "=cmd()")])

    assert b"'=cmd()" in person.export(access(), ANN)


@pytest.mark.parametrize(
    "text", ["", "  ", "ann", "ann@", "@people.example", "ann @people.example", "%@people.example,"]
)
def test_what_is_no_address_is_told(text: str) -> None:
    with pytest.raises(Told):
        person.preview(access(), text)
