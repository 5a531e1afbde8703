"""A check as other programs read it: the JSON of `check --json`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from core.diagnosis import notes
from core.diagnosis.causes import Cause
from core.diagnosis.step import Step
from core.diagnosis.verdict import Verdict, worded

SETTINGS = ("host", "port", "encryption", "username", "from_address", "to", "mode", "trust", "allow_plaintext")


def document(
    verdict: Verdict,
    steps: Iterable[Step],
    result: Mapping[str, Any],
    *,
    language: str,
    known: Mapping[str, Cause],
    asked: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Every key of the public surface; what was not looked at is empty or null.

    `asked` is the form as it is stored, and as `tested_at` the moment in ISO 8601 with its offset.
    """
    words = worded(verdict, language, known, result.get("offers", ()))
    return {
        "verdict": verdict.verdict,
        "cause": verdict.cause,
        "stage": verdict.stage,
        "field": words["field"],
        "title": words["title"],
        "why": words["why"],
        "fixes": words["fixes"],
        "evidence": verdict.evidence,
        "also": list(verdict.also),
        "steps": [step.document() for step in steps],
        "scouts": result.get("scouts", []),
        "notes": [notes.words(note, language) for note in result.get("notes", ())],
        "tls": result["tls"],
        "capabilities": result["capabilities"],
        "domain": result.get("domain"),
        "addresses": result.get("addresses", []),
        "vantage": result["vantage"],
        "retry": verdict.retry,
        "elapsed_ms": result["elapsed_ms"],
        "language": language,
        "settings": {name: asked.get(name) for name in SETTINGS} if asked else None,
        "tested_at": asked.get("tested_at") if asked else None,
        "transcript": result.get("transcript"),
    }


def each(value: Any, change: Callable[[str], str]) -> Any:
    """A document, or a part of one, with every text in it changed."""
    match value:
        case str():
            return change(value)
        case Mapping():
            return {name: each(inner, change) for name, inner in value.items()}
        case list() | tuple():
            return [each(inner, change) for inner in value]
    return value
