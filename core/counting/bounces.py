"""Mail that came back: whom it did not reach and why, read from a delivery status report (RFC 3464, 6533) or such."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser, Parser

from core import ids
from core.counting import copies
from core.smtp import mailbox

FIELDS = "FROM CONTENT-TYPE X-FAILED-RECIPIENTS"  # what shows that a message is a report
DAEMONS = ("mailer-daemon@", "postmaster@")
NAME = re.compile(r"^message-id:\s*(<[^<>\s]+>)", re.IGNORECASE | re.MULTILINE)
REASON = re.compile(r"^.*\b[45]\d\d[ -].*$", re.MULTILINE)  # a line with a reply code
GLOBAL = re.compile(r"(?<=message/)global-(?=delivery-status)", re.IGNORECASE)  # RFC 6533: the same in UTF-8
BROKEN = (RecursionError, ValueError, LookupError, TypeError, AttributeError)  # what hostile mail makes of a parser


@dataclass(frozen=True, slots=True)
class Bounce:
    """One recipient whom a message did not reach; `digest` tells which message, `reply` is the server's reason."""

    digest: int
    address: str
    reply: str


def suspected(headers: bytes) -> bool:
    """Whether headers (FIELDS) are those of a report."""
    message = HeaderParser().parsestr(headers.decode(errors="replace"))
    kind = str(message.get("Content-Type", "")).lower()
    return (
        "multipart/report" in kind
        or "X-Failed-Recipients" in message
        or any(address.lower().startswith(DAEMONS) for address in copies.addresses(message, "from"))
    )


def read(raw: bytes, *, redact: Callable[[str], str]) -> list[Bounce]:
    """The recipients that a report names as failed for good; none where it does not say of which message.

    None, too, where the standard library chokes on it: one such mail must not keep us from the next ones.
    """
    text = GLOBAL.sub("", raw.decode(errors="replace"))
    try:
        message = Parser().parsestr(text)
        name = _original(message, text)
        failed = list(_failed(message, text, redact)) if name else []
    except BROKEN:
        return []
    return [
        Bounce(ids.digest(name), address, mailbox.words(reply, redact))
        for address, reply in failed
        if name and copies.fits(address)
    ]


def _original(message: Message, text: str) -> str | None:
    """The Message-ID of what came back: of the part that holds it, of what is quoted, or of what is replied to."""
    own = str(message.get("Message-ID", "")).strip()
    quoted = [name for name in NAME.findall(text) if name != own]
    answered = str(message.get("In-Reply-To", "")).split()
    return next(iter([*quoted, *answered]), None)


def _failed(message: Message, text: str, redact: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """Addresses with reasons; where there is a delivery status it alone counts: it knows what is only delayed."""
    reports = [part for part in message.walk() if part.get_content_type() == "message/delivery-status"]
    return _reported(reports, redact) if reports else _listed(message, text)


def _reported(reports: list[Message], redact: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """From the blocks of a delivery status (RFC 3464 section 2.3)."""
    for block in (block for part in reports if part.is_multipart() for block in part.walk()):
        if _field(block, "Action").strip().lower() == "failed":
            address = _address(block, "Original-Recipient") or _address(block, "Final-Recipient")
            code = _behind(redact(_field(block, "Diagnostic-Code")))  # before anything is cut from a secret
            yield address, f"{_field(block, 'Status')} {code}"


def _listed(message: Message, text: str) -> Iterator[tuple[str, str]]:
    """From the header of Exim and Gmail, with the first line that holds a reply code."""
    found = REASON.search(text)
    for address in copies.addresses(message, "X-Failed-Recipients"):
        yield address, found[0] if found else str(message.get("Subject", ""))


def _address(block: Message, name: str) -> str:
    return _behind(_field(block, name)).strip("<>")


def _field(block: Message, name: str) -> str:
    """A field unfolded (RFC 5322 section 2.2.3)."""
    return "".join(str(block.get(name, "")).splitlines())


def _behind(value: str) -> str:
    """What stands behind the type of a field, as in rfc822; a@x.test."""
    return (value.partition(";")[2] or value).strip()
