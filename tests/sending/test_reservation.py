"""The row on disk is the log: reserved before DATA, settled after the reply, never lost, never over a limit."""

import contextlib
import multiprocessing
import os
import signal
import sqlite3
from datetime import UTC
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest

from core import clock, ids, tables
from core.accounts.access import access
from core.counting import headroom, limits, log
from core.sending.reservation import LEASE_MS, Held, Result, bounce, record, repair, reserve, settle
from tests.samples import GMAIL, another_account, envelope

SPAWN = multiprocessing.get_context("spawn")
LIMIT = 200
EACH = 90  # what each of two processes takes before they meet at the limit's edge


def on_disk(data_dir: Path, query: str) -> list[Any]:
    """What another connection reads."""
    with contextlib.closing(sqlite3.connect(data_dir / "mailgauge.db")) as other:
        return other.execute(query).fetchall()


def used() -> int:
    """Recipients that count against the limit now."""
    (state,) = headroom.states(access(), GMAIL, zone=UTC)
    return state.used


def outcome(send: int) -> str:
    """The outcome of a send and of its recipients, which must be one."""
    with access().read() as rows:
        whole = rows.first(rows.select(tables.sends).where(tables.sends.c.id == send)).outcome
        people = rows.all(rows.select(tables.recipients).where(tables.recipients.c.send_id == send))
    (only,) = {whole, *(person.outcome or whole for person in people)}
    return str(only)


def results(*outcomes: str) -> list[Result]:
    """What became of each recipient."""
    return [Result(each) for each in outcomes]


def test_a_reservation_is_on_disk_when_it_returns(data_dir: Path) -> None:
    send = reserve(access(), envelope(GMAIL, "to", "cc"))

    assert on_disk(data_dir, "SELECT id, outcome, to_count, cc_count FROM sends") == [(send, "reserved", 1, 1)]


def test_a_reservation_names_every_recipient(data_dir: Path) -> None:
    reserve(access(), envelope(GMAIL, "to", "bcc"))

    assert on_disk(data_dir, "SELECT position, kind, address FROM recipients ORDER BY position") == [
        (0, "to", "0@people.example"),
        (1, "bcc", "1@people.example"),
    ]


def test_two_processes_at_the_limits_edge_never_pass_it_and_lose_nothing() -> None:
    limits.own(access(), GMAIL, LIMIT)

    taken = side_by_side(2)

    assert sum(taken) == used() == LIMIT
    assert min(taken) >= EACH


def test_a_message_with_more_recipients_than_room_is_held_whole() -> None:
    limits.own(access(), GMAIL, 2)

    with pytest.raises(Held, match="0 of 2 recipients used"):
        reserve(access(), envelope(GMAIL, "to", "cc", "bcc"), hold=True)

    assert used() == 0


def test_without_hold_a_limit_is_only_counted() -> None:
    limits.own(access(), GMAIL, 1)

    reserve(access(), envelope(GMAIL, "to", "cc"))

    assert used() == 2


@pytest.mark.parametrize("end", ["accepted", "refused", "failed", "unknown"])
def test_a_reservation_ends_in_any_outcome(end: str) -> None:
    send = reserve(access(), envelope(GMAIL, "to", "cc"))

    settle(access(), send, results(end, end))

    assert outcome(send) == end


@pytest.mark.parametrize("end", ["accepted", "refused", "failed", "unknown"])
def test_settling_twice_the_same_way_changes_nothing(data_dir: Path, end: str) -> None:
    send = reserve(access(), envelope(GMAIL, "to", "cc"))
    settle(access(), send, results(end, end), "250 ok")
    before = everything(data_dir)

    settle(access(), send, results(end, end), "250 ok")

    assert everything(data_dir) == before


@pytest.mark.parametrize("end", ["accepted", "refused", "failed"])
def test_an_unknown_outcome_may_become_known(end: str) -> None:
    send = reserve(access(), envelope(GMAIL))
    settle(access(), send, results("unknown"))

    settle(access(), send, results(end))

    assert (outcome(send), used()) == (end, int(end == "accepted"))


@pytest.mark.parametrize(
    ("end", "back"),
    [
        ("accepted", "refused"),
        ("accepted", "unknown"),
        ("accepted", "reserved"),
        ("refused", "accepted"),
        ("failed", "accepted"),
        ("unknown", "reserved"),
    ],
)
def test_an_outcome_takes_no_step_back(data_dir: Path, end: str, back: str) -> None:
    send = reserve(access(), envelope(GMAIL))
    settle(access(), send, results(end))
    before = everything(data_dir)

    with pytest.raises(ValueError, match=f"a send that is {end} cannot become {back}"):
        settle(access(), send, results(back))

    assert everything(data_dir) == before


