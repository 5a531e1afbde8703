"""What each provider wants and allows: `data/providers.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

CATALOGUE = Path(__file__).parents[2] / "data" / "providers.toml"


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
class Provider:
    """An entry of the catalogue. `login` is app_password, password or oauth2 (then no password is taken).

    `spf` is the name that a domain's SPF record includes to let it send, `dkim_selectors` are where its keys stand.
    """

    id: str
    name: str
    servers: tuple[Server, ...]
    login: str
    domains: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()
    notice: Mapping[str, str] | None = None
    password_ends: str = ""  # ISO date from which on passwords may be refused
    as_of: str = ""
    sources: tuple[str, ...] = ()
    spf: str | None = None
    dkim_selectors: tuple[str, ...] = ()

    @property
    def signs_own_only(self) -> bool:
        """Whether it is free mail: it has domains of its own and signs for no others."""
        return bool(self.domains) and not self.spf


@lru_cache
def catalogue() -> dict[str, Provider]:
    """Every provider by its id, in the order of the file."""
    entries = tomllib.loads(CATALOGUE.read_text(encoding="utf8"))["provider"]
    return {entry["id"]: _provider(entry) for entry in entries}


def by_domain(domain: str) -> Provider | None:
    """The provider whose mail addresses end in the domain."""
    return next((p for p in catalogue().values() if domain.lower() in p.domains), None)


def by_host(host: str, username: str = "") -> Provider | None:
    """The provider that a server belongs to; where several share it, the one of the log-in's domain, else of any."""
    found = [p for p in catalogue().values() if any(server.host == host.lower() for server in p.servers)]
    own = [p for p in found if username.rpartition("@")[2].lower() in p.domains]
    return next(iter(own or [p for p in found if not p.domains] or found), None)


def share(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Whether two servers (host, port, encryption) are both named by one provider."""
    both = {Server(*one), Server(*other)}
    return any(both <= set(p.servers) for p in catalogue().values())


def _provider(entry: dict[str, Any]) -> Provider:
    values = entry | {name: tuple(entry.get(name, ())) for name in ("domains", "sources", "dkim_selectors")}
    values["servers"] = tuple(Server(**server) for server in entry["servers"])
    values["limits"] = tuple(Limit(**limit) for limit in entry.get("limits", []))
    return Provider(**values)
