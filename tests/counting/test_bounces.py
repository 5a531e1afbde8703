"""What reports of failed mail say, as different servers write them."""

import pytest

from core import ids
from core.counting import bounces
from core.counting.bounces import Bounce

ORIGINAL = "<1@shop.test>"

GMAIL = """\
From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
To: owner@shop.test
In-Reply-To: <1@shop.test>
Message-ID: <report@google.test>
X-Failed-Recipients: gone@x.test
Content-Type: multipart/report; boundary="b"; report-type=delivery-status

--b
Content-Type: text/plain

Address not found
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.com

Final-Recipient: rfc822; gone@x.test
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does
 not exist.

--b
Content-Type: message/rfc822

Message-ID: <1@shop.test>
To: gone@x.test

Hello
--b--
"""
EXIM = """\
From: Mail Delivery System <Mailer-Daemon@mail.test>
X-Failed-Recipients: gone@x.test
Message-ID: <report@mail.test>
Subject: Mail delivery failed: returning message to sender

A message that you sent could not be delivered:

  gone@x.test
    550 5.1.1 No such user here

------ This is a copy of your message, including all the headers. ------

Message-Id: <1@shop.test>
To: gone@x.test
"""
DELAYED = GMAIL.replace("Action: failed", "Action: delayed").replace("X-Failed-Recipients: gone@x.test\n", "")
NAMELESS = GMAIL.replace("Message-ID: <1@shop.test>\n", "").replace("In-Reply-To: <1@shop.test>\n", "")
SECRET = GMAIL.replace("not exist", "not exist; you said hunter2")


def read(text: str) -> list[Bounce]:
    """The bounces of a report."""
    return bounces.read(text.encode(), redact=lambda reply: reply.replace("hunter2", "•••"))


def test_a_report_names_recipient_reason_and_message() -> None:
    reason = "5.1.1 550-5.1.1 The email account that you tried to reach does not exist."

    assert read(GMAIL) == [Bounce(ids.digest(ORIGINAL), "gone@x.test", reason)]


def test_a_report_in_plain_text_is_read_by_its_headers() -> None:
    assert read(EXIM) == [Bounce(ids.digest(ORIGINAL), "gone@x.test", "550 5.1.1 No such user here")]


def test_a_report_without_the_message_names_what_it_replies_to() -> None:
    cut = GMAIL.partition("--b\nContent-Type: message/rfc822")[0] + "--b--\n"

    assert [bounce.digest for bounce in read(cut)] == [ids.digest(ORIGINAL)]


@pytest.mark.parametrize("report", [DELAYED, NAMELESS, "", "From: mailer-daemon@x.test\n\nNothing to say"])
def test_what_is_no_failure_of_a_known_message_is_none(report: str) -> None:
    assert read(report) == []


def test_the_reason_holds_no_secret() -> None:
    assert "hunter2" not in repr(read(SECRET))


@pytest.mark.parametrize(
    ("headers", "is_one"),
    [
        (b"Content-Type: multipart/report; report-type=delivery-status\r\n", True),
        (b"From: <MAILER-DAEMON@mail.test>\r\n", True),
        (b"X-Failed-Recipients: a@x.test\r\n", True),
        (b"From: Anna <anna@x.test>\r\nContent-Type: text/plain\r\n", False),
        (b"", False),
        (b"\xff\xfe", False),
    ],
)
def test_a_report_is_known_by_its_headers(headers: bytes, is_one: bool) -> None:
    assert bounces.suspected(headers) == is_one
