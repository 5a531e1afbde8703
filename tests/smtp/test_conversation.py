"""A conversation: what is not encrypted counts for nothing once encryption was agreed on."""

import asyncio
import socket

import pytest

from core.smtp import tls
from core.smtp.connect import connect
from core.smtp.conversation import Conversation
from core.smtp.faults import Fault
from core.smtp.transcript import Transcript


async def injected(late: float) -> str:
    """What comes of a handshake behind whose go-ahead something unencrypted stood, some seconds later."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"250-mail.example\r\n250 STARTTLS\r\n")
        await reader.readline()
        await reader.readline()
        writer.write(b"220 Go ahead\r\n")
        await asyncio.sleep(late)
        writer.write(b"250 Unencrypted\r\n")
        while not reader.at_eof():
            await reader.read(4096)
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        link = await connect(["127.0.0.1"], server.sockets[0].getsockname()[1])
        talk = Conversation(link, Transcript(), patience=1)
        try:
            await talk.ehlo()
            await talk.starttls()
            await asyncio.sleep(3 * late)
            await talk.encrypt(tls.blind(), "127.0.0.1")
        except Fault as fault:
            return fault.event
        finally:
            talk.abort()
            await asyncio.sleep(0.01)
    return "encrypted"


@pytest.mark.parametrize("late", [0.0, 0.03], ids=["at once", "late"])
def test_what_stands_before_the_handshake_ends_the_conversation(late: float) -> None:
    assert asyncio.run(injected(late)) == "injected"


def test_a_port_that_greets_before_the_handshake_begins_unencrypted() -> None:
    async def greeted() -> str:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            link = await connect(["127.0.0.1"], listener.getsockname()[1])
            with listener.accept()[0] as server:
                server.sendall(b"220 mail.example ESMTP\r\n")
                await asyncio.sleep(0.03)
                talk = Conversation(link, Transcript(), patience=1)
                try:
                    await talk.encrypt(tls.blind(), "127.0.0.1")
                except Fault as fault:
                    return fault.event
                finally:
                    talk.abort()
                    await asyncio.sleep(0.01)
        return "encrypted"

    assert asyncio.run(greeted()) == "wrong_version"
