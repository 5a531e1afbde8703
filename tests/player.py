"""Acts out `tests/dialogues/<cause>.txt` on loopback: a scripted server that a real client speaks to.

# a comment            ! form encryption=ssl username=   overrides of the client's form
S: the server says     ! tls KIND      a handshake with a certificate of that kind (see `certificates`)
C: the client must     ! stall  ! drop  ! pause 0.2      silence, hang up, wait
   say, * is anything  ! refuse  ! blackhole  ! unreachable  ! dns nxdomain   before any connection
C: <message>           reads up to the final dot
"""

import contextlib
import fnmatch
import shlex
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests import certificates

DIALOGUES = Path(__file__).parent / "dialogues"
FORM = {
    "host": "127.0.0.1",
    "encryption": "none",
    "username": "user@shop.example",
    "password": "canary-password",
    "from_address": "user@shop.example",
    "to": "owner@shop.example",
}


@dataclass
class Server:
    """A dialogue being played: `form` is the client's side, `trouble` what the client said against the script.

    `silent` tells that the client is to wait in vain: let it wait a short time only.
    """

    form: dict[str, str]
    ca_file: str
    dns: str | None = None
    silent: bool = False
    trouble: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)


@contextlib.contextmanager
def play(path: Path) -> Iterator[Server]:
    """Plays a dialogue, anew for each connection, until the block ends."""
    lines = [line for line in path.read_text(encoding="utf8").splitlines() if line and not line.startswith("#")]
    form = FORM | dict(
        pair.split("=", 1) for line in lines if line.startswith("! form") for pair in shlex.split(line)[2:]
    )
    script = [line for line in lines if not line.startswith("! form")]
    server = Server(form, certificates.ca_file())
    quiet = [line for line in script if line in ("! stall", "! blackhole") or line.startswith("! tls")]
    server.silent = any(not line.startswith("! tls") or form["encryption"] != "ssl" for line in quiet)
    for line in filter(lambda line: line.startswith("! tls"), script):
        certificates.server(line.split()[2])  # made here, not in the thread that plays
    first = script[0]
    if first == "! unreachable":
        form["host"], form["port"] = "fe80::1", "25"  # link-local without a scope: the system refuses, nothing leaves
        yield server
    elif first.startswith("! dns"):
        form["host"], form["port"], server.dns = "smtp.shop.example", "25", first.split()[2]
        yield server
    else:
        with socket.create_server(("127.0.0.1", 0), backlog=0 if first == "! blackhole" else 8) as listener:
            form["port"] = str(listener.getsockname()[1])
            with _before(first, listener):
                if not first.startswith(("! refuse", "! blackhole")):
                    threading.Thread(target=_accept, args=(listener, script, server), daemon=True).start()
                yield server


@contextlib.contextmanager
def _before(first: str, listener: socket.socket) -> Iterator[None]:
    """What happens before anything is accepted: nothing listens, or the queue is full so that nobody is let in."""
    crowd = []
    if first == "! refuse":
        listener.close()
    if first == "! blackhole":
        for _ in range(4):
            crowd.append(socket.socket())
            crowd[-1].setblocking(False)
            with contextlib.suppress(BlockingIOError):
                crowd[-1].connect(listener.getsockname())
        time.sleep(0.05)
    yield
    for one in crowd:
        one.close()


def _accept(listener: socket.socket, script: list[str], server: Server) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_act, args=(connection, script, server), daemon=True).start()


def _act(connection: socket.socket, script: list[str], server: Server) -> None:
    with contextlib.suppress(OSError, ssl.SSLError), contextlib.ExitStack() as stack:
        connection.settimeout(30)
        stack.callback(connection.close)
        reader = connection.makefile("rb")
        for line in script:
            if line.startswith("! tls"):
                connection = certificates.server(line.split()[2]).wrap_socket(connection, server_side=True)
                stack.callback(connection.close)
                reader = connection.makefile("rb")
            elif line.startswith("! pause"):
                time.sleep(float(line.split()[2]))
            elif line == "! drop":
                return
            elif line == "! stall":
                connection.recv(1 << 16)
                time.sleep(30)
            elif line.startswith("S:"):
                connection.sendall(line[3:].encode() + b"\r\n")
            else:
                _listen(reader, line[3:], server)
        _end(connection, reader)


def _listen(reader: object, expected: str, server: Server) -> None:
    if expected == "<message>":
        while reader.readline() not in (b".\r\n", b""):  # type: ignore[attr-defined]
            pass
        return
    said = reader.readline().decode().rstrip("\r\n")  # type: ignore[attr-defined]
    server.heard.append(said)
    if not fnmatch.fnmatchcase(said, expected.replace("[", "[[]")):
        server.trouble.append(f"expected {expected!r}, heard {said!r}")


def _end(connection: socket.socket, reader: object) -> None:
    while line := reader.readline():  # type: ignore[attr-defined]
        if line.upper().startswith(b"QUIT"):
            connection.sendall(b"221 2.0.0 Bye\r\n")
            return
        connection.sendall(b"500 5.5.2 Not in the script\r\n")
