"""The test mail: what it says and the code to search for."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime

from core.accounts.form import Form
from core.i18n import N_, translate
from core.smtp.endpoint import to_ascii

HEADER = re.compile(rb"^[!-9;-~]+:", re.MULTILINE)
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no letters that look like digits

SUBJECT = N_("Test {code}: your mail goes out")
BODY = N_("This test was sent by Mailgauge through {host}, port {port}, at {time} UTC.\nIts code is {code}.")


@dataclass(frozen=True, slots=True)
class Letter:
    """A test mail, ready for the wire."""

    to: str
    code: str
    message_id: str
    content: bytes


def code() -> str:
    """Six letters and digits, such as MG-7K3F9Q."""
    return "MG-" + "".join(secrets.choice(ALPHABET) for _ in range(6))


def write(form: Form, *, to: str, text: str = "", language: str = "en") -> Letter:
    """The test mail of a form to one recipient, with any text of the user's."""
    found = code()
    now = datetime.now(UTC)
    message = EmailMessage(policy=_policy(form.from_address, to))
    message["Subject"] = translate(language, SUBJECT, code=found)
    message["From"] = _address(form.from_address, form.from_name)
    message["To"] = _address(to)
    if form.reply_to:
        message["Reply-To"] = _address(form.reply_to)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{found.lower()}.{secrets.token_hex(8)}@{to_ascii(form.domain) or 'mailgauge.invalid'}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation replies to a test
    body = translate(language, BODY, host=form.host, port=form.port, time=f"{now:%Y-%m-%d %H:%M}", code=found)
    message.set_content("\n\n".join(filter(None, [text.strip(), body])) + "\n")
    return Letter(to, found, str(message["Message-ID"]), _whole(message))


def _whole(message: EmailMessage) -> bytes:
    """The message for the wire. Raises ValueError where a stored value would split a header into two."""
    content = message.as_bytes()
    head = content.partition(b"\r\n\r\n")[0]
    if len(HEADER.findall(head)) != len(message.keys()):
        raise ValueError("a header of the test mail would become two")
    return content


def _policy(*addresses: str) -> SMTP.__class__:  # type: ignore[name-defined]
    return SMTP if all(address.isascii() for address in addresses) else SMTPUTF8


def _address(address: str, name: str = "") -> Address:
    local, _, domain = address.rpartition("@")
    return Address(name, local, domain)
