"""Without sign-in only this machine is answered, and only directly."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from core.loopback import LoopbackOnly, free_port

HOME = ("127.0.0.1", 50000)
AWAY = ("192.0.2.7", 50000)


def ask(kind: str, headers: list[tuple[str, str]], client: tuple[str, int] | None = HOME) -> list[dict[str, Any]]:
    """What comes back for a request; "let in" where it reaches the app."""
    told: list[dict[str, Any]] = []

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "let in"})

    async def receive() -> dict[str, Any]:
        return {"type": f"{kind}.connect"}

    async def send(message: Any) -> None:
        told.append(message)

    raw = [(name.encode(), value.encode()) for name, value in headers]
    asyncio.run(LoopbackOnly(app)({"type": kind, "headers": raw, "client": client}, receive, send))
    return told


def is_let_in(*arguments: Any) -> bool:
    """Whether a request reaches the app."""
    return ask(*arguments) == [{"type": "let in"}]


OTHERS = [
    pytest.param([("host", "mail.shop.example")], HOME, id="another host"),
    pytest.param([("host", "127.0.0.1.shop.example")], HOME, id="a host that begins like ours"),
    pytest.param([("host", "localhost.shop.example:8501")], HOME, id="a name that begins like ours"),
    pytest.param([("host", "shop.example:127.0.0.1")], HOME, id="our address for a port"),
    pytest.param([("host", "user@localhost")], HOME, id="a user"),
    pytest.param([("host", "127.0.0.2")], HOME, id="another loopback address"),
    pytest.param([("host", "0.0.0.0:8501")], HOME, id="any address"),
    pytest.param([("host", "")], HOME, id="an empty host"),
    pytest.param([], HOME, id="no host"),
    pytest.param([("host", "localhost"), ("forwarded", "for=127.0.0.1")], HOME, id="forwarded"),
    pytest.param([("host", "localhost"), ("Forwarded", "for=127.0.0.1")], HOME, id="forwarded in capitals"),
    pytest.param([("host", "localhost"), ("x-forwarded-for", "127.0.0.1")], HOME, id="x-forwarded-for"),
    pytest.param([("host", "localhost"), ("X-Forwarded-Proto", "https")], HOME, id="x-forwarded-proto"),
    pytest.param([("host", "localhost"), ("x-forwarded-host", "localhost")], HOME, id="x-forwarded-host"),
    pytest.param([("host", "localhost")], AWAY, id="another machine"),
    pytest.param([("host", "localhost")], ("fe80::1%eth0", 1), id="a neighbour"),
    pytest.param([("host", "localhost")], ("", 0), id="a nameless client"),
    pytest.param([("host", "localhost")], ("testclient", 1), id="a client without an address"),
    pytest.param([("host", "localhost")], None, id="no client"),
    pytest.param([("host", "shop.example"), ("host", "localhost")], HOME, id="two hosts"),
]


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("client", ["127.0.0.1", "127.8.8.8", "::1"])
@pytest.mark.parametrize("port", ["", ":80", ":8501"])
@pytest.mark.parametrize("host", ["localhost", "LocalHost", "127.0.0.1", "[::1]"])
def test_this_machine_is_let_in(kind: str, host: str, port: str, client: str) -> None:
    assert is_let_in(kind, [("Host", host + port)], (client, 50000))


@pytest.mark.parametrize(("headers", "client"), OTHERS)
def test_anybody_else_gets_a_page_that_says_why(headers: list[tuple[str, str]], client: Any) -> None:
    start, body = ask("http", headers, client)

    assert start["status"] == 403
    assert "own machine only" in body["body"].decode()


@pytest.mark.parametrize(("headers", "client"), OTHERS)
def test_anybody_elses_socket_is_closed(headers: list[tuple[str, str]], client: Any) -> None:
    assert ask("websocket", headers, client) == [{"type": "websocket.close", "code": 1008}]


def test_the_page_is_in_both_languages() -> None:
    _, body = ask("http", [])

    assert "Mailgauge chỉ trả lời trên chính máy đang chạy nó" in body["body"].decode()


def test_the_page_is_not_kept_by_a_browser() -> None:
    start, _ = ask("http", [])

    assert (b"cache-control", b"no-store") in start["headers"]


def test_a_servers_own_start_is_let_through() -> None:
    assert is_let_in("lifespan", [], None)


@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost:9999", "null"])
def test_a_page_of_another_program_may_not_open_a_socket(origin: str) -> None:
    assert not is_let_in("websocket", [("Host", "127.0.0.1:8501"), ("Origin", origin)])


def test_our_own_page_may_open_a_socket() -> None:
    assert is_let_in("websocket", [("Host", "127.0.0.1:8501"), ("Origin", "http://127.0.0.1:8501")])


@contextlib.contextmanager
def listening(address: str, number: int = 1) -> Iterator[int]:
    """Other programs on so many ports in a row; the first port."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with contextlib.ExitStack() as stack:
        for first in range(20_000, 30_000, 7):
            with contextlib.ExitStack() as tried:
                try:
                    for port in range(first, first + number + 1):
                        other = tried.enter_context(socket.socket(family))
                        other.bind((address, port))
                        other.listen()
                except OSError:
                    continue
                other.close()  # the port behind them is free
                stack.push(tried.pop_all())
                break
        yield first


ADDRESSES = pytest.mark.parametrize("address", ["127.0.0.1", "::1"])


@ADDRESSES
def test_a_free_port_is_taken_itself(address: str) -> None:
    with listening(address) as taken:
        assert free_port(address, taken + 1) == taken + 1


@ADDRESSES
@pytest.mark.parametrize("number", [1, 2, 5])
def test_for_a_port_that_others_have_the_next_free_one_is_taken(address: str, number: int) -> None:
    with listening(address, number) as taken:
        assert free_port(address, taken) == taken + number


def test_beyond_the_last_port_nothing_is_looked_for() -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", 65_535))
        other.listen()

        assert free_port("127.0.0.1", 65_535) == 65_535
