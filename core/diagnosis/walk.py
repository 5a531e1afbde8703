"""The walk through the stages of one conversation: each ends as a step, the first failure ends the walk."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace

from core.accounts.form import Form
from core.diagnosis import handshake, marks
from core.diagnosis.booking import Booking
from core.diagnosis.letter import Letter
from core.diagnosis.step import Step
from core.diagnosis.terms import Ledger, Terms
from core.smtp import sasl
from core.smtp.connect import Attempt, Unconnected, connect, is_loopback, resolve
from core.smtp.conversation import Conversation
from core.smtp.endpoint import to_ascii
from core.smtp.faults import Fault
from core.smtp.reply import Reply
from core.smtp.transcript import Transcript

NUMBER = re.compile(r"[0-9]{1,19}")
GRACE = 0.5  # seconds for answers that no longer decide anything


@dataclass
class Walk:
    """One conversation about one letter. `watch(step, following)` hears each step done, or the stage that begins."""

    form: Form
    letter: Letter
    terms: Terms
    ledger: Ledger
    watch: Callable[[Step | None, str | None], None]
    transcript: Transcript = field(init=False)
    addresses: list[str] = field(default_factory=list)  # known already: then none is looked up
    scouting: bool = False  # only as far as the server's offer: no log-in, no mail
    attempts: tuple[Attempt, ...] = ()
    talk: Conversation | None = None
    committed: bool = False  # the final dot may be out: from here on the message cannot be called back
    _current: str = "resolve"
    _since: float = 0
    _refused: bool = False
    _unanswered: int = 0  # commands of the envelope that are out
    _refusal: Reply | None = None

    def __post_init__(self) -> None:
        self._booking = Booking(self.ledger)
        self.transcript = Transcript(self.form.secrets)

    async def run(self) -> None:
        """Walks to the end or to the first failure."""
        try:
            async with asyncio.timeout(None) as clock:
                clock.reschedule(asyncio.get_running_loop().time() + self.terms.whole)
                for stage in self._stages():
                    if stage == "data":
                        clock.reschedule(None)
                    if not await self._step(stage):
                        break
                else:
                    return
            await self._part()
            if self._refusal and self.terms.send:
                await self._settle("refused", self._refusal)
        except TimeoutError:
            known = self.talk.refused if self.talk else None
            event, detail = (known.event, known.detail) if known else ("silent", None)
            self._done(Step.of(self._current, self._elapsed(), reply=None, event=event, detail=detail))
        finally:
            if self.talk and self.scouting:
                self.talk.abort()
            elif self.talk:
                self.talk.close()
            await self._booking.close()

    def _stages(self) -> Iterator[str]:
        """The stages that this form and this server need, in their order."""
        if not self.addresses:
            yield "resolve"
        yield "connect"
        if self.form.encryption == "ssl":
            yield "tls"
        yield "greeting"
        yield "ehlo"
        if self.form.encryption == "starttls":
            yield "starttls"
        if self.scouting:
            return
        if self.form.username:
            yield "auth"
        yield "mail"
        yield "rcpt"
        if self.terms.send:
            yield "data"
        yield "quit"

    async def _step(self, stage: str) -> bool:
        """Runs one stage; whether the walk goes on."""
        self._current = stage
        self.watch(None, stage)
        self._since = time.monotonic()
        reply: Reply | None = None
        event, detail = None, None
        act: Callable[[], Awaitable[Reply | str | None]] = getattr(self, f"_{stage}")
        try:
            answer = await act()
            reply, detail = (answer, None) if isinstance(answer, Reply) else (None, answer)
        except Fault as fault:
            event, detail = fault.event, fault.detail or None
        redact = self.transcript.redact
        step = Step.of(stage, self._elapsed(), reply=reply, event=event, detail=redact(detail) if detail else None)
        step = replace(step, reply=redact(step.reply) if step.reply else None)
        self._refused = not step.ok and reply is not None
        self._done(step)
        return step.ok

    async def _settle(self, outcome: str, reply: Reply | None) -> None:
        await self._booking.settle(outcome, reply.redacted(self.transcript.redact) if reply else None)

    def _elapsed(self) -> int:
        """Milliseconds since the stage began."""
        return round((time.monotonic() - self._since) * 1000)

    async def _part(self) -> None:
        """Says QUIT to a server that refused something, without waiting for its answer (RFC 5321 section 4.1.1.10).

        What was asked together with it is answered first: where that lets DATA in, a lone dot ends it, which is no
        message to anybody (RFC 2920 section 3.1). Where such an answer is late, we hang up: nothing is sent either.
        """
        if not (self.talk and self._refused):
            return
        with contextlib.suppress(Fault):
            last = None
            while self._unanswered:
                last = await self._answer(GRACE)
            if last and last.code == 354:
                await self.talk.send(b".\r\n", shown=".")
            await self._quit()

    def _done(self, step: Step) -> None:
        self.watch(step, None)

    # each stage: the reply that ended it, or words about what was found; a Fault when it broke

    async def _resolve(self) -> str:
        host, terms = self.form.host, self.terms
        self.addresses = await resolve(host, nameservers=terms.nameservers, timeout=terms.connect)
        return ", ".join(self.addresses)

    async def _connect(self) -> str:
        try:
            link = await connect(self.addresses, self.form.port, timeout=self.terms.connect)
        except Unconnected as fault:
            self.attempts = fault.attempts
            raise
        self.attempts = link.attempts
        self.talk = Conversation(link, self.transcript, patience=self.terms.stage)
        missed = [f"{attempt.address}: {attempt.event}" for attempt in link.attempts if attempt.event]
        return ", ".join([link.address, *missed])

    async def _tls(self) -> str:
        return await handshake.secure(self._open, self.form, self.terms, await self._trusting())

    async def _greeting(self) -> Reply:
        try:
            reply = await self._open.reply()
        except Fault as fault:
            hidden = fault.event in ("silent", "closed") and self.form.encryption != "ssl" and not self.scouting
            if hidden and await handshake.speaks_tls(self._open.address, self.form, self.terms):
                raise Fault("speaks_tls", fault.detail) from fault
            raise
        if marks.is_redirect(self.form.host, reply.words):
            raise Fault("redirected", reply.text)
        return reply

    async def _ehlo(self) -> Reply:
        return await self._open.ehlo()

    async def _starttls(self) -> Reply:
        if "STARTTLS" not in self._open.capabilities:
            raise Fault("starttls_missing", " ".join(self._open.capabilities))
        context = await self._trusting()  # before we ask: what comes before the handshake counts for nothing
        reply = await self._open.starttls()
        if not reply.ok:
            return reply
        await handshake.secure(self._open, self.form, self.terms, context)
        return await self._open.ehlo()

    async def _trusting(self) -> ssl.SSLContext:
        """Whom the handshake trusts; to read all authorities is no time of the server's."""
        context = await handshake.context(self.form, self.terms)
        self._since = time.monotonic()
        return context

    async def _auth(self) -> Reply:
        offered = self.mechanisms()
        usable = sasl.usable(offered)
        if not offered:
            raise Fault("auth_missing", " ".join(self._open.capabilities))
        if not usable:
            raise Fault("no_common_mechanism", " ".join(offered))
        if not (self._open.tls or self.form.allow_plaintext or self._is_us()):
            raise Fault("refuses_plain")
        for mechanism in usable:  # a password is judged once: more attempts may lock the account
            reply = await self._open.login(mechanism, self.form.username, self.form.password.reveal())
            if not sasl.unjudged(reply):
                break
        return reply

    async def _mail(self) -> Reply:
        size, limit = len(self.letter.content), self._open.capabilities.get("SIZE", "")
        if NUMBER.fullmatch(limit) and 0 < int(limit) < size:
            raise Fault("too_large", f"SIZE {limit}")
        options = f" SIZE={size}" if "SIZE" in self._open.capabilities else ""
        sender = _mailbox(self.form.from_address)
        if not (sender + _mailbox(self.letter.to)).isascii():
            if "SMTPUTF8" not in self._open.capabilities:
                raise Fault("needs_smtputf8")
            options += " SMTPUTF8"
        commands = [f"MAIL FROM:<{sender}>{options}"]
        if "PIPELINING" in self._open.capabilities:  # RFC 2920: the envelope at once, DATA at its end
            commands.append(self._recipient)
            if self.terms.send and await self._booking.soon():
                commands.append("DATA")
        for command in commands:
            await self._say(command)
        return await self._envelope()

    async def _rcpt(self) -> Reply:
        if not self._unanswered:
            await self._say(self._recipient)
        return await self._envelope()

    @property
    def _recipient(self) -> str:
        return f"RCPT TO:<{_mailbox(self.letter.to)}>"

    async def _say(self, line: str) -> None:
        self._unanswered += 1
        await self._open.send(f"{line}\r\n".encode(), shown=line)

    async def _answer(self, patience: float | None = None) -> Reply:
        reply = await self._open.reply(patience=patience)
        self._unanswered -= 1
        return reply

    async def _envelope(self) -> Reply:
        """The answer to a command of the envelope; a refusal is booked in the end, since a send came to its own."""
        reply = await self._answer()
        self._refusal = None if reply.ok else reply
        return reply

    async def _data(self) -> Reply:
        await self._booking.reserved()
        outcome, reply = "failed", None
        try:
            if not self._unanswered:
                await self._say("DATA")
            reply = await self._answer()
            if reply.code == 354:
                self.committed, outcome = True, "unknown"
                await self._open.message(self.letter.content)
                reply = await self._open.reply(patience=self.terms.final)
                outcome = "unknown" if 300 <= reply.code < 400 else "accepted" if reply.ok else "refused"
            elif reply.ok:  # RFC 5321 section 4.2.5 knows only 354 here: no message was asked for
                raise Fault("out_of_step", reply.text)
            else:
                outcome = "refused"
        finally:
            await self._settle(outcome, reply)
        return reply

    async def _quit(self) -> None:
        """The message is handed over: a server that hangs up early is no failure, nor is its answer waited for."""
        with contextlib.suppress(Fault):
            await self._open.send(b"QUIT\r\n", shown="QUIT")

    @property
    def _open(self) -> Conversation:
        if self.talk is None:
            raise ValueError("connect first")
        return self.talk

    def mechanisms(self) -> list[str]:
        """What AUTH offers, also in the old spelling AUTH=PLAIN."""
        offered = self._open.capabilities
        listed = [offered.get("AUTH", ""), *(word[5:] for word in offered if word.startswith("AUTH="))]
        return " ".join(listed).upper().split()

    @property
    def login(self) -> str | None:
        """`skipped` where the server offers a log-in and the form names nobody to log in."""
        return "skipped" if self.talk and self.mechanisms() and not self.form.username else None

    def _is_us(self) -> bool:
        return self.terms.loopback_is_us and is_loopback(self._open.address)


def _mailbox(address: str) -> str:
    """An address for the envelope: its domain as DNS knows it, so that only a local part can need SMTPUTF8."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{to_ascii(domain) or domain}"
