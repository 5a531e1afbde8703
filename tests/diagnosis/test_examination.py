"""A check against servers that misbehave: what it comes to, and what is booked of it."""

import asyncio
import contextlib
import socketserver
import sqlite3
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dns.message
import dns.rrset
import pytest

from core import database, ids, sqlite, tables
from core.accounts import form as forms
from core.accounts.access import access
from core.diagnosis import booking, causes, checks, letter
from core.diagnosis.checks import Check
from core.diagnosis.drill import Drill
from core.diagnosis.examination import Examination
from core.diagnosis.journal import Journal
from core.diagnosis.terms import Terms
from core.diagnosis.verdict import Verdict
from tests import player

OPEN = """\
! form username=
S: 220 mail.example ESMTP
C: EHLO *
S: 250 mail.example
"""
ENVELOPE = (
    OPEN
    + """\
C: MAIL FROM:*
S: 250 2.1.0 Ok
C: RCPT TO:*
S: 250 2.1.5 Ok
"""
)
READY = (
    ENVELOPE
    + """\
C: DATA
S: 354 Go on
"""
)
LOGIN = """\
S: 220 mail.example ESMTP
C: EHLO *
S: 250-mail.example
S: 250 AUTH PLAIN LOGIN
"""
TERMS = Terms(connect=1, stage=2, whole=10, final=0.4)

Play = Callable[[str], Drill]


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    """Plays dialogues until the test ends."""
    with contextlib.ExitStack() as stack:

        def start(script: str) -> Drill:
            path = tmp_path / "dialogue.txt"
            path.write_text(script, encoding="utf8")
            return stack.enter_context(player.play(path))

        yield start


def prepared(server: Drill, *, began: bool = True, **terms: Any) -> Examination:
    """A check of a server that writes itself into the database."""
    form, problems = forms.parse(server.form)
    assert form, problems
    mail = letter.write(form, to=server.form["to"])
    journal = Journal(ids.new(), form, mail, access=access())
    if began:
        journal.open().result()
    wanted = Terms(**{name: getattr(TERMS, name) for name in TERMS.__slots__} | {"ca_file": server.ca} | terms)
    return Examination(journal, wanted, causes.catalogue)


def examine(server: Drill, **terms: Any) -> Examination:
    """The same, run to its end."""
    examination = prepared(server, **terms)
    asyncio.run(examination.run())
    return examination


def sends() -> list[tuple[str, int]]:
    """Each send's outcome and how many recipients it counts."""
    with access().read() as rows:
        return [(row.outcome, row.to_count) for row in rows.all(rows.select(tables.sends))]


def ending(examination: Examination) -> tuple[str, str | None, str]:
    """Verdict, stage, and whether it may be tried again."""
    verdict: Verdict = examination.verdict
    return verdict.verdict, verdict.stage, verdict.retry


class TestAfterTheFinalDot:
    """Nobody knows what became of a message whose last reply never came."""

    ENDS = pytest.mark.parametrize("end", ["! stall", "! drop", "S: I beg your pardon?"])

    @ENDS
    def test_the_verdict_is_that_nobody_knows(self, play: Play, end: str) -> None:
        examination = examine(play(f"{READY}C: <message>\n{end}\n"))

        assert ending(examination) == ("unknown", "data", "unsafe")

    def test_the_wait_for_it_has_a_clock_of_its_own(self, play: Play) -> None:
        server = play(f"{READY}C: <message>\n! pause 1.2\nS: 250 2.0.0 Queued\n")

        examination = examine(server, whole=1, stage=0.5, final=5)

        assert examination.verdict.verdict == "works"

    @ENDS
    def test_the_send_is_unknown_and_counted(self, play: Play, end: str) -> None:
        examine(play(f"{READY}C: <message>\n{end}\n"))

        assert sends() == [("unknown", 1)]

    def test_a_server_that_goes_away_before_the_dot_leaves_it_unknown(self, play: Play) -> None:
        examine(play(f"{READY}! drop\n"))

        assert sends() == [("unknown", 1)]

    @pytest.mark.parametrize(
        ("reply", "send"),
        [("250 2.0.0 Queued", ("accepted", 1)), ("550 5.7.1 No", ("refused", 0)), ("451 4.3.0 Later", ("refused", 0))],
    )
    def test_a_reply_settles_it(self, play: Play, reply: str, send: tuple[str, int]) -> None:
        examine(play(f"{READY}C: <message>\nS: {reply}\n"))

        assert sends() == [send]

    def test_a_server_that_hangs_up_without_goodbye_took_it(self, play: Play) -> None:
        examination = examine(play(f"{READY}C: <message>\nS: 250 2.0.0 Queued\n! drop\n"))

        assert examination.verdict.verdict == "works"


