"""A link of 50 ms each way in front of a server on this machine, in a process of its own.

Bytes are under way all at once, as on a wire: what is sent later arrives later, nothing waits for what went before.
The kernel lets a client in at once, which no link does: so nothing that a client sends leaves before one round trip,
and the server is called half a round trip later, when the client's ACK would have come. A client then hears a greeting
after two round trips, as over a real link, whatever it made of the time between.
"""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator

from tests.browser import server

WAY = 0.05  # seconds that a byte is under way
ROUND = 2 * WAY
Freight = asyncio.Queue[tuple[float, bytes]]


@contextlib.contextmanager
def to(port: int, *, listen: int = 0) -> Iterator[int]:
    """The port at this end of a link to a port of 127.0.0.1."""
    order = [sys.executable, "-m", "tests.benchmarks.link", str(port), str(listen)]
    with subprocess.Popen(order, cwd=server.ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield int(process.stdout.readline())
        finally:
            process.terminate()


async def main(port: int, listen: int) -> None:
    """Carries until it is ended."""

    async def linked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(*ENDS), contextlib.closing(writer):
            await join(reader, writer, port)

    async with await asyncio.start_server(linked, "127.0.0.1", listen) as listener:
        print(listener.sockets[0].getsockname()[1], flush=True)
        await listener.serve_forever()


ENDS = (OSError, BaseExceptionGroup)  # either side may hang up as it likes


async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    """Carries both ways until both sides have ended."""
    up, down = Freight(), Freight()
    async with asyncio.TaskGroup() as carriers:
        await asyncio.sleep(ROUND)  # SYN and SYN-ACK
        carriers.create_task(_load(reader, up))
        await asyncio.sleep(WAY)  # ACK
        there, back = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.closing(back):
            carriers.create_task(_load(there, down))
            sending = carriers.create_task(_unload(up, back))
            await _unload(down, writer)
            await sending


async def _load(source: asyncio.StreamReader, freight: Freight) -> None:
    """Puts what a side says on its way; nothing, once it has ended."""
    loop, data = asyncio.get_running_loop(), b"-"
    while data:
        data = await source.read(65536)
        freight.put_nowait((loop.time() + WAY, data))


async def _unload(freight: Freight, target: asyncio.StreamWriter) -> None:
    """Hands over what has arrived, up to the end."""
    loop, data = asyncio.get_running_loop(), b"-"
    while data:
        due, data = await freight.get()
        await asyncio.sleep(due - loop.time())
        target.write(data) if data else target.write_eof()


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
