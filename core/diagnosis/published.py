"""What a domain has published in DNS for its mail: MX, SPF, DMARC and the keys of DKIM."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import checkdmarc.utils
import dns.exception
import dns.resolver
from checkdmarc import dmarc
from checkdmarc.utils import DNSException, DNSExceptionNXDOMAIN, get_mx_record_set

from core.diagnosis import spf
from core.diagnosis.spf import Spf
from core.smtp.inquiry import Inquiry

# checkdmarc would remember answers for half an hour, whichever name server gave them: nobody could mend and test again.
checkdmarc.utils.DNS_CACHE.max_age = 0


UNKNOWN = Spf()


@dataclass(frozen=True, slots=True)
class Dmarc:
    """The record, its policy for the domain and where it stands; `valid` is None where name servers fell silent."""

    record: str | None = None
    policy: str | None = None
    valid: bool | None = None
    error: str | None = None
    at: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """Who hands the domain's mail on: a provider's SPF record and DKIM selectors, or a server's address."""

    spf: str | None = None
    selectors: tuple[str, ...] = ()
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """All of it; `state` is found, not_found or no_dns."""

    state: str
    mx: tuple[tuple[str, int], ...] = ()
    spf: Spf = UNKNOWN
    covers: bool | None = None
    dmarc: Dmarc = Dmarc()
    dkim: tuple[tuple[str, bool | None], ...] = ()


def read(domain: str, sender: Sender, nameservers: Sequence[str], seconds: float) -> Published:
    """Everything that the domain has published, as far as name servers tell it in so many seconds."""
    try:
        inquiry = Inquiry(nameservers, time.monotonic() + seconds)
    except dns.exception.DNSException:
        return Published("no_dns")
    try:
        hosts = get_mx_record_set(domain, resolver=inquiry)["hosts"]
    except DNSExceptionNXDOMAIN:
        return Published("not_found")
    except DNSException:  # a name that is none, such as one of 300 letters, was not asked for at all
        return Published("no_dns" if inquiry.unanswered else "not_found")
    policy, keys = _dmarc(domain, inquiry), tuple(_keys(domain, sender.selectors, inquiry))
    record = spf.read(domain, inquiry)  # last: it asks for other people's names, and they may be slow
    mx = tuple((host["hostname"], host["preference"]) for host in hosts)
    return Published("found", mx, record, _covers(record, sender, inquiry), policy, keys)


def _covers(record: Spf, sender: Sender, inquiry: Inquiry) -> bool | None:
    if sender.spf:
        return spf.lets_provider(record, sender.spf, inquiry)
    return spf.lets_address(record, sender.address, inquiry) if sender.address else None


def _dmarc(domain: str, inquiry: Inquiry) -> Dmarc:
    """The policy that holds for the domain, its own or one above it (RFC 9989 section 4.10)."""
    before = inquiry.unanswered
    try:
        found = dmarc.query_dmarc_record(domain, resolver=inquiry, ignore_unrelated_records=True)
    except dmarc.DMARCError as error:
        if inquiry.unanswered > before:
            return Dmarc(error=str(error))
        if isinstance(error, dmarc.DMARCRecordNotFound):
            return Dmarc(valid=False, problem="dmarc_missing")
        return Dmarc(valid=False, error=str(error), problem="dmarc_invalid")
    record, at = found["record"], found["location"]
    nobody = Inquiry(["127.0.0.1:53"], until=0)  # where reports go is another question: their domains are not asked
    try:
        tags = dmarc.parse_dmarc_record(record, at, resolver=nobody, ignore_unrelated_records=True)["tags"]
    except dmarc.DMARCError as error:
        return Dmarc(record, None, False, str(error), at, "dmarc_invalid")
    return Dmarc(record, str(tags["p" if at == domain else "sp"]["value"]), True, None, at)


def _keys(domain: str, selectors: Iterable[str], inquiry: Inquiry) -> Iterable[tuple[str, bool | None]]:
    """Each selector, and whether it has a key; an empty one is revoked (RFC 6376 section 3.6.1)."""
    for selector in selectors:
        before, found = inquiry.unanswered, False
        try:
            answer = inquiry.resolve(f"{selector}._domainkey.{domain}", "TXT")
            found = any(_has_key(b"".join(record.strings)) for record in answer)
        except dns.exception.DNSException:
            pass
        yield selector, None if inquiry.unanswered > before else found


def _has_key(record: bytes) -> bool:
    tags = (tag.partition(b"=") for tag in record.split(b";"))
    return any(name.strip() == b"p" and value.strip() for name, _, value in tags)
