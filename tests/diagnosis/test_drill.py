"""A drill: where it listens, what it plays, and that it leaves nothing behind."""

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import runtime
from core.diagnosis import dialogue, drill
from core.diagnosis.drill import Drill
from tests.player import play

EVERYBODY = "0.0.0.0"  # noqa: S104 - refused
TALK = """\
S: 220 mail.example ESMTP
C: EHLO *
S: 250-mail.example
S: 250 STARTTLS
"""


@contextlib.contextmanager
def client(played: Drill) -> Iterator[socket.socket]:
    """A client that is connected to a drill."""
    with socket.create_connection((played.form["host"], int(played.form["port"])), timeout=5) as connection:
        yield connection


def answers(played: Drill, *said: str) -> list[str]:
    """What a drill answers to each line, its greeting first."""
    with client(played) as connection, connection.makefile("rw", newline="\r\n") as lines:
        heard = [lines.readline()]
        for line in said:
            lines.write(f"{line}\n")
            lines.flush()
            heard.append(lines.readline())
    return [line.strip() for line in heard]


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """Where a test writes its dialogue."""
    return tmp_path / "dialogue.txt"


@pytest.mark.parametrize("host", [EVERYBODY, "::", "192.0.2.7", "mail.shop.example"])
def test_only_this_machine_is_listened_on(host: str) -> None:
    with pytest.raises(drill.Elsewhere, match="on this machine only"):
        asyncio.run(hold("connect.dropped", host, 0))


@pytest.mark.parametrize("cause", ["auth.bad_credentials", "connect.refused", "connect.timeout", "dns.host_not_found"])
def test_what_is_refused_does_not_hang_on_the_fault(cause: str) -> None:
    with pytest.raises(drill.Elsewhere):
        asyncio.run(hold(cause, EVERYBODY, 0))


def test_it_listens_where_it_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        free = other.getsockname()[1]

    assert asyncio.run(hold("connect.dropped", "localhost", free)) == ("127.0.0.1", str(free))


def test_where_the_port_is_taken_it_takes_a_free_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        host, port = asyncio.run(hold("connect.dropped", "127.0.0.1", taken))

    assert (host, port != str(taken)) == ("127.0.0.1", True)


async def hold(cause: str, host: str, port: int) -> tuple[str, str]:
    """Where a drill that is asked for an address listens."""
    async with drill.playing(cause, listen=(host, port)) as played:
        return played.form["host"], played.form["port"]


def test_it_plays_in_cores_own_loop() -> None:
    held = contextlib.AsyncExitStack()
    played = runtime.run(held.enter_async_context(drill.playing("auth.bad_credentials")))

    heard = answers(played, "EHLO shop.example")
    runtime.run(held.aclose())

    assert heard == ["220 mail.example ESMTP Postfix", "250-mail.example"]


def test_it_plays_anew_for_each_client(written: Path) -> None:
    written.write_text(TALK)
    with play(written) as played:
        first, second = (answers(played, "EHLO shop.example") for _ in range(2))

    assert first == second == ["220 mail.example ESMTP", "250-mail.example"]


def test_what_was_not_in_the_script_is_noted(written: Path) -> None:
    written.write_text(TALK)
    with play(written) as played:
        answers(played, "HELO shop.example")

        assert played.trouble == ["expected 'EHLO *', heard 'HELO shop.example'"]


def test_who_wants_to_leave_may(written: Path) -> None:
    written.write_text(TALK)
    with play(written) as played:
        assert answers(played, "QUIT") == ["220 mail.example ESMTP", "221 2.0.0 Bye"]


def test_after_the_script_everything_is_refused(written: Path) -> None:
    written.write_text("S: 220 mail.example ESMTP\n")
    with play(written) as played:
        assert answers(played, "NOOP", "QUIT")[1:] == ["500 5.5.2 Not in the script", "221 2.0.0 Bye"]


def test_another_way_through_the_script_is_taken_by_who_begins_it(written: Path) -> None:
    written.write_text("S: 220 mail.example ESMTP\nC: EHLO *\nS: 530 no\n! or HELO *\nS: 250 yes\n")
    with play(written) as played:
        assert answers(played, "EHLO a", "HELO a")[1:] == ["530 no", "250 yes"]
        assert answers(played, "HELO a")[1:] == ["250 yes"]
        assert answers(played, "EHLO a", "NOOP")[1:] == ["530 no", "500 5.5.2 Not in the script"]
        assert not played.trouble


def test_a_line_without_end_is_hung_up_on(written: Path) -> None:
    written.write_text(TALK)
    with play(written) as played, client(played) as connection:
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            connection.sendall(b"x" * (1 << 26))

        assert not played.heard


def test_a_pause_is_waited_for(written: Path) -> None:
    written.write_text("! pause 0.2\nS: 220 mail.example ESMTP\n")
    with play(written) as played:
        began = time.monotonic()
        answers(played)

    assert time.monotonic() - began >= 0.2


def test_encryption_begins_in_the_middle(written: Path) -> None:
    written.write_text(f"{TALK}C: STARTTLS\nS: 220 Ready\n! tls good\nC: EHLO *\nS: 250 encrypted\n")
    with play(written) as played, client(played) as connection:
        connection.sendall(b"EHLO shop.example\r\nSTARTTLS\r\n")
        while b"220 Ready\r\n" not in connection.recv(1000):
            pass
        with ssl.create_default_context(cafile=played.ca).wrap_socket(connection, server_hostname="localhost") as safe:
            safe.sendall(b"EHLO shop.example\r\n")

            assert safe.recv(100) == b"250 encrypted\r\n"


def test_a_strict_client_trusts_its_authority(written: Path) -> None:
    written.write_text("! tls good\nS: 220 mail.example ESMTP\n")
    with play(written) as played, client(played) as connection:
        context = ssl.create_default_context(cafile=played.ca)
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        with context.wrap_socket(connection, server_hostname="127.0.0.1") as safe:
            assert safe.recv(100) == b"220 mail.example ESMTP\r\n"


def test_who_is_still_connected_is_hung_up_on_at_the_end(written: Path) -> None:
    written.write_text("S: 220 mail.example ESMTP\n! stall\n")
    with contextlib.ExitStack() as stack:
        with play(written) as played:
            connection = stack.enter_context(client(played))
            connection.recv(100)

        assert connection.recv(100) == b""


def test_nobody_listens_after_the_end() -> None:
    with play(dialogue.OURS / "auth.bad_credentials.txt") as played:
        pass

    with pytest.raises(ConnectionRefusedError), client(played):
        pass


def test_its_authority_is_gone_after_the_end() -> None:
    with play(dialogue.OURS / "tls.cert_expired.txt") as played:
        authority = played.ca
        assert authority
        assert authority.exists()

    assert not authority.parent.exists()
