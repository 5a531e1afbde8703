"""One connection to a drill: the server's part of a dialogue, played to one client."""

from __future__ import annotations

import asyncio
import contextlib
import fnmatch
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

from core.diagnosis.dialogue import Line
from core.diagnosis.wire import Wire

PATIENCE = 600  # seconds that one connection may last


@dataclass(frozen=True, slots=True)
class Part:
    """What the server plays, with which TLS by kind; what clients said, and what of that was not in the script."""

    script: tuple[Line, ...]
    contexts: Mapping[str, ssl.SSLContext]
    heard: list[str] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)


class Actor:
    """The script played to one client."""

    def __init__(self, wire: Wire, part: Part) -> None:
        self.wire, self.part = wire, part
        self.at = 0
        self.gone = False

    async def act(self) -> None:
        """The whole script, then no to everything, until either side hangs up."""
        with contextlib.suppress(OSError):  # a time-out is one, too
            async with asyncio.timeout(PATIENCE):
                while not self.gone:
                    line = self.part.script[self.at] if self.at < len(self.part.script) else OVER
                    self.at += line.act in ACTS
                    await ACTS.get(line.act, Actor.refuse)(self, line.words)

    async def say(self, words: str) -> None:
        """Says a line."""
        await self.wire.write(words.encode() + b"\r\n")

    async def hear(self, expected: str) -> None:
        """Hears a line, or a message up to its final dot, and notes what was not in the script."""
        said = await self.wire.line()
        if expected == "<message>":
            while said not in (".", None):
                said = await self.wire.line()
            return
        if said is not None:
            self.part.heard.append(said)
        if self.turns(said):
            return
        if said is None or not fnmatch.fnmatchcase(said, expected.replace("[", "[[]")):
            self.part.trouble.append(f"expected {expected!r}, heard {said or ''!r}")
            await self.farewell(said)

    async def farewell(self, said: str | None) -> None:
        """Lets a client go that wants to or is already gone."""
        self.gone = said is None or said.upper().startswith("QUIT")
        if said and self.gone:
            await self.say("221 2.0.0 Bye")

    def turns(self, said: str | None) -> bool:
        """Whether a client says what another way through the script begins with; then that is gone on with."""
        ways = enumerate(self.part.script[self.at :], self.at + 1)
        turned = (after for after, line in ways if line.act == "or" and said and fnmatch.fnmatchcase(said, line.words))
        self.at, before = next(turned, self.at), self.at
        return self.at != before

    async def refuse(self, _: str) -> None:
        """What comes after the script: no to a line that no other way begins with."""
        said = await self.wire.line()
        if not self.turns(said):
            await self.farewell(said)
            if not self.gone:
                await self.say("500 5.5.2 Not in the script")

    async def encrypt(self, kind: str) -> None:
        """Shakes hands with a certificate of a kind."""
        await self.wire.encrypt(self.part.contexts[kind])

    async def pause(self, seconds: str) -> None:
        """Takes its time."""
        await asyncio.sleep(float(seconds))

    async def stall(self, _: str) -> None:
        """Hears everything and says nothing, until the client hangs up."""
        while await self.wire.read():
            pass
        self.gone = True

    async def drop(self, _: str) -> None:
        """Hangs up."""
        self.gone = True


OVER = Line("or")
ACTS = {
    "S": Actor.say,
    "C": Actor.hear,
    "tls": Actor.encrypt,
    "pause": Actor.pause,
    "stall": Actor.stall,
    "drop": Actor.drop,
}
