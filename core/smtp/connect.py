"""The one door to the network: a name resolved once, its addresses tried side by side, each with its result."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from core.smtp import faults
from core.smtp.endpoint import is_address
from core.smtp.faults import Fault

_Streams = tuple["Reader", asyncio.StreamWriter, str]  # and the address; a socket that was reset knows none
T = TypeVar("T", _Streams, socket.socket)
_Opening = Callable[[str], Awaitable[T]]
MOST = 4  # addresses of a kind that are tried: a hostile name has thousands
HEAD_START = 0.25  # seconds before the next address is tried beside a slow one (RFC 8305 section 5)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One address tried: `event` is None where it answered."""

    address: str
    ms: int
    event: str | None
    detail: str = ""


class Reader(asyncio.StreamReader):
    """A stream that is read to its end though the connection broke: what a server said last tells why it hung up."""

    broken: Exception | None = None

    @property
    def waiting(self) -> bool:
        """Whether something came that nobody has read."""
        return bool(self._buffer)  # type: ignore[attr-defined]  # asyncio tells it only to who waits for it

    def set_exception(self, exc: Exception) -> None:
        """Hears that the connection broke; asyncio's own would throw away what was not read yet."""
        self.broken = exc
        self.feed_eof()

    async def more(self, most: int) -> bytes:
        """The next bytes, none at the end. Raises what broke the connection."""
        if not (data := await self.read(most)) and self.broken:
            raise self.broken
        return data


@dataclass(frozen=True, slots=True)
class Link:
    """An open connection and how it came about."""

    reader: Reader
    writer: asyncio.StreamWriter
    address: str
    attempts: tuple[Attempt, ...]


class Unconnected(Fault):
    """No address answered; `attempts` tells what each of them did."""

    def __init__(self, attempts: tuple[Attempt, ...]) -> None:
        first = next((a for a in attempts if a.event != "unreachable"), attempts[0])
        super().__init__(first.event or "unreachable", first.detail)
        self.attempts = attempts


def is_loopback(address: str) -> bool:
    """Whether an address is this machine's own."""
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


async def resolve(host: str, *, nameservers: Sequence[str] = (), timeout: float = 5) -> list[str]:
    """The host's addresses, a few of each kind, the preferred one first; `nameservers` replace the system's.

    Raises Fault with `host_not_found` or `resolver_failed`.
    """
    if nameservers and not is_address(host):
        from core.smtp import resolver

        found = await resolver.addresses(host, nameservers, timeout)
    else:
        found = await _asked(host, timeout)
    kinds = [[address for address in found if (":" in address) is is_new] for is_new in (True, False)]
    kept = {address for kind in kinds for address in kind[:MOST]}
    return [address for address in found if address in kept]


async def _asked(host: str, timeout: float) -> list[str]:
    """What the system's resolver knows."""
    try:
        with faults.named():
            async with asyncio.timeout(timeout):
                loop = asyncio.get_running_loop()
                found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except Fault as fault:
        raise Fault("resolver_failed", "time-out") if fault.event == "silent" else fault from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


async def connect(addresses: Sequence[str], port: int, *, timeout: float = 5) -> Link:
    """Opens a TCP connection to the first address that answers (RFC 8305). Raises Unconnected."""
    streams, attempts = await _race(addresses, partial(_open, port=port), timeout)
    return Link(*streams, attempts)


async def dial(addresses: Sequence[str], port: int, *, timeout: float = 5) -> socket.socket:
    """A socket to the first address that answers, for a library with a thread of its own. Raises Unconnected."""
    made, _ = await _race(addresses, partial(_dial, port=port), timeout)
    return made


async def _race(addresses: Sequence[str], opening: _Opening[T], timeout: float) -> tuple[T, tuple[Attempt, ...]]:
    """What the first address that answers was opened as, and how each did; the others are closed."""
    attempts: list[Attempt] = []
    waiting = list(addresses)
    running: set[asyncio.Task[T | None]] = set()
    try:
        while waiting or running:
            if waiting:
                running.add(asyncio.create_task(_try(waiting.pop(0), opening, timeout, attempts)))
            patience = HEAD_START if waiting else None
            done, running = await asyncio.wait(running, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                if opened := task.result():
                    for other in done - {task}:
                        _close(other)
                    return opened, tuple(attempts)
    finally:
        for task in running:
            task.cancel()
            task.add_done_callback(_close)
    raise Unconnected(tuple(attempts))


async def survey(addresses: Sequence[str], port: int, *, timeout: float = 5) -> tuple[Attempt, ...]:
    """What each address does by itself, all at once; nothing is said on any of them."""
    attempts: list[Attempt] = []
    await asyncio.gather(*(_knock(address, port, timeout, attempts) for address in addresses))
    return tuple(sorted(attempts, key=lambda attempt: addresses.index(attempt.address)))


async def _knock(address: str, port: int, timeout: float, attempts: list[Attempt]) -> None:
    if streams := await _try(address, partial(_open, port=port), timeout, attempts):
        streams[1].close()


async def _try(address: str, opening: _Opening[T], timeout: float, attempts: list[Attempt]) -> T | None:
    started = time.monotonic()
    event, detail, opened = None, "", None
    try:
        with faults.named(connecting=True):
            async with asyncio.timeout(timeout):
                opened = await opening(address)
    except Fault as fault:
        event, detail = fault.event, fault.detail
    attempts.append(Attempt(address, round((time.monotonic() - started) * 1000), event, detail))
    return opened


async def _open(address: str, port: int) -> _Streams:
    """As asyncio.open_connection, but for the reader."""
    loop = asyncio.get_running_loop()
    reader = Reader()
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    transport, _ = await loop.create_connection(lambda: protocol, address, port)
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop), address


async def _dial(address: str, port: int) -> socket.socket:
    """A plain socket, closed where it comes to nothing."""
    with contextlib.ExitStack() as stack:
        made = stack.enter_context(socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET))
        made.setblocking(False)
        await asyncio.get_running_loop().sock_connect(made, (address, port))
        stack.pop_all()
    return made


def _close(task: asyncio.Task[T | None]) -> None:
    """Closes a connection that came up after another one had won."""
    if not task.cancelled() and not task.exception() and (opened := task.result()):
        (opened[1] if isinstance(opened, tuple) else opened).close()
