"""A server that behaves as a cause tells it, on loopback only: to practise on, and to see what a fault looks like."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path

from core.diagnosis import dialogue
from core.diagnosis.actor import Actor, Part
from core.diagnosis.dialogue import Dialogue
from core.diagnosis.wire import Wire
from core.i18n import N_
from core.told import Told

DEAF = "127.0.0.1:9"  # no name server answers at this port (RFC 863)
SHORT = 2.0  # seconds to wait where a script is silent
ANYWHERE = ("127.0.0.1", 0)
LOOPBACK = {"localhost": "127.0.0.1", "127.0.0.1": "127.0.0.1", "::1": "::1"}
NOWHERE = {
    "unreachable": ("fe80::1", "25"),  # link-local without a scope: the system refuses, nothing leaves the machine
    "dns": ("smtp.shop.invalid", "25"),  # RFC 6761 section 6.4: a name that never exists
}
FORM = {
    "host": "127.0.0.1",
    "encryption": "none",
    "username": "user@shop.example",
    "password": "made-up-password",
    "from_address": "user@shop.example",
    "to": "owner@shop.example",
}
Contexts = Mapping[str, ssl.SSLContext]


class Elsewhere(Told, ValueError):
    """A drill is asked to listen where others could reach it."""

    sentence = N_("A drill listens on this machine only: write 127.0.0.1 or [::1] in place of {host}.")


class Closed(Told):
    """A drill cannot listen."""

    sentence = N_("The drill cannot listen on {host}: {detail}")


@dataclass
class Drill:
    """A dialogue being played: `form` is the client's side, `ca` the authority that the client is to trust.

    `heard` is what clients said, `trouble` what they said against the script. Where it does not listen, no server can
    play the fault: `form` leads to it, or a name service that answers `dns`. `silent` tells that the client waits in
    vain: let it wait a short time only.
    """

    form: dict[str, str]
    ca: Path | None = None
    dns: str | None = None
    silent: bool = False
    listens: bool = True
    trouble: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)


def playing(cause: str, *, listen: tuple[str, int] = ANYWHERE) -> AbstractAsyncContextManager[Drill]:
    """Plays a cause, anew for each connection, until the block ends. Raises NotFound, Elsewhere or Closed."""
    return acting(dialogue.find(cause), listen=listen)


@contextlib.asynccontextmanager
async def acting(played: Dialogue, *, listen: tuple[str, int] = ANYWHERE) -> AsyncIterator[Drill]:
    """Plays a dialogue, as `playing` does; where the port is taken, on a free one."""
    host, port = listen
    if host not in LOOPBACK:
        raise Elsewhere(host=host)
    drill = Drill(FORM | dict(played.form), dns=played.dns, silent=played.silent)
    with contextlib.ExitStack() as stack:
        if nowhere := NOWHERE.get(played.before or ""):
            drill.listens = False
            drill.form["host"], drill.form["port"] = nowhere
            yield drill
            return
        listener = stack.enter_context(_bound(LOOPBACK[host], port))
        drill.form["host"], drill.form["port"] = LOOPBACK[host], str(listener.getsockname()[1])
        contexts = stack.enter_context(_certified(played.certificates, drill))
        part = Part(played.script, contexts, drill.heard, drill.trouble)
        async with _open(listener, part) if played.before is None else _shut(listener, played.before):
            yield drill


def _bound(host: str, port: int) -> socket.socket:
    """A socket at the port or, where that is taken, at a free one. Raises Closed."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for wanted in (port, 0):
        made = socket.socket(family)
        if os.name == "posix":  # else a drill that has just ended keeps its port for a minute; Windows would share it
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind((host, wanted))
        except OSError as error:
            made.close()
            reason = error
        else:
            return made
    raise Closed(host=host, detail=reason) from reason


@contextlib.contextmanager
def _certified(kinds: frozenset[str], drill: Drill) -> Iterator[Contexts]:
    """The server's TLS by kind, and the drill's authority in a file as long as the block lasts."""
    if not kinds:
        yield {}
        return
    from core.diagnosis import certificates

    authority = certificates.signer()
    with tempfile.TemporaryDirectory(prefix="mailgauge-drill-") as directory:
        drill.ca = Path(directory) / "ca.pem"
        drill.ca.write_bytes(authority.pem())
        yield {kind: certificates.server(kind, authority) for kind in kinds}


@contextlib.asynccontextmanager
async def _open(listener: socket.socket, part: Part) -> AsyncIterator[None]:
    """Everybody is let in and spoken to."""
    listener.setblocking(False)
    listener.listen()
    door = asyncio.create_task(_welcome(listener, part))
    try:
        yield
    finally:
        door.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await door


async def _welcome(listener: socket.socket, part: Part) -> None:
    """Speaks to everybody who comes, until it is cancelled."""
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as talks:
        while True:
            connection, _ = await loop.sock_accept(listener)
            wire = Wire(connection)
            talks.create_task(Actor(wire, part).act()).add_done_callback(wire.close)


@contextlib.asynccontextmanager
async def _shut(listener: socket.socket, before: str) -> AsyncIterator[None]:
    """Nobody is let in: nothing listens, or the queue is full of ourselves so that Linux answers nobody else."""
    with contextlib.ExitStack() as stack:
        if before == "blackhole":
            listener.listen(0)
            for _ in range(4):
                waiting = stack.enter_context(socket.socket(listener.family))
                waiting.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    waiting.connect(listener.getsockname())
            await asyncio.sleep(0.05)
        yield
