"""The parts of a check's document from elsewhere, each made the kind of value that it should be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from core.smtp.transcript import visible

LONGEST = 4000  # letters of a value
LONGEST_TALK = 60_000  # of a conversation
MOST = 200  # values in a list
BIGGEST = 10**9


def checked(found: Mapping[str, Any]) -> dict[str, Any]:
    """A check's document with every part of the kind that it should be; what is of another kind is left out."""
    document: dict[str, Any] = fitted(found, DOCUMENT)
    return document


def word(value: object, most: int = LONGEST) -> str:
    """A text or a number as a text that can be shown, empty for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = str(value)[:most].encode(errors="replace").decode()
    return "\n".join(map(visible, text.split("\n")))


def talk(value: object) -> str:
    """A long text."""
    return word(value, LONGEST_TALK)


def number(value: object) -> float | None:
    """A duration or a count, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if 0 <= value < BIGGEST else None


def flag(value: object) -> bool | None:
    """Yes or no, None for anything else."""
    return value if isinstance(value, bool) else None


def choice(value: object) -> bool | list[str] | None:
    """Yes or no, or a list of words."""
    return fitted(value, [word]) if isinstance(value, list) else flag(value)


def values(value: object) -> dict[str, Any]:
    """What the words of a note are filled with; an end that is no date is left out."""
    found = {str(name): word(one) for name, one in value.items()} if isinstance(value, Mapping) else {}
    return {name: one for name, one in found.items() if name != "until" or _is_date(one)}


def fitted(value: object, shape: Any) -> Any:
    """The value as far as it has a shape: a mapping by name, a list of one shape, or one of the functions above."""
    if isinstance(shape, dict):
        found = value if isinstance(value, dict) else {}
        return {name: fitted(found.get(name), part) for name, part in shape.items()} if found else {}
    if isinstance(shape, list):
        parts = value[:MOST] if isinstance(value, list) else []
        return [one for one in (fitted(part, shape[0]) for part in parts) if one]
    return shape(value)


def _is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text[:10]))
    except ValueError:
        return False


Leaf = Callable[[object], object]
CERTIFICATE: dict[str, Leaf | list[Leaf]] = {
    **dict.fromkeys(("subject", "issuer", "not_before", "not_after", "fingerprint", "key"), word),
    "names": [word],
}
DOCUMENT: dict[str, Any] = {
    **dict.fromkeys(("verdict", "cause", "stage", "evidence", "title", "why", "tested_at", "language"), word),
    "fixes": [{"text": word}],
    "also": [word],
    "steps": [
        dict.fromkeys(("stage", "reply", "detail", "event", "cause", "enhanced"), word)
        | {"ok": flag, "ms": number, "code": number}
    ],
    "scouts": [
        dict.fromkeys(("port", "encryption", "cause", "event", "greeting"), word)
        | {"works": flag, "ms": number, "auth": choice}
    ],
    "notes": [{"title": word, "why": word, "until": word}],
    "tls": dict.fromkeys(("version", "cipher", "problem"), word)
    | {"verified": flag, "chain": [CERTIFICATE]}
    | CERTIFICATE,
    "capabilities": [word],
    "domain": {
        "name": word,
        "state": word,
        "mx": [{"host": word}],
        "spf": {"record": word, "valid": flag, "error": word, "covers": flag},
        "dmarc": {"record": word, "policy": word, "valid": flag, "error": word},
        "dkim": [{"selector": word, "found": flag}],
        "aligned": flag,
        "notes": [{"note": word, "values": values}],
    },
    "addresses": [{"address": word, "ms": number, "event": word, "detail": word}],
    "vantage": {"host": word, "address": word},
    "settings": dict.fromkeys(("host", "port", "encryption", "username", "from_address", "to", "mode", "trust"), word)
    | {"allow_plaintext": flag},
    "elapsed_ms": number,
    "transcript": talk,
}