class TestBeforeTheMessage:
    """Where DATA was not answered with 354, no message left."""

    @pytest.mark.parametrize("end", ["! drop", "! stall"])
    def test_a_server_that_goes_away_took_nothing(self, play: Play, end: str) -> None:
        examine(play(f"{ENVELOPE}C: DATA\n{end}\n"), stage=0.4)

        assert sends() == [("failed", 0)]

    @pytest.mark.parametrize("end", ["! drop", "! stall"])
    @pytest.mark.parametrize("script", [OPEN, ENVELOPE, f"{ENVELOPE}C: DATA\n"], ids=["MAIL", "DATA", "354"])
    def test_what_left_no_message_is_not_called_unsafe_to_repeat(self, play: Play, script: str, end: str) -> None:
        examination = examine(play(f"{script}{end}\n"), stage=0.4)

        assert examination.verdict.retry != "unsafe"

    def test_data_that_is_answered_like_any_command_does_not_work(self, play: Play) -> None:
        examination = examine(play(f"{ENVELOPE}C: DATA\nS: 250 Ok\n"))

        assert examination.verdict.verdict != "works"

    def test_a_refused_recipient_is_booked_as_refused(self, play: Play) -> None:
        examine(play(ENVELOPE.replace("250 2.1.5 Ok", "550 5.1.1 Unknown")))

        assert sends() == [("refused", 0)]

    def test_without_sending_nothing_is_booked(self, play: Play) -> None:
        examination = examine(play(ENVELOPE), send=False)

        assert (examination.verdict.state, sends()) == ("works_dry", [])


TOGETHER = (
    OPEN.replace("S: 250 mail.example", "S: 250-mail.example\nS: 250 PIPELINING")
    + """\
C: MAIL FROM:*
C: RCPT TO:*
C: DATA
"""
)


