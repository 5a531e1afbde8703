"""What a server that does not let us in said, as people are shown it."""

import socket

import pytest

from core.accounts.form import Form
from core.secret import Secret
from core.smtp import mailbox
from core.smtp.mailbox import LONGEST, Place, Unread

pytestmark = pytest.mark.needs("imap")


def reply(said: str, password: str) -> str:
    """The words of a server that says good-bye at once, as they are kept."""
    ours, server = socket.socketpair()
    form = Form("owner@shop.test", "mail.shop.test", 587, "starttls", "owner", Secret(password))
    with server:
        server.sendall(f"* BYE {said}\r\n".encode())
        server.shutdown(socket.SHUT_WR)
        with pytest.raises(Unread) as unread, mailbox.opened(ours, Place("mail.shop.test", 143, "starttls"), form):
            pass
    return unread.value.reply


def test_they_are_kept_in_one_line_as_far_as_they_can_be_seen() -> None:
    assert "closed \\x1b[2J today" in reply("closed   \x1b[2J today", "hunter2")


@pytest.mark.parametrize("password", ["hunter2", "ab  cd efgh", "ab\tcd efgh", " cd efgh"])
def test_they_hold_no_password(password: str) -> None:
    assert "efgh" not in reply(f"you said {password} to us", password)


@pytest.mark.parametrize("place", range(LONGEST - 20, LONGEST + 1, 4))
def test_they_hold_no_part_of_a_password_at_their_end(place: int) -> None:
    assert "hunt" not in reply("x" * place + "hunter2", "hunter2")
