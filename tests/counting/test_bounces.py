"""What reports of failed mail say, as different servers write them."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import ids
from core.counting import bounces
from core.counting.bounces import Bounce
from core.smtp import mailbox
from core.smtp.transcript import Transcript

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
DELAYED_GMAIL = GMAIL.replace("Action: failed", "Action: delayed")
GLOBAL = GMAIL.replace("message/delivery-status", "message/global-delivery-status").replace(
    "rfc822; gone@x.test", "utf-8; ánh@cửahàng.test"
)
NAMELESS = GMAIL.replace("Message-ID: <1@shop.test>\n", "").replace("In-Reply-To: <1@shop.test>\n", "")


def read(text: str, hidden: str = "hunter2") -> list[Bounce]:
    """The bounces of a report."""
    return bounces.read(text.encode(), redact=Transcript((hidden,)).redact)


def test_a_report_names_recipient_reason_and_message() -> None:
    reason = "5.1.1 550-5.1.1 The email account that you tried to reach does not exist."

    assert read(GMAIL) == [Bounce(ids.digest(ORIGINAL), "gone@x.test", reason)]


def test_a_report_in_plain_text_is_read_by_its_headers() -> None:
    assert read(EXIM) == [Bounce(ids.digest(ORIGINAL), "gone@x.test", "550 5.1.1 No such user here")]


def test_a_report_without_the_message_names_what_it_replies_to() -> None:
    cut = GMAIL.partition("--b\nContent-Type: message/rfc822")[0] + "--b--\n"

    assert [bounce.digest for bounce in read(cut)] == [ids.digest(ORIGINAL)]


@pytest.mark.parametrize(
    "report", [DELAYED, DELAYED_GMAIL, NAMELESS, "", "From: mailer-daemon@x.test\n\nNothing to say"]
)
def test_what_is_no_failure_of_a_known_message_is_none(report: str) -> None:
    assert read(report) == []


def test_a_report_in_letters_of_all_languages_names_recipient_and_reason() -> None:
    (bounce,) = read(GLOBAL)

    assert (bounce.address, bounce.reply[:15]) == ("ánh@cửahàng.test", "5.1.1 550-5.1.1")


SAID = {
    "as it is": ("hunter2", "you said hunter2 to us"),
    "two blanks": ("ab  cd efgh", "you said ab  cd efgh to us"),
    "folded": ("ab cd efgh", "you said ab\n    cd efgh to us"),
    "folded at two blanks": ("ab  cd efgh", "you said ab\n  cd efgh to us"),
    "a semicolon": ("ab;cd efgh", "you said ab;cd efgh to us"),
    "a bracket at the end": ("cd efgh>", "you said cd efgh>"),
    "across the last letter that is kept": ("cd efgh", f"{'x' * (mailbox.LONGEST - 10)}cd efgh to us"),
}


@pytest.mark.parametrize("kind", ["smtp; ", ""])
@pytest.mark.parametrize(("secret", "said"), SAID.values(), ids=SAID)
def test_the_reason_holds_no_secret(secret: str, said: str, kind: str) -> None:
    report = GMAIL.replace("smtp; 550-5.1.1", f"{kind}550-5.1.1 {said}")
    reply = read(report, secret)[0].reply

    assert not any(part in reply for part in ("hunter", "efgh", "cd e", secret[-3:]))


@pytest.mark.parametrize("secret", ["ab  cd efgh", "cd efgh>"])
def test_the_reason_in_plain_text_holds_no_secret(secret: str) -> None:
    (bounce,) = read(EXIM.replace("No such user here", f"you said {secret}"), secret)

    assert bounce.reply == "550 5.1.1 you said •••"


FROM = "From: mailer-daemon@x.test\nIn-Reply-To: <a@b.test>\n"
HOSTILE = {
    "open comments": f"{FROM}X-Failed-Recipients: {'(' * 1200}\n\n",
    "a message in a message": FROM + "Content-Type: message/rfc822\n\n" * 2000,
    "half a letter": f"{FROM}X-Failed-Recipients: =?utf-7?B?{b64encode(b'+2AA-@b.c').decode()}?=\n\n",
    "no letter": GMAIL.replace("rfc822; gone@x.test", "rfc822; go\0ne@x.test"),
}


@pytest.mark.parametrize("report", HOSTILE.values(), ids=HOSTILE)
def test_a_report_that_was_made_to_stop_it_names_nobody(report: str) -> None:
    assert read(report) == []


@given(st.binary(max_size=400))
def test_no_bytes_stop_it(raw: bytes) -> None:
    report = GMAIL.encode().replace(b"rfc822; gone@x.test", b"rfc822; " + raw)

    assert all(ids.digest(bounce.address) for bounce in bounces.read(report, redact=str))


@pytest.mark.parametrize(
    ("headers", "is_one"),
    [
        (b"Content-Type: multipart/report; report-type=delivery-status\r\n", True),
        (b"From: <MAILER-DAEMON@mail.test>\r\n", True),
        (b"X-Failed-Recipients: a@x.test\r\n", True),
        (b"From: Anna <anna@x.test>\r\nContent-Type: text/plain\r\n", False),
        (b"From: " + b"(" * 3000 + b"\r\n", False),
        (b"From: " + b"(" * 3000 + b"\r\nX-Failed-Recipients: a@x.test\r\n", True),
        (b"", False),
        (b"\xff\xfe", False),
    ],
)
def test_a_report_is_known_by_its_headers(headers: bytes, is_one: bool) -> None:
    assert bounces.suspected(headers) == is_one