class TestTheEnvelopeAndDataAtOnce:
    """Where a server takes commands together, DATA goes out with the envelope (RFC 2920)."""

    @pytest.fixture(autouse=True)
    def patient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A slow disk of the tests' machine is waited for."""
        monkeypatch.setattr(booking, "SOON", 30)

    TAKEN = f"{TOGETHER}S: 250 2.1.0 Ok\nS: 250 2.1.5 Ok\nS: 354 Go on\n"
    UNKNOWN = "S: 250 2.1.0 Ok\nS: 550 5.1.1 User unknown\n"
    REFUSED = pytest.mark.parametrize(
        ("replies", "cause"),
        [
            (UNKNOWN, "recipient.unknown"),
            ("S: 553 5.7.1 Sender address rejected: not owned by user\nS: 503 5.5.1 Need MAIL\n", "sender.not_owned"),
        ],
        ids=["recipient", "sender"],
    )

    def test_it_works(self, play: Play) -> None:
        server = play(f"{self.TAKEN}C: <message>\nS: 250 2.0.0 Queued\n")

        examination = examine(server)

        assert (examination.verdict.state, sends(), server.trouble) == ("works", [("accepted", 1)], [])

    def test_the_send_is_on_disk_before_data_goes_out(self, play: Play) -> None:
        server = play(f"{self.TAKEN}C: <message>\nS: 250 2.0.0 Queued\n")
        examination = prepared(server)
        reserve, heard_before = examination.journal.reserve, list[str]()

        async def reserve_and_listen() -> None:
            await reserve()
            await asyncio.sleep(0.05)
            heard_before.extend([*server.heard, *(outcome for outcome, _ in sends())])

        examination.journal.reserve = reserve_and_listen  # type: ignore[method-assign]
        asyncio.run(examination.run())

        assert heard_before[1:] == ["reserved"]

    @REFUSED
    def test_a_refusal_is_named_though_data_is_let_in(self, play: Play, replies: str, cause: str) -> None:
        examination = examine(play(f"{TOGETHER}{replies}S: 354 Go on\nC: .\nS: 554 5.5.1 No recipients\n"))

        assert (examination.verdict.cause, examination.verdict.retry != "unsafe") == (cause, True)
        assert sends() == [("refused", 0)]

    @REFUSED
    def test_a_lone_dot_ends_data_that_is_let_in_after_a_refusal(self, play: Play, replies: str, cause: str) -> None:
        server = play(f"{TOGETHER}{replies}S: 354 Go on\nC: .\nC: QUIT\n")

        examine(server)
        wait_for(lambda: heard(server, "QUIT"))

        assert server.trouble == []

    @REFUSED
    def test_data_that_is_refused_as_well_is_followed_by_quit(self, play: Play, replies: str, cause: str) -> None:
        server = play(f"{TOGETHER}{replies}S: 503 5.5.1 No valid recipients\nC: QUIT\n")

        examination = examine(server)
        wait_for(lambda: heard(server, "QUIT"))

        assert (examination.verdict.cause, server.trouble, sends()) == (cause, [], [("refused", 0)])

    @pytest.mark.parametrize("end", ["! stall", "! drop"])
    def test_a_refusal_does_not_wait_for_the_answer_to_data(self, play: Play, end: str) -> None:
        server = play(f"{TOGETHER}{self.UNKNOWN}{end}\n")
        began = time.monotonic()

        examination = examine(server, stage=10)

        assert time.monotonic() - began < 5
        assert (examination.verdict.cause, sends()) == ("recipient.unknown", [("refused", 0)])

    @pytest.mark.parametrize("end", ["! drop", "! stall"])
    @pytest.mark.parametrize("replies", ["", "S: 250 2.1.0 Ok\n", "S: 250 2.1.0 Ok\nS: 250 2.1.5 Ok\n"])
    def test_a_server_that_goes_away_took_nothing(self, play: Play, replies: str, end: str) -> None:
        examination = examine(play(f"{TOGETHER}{replies}{end}\n"), stage=0.4)

        assert (examination.verdict.retry != "unsafe", sends()) == (True, [("failed", 0)])

    def test_a_check_that_takes_too_long_as_a_whole_took_nothing(self, play: Play) -> None:
        examine(play(f"{TOGETHER}! stall\n"), stage=5, whole=0.5)

        assert sends() == [("failed", 0)]

    def test_a_check_that_is_stopped_sent_nothing(self, play: Play) -> None:
        server = play(f"{TOGETHER}S: 250 2.1.0 Ok\n! pause 0.5\nS: 250 2.1.5 Ok\nS: 354 Go on\n")

        examination = stopped_at("rcpt", server)

        assert (examination.verdict.verdict, sends()) == ("stopped", [("failed", 0)])

    def test_without_sending_there_is_no_data(self, play: Play) -> None:
        server = play(TOGETHER.replace("C: DATA\n", "S: 250 2.1.0 Ok\nS: 250 2.1.5 Ok\nC: QUIT\n"))

        examination = examine(server, send=False)

        assert (examination.verdict.state, sends(), heard(server, "DATA")) == ("works_dry", [], False)


class TestStop:
    """Stop before DATA, and nothing is sent."""

    SLOW = ENVELOPE.replace("S: 250 2.1.5 Ok", "! pause 0.4\nS: 250 2.1.5 Ok")

    def test_a_check_that_is_stopped_says_so(self, play: Play) -> None:
        examination = stopped_at("rcpt", play(self.SLOW))

        assert (examination.verdict.verdict, sends()) == ("stopped", [])

    def test_a_stopped_server_hears_no_data(self, play: Play) -> None:
        server = play(self.SLOW)

        stopped_at("rcpt", server)
        time.sleep(0.5)

        assert server.heard[-1].startswith("RCPT")

    def test_a_check_that_is_stopped_while_data_is_asked_for_sent_nothing(self, play: Play) -> None:
        examination = stopped_at("data", play(f"{ENVELOPE}C: DATA\n! stall\n"), after=0.3)

        assert (examination.verdict.verdict, sends()) == ("stopped", [("failed", 0)])

    def test_a_message_that_is_out_cannot_be_called_back(self, play: Play) -> None:
        server = play(f"{READY}C: <message>\n! pause 0.5\nS: 250 Queued\n")

        examination = stopped_at("data", server, after=0.2, final=3)

        assert (examination.verdict.verdict, sends()) == ("works", [("accepted", 1)])

    def test_a_reservation_that_is_still_being_written_does_not_outlive_the_stop(
        self, play: Play, data_dir: Path
    ) -> None:
        server = play(f"{READY.replace('S: 250 2.1.5 Ok', '! pause 0.3' + chr(10) + 'S: 250 2.1.5 Ok')}C: <message>\n")

        with held(data_dir, when=lambda: heard(server, "RCPT")):
            examination = stopped_at("data", server, after=0.1)

        assert (examination.verdict.verdict, counted()) == ("stopped", 0)


