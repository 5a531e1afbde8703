"""A small SMTP server on loopback that takes any log-in and any mail, and falls silent where it is told to."""

import base64
import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

PATIENCE = 30
REPLIES = {
    "EHLO": "250-upstream.example\r\n250 AUTH PLAIN",
    "AUTH": "235 2.7.0 Welcome",
    "MAIL": "250 2.1.0 Fine",
    "RCPT": "250 2.1.5 Fine",
    "DATA": "354 Go on",
    ".": "250 2.0.0 Taken as 4711",
    "QUIT": "221 2.0.0 Bye",
}


@dataclass
class Upstream:
    """The server: `hold` names what it does not answer until `released`; `held` is set once it waits there."""

    port: int
    hold: str | None = None
    connections: int = 0
    messages: int = 0
    passwords: list[str] = field(default_factory=list)
    held: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def form(self) -> dict[str, str]:
        """The fields that reach this server."""
        return {
            "from_address": "shop@shop.example",
            "from_name": "Cửa hàng",
            "host": "127.0.0.1",
            "username": "shop@shop.example",
            "password": "canary-pass-word",
            "port": str(self.port),
            "encryption": "none",
        }

    def pause(self, word: str) -> None:
        """Waits where it is told to."""
        if word == self.hold:
            self.held.set()
            self.released.wait(PATIENCE)

    def speak(self, connection: socket.socket) -> None:
        """One conversation."""
        self.connections += 1
        with contextlib.suppress(OSError), connection, connection.makefile("rb") as reader:
            self.pause("greeting")
            connection.sendall(b"220 upstream.example ESMTP\r\n")
            for line in reader:
                self.answer(connection, line.decode(errors="replace").rstrip("\r\n"))
                if line.startswith(b"DATA"):
                    while reader.readline() not in (b".\r\n", b""):
                        pass
                    self.messages += 1
                    self.answer(connection, ".")

    def answer(self, connection: socket.socket, line: str) -> None:
        """What it says to a line."""
        word, _, rest = line.partition(" ")
        if word == "AUTH":
            self.passwords.append(base64.b64decode(rest.removeprefix("PLAIN ")).decode().rpartition("\0")[2])
        self.pause(word)
        connection.sendall(f"{REPLIES.get(word, '500 5.5.2 Unknown')}\r\n".encode())


@contextlib.contextmanager
def listening() -> Iterator[Upstream]:
    """The server until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Upstream(listener.getsockname()[1])
        threading.Thread(target=_accept, args=(listener, server), daemon=True).start()
        yield server
        server.released.set()
        listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for a connection


def _accept(listener: socket.socket, server: Upstream) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            connection.settimeout(PATIENCE)
            threading.Thread(target=server.speak, args=(connection,), daemon=True).start()
