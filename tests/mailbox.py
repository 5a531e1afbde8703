"""A real Dovecot that lets a mailbox be read by IMAP on loopback, its mail laid there as files; needs root."""

import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from core import clock
from core.smtp.mailbox import Place
from tests import parts
from tests.mailserver import PASSWORD, MailServer, free_ports, lay_out, until

_numbers = itertools.count(1)

CONF = """\
base_dir = {home}/imap
log_path = {home}/dovecot.log
protocols = imap
ssl = required
ssl_cert = <{home}/certificate.pem
ssl_key = <{home}/certificate.pem
auth_mechanisms = plain login
auth_failure_delay = 0 secs
mail_location = maildir:{home}/mail/owner
mail_fsync = never
mail_max_userip_connections = {most}
userdb {{
  driver = static
  args = uid=nobody gid={group} home={home}/mail/owner
}}
passdb {{
  driver = passwd-file
  args = {home}/users
}}
namespace inbox {{
  inbox = yes
  mailbox {folder} {{
    auto = create
    special_use = {special}
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  inet_listener imap {{
    address = 127.0.0.1
    port = {starttls_port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {ssl_port}
    ssl = yes
  }}
}}
"""


@dataclass(frozen=True)
class Mailboxes:
    """One mailbox of one user, and where it is read."""

    server: MailServer
    ssl_port: int
    starttls_port: int
    folder: str = "Sent"

    @property
    def directory(self) -> Path:
        """The Maildir of the Sent folder."""
        return self.server.home / "mail/owner" / f".{self.folder}"

    def place(self, *, encryption: str = "ssl", port: int = 0, trusted: bool = True) -> Place:
        """Where it is read, at another port where one is named."""
        usual = self.ssl_port if encryption == "ssl" else self.starttls_port
        return Place("localhost", port or usual, encryption, (), str(self.server.ca_file) if trusted else None)

    def receive(self, *messages: bytes) -> None:
        """Puts messages into the inbox."""
        inbox = self.server.home / "mail/owner/cur"
        inbox.mkdir(parents=True, exist_ok=True)  # Dovecot makes it when it is first looked at
        for raw in messages:
            (inbox / f"{clock.now()}.M{next(_numbers):06}.localhost:2,").write_bytes(raw)
        self.owned()

    def lay(self, raw: bytes, *, at: int) -> None:
        """Puts a message, unseen, where it arrived at a moment."""
        file = self.directory / "cur" / f"{at // 1000}.M{next(_numbers):06}P{os.getpid()}.localhost:2,"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(raw)
        os.utime(file, (at / 1000, at / 1000))

    def fill(self, *messages: bytes, at: int | None = None, apart: int = 0) -> None:
        """Puts messages into the Sent folder, the last one at a moment or now, each so long after the one before."""
        last = clock.now() - 60_000 if at is None else at
        for place, raw in enumerate(messages, 1 - len(messages)):
            self.lay(raw, at=last + place * apart)
        self.owned()

    def owned(self) -> None:
        """Gives every file to the server's user."""
        nobody = pwd.getpwnam("nobody")
        for directory, _, files in os.walk(self.server.home / "mail"):
            for name in ("", *files):
                with suppress(FileNotFoundError):  # the server's own, for a moment
                    os.chown(Path(directory) / name, nobody.pw_uid, nobody.pw_gid)

    def files(self) -> list[Path]:
        """The messages, the oldest first; a file removed is a message expunged."""
        return sorted(self.directory.glob("cur/*"))

    def renumber(self) -> None:
        """Gives every message a new UID under a new UIDVALIDITY, as a mailbox that was restored has."""
        file = self.directory / "dovecot-uidlist"
        validity = int(file.read_text().split()[1].removeprefix("V"))
        for stale in (file, *self.directory.glob("dovecot.index*")):
            stale.unlink()
        file.write_text(f"3 V{validity + 7} N1 G0123456789abcdef0123456789abcdef\n")
        self.owned()


@contextmanager
def running(*, folder: str = "Sent", special: str = r"\Sent", most: int = 100) -> Iterator[Mailboxes]:
    """A mailbox for as long as the block runs: its folder has the flag `special`, and `most` may read at a time."""
    home = Path(tempfile.mkdtemp(prefix="mg-", dir="/tmp"))
    try:
        server = MailServer(home, PASSWORD)
        lay_out(server)
        (home / "mail/owner").mkdir()
        made = Mailboxes(server, *free_ports(2), folder=folder)
        made.owned()
        with dovecot(made, special, most):
            yield made
    finally:
        shutil.rmtree(home)


@contextmanager
def dovecot(box: Mailboxes, special: str, most: int) -> Iterator[None]:
    """Dovecot's IMAP, ready."""
    home, nobody = box.server.home, pwd.getpwnam("nobody")
    values = {"folder": box.folder, "special": special, "most": most, "group": nobody.pw_gid}
    (home / "imap.conf").write_text(
        CONF.format(home=home, ssl_port=box.ssl_port, starttls_port=box.starttls_port, **values)
    )
    with (home / "start.log").open("a") as log:
        process = subprocess.Popen([parts.program("dovecot"), "-F", "-c", home / "imap.conf"], stdout=log, stderr=log)
    try:
        if not any(process.poll() is not None or greets(box.starttls_port) for _ in until(20)):
            raise RuntimeError(f"Dovecot did not start\n{box.server.log}")
        yield
    finally:
        process.terminate()
        process.wait(10)


def greets(port: int) -> bool:
    """Whether somebody says OK there."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            return connection.recv(512).startswith(b"* OK")
    except OSError:
        return False


def message(to: str, **fields: str) -> bytes:
    """A message as a program leaves it in the Sent folder; an empty field is left out."""
    number = next(_numbers)
    usual = {"From": "Shop <owner@shop.test>", "To": to, "Message_ID": f"<{number}.{os.getpid()}@shop.test>"}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in (usual | fields).items() if value]
    return "\r\n".join([*lines, "Subject: Hoa don", "", "Xin chao", ""]).encode()


@dataclass
class Wire:
    """A wire to a port of this machine that is cut, or falls silent, once so many bytes came back over it."""

    target: int
    most: int
    silent: bool = False
    port: int = 0
    carried: int = 0

    @contextmanager
    def laid(self) -> Iterator["Wire"]:
        """The wire for as long as the block runs."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
            self._ends: list[socket.socket] = []
            thread = threading.Thread(target=self._serve, args=(listener,), daemon=True)
            thread.start()
            try:
                yield self
            finally:
                listener.shutdown(socket.SHUT_RDWR)
                thread.join()
                for end in self._ends:
                    with suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)
                    end.close()

    def _serve(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
                self._ends += [near, far]
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(source, sink, sink is near), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, back: bool) -> None:
        with suppress(OSError):
            while data := source.recv(16384):
                self.carried += len(data) * back
                if back and self.carried > self.most:
                    if self.silent:
                        return
                    break
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@pytest.fixture(scope="session")
def _dovecot() -> Iterator[Mailboxes]:
    with running() as made:
        yield made


@pytest.fixture
def mailboxes(_dovecot: Mailboxes) -> Iterator[Mailboxes]:
    """The mailbox of a process's tests, its Sent folder empty at the start of each."""
    yield _dovecot
    for file in (
        *_dovecot.directory.glob("new/*"),
        *_dovecot.files(),
        *(_dovecot.server.home / "mail/owner/cur").glob("*"),
    ):
        file.unlink()