class TestWhatAServerMayDo:
    """Nothing that a server says makes us say more than we meant, or keep more than we need."""

    def test_a_refused_password_is_tried_once(self, play: Play) -> None:
        server = play(
            OPEN.replace("! form username=\n", "").replace(
                "S: 250 mail.example", "S: 250-mail.example\nS: 250 AUTH PLAIN LOGIN"
            )
            + "C: AUTH *\nS: 535 5.7.8 No\n"
        )

        examine(server)

        assert len([line for line in server.heard if line.startswith("AUTH")]) == 1

    @pytest.mark.parametrize("refusal", ["504 5.5.4 Unrecognized authentication type", "504 No", "501 5.5.4 Syntax"])
    def test_a_mechanism_that_is_turned_down_gives_way_to_the_next(self, play: Play, refusal: str) -> None:
        script = (
            f"{LOGIN}C: AUTH PLAIN *\nS: {refusal}\nC: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: *\nS: 334 UGFzc3dvcmQ6\n"
        )
        server = play(f"{script}C: *\nS: 235 2.7.0 Ok\nC: MAIL FROM:*\nS: 250 Ok\nC: RCPT TO:*\nS: 250 Ok\n")

        examination = examine(server, send=False)

        assert (examination.verdict.state, server.trouble) == ("works_dry", [])

    @pytest.mark.parametrize(
        "refusal",
        [
            *("535 5.7.8 No", "535 5.5.4 No", "454 4.7.0 Later", "501 Bad", "334 Go on"),
            *("235 5.5.4 Yes", "421 5.5.4 Go", "454 5.5.4 Later", "535 5.5.4 No", "550 5.5.4 No"),
        ],
    )
    def test_no_other_mechanism_is_tried_after_a_refusal(self, play: Play, refusal: str) -> None:
        server = play(f"{LOGIN}C: AUTH PLAIN *\nS: {refusal}\nC: *\nS: 535 5.7.8 No\nC: *\n")

        examine(server)

        assert [line[:10] for line in server.heard if line.startswith("AUTH")] == ["AUTH PLAIN"]

    def test_a_server_that_overhears_the_response_hears_it_once_more(self, play: Play) -> None:
        server = play(f"{LOGIN}C: AUTH PLAIN *\nS: 334\nC: *\nS: 535 5.7.8 No\n")

        examination = examine(server)

        assert examination.verdict.cause == "auth.bad_credentials"
        assert server.heard[1:3] == [f"AUTH PLAIN {server.heard[2]}", server.heard[2]]

    def test_a_response_that_is_said_once_more_stays_hidden(self, play: Play) -> None:
        server = play(f"{LOGIN}C: AUTH PLAIN *\nS: 334 \nC: *\nS: 235 2.7.0 Ok\n")

        examination = examine(server)

        assert server.heard[2] not in str((examination.result, examination.steps))

    def test_a_mechanism_that_is_turned_down_without_another_is_the_cause(self, play: Play) -> None:
        only = LOGIN.replace(" LOGIN", "")

        examination = examine(play(f"{only}C: AUTH PLAIN *\nS: 504 5.5.4 Unrecognized authentication type\n"))

        assert examination.verdict.cause == "auth.mechanism_unsupported"

    def test_text_behind_the_go_ahead_for_tls_is_a_finding(self) -> None:
        with saying(*INJECTION) as server:
            examination = examine(server)

        last = examination.steps[-1]
        assert (last.stage, last.event, last.ok) == ("starttls", "injected", False)

    def test_text_behind_the_go_ahead_for_tls_is_no_reply(self) -> None:
        with saying(*INJECTION) as server:
            examination = examine(server)

        assert [line for line in server.heard if line][-1] == "STARTTLS"
        assert [step.stage for step in examination.steps if "injected" in (step.reply or "")] == []

    @pytest.mark.parametrize("flood", ["S: " + "x" * 1_000_000, "S: 220-" + "y" * 1_000_000, "S: 220-z\n" * 100_000])
    def test_a_reply_without_end_is_no_smtp(self, play: Play, flood: str) -> None:
        examination = examine(play(f"! form username=\n{flood}\n"))

        assert (examination.steps[-1].stage, examination.steps[-1].event) == ("greeting", "not_smtp")

    @pytest.mark.parametrize("flood", ["S: " + "x" * 1_000_000, "S: 220-z\n" * 100_000], ids=["line", "lines"])
    def test_a_reply_without_end_is_not_kept(self, play: Play, flood: str) -> None:
        server = play(f"! form username=\n{flood}\n")

        examination = examine(server)

        assert len(str(examination.result)) < 1_000_000

    def test_a_line_without_end_takes_no_memory(self) -> None:
        with saying(*[b"x" * 65536] * 64) as server:
            examine(server)

            tracemalloc.start()
            examine(server)
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()

        assert peak < 2_000_000  # of four million bytes a connection

    def test_a_server_that_echoes_the_password_does_not_get_it_into_the_result(self, play: Play) -> None:
        echo = (player.DIALOGUES / "auth.bad_credentials.txt").read_text(encoding="utf8")

        examination = examine(play(echo.replace("S: 535 5.7.8 Error:", f"S: 535 5.7.8 {player.FORM['password']}")))

        assert player.FORM["password"] not in str((examination.result, examination.steps))


