"""How the customer's program spells host, port and encryption: `data/clients.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.diagnosis.rules import find

CATALOGUE = Path(__file__).parents[2] / "data" / "clients.toml"


@dataclass(frozen=True, slots=True)
class Client:
    """A program or library: `recognised` by these words, `spells` an encryption so, and the lines to change in it."""

    id: str
    name: str
    file: str
    source: str
    recognised: tuple[str, ...]
    spells: Mapping[str, tuple[str, ...]]
    lines: Mapping[str, str]


@lru_cache
def catalogue() -> dict[str, Client]:
    """Every program by its id, those that are found inside others first."""
    entries = tomllib.loads(CATALOGUE.read_text(encoding="utf8"))["client"]
    return {entry["id"]: _client(entry) for entry in entries}


def recognise(said: str) -> Client | None:
    """The program that a folded text comes from."""
    return next((one for one in catalogue().values() if any(word in said for word in one.recognised)), None)


def encryption(said: str, client: Client | None = None) -> str | None:
    """The encryption that a folded text has set, in the spelling of the program, or of any where none is known."""
    asked = [client] if client else list(catalogue().values())
    bare = said.replace('"', "'").replace("`", "'")
    for one in asked:
        for name, words in one.spells.items():
            if any(find(bare, word) >= 0 for word in words):
                return name
    return None


def lines(client: str, *, host: str, port: int, encryption: str) -> str:
    """What to write in the program, filled in. Raises KeyError for a program or encryption that we do not know."""
    found = catalogue()[client]
    return found.lines[encryption].strip().replace("<host>", host).replace("<port>", str(port))


def _client(entry: dict[str, Any]) -> Client:
    spells = {name: tuple(words) for name, words in entry.get("spells", {}).items()}
    return Client(**entry | {"spells": spells, "recognised": tuple(entry["recognised"])})
