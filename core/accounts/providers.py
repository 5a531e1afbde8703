"""What each provider wants and allows: `data/providers.toml`, which says what its fields mean."""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

CATALOGUE = Path(__file__).parents[2] / "data" / "providers.toml"
PLACE = re.compile(r"<[a-z-]+>")  # what differs from customer to customer in a host name
LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"  # what may stand there

Words = Mapping[str, str]  # a sentence by language


@dataclass(frozen=True, slots=True)
class Server:
    """One way into a provider: host, port, encryption."""

    host: str
    port: int
    encryption: str


@dataclass(frozen=True, slots=True)
class Limit:
    """`amount` of `unit` in `window` (core.counting.windows.ALL); `source` is where it is said.

    Units are recipients, messages, external (recipients outside of the sender's domain), unique (different recipients)
    and "unique external". `scope` is what is counted together: login, domain, plan; account or platform for the
    platform's own service. `zone` is the time zone of a calendar window, where the provider names one.
    """

    unit: str
    amount: int
    window: str
    source: str
    scope: str = "login"
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Region:
    """Accounts that live at another of a provider's servers: by their domain, or by their domain's MX."""

    smtp: str
    imap: str = ""
    domains: tuple[str, ...] = ()
    mx: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Imap:
    """Where the password that sends opens the Sent folder, and what that may be called (RFC 6154 marks it)."""

    host: str
    port: int
    encryption: str
    sent: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class OAuth2:
    """A sign-in in place of a password (RFC 6749); `device` by a code on another device (RFC 8628).

    `approval`: the provider lets in only programs that it has looked at.
    """

    scope: str
    authorize: str
    token: str
    source: str
    device: bool = False
    approval: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What a provider changed or will; `what` is a slug, `date` a day or a month."""

    date: str
    what: str
    en: str
    vi: str
    source: str

    @property
    def day(self) -> datetime.date:
        """The day by which it holds: of a month, the last."""
        if len(self.date) > len("2026-12"):
            return datetime.date.fromisoformat(self.date)
        after = datetime.date.fromisoformat(f"{self.date}-01") + datetime.timedelta(days=31)
        return after.replace(day=1) - datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Provider:
    """An entry of the catalogue. `servers` can be connected to, `templates` have a `<placeholder>` in their host.

    `from_rule` is login, verified, domain, any, or empty where it is not known; `from_words` say it in a sentence.
    """

    id: str
    name: str
    login: str
    username: str
    servers: tuple[Server, ...]
    templates: tuple[Server, ...] = ()
    regions: tuple[Region, ...] = ()
    plan_of: str = ""
    quick: bool = False
    username_value: str = ""
    domains: tuple[str, ...] = ()
    custom_domains: bool = False
    mx: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()
    limits_published: bool = True
    limits_note: Words | None = None
    reported: tuple[Limit, ...] = ()
    retry_prolongs: bool = False
    message_bytes: int | None = None
    from_rule: str = ""
    from_words: Words | None = None
    imap: Imap | None = None
    oauth2: OAuth2 | None = None
    spf: str | None = None
    dkim_selectors: tuple[str, ...] = ()
    dated: tuple[Change, ...] = ()
    notice: Words | None = None
    as_of: str = ""
    sources: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()

    @property
    def signs_own_only(self) -> bool:
        """Whether it is free mail: it has domains of its own and signs for no others."""
        return bool(self.domains) and not self.custom_domains

    @property
    def password_ends(self) -> str:
        """ISO date from which on passwords may be refused; empty where none is known."""
        return next((str(change.day) for change in self.dated if change.what == "password_ends"), "")

    @property
    def recipients_per_message(self) -> int | None:
        """How many recipients one message may have."""
        caps = (limit.amount for limit in self.limits if (limit.unit, limit.window) == ("recipients", "message"))
        return next(caps, None)

    def unsure(self, field: str) -> bool:
        """Whether a field as a whole is unverified; `unverified` also names parts of fields."""
        return field in self.unverified

    def has(self, domain: str) -> bool:
        """Whether mail addresses of a domain are the provider's own."""
        return any(_under(domain, own[1:]) if own.startswith(".") else domain == own for own in self.domains)

    def owns(self, host: str) -> bool:
        """Whether a host is one of its servers."""
        named = any(server.host == host for server in self.servers)
        return named or any(_fits(server.host, host) for server in self.templates)

    def servers_for(self, address: str, mx: str = "") -> tuple[Server, ...]:
        """Its servers for an address, the best first; `mx` is the name of a host that takes the domain's mail.

        Empty where a part of the host's name cannot be known from these.
        """
        domain = address.rpartition("@")[2].lower()
        region = next((one for one in self.regions if _in(one, domain, mx.lower().rstrip("."))), None)
        away = {one.smtp for one in self.regions}
        here = (s for s in self.servers if (s.host == region.smtp if region else s.host not in away))
        filled = (replace(s, host=_filled(s.host, domain, mx.lower().rstrip("."))) for s in self.templates)
        return (*here, *(server for server in filled if not PLACE.search(server.host)))

    def username_for(self, address: str) -> str:
        """The user name that goes with an address; empty where there is none, or the provider's console shows it."""
        names = {"address": address, "local": address.rpartition("@")[0], "fixed": self.username_value}
        return names.get(self.username, "")

    def imap_for(self, host: str) -> Imap | None:
        """Where the Sent folder is of those who send through a host."""
        there = next((one.imap for one in self.regions if one.smtp == host), None)
        return replace(self.imap, host=there) if self.imap and there else self.imap


