"""One SMTP conversation, a line at a time, each line kept (RFC 5321)."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import ssl

from core.smtp import faults, sasl, tls
from core.smtp.connect import Link
from core.smtp.faults import Fault
from core.smtp.reply import LINE, Reply
from core.smtp.transcript import MASK, Transcript, visible

PARTING = 5.0  # seconds for what is still to go out when we hang up
MAX_REPLY = 64 * 1024  # bytes of one reply
FQDN = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.IGNORECASE)
LINE_START_DOT = re.compile(rb"^\.", re.MULTILINE)


class Conversation:
    """A client's side of one connection. Each wait ends after `patience` seconds with a Fault `silent`."""

    def __init__(self, link: Link, transcript: Transcript, *, patience: float = 15) -> None:
        self.link = link
        self.transcript = transcript
        self.patience = patience
        self.capabilities: dict[str, str] = {}
        self.tls: tls.Session | None = None
        self.refused: Fault | None = None  # why its certificate was turned down
        self._unread = b""

    @property
    def offers(self) -> list[str]:
        """What the server offers, a line each."""
        return [f"{word} {rest}".strip() for word, rest in self.capabilities.items()]

    @property
    def address(self) -> str:
        """The address at the other end."""
        return self.link.address

    @property
    def name(self) -> str:
        """How we greet: this machine's full name, else its address as a literal (RFC 5321 section 4.1.3)."""
        name = socket.gethostname()
        if FQDN.fullmatch(name):
            return name
        address = (self.link.writer.get_extra_info("sockname") or [self.address])[0]
        return f"[IPv6:{address}]" if ":" in address else f"[{address}]"

    async def encrypt(self, context: ssl.SSLContext, host: str) -> tls.Session:
        """The TLS handshake. Raises Fault, also where something is unread, which would count as encrypted."""
        if self._unread or self.link.reader.waiting:
            await self._pending()
            if not self.capabilities:  # nobody asked for it: the port begins unencrypted
                raise Fault("wrong_version")
            raise Fault("injected", self._rest())
        with faults.named():
            try:
                async with asyncio.timeout(self.patience):
                    await self.link.writer.start_tls(context, server_hostname=host)
            except (ConnectionError, EOFError) as error:
                raise Fault("handshake_failed", str(error)) from error
        self.tls = tls.session(self.link.writer.get_extra_info("ssl_object"))
        self.transcript.add("*", f"{self.tls.version} {self.tls.cipher}")
        return self.tls

    async def command(self, line: str, *, shown: str | None = None) -> Reply:
        """Sends one command and reads its reply; `shown` stands in the transcript in its place."""
        await self.send(f"{line}\r\n".encode(), shown=shown if shown is not None else line)
        return await self.reply()

    async def send(self, data: bytes, *, shown: str) -> None:
        """Sends bytes. Raises Fault."""
        self.transcript.add("C", shown)
        with faults.named(), contextlib.suppress(ConnectionError):  # what the server said before is still to be read
            self.link.writer.write(data)
            async with asyncio.timeout(self.patience):
                await self.link.writer.drain()

    async def reply(self, *, patience: float | None = None) -> Reply:
        """The next reply, as it came: redact it before it is kept. Raises Fault: `silent`, `closed`, `not_smtp`."""
        lines: list[str] = []
        size = 0
        with faults.named():
            async with asyncio.timeout(self.patience if patience is None else patience):
                while True:
                    lines.append(await self._line())
                    match = LINE.match(lines[-1])
                    size += len(lines[-1])
                    if not match or size > MAX_REPLY:
                        raise Fault("not_smtp", self.transcript.redact(lines[-1])[:200])
                    if match[2] != "-":
                        return Reply(int(match[1]), tuple(lines))

    async def ehlo(self) -> Reply:
        """Greets; what the server offers is then in `capabilities`, its key words in capitals (RFC 5321, 4.1.1.1)."""
        reply = await self.command(f"EHLO {self.name}")
        offered = (text.partition(" ") for text in reply.texts[1:] if reply.ok)
        self.capabilities = {word.upper(): rest for word, _, rest in offered}
        return reply

    async def starttls(self) -> Reply:
        """Asks for TLS. What the server says behind its 220 is kept apart: nothing of it counts (CVE-2011-0411)."""
        reply = await self.command("STARTTLS")
        if reply.ok and (self._unread or await self._pending()):
            raise Fault("injected", self._rest())
        return reply

    async def login(self, mechanism: str, username: str, password: str) -> Reply:
        """One attempt to log in. The transcript shows the mechanism, neither name nor password."""
        if mechanism == "PLAIN":
            response = sasl.plain(username, password)
            reply = await self.command(f"AUTH PLAIN {response}", shown=f"AUTH PLAIN {MASK}")
            if reply.code == 334:  # it did not read the response that came with the command (RFC 4954 section 4)
                reply = await self.command(response, shown=MASK)
            return reply
        reply = await self.command("AUTH LOGIN")
        for answer in (username, password):
            if reply.code != 334:
                break
            reply = await self.command(sasl.encode(answer), shown=MASK)
        return reply

    async def message(self, content: bytes) -> None:
        """Sends the message and its final dot; dots at the start of lines are doubled (RFC 5321 section 4.5.2)."""
        await self.send(LINE_START_DOT.sub(b"..", content) + b".\r\n", shown=f"<message, {len(content)} bytes> .")

    def close(self) -> None:
        """Hangs up; what was already sent still goes out, unless the other end does not take it."""
        self.link.writer.close()
        asyncio.get_running_loop().call_later(PARTING, self.abort)

    def abort(self) -> None:
        """Hangs up at once: TLS's good-bye would outlive a short look."""
        self.link.writer.transport.abort()

    async def _line(self) -> str:
        """One line without its end."""
        while b"\n" not in self._unread:
            if len(self._unread) > MAX_REPLY:
                raise Fault("not_smtp", self._rest()[:200])
            if not (more := await self.link.reader.more(4096)):
                raise Fault("closed", self._rest())
            self._unread += more
        raw, _, self._unread = self._unread.partition(b"\n")
        line = visible(raw.rstrip(b"\r").decode(errors="replace"))
        self.transcript.add("S", line)
        return line

    def _rest(self) -> str:
        """What came and is no whole line, fit to be shown."""
        said = self.transcript.redact(self._unread.decode(errors="replace"))
        return " ".join(map(visible, said.splitlines()))

    async def _pending(self) -> bool:
        """Whether bytes arrived that nobody asked for."""
        with faults.named(), contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.01):
                self._unread += await self.link.reader.more(4096)
        return bool(self._unread)
