"""The sender's domain: may this server send for it, and will receivers believe that (SPF, DKIM, DMARC)?"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from core.accounts import providers
from core.accounts.providers import Provider
from core.smtp.endpoint import is_address, to_ascii

if TYPE_CHECKING:
    from core.diagnosis.published import Published

SHARE = 0.9  # of the time for the name servers' answers, so that what came is told before it is over
LONGEST = 2000  # characters of a record that are kept: hostile ones have 60,000

Note = dict[str, Any]


async def examine(
    domain: str, *, provider: str | None, address: str | None, nameservers: Sequence[str] = (), timeout: float = 5
) -> dict[str, Any]:
    """What the domain has published for its mail, as a document, and the notes that follow from it.

    `provider` is an id of the catalogue; where that tells nothing, `address` is the one that the server probably sends
    from. A mail's
    envelope sender is taken to be of the same domain. No answer within `timeout` seconds is a finding, not an error.
    """
    name = domain.strip().rstrip(".").lower()
    through = providers.find(provider)
    if through and not (through.spf or through.signs_own_only):  # as little is known of it as of an own server
        through = None
    if through or not is_address(address or ""):
        address = None
    found = await _read(to_ascii(name), through, address, nameservers, timeout)
    return _document(name, found, _Case(name, through, address, found))


async def _read(
    name: str | None, through: Provider | None, address: str | None, nameservers: Sequence[str], timeout: float
) -> Published:
    """What is published. The libraries are slow to load, which is not the name servers' fault."""
    published = await asyncio.to_thread(importlib.import_module, "core.diagnosis.published")
    found: Published = published.Published("no_dns" if name else "not_found")
    sender = published.Sender(address=address)
    if through:
        sender = published.Sender(through.spf, () if _owner(name or "") else through.dkim_selectors)
    if name:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                found = await asyncio.to_thread(published.read, name, sender, nameservers, timeout * SHARE)
    return found


def _owner(name: str) -> Provider | None:
    """The free-mail provider whose domain this is."""
    owner = providers.by_domain(name)
    return owner if owner and owner.signs_own_only else None


@dataclass(frozen=True, slots=True)
class _Case:
    """A domain and the server that sends for it, weighed."""

    name: str
    through: Provider | None
    address: str | None
    found: Published

    @property
    def owner(self) -> Provider | None:
        """Who alone can sign for the domain: everybody's addresses end in it."""
        return _owner(self.name)

    @property
    def foreign(self) -> bool:
        """Whether a free-mail account sends for a domain of somebody's own."""
        return bool(self.through and self.through.signs_own_only and not self.owner)

    @property
    def covers(self) -> bool | None:
        """Whether SPF lets the server send; a provider does so for its own addresses."""
        return True if self.owner and self.owner == self.through else self.found.covers

    @property
    def aligned(self) -> bool | None:
        """Whether DMARC would pass; an own server may sign by a selector that nobody knows."""
        if self.owner or self.foreign:
            return self.owner == self.through
        keys = {found for _, found in self.found.dkim}
        if self.covers or True in keys:
            return True
        return False if self.covers is False and keys == {False} else None

    @property
    def term(self) -> str:
        """What the SPF record must hold to let the server send."""
        if self.through and self.through.spf:
            return f"include:{self.through.spf}"
        return f"ip{6 if ':' in self.address else 4}:{self.address}" if self.address else "mx"

    def notes(self) -> Iterator[Note]:
        """The findings, the gravest first."""
        if self.found.state == "not_found":
            yield self._note("domain_not_found")
        elif self.owner and not self.aligned:
            yield self._note("freemail_elsewhere", provider=self.owner.name)
        elif self.foreign and self.through:
            yield self._note("freemail_for_domain", provider=self.through.name)
        elif self.aligned is False and self.found.dmarc.valid:
            yield self._note("dmarc_not_aligned", policy=self.found.dmarc.policy)
        if self.found.state != "not_found" and not self.owner:
            yield from self._published()

    def _published(self) -> Iterator[Note]:
        """What the domain's owner can mend in DNS."""
        found = self.found
        if found.state == "no_dns" or None in (found.spf.valid, found.dmarc.valid):
            yield self._note("no_dns")
        if not self.foreign:
            yield from self._sending()
        if found.dmarc.problem:
            yield self._note(found.dmarc.problem, detail=found.dmarc.error)
        if found.state == "found" and not found.mx:
            yield self._note("mx_missing")

    def _sending(self) -> Iterator[Note]:
        """What keeps this server's mail from being believed."""
        spf, keys = self.found.spf, self.found.dkim
        if spf.problem:
            yield self._note(spf.problem, term=self.term, detail=spf.error, lookups=spf.lookups)
        elif self.covers is False:
            sender = self.through.name if self.through else self.address
            yield self._note("spf_not_covered", term=self.term, sender=sender)
        if self.through and keys and all(found is False for _, found in keys):
            selectors = ", ".join(selector for selector, _ in keys)
            yield self._note("dkim_missing", provider=self.through.name, selectors=selectors)

    def _note(self, slug: str, **values: Any) -> Note:
        given = {key: _short(value) for key, value in values.items() if value is not None}
        return {"note": f"note.{slug}", "values": {"domain": self.name} | given}


def _document(name: str, found: Published, case: _Case) -> dict[str, Any]:
    spf, dmarc = found.spf, asdict(found.dmarc)
    at = name if found.dmarc.at == to_ascii(name) else _readable(found.dmarc.at)
    dmarc = {key: _short(dmarc[key]) for key in ("record", "policy", "valid", "error")} | {"at": at}
    return {
        "name": name,
        "state": found.state,
        "mx": [{"host": host, "preference": preference} for host, preference in found.mx],
        "spf": {
            "record": _short(spf.record),
            "valid": spf.valid,
            "error": _short(spf.error),
            "lookups": spf.lookups,
            "covers": case.covers,
        },
        "dmarc": dmarc,
        "dkim": [{"selector": selector, "found": exists} for selector, exists in found.dkim],
        "aligned": case.aligned,
        "notes": list(case.notes()),
    }


def _short(value: Any) -> Any:
    """A text, cut where it is longer than anybody would read."""
    return f"{value[:LONGEST]}…" if isinstance(value, str) and len(value) > LONGEST else value


def _readable(name: str | None) -> str | None:
    """A name of DNS in the letters of its language."""
    try:
        return name.encode().decode("idna") if name else None
    except UnicodeError:
        return name