class TestABusyDatabase:
    """Another program holds the database for a while: what was heard meanwhile is written afterwards."""

    @pytest.fixture(autouse=True)
    def hasty(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A wait for another writer that is shorter than it holds the database."""
        monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.1)

    def test_every_step_is_written(self, play: Play, data_dir: Path) -> None:
        server = play(
            f"{READY.replace('S: 250 mail.example', '! pause 0.3' + chr(10) + 'S: 250 mail.example')}! drop\n"
        )

        with held(data_dir, when=lambda: heard(server, "EHLO")):
            examination = examine(server, send=False)

        assert [step.stage for step in stored(examination).steps] == [step.stage for step in examination.steps]

    def test_a_check_that_began_meanwhile_is_written(self, play: Play, data_dir: Path) -> None:
        examination = prepared(play(ENVELOPE), began=False, send=False)

        with held(data_dir, when=lambda: True):
            time.sleep(0.3)
            examination.journal.open()
            asyncio.run(examination.run())

        verdict = stored(examination).verdict
        assert verdict
        assert verdict.state == examination.verdict.state == "works_dry"


def test_an_address_that_refuses_does_not_hide_one_that_answers(play: Play) -> None:
    server = play(f"{READY}C: <message>\nS: 250 Queued\n")
    server.form["host"] = "both.shop.example"

    with both_families() as nameserver:
        examination = examine(server, nameservers=(nameserver,))

    tried = [(attempt.address, attempt.event) for attempt in examination.walk.attempts]
    assert (examination.verdict.verdict, tried) == ("works", [("::1", "refused"), ("127.0.0.1", None)])


def test_what_each_address_did_is_kept_where_none_answers(play: Play) -> None:
    server = play("! refuse\n! form username=\n")
    server.form["host"] = "both.shop.example"

    with both_families() as nameserver:
        examination = examine(server, nameservers=(nameserver,))

    assert [attempt.event for attempt in examination.walk.attempts] == ["refused", "refused"]


INJECTION = (
    b"220 mail.example ESMTP\r\n",
    b"250-mail.example\r\n250 STARTTLS\r\n",
    b"220 2.0.0 Ready\r\n250 injected.example\r\n",
)


@contextlib.contextmanager
def saying(*answers: bytes) -> Iterator[Drill]:
    """A server that says each answer in one piece and hears a line after each; a piece without end goes on at once."""
    server = Drill(player.FORM | {"username": "", "encryption": "starttls"})

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            for answer in answers:
                self.wfile.write(answer)
                if answer.endswith(b"\n"):
                    server.heard.append(self.rfile.readline().decode().strip())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as listener:
        listener.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that hangs up is expected
        threading.Thread(target=listener.serve_forever, args=(0.05,), daemon=True).start()
        server.form["port"] = str(listener.server_address[1])
        yield server
        listener.shutdown()


def stopped_at(stage: str, server: Drill, *, after: float = 0.0, **terms: Any) -> Examination:
    """A check that is stopped at a stage."""
    examination = prepared(server, **terms)

    async def stop() -> None:
        begun = asyncio.Event()
        examination.watch = lambda _, following: begun.set() if following == stage else None
        task = asyncio.create_task(examination.run())
        await begun.wait()
        await asyncio.sleep(after)
        examination.stop(asyncio.get_running_loop())
        await task

    asyncio.run(asyncio.wait_for(stop(), 20))
    return examination


def stored(examination: Examination) -> Check:
    """A check as others read it."""
    return checks.load(access(), examination.journal.check)


def heard(server: Drill, command: str) -> bool:
    """Whether a server has heard a command."""
    return any(line.startswith(command) for line in server.heard)


def counted() -> int:
    """How many recipients all sends count."""
    return sum(count for _, count in sends())


def wait_for(fact: Callable[[], bool]) -> None:
    """Waits until something is so, ten seconds at most."""
    end = time.monotonic() + 10
    while not fact():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.005)


@contextlib.contextmanager
def held(data_dir: Path, *, when: Callable[[], bool]) -> Iterator[None]:
    """Another program takes the database at a moment, for one second."""

    def hold() -> None:
        wait_for(when)
        with contextlib.closing(sqlite3.connect(data_dir / "mailgauge.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            time.sleep(1)
            other.execute("ROLLBACK")

    thread = threading.Thread(target=hold)
    thread.start()
    yield
    thread.join()


@contextlib.contextmanager
def both_families() -> Iterator[str]:
    """A nameserver that knows this machine under both kinds of address."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, sock = self.request
            reply = dns.message.make_response(dns.message.from_wire(data), recursion_available=True)
            kind, address = {1: ("A", "127.0.0.1"), 28: ("AAAA", "::1")}[reply.question[0].rdtype]
            reply.answer.append(dns.rrset.from_text(reply.question[0].name, 60, "IN", kind, address))
            sock.sendto(reply.to_wire(), self.client_address)

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


class TestWordsThatLookLikeThePassword:
    """Masking is for what is kept and shown; rules read what the server said."""

    LOGIN = """\
! form password={password}
S: 220 mail.example ESMTP
C: EHLO *
S: 250-mail.example
S: 250 AUTH PLAIN
C: AUTH PLAIN *
"""

    @pytest.mark.parametrize("password", ["user", "1", "unknown"])
    def test_a_short_password_hides_no_cause(self, play: Play, password: str) -> None:
        script = self.LOGIN.format(password=password) + "S: 235 2.7.0 Ok\nC: MAIL FROM:*\nS: 250 2.1.0 Ok\n"

        examination = examine(play(f"{script}C: RCPT TO:*\nS: 550 5.1.1 user unknown\n"))

        assert examination.verdict.cause == "recipient.unknown"

    def test_what_is_kept_is_masked(self, play: Play) -> None:
        script = self.LOGIN.format(password="hush-hush") + "S: 535 5.7.8 hush-hush is no password\n"

        examination = examine(play(script))

        steps = [step.document() for step in examination.steps]
        assert "hush-hush" not in str((steps, examination.result, examination.verdict))


def test_a_fault_of_ours_beside_a_check_does_not_cost_its_verdict(play: Play) -> None:
    examination = prepared(play(f"{READY}C: <message>\nS: 250 2.0.0 Queued\n"))

    async def fail(_: Verdict) -> dict[str, Any]:
        raise ZeroDivisionError

    examination.around.look = fail  # type: ignore[method-assign]
    asyncio.run(examination.run())

    verdict = stored(examination).verdict
    assert verdict
    assert verdict.verdict == "works"


def test_a_goodbye_that_never_came_is_not_made_up(play: Play) -> None:
    examination = examine(play(f"{READY}C: <message>\nS: 250 2.0.0 Queued\n! drop\n"))

    assert examination.steps[-1].stage == "quit"
    assert examination.steps[-1].reply is None


@pytest.fixture
def holder(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sqlite3.Connection]:
    """Another program's connection to the database, and little patience with it."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.1)
    with contextlib.closing(sqlite3.connect(data_dir / "mailgauge.db", isolation_level=None)) as connection:
        yield connection


def test_a_refusal_is_named_though_the_database_is_busy(play: Play, holder: sqlite3.Connection) -> None:
    refusal = "C: RCPT TO:*\nS: 550 5.1.1 User unknown\n"
    examination = prepared(play(f"{OPEN}C: MAIL FROM:*\nS: 250 2.1.0 Ok\n{refusal}"))
    examination.journal.patience = 0.5

    holder.execute("BEGIN EXCLUSIVE")
    with contextlib.suppress(database.DatabaseError):
        asyncio.run(examination.run())

    assert examination.verdict.cause == "recipient.unknown"


def test_a_busy_database_keeps_data_back_and_hides_no_refusal(play: Play, holder: sqlite3.Connection) -> None:
    server = play(TOGETHER.replace("C: DATA\n", "S: 250 2.1.0 Ok\nS: 550 5.1.1 User unknown\nC: QUIT\n"))
    examination = prepared(server)
    examination.journal.patience = 0.5

    holder.execute("BEGIN EXCLUSIVE")
    with contextlib.suppress(database.DatabaseError):
        asyncio.run(examination.run())

    assert (examination.verdict.cause, heard(server, "DATA")) == ("recipient.unknown", False)


def test_a_send_that_cannot_be_reserved_is_not_sent(play: Play, holder: sqlite3.Connection) -> None:
    server = play(TOGETHER.replace("C: DATA\n", "S: 250 2.1.0 Ok\nS: 250 2.1.5 Ok\n"))
    examination = prepared(server)
    examination.journal.patience = 0.5

    holder.execute("BEGIN EXCLUSIVE")
    with contextlib.suppress(database.DatabaseError):
        asyncio.run(examination.run())

    assert (examination.verdict.state, heard(server, "DATA")) == ("error", False)


def test_accepted_mail_works_though_its_outcome_cannot_be_written(play: Play, holder: sqlite3.Connection) -> None:
    examination = prepared(play(f"{READY}C: <message>\nS: 250 2.0.0 Queued\n"))
    examination.journal.patience = 0.5
    reserve = examination.journal.reserve

    async def reserve_then_lose_the_database() -> None:
        await reserve()
        holder.execute("BEGIN EXCLUSIVE")

    examination.journal.reserve = reserve_then_lose_the_database  # type: ignore[method-assign]
    with contextlib.suppress(database.DatabaseError):
        asyncio.run(examination.run())
    holder.execute("ROLLBACK")

    assert examination.verdict.verdict == "works"
    assert sends() == [("reserved", 1)]


class TestSecretsThatComeBack:
    """A server may say anything; the password stays out of what is kept."""

    LOGIN = TestWordsThatLookLikeThePassword.LOGIN.format(password="hunter2secret") + "S: 235 2.7.0 Ok\n"

    @pytest.mark.parametrize(
        "end",
        [
            "C: MAIL FROM:*\nS: 250 Ok\nC: RCPT TO:*\nS: 250 Ok\nC: DATA\nS: 250 ok hunter2secret\n",
            f"C: MAIL FROM:*\nS: {'x' * 190}hunter2secret\n",
            "C: MAIL FROM:*\nS: 550 aHVudGVyMnNlY3JldA\n",
        ],
        ids=["in place of 354", "cut at its end", "in base64 without its end"],
    )
    def test_nothing_of_it_is_kept(self, play: Play, data_dir: Path, end: str) -> None:
        examination = examine(play(self.LOGIN + end))

        files = b"".join(path.read_bytes() for path in data_dir.glob("mailgauge.db*"))
        kept = str((examination.result, [step.document() for step in examination.steps])).encode() + files
        assert b"hunter2sec" not in kept
        assert b"aHVudGVyMnNlY3JldA" not in kept


def test_a_second_354_after_the_message_leaves_it_unknown(play: Play) -> None:
    examination = examine(play(f"{READY}C: <message>\nS: 354 Go on\n"))

    assert ending(examination) == ("unknown", "data", "unsafe")
    assert sends() == [("unknown", 1)]


@pytest.mark.parametrize("size", ["²", "٣", "9" * 5000, "-1", "0", "many"])
def test_a_size_that_is_no_number_is_no_limit(play: Play, size: str) -> None:
    script = READY.replace("S: 250 mail.example\n", f"S: 250-mail.example\nS: 250 SIZE {size}\n")

    examination = examine(play(f"{script}C: <message>\nS: 250 2.0.0 Queued\n"))

    assert examination.verdict.verdict == "works"
