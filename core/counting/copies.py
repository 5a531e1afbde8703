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
LOCAL = rf"""(?:"[^"\r\n]{{1,64}}"|[^@\s<>,;:"]{{1,{LONGEST}}})"""  # without a bound a long field takes for ever
ADDRESS = re.compile(rf"{LOCAL}@[^@\s<>,;:\"]+")
UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # what no database takes as text; some encodings can write it


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
    return Copy(
        at=_moment(arrived or _date(message)),
        sender=next(addresses(message, "from"), ""),
        recipients=tuple(Recipient(address, kind) for kind in KINDS for address in addresses(message, kind)),
        digests=tuple(map(ids.digest, names)) or (_own(message, arrived),),
    )


def addresses(message: Message, field: str) -> Iterator[str]:
    """The mail addresses of a field, those in groups as well (RFC 5322 section 3.4); twice what is there twice."""
    for value in map(str, message.get_all(field, [])):
        found = [address for _, address in _parsed(value) if address]
        if not all(map(ADDRESS.fullmatch, found)) or (not found and "=?" in value):
            found = ADDRESS.findall(_decoded(value))  # broken, or a program encoded the whole field
        yield from filter(fits, found)


def fits(address: str) -> bool:
    """Whether the log can hold an address."""
    return len(address) <= LONGEST and not UNSTORABLE.search(address)


def _parsed(value: str) -> list[tuple[str, str]]:
    """As the standard library reads a field, all of it one address where it gives up; its strict way drops groups."""
    try:
        return getaddresses([value], **({"strict": False} if STRICT else {}))
    except RecursionError:  # brackets in brackets
        return [("", value)]


STRICT = "strict" in (getaddresses.__kwdefaults__ or {})  # since Python 3.13, and late versions of older ones


def _decoded(value: str) -> str:
    """The field with its encoded words read (RFC 2047), as it is where they are broken."""
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        return value


def _one(message: Message, field: str) -> str:
    return "".join(str(message.get(field, "")).split())


def _own(message: Message, arrived: datetime | None) -> int:
    """What tells a message without Message-ID again: its headers; its arrival, which may change, if it has no date."""
    date = str(message.get("Date", "")).strip()
    at = "" if date or arrived is None else str(_stored(arrived))
    return ids.digest("\n".join([*(str(message.get(field, "")) for field in ("From", *KINDS)), date, at]))


def _date(message: Message) -> datetime | None:
    try:
        return parsedate_to_datetime(str(message.get("Date", "")))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _moment(found: datetime | None) -> int:
    """As stored; never in the future, where no window looks."""
    now = clock.now()
    return now if found is None else max(0, min(now, _stored(found)))


def _stored(found: datetime) -> int:
    return clock.stored(found if found.tzinfo else found.replace(tzinfo=UTC))
