"""Servers that say anything: a check ends in time, in a verdict that is not our own fault, and keeps no secret."""

import asyncio
import base64
import contextlib
import socket
import ssl
import struct
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.diagnosis import certificates
from core.diagnosis.examination import Examination
from core.diagnosis.terms import Terms
from core.smtp.transcript import MASK
from tests import forgetful

PASSWORD = "hunter2 & søn"
FORM = {
    "host": "127.0.0.1",
    "username": "owner@shop.test",
    "password": PASSWORD,
    "from_address": "owner@shop.test",
    "to": "owner@shop.test",
}
SHAPES = (
    PASSWORD.encode(),
    base64.b64encode(PASSWORD.encode()),
    base64.b64encode(b"\0owner@shop.test\0" + PASSWORD.encode()),
)
TERMS = Terms(connect=0.5, stage=0.2, whole=1, final=0.2)
LONGEST = TERMS.whole + 3 * TERMS.stage + TERMS.final + 2  # DATA, its 354 and the message have their own; two to spare
AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: a close resets the connection

GOOD = {
    "greeting": b"220 mail.test ESMTP\r\n",
    "EHLO": b"250-mail.test\r\n250-PIPELINING\r\n250-STARTTLS\r\n250-AUTH PLAIN LOGIN\r\n250 SIZE 1000000\r\n",
    "STARTTLS": b"220 2.0.0 Ready\r\n",
    "tls": b"",
    "AUTH": b"235 2.7.0 Ok\r\n",
    "MAIL": b"250 2.1.0 Ok\r\n",
    "RCPT": b"250 2.1.5 Ok\r\n",
    "DATA": b"354 Go on\r\n",
    "message": b"250 2.0.0 Queued\r\n",
}


@dataclass(frozen=True)
class Twist:
    """What a server says at a stage in place of what is right, how, and what it does then."""

    data: bytes
    pieces: int = 0  # bytes at a time, 0 for all at once
    then: str = "goes on"  # or "closes", "resets", "is silent"
    times: int = 1  # that the data is said


@dataclass
class Server:
    """A server that says what is right but for its twists. It plays in an event loop and a thread of its own."""

    context: ssl.SSLContext
    twists: dict[str, Twist] = field(default_factory=dict)
    implicit: bool = False
    port: int = 0
    pause: float = 0.003  # seconds between two pieces
    talks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection to its end, whatever the client does."""
        task = asyncio.current_task()
        assert task
        self.talks.add(task)
        try:
            with contextlib.suppress(OSError, EOFError, ValueError, asyncio.CancelledError):
                await self._talk(reader, writer)
        finally:
            writer.transport.abort()
            await asyncio.sleep(0)
            self.talks.discard(task)

    async def end(self) -> None:
        """Ends every connection that is still there."""
        talks = set(self.talks)
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.implicit:
            await self._encrypt(writer)
        await self._say(writer, "greeting")
        while line := await reader.readline():
            verb = line.split()[0].decode(errors="replace").upper() if line.strip() else ""
            stage = verb if verb in GOOD else "AUTH"
            if verb == "QUIT":
                return
            await self._say(writer, stage)
            if stage == "STARTTLS":
                await self._encrypt(writer)
            if stage == "DATA":
                await reader.readuntil(b"\r\n.\r\n")
                await self._say(writer, "message")

    async def _encrypt(self, writer: asyncio.StreamWriter) -> None:
        if "tls" in self.twists:
            await self._say(writer, "tls")
        await writer.start_tls(self.context)

    async def _say(self, writer: asyncio.StreamWriter, stage: str) -> None:
        twist = self.twists.get(stage, Twist(GOOD[stage]))
        said = twist.data * twist.times
        step = twist.pieces or len(said) or 1
        for at in range(0, len(said), step):
            writer.write(said[at : at + step])
            await writer.drain()
            if twist.pieces:
                await asyncio.sleep(self.pause)
        if twist.then == "is silent":
            await asyncio.sleep(10)
        if twist.then == "resets":
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        if twist.then != "goes on":
            writer.close()
            raise EOFError


@dataclass
class Stage:
    """Where servers play: a loop in a thread of its own, so that the client's loop holds nothing but the client."""

    loop: asyncio.AbstractEventLoop
    context: ssl.SSLContext
    ca: Path

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """What the work returns."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    @contextlib.contextmanager
    def playing(self, twists: dict[str, Twist], *, implicit: bool = False) -> Iterator[Server]:
        """A server with these twists until the block ends."""
        server = Server(self.context, twists, implicit)
        listener = self.run(asyncio.start_server(server.serve, "127.0.0.1", 0))
        server.port = listener.sockets[0].getsockname()[1]
        try:
            yield server
        finally:
            self.loop.call_soon_threadsafe(listener.close)
            self.run(server.end())


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One loop and one authority for all servers."""
    authority = certificates.signer()
    ca = tmp_path_factory.mktemp("authority") / "ca.pem"
    ca.write_bytes(authority.pem())
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)  # a server whose client hangs up is none of our business
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield Stage(loop, certificates.server("good", authority), ca)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def examine(where: Stage, server: Server, encryption: str, **terms: Any) -> Examination:
    """A check that nothing stops but itself; whatever went wrong beside it is raised."""
    wanted = {name: getattr(TERMS, name) for name in TERMS.__slots__} | {"ca_file": str(where.ca), "scouts": "never"}
    form = FORM | {"port": str(server.port), "encryption": encryption}
    return forgetful.examine(form, Terms(**wanted | terms))