def test_a_send_is_accepted_as_soon_as_one_recipient_is(data_dir: Path) -> None:
    send = reserve(access(), envelope(GMAIL, "to", "cc"))

    settle(access(), send, [Result("refused", "550 no"), Result("accepted", "250 yes")])

    assert on_disk(data_dir, "SELECT outcome FROM sends") == [("accepted",)]
    assert {entry.recipient: (entry.outcome, entry.reply) for entry in log.find(access())} == {
        "0@people.example": ("refused", "550 no"),
        "1@people.example": ("accepted", "250 yes"),
    }


def test_a_send_that_was_refused_before_data_is_recorded_at_once() -> None:
    send = record(access(), envelope(GMAIL), results("refused"))

    assert (outcome(send), used()) == ("refused", 0)


def test_another_accounts_send_is_not_settled() -> None:
    send = reserve(access(), envelope(GMAIL))
    other = another_account()

    with pytest.raises((LookupError, AttributeError)):
        settle(other, send, results("failed"))

    assert outcome(send) == "reserved"


@pytest.mark.parametrize(("age", "end"), [(LEASE_MS - 1000, "reserved"), (LEASE_MS + 1, "unknown")])
def test_repair_marks_only_what_is_older_than_any_conversation(age: int, end: str) -> None:
    now = clock.now()
    send = reserve(access(), envelope(GMAIL, "to", "cc", at=now - age))

    repair(access(), now=now)

    assert outcome(send) == end


def test_repair_tells_how_many_sends_it_met() -> None:
    now = clock.now()
    for age in (0, 2, 3):
        reserve(access(), envelope(GMAIL, at=now - age * LEASE_MS))

    assert [repair(access(), now=now) for _ in range(2)] == [2, 0]


def test_what_repair_marks_still_counts() -> None:
    now = clock.now()
    reserve(access(), envelope(GMAIL, "to", "cc", at=now - 2 * LEASE_MS))

    repair(access(), now=now)

    assert used() == 2


@pytest.mark.parametrize("end", ["accepted", "refused", "failed"])
def test_repair_leaves_what_is_settled_alone(end: str) -> None:
    now = clock.now()
    send = reserve(access(), envelope(GMAIL, at=now - 2 * LEASE_MS))
    settle(access(), send, results(end))

    repair(access(), now=now)

    assert outcome(send) == end


def test_what_a_killed_process_reserved_still_counts() -> None:
    ours, theirs = SPAWN.Pipe(duplex=False)
    process = SPAWN.Process(target=reserve_and_wait, args=(theirs,))
    process.start()
    send = ours.recv()

    os.kill(process.pid or 0, signal.SIGKILL)
    process.join()

    assert (outcome(send), used()) == ("reserved", 1)


@pytest.mark.parametrize("end", ["accepted", "refused", "failed", "unknown"])
def test_only_what_was_accepted_can_come_back(end: str) -> None:
    send = reserve(access(), envelope(GMAIL, message_id="<1@shop.test>"))
    settle(access(), send, results(end))

    with access().write() as rows:
        came = bounce(rows, ids.digest("<1@shop.test>"), "0@people.example", "550 5.1.1 no such user")

    assert came == (end == "accepted")


def test_what_came_back_is_told_of_its_recipient_alone_and_once() -> None:
    send = reserve(access(), envelope(GMAIL, "to", "cc", message_id="<1@shop.test>"))
    settle(access(), send, results("accepted", "accepted"))

    with access().write() as rows:
        report = (ids.digest("<1@shop.test>"), "0@PEOPLE.example", "550 5.1.1 no such user")
        came = [bounce(rows, *report) for _ in range(2)]

    assert came == [True, False]
    assert {entry.recipient: entry.outcome for entry in log.find(access())} == {
        "0@people.example": "bounced",
        "1@people.example": "accepted",
    }
    assert used() == 2


def everything(data_dir: Path) -> list[Any]:
    """All rows that a send leaves."""
    return [on_disk(data_dir, f"SELECT * FROM {name}") for name in ("sends", "recipients", "send_quotas", "usage")]  # noqa: S608 - our own names


def side_by_side(count: int) -> list[int]:
    """How many recipients each of some processes reserves until it is held."""
    barrier, (ours, theirs) = SPAWN.Barrier(count), SPAWN.Pipe(duplex=False)
    processes = [SPAWN.Process(target=reserve_until_held, args=(barrier, theirs)) for _ in range(count)]
    for process in processes:
        process.start()
    theirs.close()  # a process that fails is then heard as the end of the pipe
    taken = [ours.recv() for _ in processes]
    for process in processes:
        process.join()
    return taken


def reserve_until_held(barrier: Barrier, told: Any) -> None:
    """What each of the processes does: its own share, then both race for the last places."""
    mine, taken = access(), EACH
    for _ in range(EACH):
        reserve(mine, envelope(GMAIL), hold=True)
    barrier.wait(60)
    with contextlib.suppress(Held):
        while True:
            reserve(mine, envelope(GMAIL), hold=True)
            taken += 1
    told.send(taken)


def reserve_and_wait(told: Any) -> None:
    """What the killed process does."""
    told.send(reserve(access(), envelope(GMAIL)))
    signal.pause()
