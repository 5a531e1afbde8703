"""What kind of complaint a text is that no rule knows, and what to ask about it: `data/complaints.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.diagnosis import rules
from core.diagnosis.rules import Phrase, Said

CATALOGUE = Path(__file__).parents[2] / "data" / "complaints.toml"


@dataclass(frozen=True, slots=True)
class Complaint:
    """A kind of complaint, told by its `phrases`: `may_be` are slugs of causes, the words are by language."""

    name: str
    phrases: tuple[Phrase, ...]
    may_be: tuple[str, ...]
    title: Mapping[str, str]
    why: Mapping[str, str]
    question: Mapping[str, str]


@lru_cache
def catalogue() -> dict[str, Complaint]:
    """Every complaint by its name, in the order in which they count."""
    found = tomllib.loads(CATALOGUE.read_text(encoding="utf8"))["complaint"]
    return {entry["name"]: _complaint(entry) for entry in found}


def recognise(said: Said) -> Complaint:
    """The first complaint whose words are there; the last of all where none is."""
    *known, last = catalogue().values()
    return next((one for one in known if said.first(one.phrases) is not None), last)


def _complaint(entry: Mapping[str, Any]) -> Complaint:
    words = {name: entry[name] for name in ("name", "title", "why", "question")}
    return Complaint(phrases=rules.phrases(entry["words"]), may_be=tuple(entry["may_be"]), **words)
