"""The embedded mail service of a fresh machine: keeps messages in a Maildir, delivers nowhere."""

from __future__ import annotations

import asyncio
import mailbox
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from core import settings
from core.i18n import N_
from core.smtp import endpoint
from core.told import Told

MAX_BYTES = 25 * 1024 * 1024
_lock = asyncio.Lock()
_server: asyncio.Server | None = None


class Closed(Told):
    """The outbox cannot listen, or not write its directory."""

    sentence = N_("The embedded outbox does not start. Look whether {where} may be written: {detail}")


class Keeper:
    """What happens to a message: it is kept."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def keep(self, message: bytes) -> str:
        """Writes a message, into a directory that may have been removed since; its name there."""
        for part in ("tmp", "new", "cur"):
            (self.directory / part).mkdir(parents=True, exist_ok=True, mode=0o700)
        return mailbox.Maildir(self.directory).add(message)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Writes the message to disk, then says so."""
        people = ", ".join(envelope.rcpt_tos)
        trace = f"Delivered-To: {people}\r\nReturn-Path: <{envelope.mail_from}>\r\n"
        content = envelope.content
        body = content if isinstance(content, bytes) else str(content).encode()
        try:
            kept = await asyncio.to_thread(self.keep, trace.encode() + body)
        except OSError:
            return "452 4.3.1 The outbox cannot write its directory"
        return f"250 2.0.0 Kept as {kept}"


async def address() -> tuple[str, int]:
    """Where this process's outbox listens; started at its first use."""
    global _server
    async with _lock:
        if _server is None or not _server.is_serving():
            host, port = endpoint.parse(settings.current().outbox)
            _server = await _listening(host, port)
        host, port = _server.sockets[0].getsockname()[:2]
        return host, port


def listening() -> tuple[str, int] | None:
    """Where this process's outbox listens now, None where it does not."""
    if _server is None or not _server.is_serving():
        return None
    host, port = _server.sockets[0].getsockname()[:2]
    return host, port


async def _listening(host: str, port: int) -> asyncio.Server:
    try:
        return await listen(host, port, directory())
    except OSError as error:
        raise Closed(where=directory(), detail=error) from error


async def listen(host: str, port: int, box: Path) -> asyncio.Server:
    """An outbox at an address, port 0 for a free one; where the port is taken, a free one too."""
    box.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    keeper = Keeper(box)
    loop = asyncio.get_running_loop()

    def protocol() -> SMTP:
        return SMTP(keeper, data_size_limit=MAX_BYTES, enable_SMTPUTF8=True, ident="Mailgauge outbox", loop=loop)

    try:
        return await loop.create_server(protocol, host, port)
    except OSError:
        return await loop.create_server(protocol, host, 0)


async def close() -> None:
    """Stops listening."""
    global _server
    if _server is not None:
        _server.close()  # without wait_closed: since Python 3.12 that waits for every client, too
        _server = None


def directory() -> Path:
    """Where the messages are."""
    return settings.current().data_dir / "outbox"


def count() -> int:
    """How many messages it keeps."""
    return sum(1 for _ in directory().glob("new/*"))


def find(message_id: str) -> EmailMessage | None:
    """The kept message of a Message-ID, the newest first."""
    if not directory().exists():
        return None
    files = sorted(directory().glob("new/*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files[:50]:
        message = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
        if message["Message-ID"] == message_id:
            return message
    return None
