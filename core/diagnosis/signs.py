"""What tells, before any rule, that a text is about a failure, and about which stage: `data/signs.toml`."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

SIGNS = Path(__file__).parents[2] / "data" / "signs.toml"


def troubled(text: str) -> bool:
    """Whether anything in a text tells that something went wrong."""
    return bool(_trouble().search(text))


def stage(said: str) -> str | None:
    """The stage of a conversation that a folded text speaks of, None where it does not say."""
    return next((name for name, words in _stages() if any(word in said for word in words)), None)


@lru_cache
def _read() -> dict[str, Any]:
    return tomllib.loads(SIGNS.read_text(encoding="utf8"))


@lru_cache
def _trouble() -> re.Pattern[str]:
    return re.compile("|".join(_read()["trouble"]), re.IGNORECASE)


@lru_cache
def _stages() -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((entry["name"], tuple(entry["words"])) for entry in _read()["stage"])
