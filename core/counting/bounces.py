"""Mail that came back: whom it did not reach and why, read from a delivery status report (RFC 3464) or its like."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser, HeaderParser

from core import ids
from core.counting import copies
from core.smtp.transcript import visible

FIELDS = "FROM CONTENT-TYPE X-FAILED-RECIPIENTS"  # what shows that a message is a report
DAEMONS = ("mailer-daemon@", "postmaster@")
LONGEST = 500  # letters of a reason that are kept
NAME = re.compile(r"^message-id:\s*(<[^<>\s]+>)", re.IGNORECASE | re.MULTILINE)
REASON = re.compile(r"^.*\b[45]\d\d[ -].*$", re.MULTILINE)  # a line with a reply code


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
    """The recipients that a report names as failed for good; none where it does not say of which message."""
    message = BytesParser().parsebytes(raw)
    name = _original(message, raw)
    if name is None:
        return []
    failed = list(_reported(message)) or list(_listed(message, raw))
    return [Bounce(ids.digest(name), address, redact(_short(reply))) for address, reply in failed]


def _original(message: Message, raw: bytes) -> str | None:
    """The Message-ID of what came back: of the part that holds it, of what is quoted, or of what is replied to."""
    own = str(message.get("Message-ID", "")).strip()
    quoted = [name for name in NAME.findall(raw.decode(errors="replace")) if name != own]
    answered = str(message.get("In-Reply-To", "")).split()
    return next(iter([*quoted, *answered]), None)


def _reported(message: Message) -> Iterator[tuple[str, str]]:
    """Addresses with reasons, from the blocks of a delivery status (RFC 3464 section 2.3)."""
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status" and part.is_multipart():
            for block in part.walk():
                if str(block.get("Action", "")).strip().lower() == "failed":
                    yield _address(block), f"{block.get('Status', '')} {_behind(block, 'Diagnostic-Code')}"


def _listed(message: Message, raw: bytes) -> Iterator[tuple[str, str]]:
    """Addresses from the header of Exim and Gmail, with the first line that holds a reply code."""
    found = REASON.search(raw.decode(errors="replace"))
    for address in copies.addresses(message, "X-Failed-Recipients"):
        yield address, found[0] if found else str(message.get("Subject", ""))


def _address(block: Message) -> str:
    return _behind(block, "Original-Recipient") or _behind(block, "Final-Recipient")


def _behind(block: Message, field: str) -> str:
    """What stands behind the type of a field, as in rfc822; a@x.test."""
    value = str(block.get(field, ""))
    return (value.partition(";")[2] or value).strip().strip("<>")


def _short(reply: str) -> str:
    return visible(" ".join(reply.split()))[:LONGEST]