@lru_cache
def catalogue() -> dict[str, Provider]:
    """Every provider by its id, in the order of the file."""
    return read(CATALOGUE.read_text(encoding="utf8"))


def read(text: str) -> dict[str, Provider]:
    """The providers of a file such as `data/providers.toml`; what it must hold is checked by the tests."""
    document = tomllib.loads(text)
    return {entry["id"]: _provider(entry, document) for entry in document["provider"]}


def find(name: str | None) -> Provider | None:
    """The provider of an id."""
    return catalogue().get(name or "")


def quick() -> list[str]:
    """The ids of those that are offered by a button."""
    return [provider.id for provider in catalogue().values() if provider.quick]


def by_domain(domain: str) -> Provider | None:
    """The provider whose mail addresses end in the domain."""
    return next((p for p in catalogue().values() if p.has(domain.lower())), None)


def by_mx(host: str) -> Provider | None:
    """The provider that takes a domain's mail, by the name of one of the domain's MX hosts."""
    name = host.lower().rstrip(".")
    found = [(len(end), p) for p in catalogue().values() for end in p.mx if _under(name, end)]
    return max(found, key=lambda one: one[0], default=(0, None))[1]


@lru_cache(maxsize=4096)
def by_host(host: str, username: str = "") -> Provider | None:
    """The provider that a server belongs to; where several share it, the one of the log-in's domain, else the first
    that sends for any.
    """
    found = [p for p in catalogue().values() if p.owns(host.lower())]
    own = [p for p in found if p.has(username.rpartition("@")[2].lower())]
    return next(iter(own or [p for p in found if not p.signs_own_only] or found), None)


def share(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Whether two servers (host, port, encryption) are both named by one provider."""
    both = {Server(*one), Server(*other)}
    return any(both <= set(p.servers) for p in catalogue().values())


def _under(name: str, end: str) -> bool:
    return name == end or name.endswith(f".{end}")


def _in(region: Region, domain: str, mx: str) -> bool:
    return domain in region.domains or any(_under(mx, end) for end in region.mx)


def _fits(template: str, host: str) -> bool:
    """Whether a host has a template's form; one that ends in a placeholder belongs to everybody."""
    pattern = LABEL.join(map(re.escape, PLACE.split(template)))
    return not template.endswith(">") and re.fullmatch(pattern, host) is not None


def _filled(template: str, domain: str, mx: str) -> str:
    """A template's host for a domain, as far as the domain and its MX tell it."""
    if _fits(template, mx):
        return mx
    if not domain:
        return template
    return template.replace("<domain>", domain).replace("<domain-with-dashes>", domain.replace(".", "-"))


def _provider(entry: Mapping[str, Any], document: Mapping[str, Any]) -> Provider:
    lists = ("domains", "mx", "dkim_selectors", "sources", "unverified")
    values: dict[str, Any] = dict(entry) | {name: tuple(entry.get(name, ())) for name in lists}
    servers = [Server(**server) for server in entry["servers"]]
    values["servers"] = tuple(server for server in servers if not PLACE.search(server.host))
    values["templates"] = tuple(server for server in servers if PLACE.search(server.host))
    values["regions"] = tuple(Region(**_frozen(region)) for region in entry.get("regions", ()))
    values |= {name: tuple(Limit(**limit) for limit in entry.get(name, ())) for name in ("limits", "reported")}
    values["dated"] = tuple(Change(**change) for change in entry.get("dated", ()))
    values["imap"] = Imap(**_frozen(entry["imap"])) if "imap" in entry else None
    values["oauth2"] = OAuth2(**entry["oauth2"]) if "oauth2" in entry else None
    if not entry.get("limits_published", True):
        values.setdefault("limits_note", document["limits_note"])
    rule = entry.get("from_rule", {})
    values["from_rule"] = rule.get("rule", "")
    values["from_words"] = (rule if "en" in rule else document["from_rule"][rule["rule"]]) if rule else None
    return Provider(**values)


def _frozen(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}
