"""A connection is read to its end, also where it broke."""

import asyncio
import contextlib
import resource
import socket
import struct

import pytest

from core.smtp.connect import Unconnected, connect, dial, resolve, survey
from core.smtp.conversation import Conversation
from core.smtp.faults import Fault
from core.smtp.reply import Reply
from core.smtp.transcript import Transcript
from tests import nameserver

AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: a close resets the connection, as one with unread bytes does


async def hung_up_on(farewell: bytes, *, saying: bytes = b"") -> list[Reply | str]:
    """What is read twice of a server that says its farewell and resets the connection, both before we listen."""

    async def leave(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(farewell)
        await writer.drain()
        await asyncio.sleep(0.02)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        writer.close()

    async with await asyncio.start_server(leave, "127.0.0.1", 0) as server:
        link = await connect(["127.0.0.1"], server.sockets[0].getsockname()[1])
        talk = Conversation(link, Transcript(), patience=1)
        await asyncio.sleep(0.1)
        if saying:
            await talk.send(saying, shown="something")
        heard: list[Reply | str] = []
        for _ in range(2):
            try:
                heard.append(await talk.reply())
            except Fault as fault:
                heard.append(fault.event)
        talk.abort()
        await asyncio.sleep(0.01)
    return heard


@pytest.mark.parametrize("saying", [b"", b"EHLO [127.0.0.1]\r\n"], ids=["silent", "talking"])
def test_what_a_server_said_before_it_hung_up_is_read(saying: bytes) -> None:
    heard = asyncio.run(hung_up_on(b"421 4.7.0 Too many\r\n", saying=saying))

    assert heard == [Reply(421, ("421 4.7.0 Too many",)), "closed"]


def test_half_a_line_is_no_reply() -> None:
    heard = asyncio.run(hung_up_on(b"421 4.7.0 Too"))

    assert heard == ["closed", "closed"]


def test_a_connection_that_is_reset_at_once_has_an_address() -> None:
    """A socket that was reset before it is asked knows no peer any more."""

    async def connected() -> list[str]:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.setblocking(False)
            return [await reset_at_once(listener) for _ in range(20)]

    async def reset_at_once(listener: socket.socket) -> str:
        client = asyncio.create_task(connect(["127.0.0.1"], listener.getsockname()[1]))
        accepted, _ = await asyncio.get_running_loop().sock_accept(listener)
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        accepted.close()
        link = await client
        link.writer.transport.abort()
        await asyncio.sleep(0)
        return link.address

    assert asyncio.run(connected()) == ["127.0.0.1"] * 20


@pytest.mark.parametrize("records", [{"A": 40}, {"A": 40, "AAAA": 40}], ids=["IPv4", "both"])
def test_a_name_with_many_addresses_leads_to_a_few_of_each_kind(records: dict[str, int]) -> None:
    spelled = {"A": "127.0.0.{}", "AAAA": "::{}"}
    zone = {kind: [spelled[kind].format(n) for n in range(1, many + 1)] for kind, many in records.items()}

    with nameserver.serve({"mail.shop.example": zone}) as names:
        found = asyncio.run(resolve("mail.shop.example", nameservers=[names]))

    assert sorted(":" in address for address in found) == [kind == "AAAA" for kind in records for _ in range(4)]


def test_the_systems_own_answer_is_cut_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{n}", 0)) for n in range(1, 40)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: many)

    found = asyncio.run(resolve("mail.shop.example"))

    assert found == ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"]


def test_what_this_machine_lacks_is_no_fault_of_the_servers() -> None:
    """Sockets, here."""

    async def connected() -> None:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
        try:
            await connect(["127.0.0.1"], 25)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    with pytest.raises(OSError, match="Too many open files"):
        asyncio.run(connected())


def test_a_look_at_addresses_keeps_no_connection_while_another_is_waited_for() -> None:
    async def seen() -> bytes:
        with contextlib.ExitStack() as stack:
            answers = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            answers.setblocking(False)
            silent = stack.enter_context(socket.create_server(("127.0.0.2", answers.getsockname()[1]), backlog=0))
            for _ in range(4):  # they fill its queue, so that Linux answers nobody else
                knock = stack.enter_context(socket.socket())
                knock.setblocking(False)
                knock.connect_ex(silent.getsockname())
            looking = asyncio.create_task(survey(["127.0.0.1", "127.0.0.2"], silent.getsockname()[1]))
            accepted, _ = await asyncio.get_running_loop().sock_accept(answers)
            with accepted:
                said = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(accepted, 1), 2)
            looking.cancel()
            await asyncio.wait([looking])
            return said

    assert asyncio.run(seen()) == b""


async def dialled(addresses: list[str], listener: socket.socket) -> bytes:
    """What comes first over a dialled connection, waited for as a library does."""
    loop = asyncio.get_running_loop()
    listener.setblocking(False)
    client = asyncio.create_task(dial(addresses, listener.getsockname()[1]))
    accepted, _ = await loop.sock_accept(listener)
    with accepted, await client as made:
        accepted.sendall(b"* OK ready\r\n")
        made.settimeout(5)
        return await asyncio.to_thread(made.recv, 100)


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["::1", "127.0.0.1"]], ids=["one", "the second"])
def test_a_dialled_connection_has_lost_nothing_that_the_server_said_first(addresses: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert asyncio.run(dialled(addresses, listener)) == b"* OK ready\r\n"


def test_a_dial_that_nobody_answers_tells_of_each_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(Unconnected) as told:
        asyncio.run(dial(["127.0.0.1", "127.0.0.2"], port))

    assert [(attempt.address, attempt.event) for attempt in told.value.attempts] == [
        ("127.0.0.1", "refused"),
        ("127.0.0.2", "refused"),
    ]