codes = st.one_of(
    st.sampled_from([b"220", b"250", b"334", b"354", b"421", b"450", b"535", b"550"]),
    st.from_regex(rb"[0-9]{3}", fullmatch=True),
)
words = st.one_of(
    st.text(max_size=60).map(lambda text: text.encode(errors="replace")),
    st.binary(max_size=60),
    st.sampled_from(SHAPES),
)
lines = st.builds(
    lambda code, blank, text, end: code + blank + text + end,
    codes,
    st.sampled_from([b" ", b"-", b""]),
    words,
    st.sampled_from([b"\r\n", b"\n", b"\r", b"\0\r\n", b""]),
)
floods = {b"x": 300_000, b"\0": 300_000, b"250-x\r\n": 30_000, b"334 \r\n": 10_000, b"250 y\r\n": 10_000}
records = st.sampled_from(
    [  # of TLS: alerts (RFC 8446 section 6), half a record, one of a size that cannot be, a hello that is none
        b"\x15\x03\x03\x00\x02\x02\x28",
        b"\x15\x03\x01\x00\x02\x01\x00",
        b"\x16\x03\x03\x40",
        b"\x16\x03\x03\xff\xff" + b"\0" * 700,
        b"\x16\x03\x03\x00\x04\x02\x00\x00\x00",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
    ]
)
data = st.one_of(st.lists(lines, max_size=4).map(b"".join), st.binary(max_size=80), records)
ends = st.sampled_from(["goes on", "closes", "resets", "is silent"])
twist = st.one_of(
    st.builds(Twist, data, st.sampled_from([0, 0, 1, 7]), ends),
    st.builds(lambda said, then: Twist(said, 0, then, floods[said]), st.sampled_from(list(floods)), ends),
)


def holds(examination: Examination, elapsed: float) -> None:
    """What must be so whatever a server does."""
    verdict = examination.verdict
    kept = str((examination.result, [step.document() for step in examination.steps], verdict))
    told = f"{verdict}\n{examination.walk.transcript}"[:3000]
    assert verdict.verdict in ("works", "fault", "unknown"), told
    assert elapsed < LONGEST, told
    assert (verdict.retry == "unsafe") <= examination.walk.committed, told
    assert not [shape for shape in SHAPES if shape.decode().lower() in kept.lower()], told
    assert len(kept) < 2_000_000


