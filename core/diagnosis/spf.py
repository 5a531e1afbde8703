"""What a domain's SPF record says, and whether it lets a server send (RFC 7208)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from checkdmarc import spf
from checkdmarc.utils import DNSException, get_a_records

from core.smtp.inquiry import Inquiry

Address = IPv4Address | IPv6Address
Level = Mapping[str, Any]  # a record and what checkdmarc parsed of it: the domain's own, or one that it includes

ALL = re.compile(r"[+~?-]?all", re.IGNORECASE)
MECHANISM = re.compile(r"[+~?-]?(?:a|mx|ptr|ip4|ip6|include|exists)(?![^:/])", re.IGNORECASE)
MX_WITH_PREFIX = re.compile(r"(?:^|\s)[+~?-]?mx[^\s/]*/", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Spf:
    """The record; `valid` is None where name servers fell silent, `problem` is the slug of what is wrong with it.

    `partial` means that they did so about some of what it names.
    """

    record: str | None = None
    valid: bool | None = None
    error: str | None = None
    lookups: int | None = None
    problem: str | None = None
    partial: bool = False
    level: Level | None = field(default=None, repr=False)


def read(domain: str, inquiry: Inquiry) -> Spf:
    """The domain's SPF record, with all that it includes."""
    before = inquiry.unanswered
    try:
        record = spf.query_spf_record(domain, resolver=inquiry, nameservers=())["record"]
    except spf.SPFRecordNotFound as error:
        return Spf(error=str(error)) if inquiry.unanswered > before else Spf(valid=False, problem="spf_missing")
    except spf.SPFError as error:
        return Spf(valid=False, error=str(error), problem="spf_several")
    found = replace(_parsed(record, domain, inquiry), partial=inquiry.unanswered > before)
    return Spf(record=record, error=found.error, partial=True) if found.error and found.partial else found


def _parsed(record: str, domain: str, inquiry: Inquiry) -> Spf:
    """The record read; without name servers beside the inquiry, since checkdmarc asks those for explanations."""
    try:
        level: Level = spf.parse_spf_record(
            record, domain, ignore_too_many_lookups=True, resolver=inquiry, nameservers=()
        )
    except (spf.SPFError, ValueError) as error:  # ValueError: numbers of thousands of digits
        return Spf(record=record, valid=False, error=str(error), problem="spf_invalid")
    broken, lookups = level.get("error"), level["dns_lookups"]
    problem = None if not broken else "spf_too_many_lookups" if lookups > 10 else "spf_invalid"
    return Spf(record, not broken, str(broken) if broken else None, lookups, problem, level=level)


def lets_provider(found: Spf, host: str, inquiry: Inquiry) -> bool | None:
    """Whether the record includes the provider's, or lists its networks; None where that cannot be known."""
    if found.level is None:
        return found.valid
    if found.problem:  # receivers count the record as broken, or stop before its end
        return None if found.problem == "spf_too_many_lookups" else False
    included = _includes(found.level, host)
    if included:
        return True
    theirs = read(host, inquiry)
    passes = {_passes(found.level, network[0], inquiry) for network in _networks(theirs.level)}
    if included is None or found.partial or theirs.partial or theirs.valid is None:
        return True if passes == {True} else None
    return passes.pop() if len(passes) == 1 else None if passes else False


def lets_address(found: Spf, address: str, inquiry: Inquiry) -> bool | None:
    """Whether the record passes for the address; None where that cannot be known."""
    if found.level is None:
        return found.valid
    sending = ip_address(address.partition("%")[0])
    before = inquiry.unanswered
    passes = _passes(found.level, sending, inquiry)
    if passes:
        return None if found.problem else True
    whole = not found.partial and inquiry.unanswered == before and found.problem != "spf_too_many_lookups"
    return passes if whole and sending.is_global else None  # mail from a private address leaves by another one


def _includes(level: Level, host: str) -> bool | None:
    """Whether a record passes what another one passes, by include or redirect; None where a macro may say so."""
    if level["parsed"] is None:
        return None
    below = [m for m in level["parsed"]["mechanisms"] if m["mechanism"] == "include" and m["action"] == "pass"]
    if redirect := level["parsed"]["redirect"]:
        below.append({"value": redirect["domain"], **redirect})
    if any(one["value"].rstrip(".") == host and one["parsed"] for one in below):
        return True
    deeper = {_includes(one, host) for one in below}
    macros = any(m["mechanism"] == "exists" for m in level["parsed"]["mechanisms"])
    return True if True in deeper else None if macros or None in deeper else False


def _networks(level: Level | None) -> Iterator[Any]:
    """The networks that a record and those that it includes name."""
    if level is None or level["parsed"] is None:
        return
    for mechanism in level["parsed"]["mechanisms"]:
        if mechanism["mechanism"] in ("ip4", "ip6"):
            yield ip_network(mechanism["value"], strict=False)
        elif mechanism["mechanism"] == "include":
            yield from _networks(mechanism)
    yield from _networks(level["parsed"]["redirect"])


def _passes(level: Level, address: Address, inquiry: Inquiry) -> bool | None:
    """What the record says of an address: the first mechanism that matches decides (RFC 7208 section 4.6.2)."""
    if level["parsed"] is None:
        return None
    possible: set[bool | None] = set() if _is_whole(level) else {True}
    for mechanism in level["parsed"]["mechanisms"]:
        matches = _matches(mechanism, level["record"], address, inquiry)
        if matches is not False:
            possible.add(mechanism["action"] == "pass")
        if matches:
            break
    else:
        redirect = level["parsed"]["redirect"]
        possible.add(_passes(redirect, address, inquiry) if redirect else level["parsed"]["all"] == "pass")
    return possible.pop() if len(possible) == 1 else None


def _is_whole(level: Level) -> bool:
    """Whether checkdmarc has kept every mechanism: it drops an mx with a host that does not exist."""
    terms = itertools.takewhile(lambda term: not ALL.fullmatch(term), level["record"].split())
    return len(level["parsed"]["mechanisms"]) >= sum(bool(MECHANISM.match(term)) for term in terms)


def _matches(mechanism: Mapping[str, Any], record: str, address: Address, inquiry: Inquiry) -> bool | None:
    name = mechanism["mechanism"]
    if "%" in mechanism["value"] or name in ("exists", "ptr"):
        return None
    if name == "include":
        return _passes(mechanism, address, inquiry)
    if name in ("ip4", "ip6"):
        return address in ip_network(mechanism["value"], strict=False)
    if name == "a":
        return any(address in ip_network(one, strict=False) for one in mechanism.get("addresses", ()))
    hosts = [host["hostname"] for host in mechanism.get("hosts", ())]
    if any(str(address) in _addresses(host, inquiry) for host in hosts):
        return True
    return None if MX_WITH_PREFIX.search(record) else False  # checkdmarc drops the prefix of mx/24


def _addresses(host: str, inquiry: Inquiry) -> list[str]:
    try:
        return get_a_records(host, resolver=inquiry)
    except DNSException:
        return []
