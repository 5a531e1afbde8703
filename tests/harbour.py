"""Servers side by side on loopback, each port with its script and its certificate, and a check of one of them."""

import asyncio
import contextlib
import ipaddress
import itertools
import os
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from core.accounts import form as forms
from core.diagnosis import causes, dialogue, drill, letter
from core.diagnosis.actor import Actor, Part
from core.diagnosis.examination import Examination
from core.diagnosis.terms import Terms
from core.diagnosis.wire import Wire
from core.smtp.endpoint import is_address
from tests.forgetful import Forgetful

HELLO = "S: 220 mail.shop.example ESMTP\nC: EHLO *\n"
LOG_IN = "S: 250-mail.shop.example\nS: 250 AUTH PLAIN LOGIN\n"
STARTTLS = f"{HELLO}S: 250-mail.shop.example\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 Go ahead\n! tls own\nC: EHLO *\n"
SSL = f"! tls own\n{HELLO}"
ENVELOPE = "C: MAIL FROM:*\nS: 250 2.1.0 Ok\nC: RCPT TO:*\nS: 250 2.1.5 Ok\n"
WORKS = f"C: AUTH PLAIN *\nS: 235 2.7.0 Ok\n{ENVELOPE}"
LATE = 0.4  # seconds after which a server that comes up late takes connections

_numbers = itertools.count(2)
Key = ec.EllipticCurvePrivateKey
Builder = x509.CertificateBuilder


class Authority:
    """Who signs certificates; `name` is what they say of it."""

    def __init__(self, name: str = "Harbour authority") -> None:
        self.name, self.key = name, ec.generate_private_key(ec.SECP256R1())
        self.own = certificate(name, self.key, by=self, extend=self._as_authority)

    def _as_authority(self, made: Builder) -> Builder:
        made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
        return made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)

    def issue(self, *names: str, subject: str = "", **options: Any) -> tuple[bytes, Key]:
        """A certificate (DER) for hosts, and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        return certificate(subject or names[0], key, names, by=self, **options), key

    def tls(self, *names: str, **options: Any) -> ssl.SSLContext:
        """The TLS of a server with such a certificate."""
        return context(*self.issue(*names, **options), self.own)


def certificate(
    subject: str,
    key: Key,
    names: Iterable[str] = (),
    *,
    by: Authority,
    days: float = 60,
    identified: bool = True,
    extend: Callable[[Builder], Builder] = lambda made: made,
) -> bytes:
    """A certificate (DER) that ends in some days; one that is not `identified` does not say by which key it is."""
    end = datetime.now(UTC) + timedelta(days=days, minutes=1)
    made = x509.CertificateBuilder(_named(by.name), _named(subject), key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(end - timedelta(days=90)).not_valid_after(end)
    if identified:
        signed_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key())
        made = made.add_extension(signed_by, critical=False)
    if hosts := [_host(name) for name in names]:
        made = made.add_extension(x509.SubjectAlternativeName(hosts), critical=False)
    return extend(made).sign(by.key, SHA256()).public_bytes(Encoding.DER)


def context(leaf: bytes, key: Key, *above: bytes) -> ssl.SSLContext:
    """The TLS of a server that shows these certificates."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    file = Path(os.environ["MAILGAUGE_DATA_DIR"]) / "server.pem"
    file.write_text(secret + "".join(map(ssl.DER_cert_to_PEM_cert, (leaf, *above))))
    made.load_cert_chain(file)
    return made


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def _host(name: str) -> x509.GeneralName:
    return x509.IPAddress(ipaddress.ip_address(name)) if is_address(name) else x509.DNSName(name)


def _free() -> str:
    """An address of this machine that no other test has, in any process beside this one."""
    return f"127.{1 + os.getpid() // 250 % 250}.{os.getpid() % 250}.{next(_numbers)}"


