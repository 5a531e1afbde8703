"""Whose server speaks in a text: providers by host names, by words that only they print, or by another name."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

MARKS = Path(__file__).parents[2] / "data" / "marks.toml"


@dataclass(frozen=True, slots=True)
class Mark:
    """What one provider is known by."""

    id: str
    hosts: tuple[str, ...]
    words: tuple[str, ...]
    aliases: tuple[str, ...] = ()

    def owns(self, host: str) -> bool:
        """Whether a host name is this provider's."""
        return any(host == name or (name.startswith(".") and host.endswith(name)) for name in self.hosts)


@lru_cache
def catalogue() -> dict[str, Mark]:
    """Every provider that can be recognised, by its id."""
    entries = tomllib.loads(MARKS.read_text(encoding="utf8"))["provider"]
    return {
        entry["id"]: Mark(entry["id"], *(tuple(entry.get(name, ())) for name in ("hosts", "words", "aliases")))
        for entry in entries
    }


def named(name: str) -> str:
    """The id of the provider that goes by this name; a name that nobody has stays as it is."""
    wanted = name.strip().lower()
    found = (mark.id for mark in catalogue().values() if wanted == mark.id or wanted in mark.aliases)
    return next(found, wanted)


def by_host(host: str | None) -> str | None:
    """The id of the provider that a host name belongs to."""
    wanted = (host or "").lower().rstrip(".")
    return next((mark.id for mark in catalogue().values() if mark.owns(wanted)), None)


def by_words(said: str) -> str | None:
    """The id of the provider whose own words stand in a folded text."""
    return next((mark.id for mark in catalogue().values() if any(word in said for word in mark.words)), None)


@lru_cache
def _elsewhere() -> tuple[tuple[str, ...], tuple[str, ...]]:
    entry = tomllib.loads(MARKS.read_text(encoding="utf8"))["elsewhere"]
    return tuple(entry["words"]), tuple(entry["mail"])


def elsewhere(said: str) -> bool:
    """Whether a folded text tells of a database, a shell or a web service, and of no mail at all."""
    others, mail = _elsewhere()
    return any(word in said for word in others) and not any(word in said for word in mail)


@lru_cache
def _redirects() -> tuple[str, ...]:
    return tuple(tomllib.loads(MARKS.read_text(encoding="utf8"))["redirect"]["greetings"])


def is_redirect(host: str, greeting: str) -> bool:
    """Whether another server greets in place of a provider's that everybody knows."""
    said = greeting.lower()
    return by_host(host) is not None and any(words in said for words in _redirects())


def is_public(provider: str | None) -> bool:
    """Whether it is one that everybody knows, so that its servers have good certificates and answer as themselves."""
    return provider in catalogue()