effort = settings(
    max_examples=30, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@effort
@given(
    twists=st.dictionaries(st.sampled_from(list(GOOD)), twist, min_size=1, max_size=3),
    encryption=st.sampled_from(["starttls", "starttls", "ssl", "none"]),
    scouting=st.sampled_from(["never", "auto", "always"]),
)
def test_a_server_may_do_anything_at_any_stage(
    stage: Stage, twists: dict[str, Twist], encryption: str, scouting: str
) -> None:
    with stage.playing(twists, implicit=encryption == "ssl") as server:
        began = time.monotonic()
        examination = examine(stage, server, encryption, scouts=scouting)

    holds(examination, time.monotonic() - began)


@pytest.mark.parametrize("where", ["greeting", "AUTH", "message"])
@pytest.mark.parametrize("shape", SHAPES, ids=["plain", "base64", "PLAIN's"])
def test_a_server_that_knows_the_password_does_not_get_it_into_the_result(
    stage: Stage, where: str, shape: bytes
) -> None:
    knowing = {"greeting": b"220 " + shape, "EHLO": b"250-STARTTLS\r\n250-AUTH PLAIN " + shape + b"\r\n250 " + shape}
    twists = {name: Twist(said + b"\r\n") for name, said in knowing.items()}
    refusal = {where: Twist(b"550 5.7.1 no " + shape + b"\r\n")}

    with stage.playing(twists | refusal) as server:
        examination = examine(stage, server, "starttls", scouts="always")

    holds(examination, 0)
    assert examination.result["scouts"]


@pytest.mark.parametrize("where", GOOD)
@pytest.mark.parametrize(
    ("said", "then"),
    [
        (b"", "closes"),
        (b"", "resets"),
        (b"250-Not", "is silent"),
        (b"421 4.3.2 Going down\r\n", "resets"),
    ],
)
def test_a_server_may_go_away_at_any_stage(stage: Stage, where: str, said: bytes, then: str) -> None:
    with stage.playing({where: Twist(said, then=then)}) as server:
        began = time.monotonic()
        examination = examine(stage, server, "starttls")

    holds(examination, time.monotonic() - began)
    assert examination.verdict.verdict != "works"


@pytest.mark.parametrize("where", ["greeting", "EHLO", "AUTH", "RCPT", "message"])
def test_a_server_that_says_a_letter_now_and_then_does_not_keep_a_check(stage: Stage, where: str) -> None:
    with stage.playing({where: Twist(b"250-" + b"x" * 10_000, pieces=1)}) as server:
        server.pause = 0.05
        began = time.monotonic()
        examination = examine(stage, server, "none")

    assert time.monotonic() - began < LONGEST
    assert examination.steps[-1].event == "silent"


def test_a_server_that_is_slow_at_every_stage_does_not_keep_a_check(stage: Stage) -> None:
    slow = {name: Twist(said, pieces=1) for name, said in GOOD.items()}
    with stage.playing(slow) as server:
        server.pause = 0.008
        began = time.monotonic()
        examination = examine(stage, server, "starttls", stage=5, final=0.3)

    assert time.monotonic() - began < LONGEST
    assert examination.steps[-1].event == "silent"


@pytest.mark.parametrize("encryption", ["none", "ssl"])
@pytest.mark.parametrize("where", ["greeting", "EHLO", "message"])
def test_megabytes_without_a_line_end_take_no_memory(stage: Stage, where: str, encryption: str) -> None:
    flood = Twist(b"x" * 4_000_000, pieces=65_536)
    with stage.playing({where: flood}, implicit=encryption == "ssl") as server:
        server.pause = 0
        examine(stage, server, encryption)

        tracemalloc.start()
        examination = examine(stage, server, encryption)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert (examination.steps[-1].event, len(str(examination.result)) < 100_000) == ("not_smtp", True)
    assert peak < 2_000_000  # of four million bytes


ALTERNATIVE = "2.5.29.17"  # an extension's number: the subject's other names
STRANGE = {
    "an address of X.400": ({ALTERNATIVE: b"\x30\x04\xa3\x02\x30\x00"}, b"", b""),
    "an extension twice": ({"1.2.3.4.1": b"\x05\x00", "1.2.3.4.2": b"\x05\x00"}, b"*\x03\x04\x02", b"*\x03\x04\x01"),
    "version 10": ({}, b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x09"),
}


def strange(name: str, extensions: dict[str, bytes], *change: bytes) -> ssl.SSLContext:
    """A server's TLS with a certificate in this name, with such extensions, and with bytes of it changed."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    owner = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder(owner, owner, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    for number, value in extensions.items():
        extension = x509.UnrecognizedExtension(x509.ObjectIdentifier(number), value)
        made = made.add_extension(extension, critical=False)
    der = made.sign(key, SHA256()).public_bytes(Encoding.DER)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write(secret + ssl.DER_cert_to_PEM_cert(der.replace(*change) if change else der).encode())
        file.flush()
        context.load_cert_chain(file.name)
    return context


@pytest.mark.parametrize("case", STRANGE)
def test_a_certificate_that_cannot_be_read_keeps_no_check_from_its_end(stage: Stage, case: str) -> None:
    extensions, *change = STRANGE[case]
    with stage.playing({}, implicit=True) as server:
        server.context = strange("mail.test", extensions, *change)
        examination = examine(stage, server, "ssl")

    holds(examination, 0)
    [shown] = examination.result["tls"]["chain"]
    assert (shown["subject"], len(shown["fingerprint"])) == ("", 64)


def test_a_password_in_a_certificate_is_not_kept(stage: Stage) -> None:
    with stage.playing({}, implicit=True) as server:
        server.context = strange(PASSWORD, {ALTERNATIVE: b"\x30\x00"})
        examination = examine(stage, server, "ssl")

    holds(examination, 0)
    assert examination.result["tls"]["subject"] == MASK
