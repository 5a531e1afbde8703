"""Findings that are no fault, with their words for people: `data/notes.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from core import i18n
from core.diagnosis.step import EVENTS

CATALOGUE = Path(__file__).parents[2] / "data" / "notes.toml"
SLUG = re.compile(r"note\.[a-z][a-z0-9_]*")
PLACEHOLDER = re.compile(r"\{([a-z]+)\}")


@dataclass(frozen=True, slots=True)
class Note:
    """A finding's words by language; their placeholders are filled by the values of what was found."""

    slug: str
    title: Mapping[str, str]
    why: Mapping[str, str]


@lru_cache
def catalogue() -> dict[str, Note]:
    """Every note by its slug. Raises ValueError where one cannot be used."""
    return read(CATALOGUE.read_text(encoding="utf8"))


def read(text: str) -> dict[str, Note]:
    """The notes of a file by their slugs. Raises ValueError with a sentence where one cannot be used."""
    notes: dict[str, Note] = {}
    for entry in tomllib.loads(text).get("note", []):
        note = _note(entry)
        if note.slug in notes:
            raise ValueError(f"{note.slug} is there twice")
        notes[note.slug] = note
    return notes


def words(note: Mapping[str, Any], language: str) -> dict[str, Any]:
    """A finding, {"note": slug, "values": {...}}, as `check --json` prints it; an unknown one by its slug alone."""
    slug, values = str(note.get("note")), note.get("values") or {}
    found = catalogue().get(slug)
    filled = {name: _value(name, value, language) for name, value in values.items()}
    return {
        "cause": slug,
        "title": _filled(found.title[language], filled) if found else slug,
        "why": _filled(found.why[language], filled) if found else "",
        "until": values.get("until"),
    }


def _filled(text: str, values: Mapping[str, str]) -> str:
    return PLACEHOLDER.sub(lambda match: values.get(match[1], "…"), text)


def _value(name: str, value: object, language: str) -> str:
    """A value as people of the language read it."""
    if name == "event" and value in EVENTS:
        return i18n.translate(language, EVENTS[str(value)])
    if name == "until":
        return i18n.day(language, date.fromisoformat(str(value)[:10]))
    return i18n.number(language, value) if isinstance(value, int) else str(value)


def _note(entry: Mapping[str, Any]) -> Note:
    slug = entry.get("slug")
    if not isinstance(slug, str) or not SLUG.fullmatch(slug):
        raise ValueError(f"a note needs a slug such as note.spf_missing, not {slug!r}")
    return Note(slug, _words(slug, entry.get("title")), _words(slug, entry.get("why")))


def _words(slug: str, said: object) -> Mapping[str, str]:
    """The words in every language, with the same placeholders in each. Raises ValueError."""
    if not isinstance(said, dict) or said.keys() != i18n.LANGUAGES.keys() or not all(said.values()):
        raise ValueError(f"{slug} needs title and why in {', '.join(i18n.LANGUAGES)}")
    if len({frozenset(PLACEHOLDER.findall(text)) for text in said.values()}) > 1:
        raise ValueError(f"{slug} has other placeholders in another language")
    return said
