"""The server's end of a connection: lines in and out, in plain text or, from a handshake on, encrypted.

Not asyncio's streams: their TLS hangs up on a failed handshake without the alert that tells the client why.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PIECE = 1 << 16
LONGEST = 1 << 20  # bytes that a line of a client may have


class Wire:
    """A connection. Each method raises OSError where it breaks off."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._tls: ssl.SSLObject | None = None
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._unread = b""

    async def write(self, data: bytes) -> None:
        """Sends bytes."""
        if self._tls:
            await self._through(self._tls.write, data)
        else:
            await self._loop.sock_sendall(self._connection, data)

    async def line(self) -> str | None:
        """The client's next line, None where it hung up."""
        while b"\n" not in self._unread:
            if len(self._unread) > LONGEST:
                raise ConnectionAbortedError
            if not (piece := await self.read()):
                return None
            self._unread += piece
        line, _, self._unread = self._unread.partition(b"\n")
        return line.rstrip(b"\r").decode(errors="replace")

    async def read(self) -> bytes:
        """What comes next, nothing where the client hung up."""
        if not self._tls:
            return await self._loop.sock_recv(self._connection, PIECE)
        try:
            return await self._through(self._tls.read, PIECE)
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""

    async def encrypt(self, context: ssl.SSLContext) -> None:
        """Shakes hands."""
        self._in.write(self._unread)
        self._unread = b""
        self._tls = context.wrap_bio(self._in, self._out, server_side=True)
        await self._through(self._tls.do_handshake)

    def close(self, *_: object) -> None:
        """Hangs up, without TLS's good-bye that would be waited for."""
        self._connection.close()

    async def _through(self, step: Callable[..., T], *values: object) -> T:
        """What a step of TLS comes to, once the client has said enough for it."""
        while True:
            try:
                return step(*values)
            except ssl.SSLWantReadError:
                await self._flush()
                if piece := await self._loop.sock_recv(self._connection, PIECE):
                    self._in.write(piece)
                else:
                    self._in.write_eof()
            finally:
                await self._flush()

    async def _flush(self) -> None:
        await self._loop.sock_sendall(self._connection, self._out.read())
