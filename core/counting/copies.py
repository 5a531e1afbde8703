"""A copy in a Sent folder, read from its headers: when, from whom, to whom, and by what it is known again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import HeaderParser
from email.utils import getaddresses, parsedate_to_datetime

from core import clock, ids
from core.sending.reservation import Recipient

KINDS = ("to", "cc", "bcc")
IDS = ("Message-ID", "X-Google-Original-Message-ID", "X-Microsoft-Original-Message-ID")  # of a message renamed by them
LONGEST = 320  # letters of an address that the log has room for
LOCAL = r"""(?:"[^"\r\n]{1,64}"|[^@\s<>,;:"]+)"""
ADDRESS = re.compile(rf"{LOCAL}@[^@\s<>,;:\"]+")


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy. `digests` tell it again: its own first, then those of the names that it had before."""

    at: int
    sender: str
    recipients: tuple[Recipient, ...]
    digests: tuple[int, ...]


def read(raw: bytes, arrived: datetime | None) -> Copy:
    """The copy that headers describe; `arrived` is its INTERNALDATE, None where that cannot be read."""
    message = HeaderParser().parsestr(raw.decode(errors="replace"))
    names = [name for name in (_one(message, field) for field in IDS) if name]
    at = _moment(arrived or _date(message))
    return Copy(
        at=at,
        sender=next(addresses(message, "from"), ""),
        recipients=tuple(Recipient(address, kind) for kind in KINDS for address in addresses(message, kind)),
        digests=tuple(map(ids.digest, names)) or (_own(message, at),),
    )


def addresses(message: Message, field: str) -> Iterator[str]:
    """The mail addresses of a field, those in groups as well (RFC 5322 section 3.4); twice what is there twice."""
    for value in map(str, message.get_all(field, [])):
        found = [address for _, address in _parsed(value) if address]
        if not all(map(ADDRESS.fullmatch, found)) or (not found and "=?" in value):
            found = ADDRESS.findall(_decoded(value))  # broken, or a program encoded the whole field
        yield from (address for address in found if len(address) <= LONGEST)


def _parsed(value: str) -> list[tuple[str, str]]:
    """As the standard library reads a field; its strict way would drop groups with it."""
    return getaddresses([value], **({"strict": False} if STRICT else {}))


STRICT = "strict" in (getaddresses.__kwdefaults__ or {})  # since Python 3.13, and late versions of older ones


def _decoded(value: str) -> str:
    """The field with its encoded words read (RFC 2047), as it is where they are broken."""
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        return value


def _one(message: Message, field: str) -> str:
    return "".join(str(message.get(field, "")).split())


def _own(message: Message, at: int) -> int:
    """What tells a message without Message-ID again: all that we know of it."""
    return ids.digest("\n".join([*(str(message.get(field, "")) for field in ("From", *KINDS, "Date")), str(at)]))


def _date(message: Message) -> datetime | None:
    try:
        return parsedate_to_datetime(str(message.get("Date", "")))
    except (ValueError, TypeError, IndexError):
        return None


def _moment(found: datetime | None) -> int:
    """As stored; never in the future, where no window looks."""
    now = clock.now()
    if found is None:
        return now
    try:
        return max(0, min(now, clock.stored(found if found.tzinfo else found.replace(tzinfo=UTC))))
    except (ValueError, OverflowError, OSError):
        return now