@dataclass
class Harbour:
    """The servers at one address of this machine, and an authority that the client trusts."""

    authority: Authority
    authorities: Path
    address: str = field(default_factory=_free)
    parts: dict[tuple[str, int], Part] = field(default_factory=dict)
    shut: set[tuple[str, int]] = field(default_factory=set)
    late: set[tuple[str, int]] = field(default_factory=set)

    def open(self, port: int, script: str, *, at: str = "", tls: ssl.SSLContext | None = None) -> list[str]:
        """A server at a port, its certificate made out to the address if no other is named; what it hears."""
        own = tls or (self.authority.tls(self.address) if "! tls" in script else None)
        part = Part(dialogue.parse(script).script, {"own": own} if own else {})
        self.parts[at or self.address, port] = part
        return part.heard

    def blackhole(self, port: int, *, at: str = "") -> None:
        """A port where nothing is ever answered."""
        self.shut.add((at or self.address, port))

    def examine(self, *, terms: Mapping[str, Any] = {}, **typed: object) -> Examination:
        """A check, run to its end."""
        examination = self.prepared(terms=terms, **typed)
        self.run(examination)
        return examination

    def prepared(self, *, terms: Mapping[str, Any] = {}, **typed: object) -> Examination:
        """A check that has not begun."""
        form, problems = forms.parse(drill.FORM | {"host": self.address} | typed)
        assert form, problems
        usual = Terms(connect=2, stage=3, whole=15, final=1, ca_file=str(self.authorities), send=False)
        mail = letter.write(form, to=drill.FORM["to"])
        journal = Forgetful(form, mail)
        return Examination(journal, replace(usual, **terms), causes.catalogue)  # type: ignore[arg-type]

    def run(self, examination: Examination, *, beside: Callable[[], None] | None = None) -> None:
        """Opens the harbour as long as the check runs; `beside` is called in its midst, after 0.3 seconds."""

        async def run() -> None:
            async with contextlib.AsyncExitStack() as stack:
                for place in self.parts.keys() | self.shut:
                    await stack.enter_async_context(self._berth(place))
                if beside:
                    asyncio.get_running_loop().call_later(0.3, beside)
                await examination.run()

        asyncio.run(asyncio.wait_for(run(), 30))

    @contextlib.asynccontextmanager
    async def _berth(self, place: tuple[str, int]) -> AsyncIterator[None]:
        with contextlib.ExitStack() as stack:
            listener = stack.enter_context(_bound(place))
            listener.listen(0 if place in self.shut | self.late else 16)
            if place in self.shut | self.late:
                for _ in range(4):
                    stack.enter_context(_knock(place))
                await asyncio.sleep(0.05)
            part, late = self.parts.get(place), LATE if place in self.late else 0
            door = asyncio.create_task(_welcome(listener, part, late)) if part else None
            try:
                yield
            finally:
                if door:
                    door.cancel()
                    await asyncio.wait([door])


async def _welcome(listener: socket.socket, part: Part, late: float) -> None:
    """Speaks to everybody who comes, until it is cancelled."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(late)
    async with asyncio.TaskGroup() as talks:
        while True:
            connection, _ = await loop.sock_accept(listener)
            wire = Wire(connection)
            talks.create_task(Actor(wire, part).act()).add_done_callback(wire.close)


def _bound(place: tuple[str, int]) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in place[0] else socket.AF_INET)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.setblocking(False)
    try:
        made.bind(place)
    except PermissionError:
        made.close()
        pytest.skip("the ports of mail need root here")
    return made


def _knock(place: tuple[str, int]) -> socket.socket:
    """Somebody in the queue; four of them fill it, so that Linux answers nobody else."""
    made = socket.socket(socket.AF_INET6 if ":" in place[0] else socket.AF_INET)
    made.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        made.connect(place)
    return made


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Authority, Path]:
    """An authority and its file; one for all tests, since it takes a while to read all others beside it."""
    made = Authority()
    file = tmp_path_factory.mktemp("authority") / "authority.pem"
    file.write_text(ssl.DER_cert_to_PEM_cert(made.own))
    return made, file


@pytest.fixture
def harbour(authority: tuple[Authority, Path]) -> Harbour:
    """A harbour without a ship."""
    return Harbour(*authority)
