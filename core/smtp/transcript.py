"""The record of a conversation: every line in and out with its time, without secrets."""

from __future__ import annotations

import base64
import html
import json
import re
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus

MASK = "•••"
SHORTEST = 6  # letters of a secret's base64 that are its own, not those of any text


@dataclass(frozen=True, slots=True)
class Line:
    """One line: who said it (C the client, S the server, * neither), when in milliseconds, and what."""

    ms: int
    side: str
    text: str


@dataclass
class Transcript:
    """Lines in the order of time. Each of `secrets` is masked wherever it appears, in base64 and in URLs as well."""

    secrets: tuple[str, ...] = ()
    lines: list[Line] = field(default_factory=list)
    _started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self._shapes = _shapes(self.secrets)

    def add(self, side: str, text: str) -> None:
        """Appends a line, redacted."""
        self.lines.append(Line(round((time.monotonic() - self._started) * 1000), side, self.redact(text)))

    def redact(self, text: str) -> str:
        """The text with each secret replaced by a mask."""
        return self._shapes.sub(MASK, text) if self._shapes else text

    def __str__(self) -> str:
        return "\n".join(f"{line.ms:>6} {line.side}: {line.text}" for line in self.lines)


def visible(text: str) -> str:
    """The text with what a terminal would obey, or nobody would see, written out (control, format, surrogates)."""
    return "".join(letter if _shows(letter) else f"\\x{ord(letter):02x}" for letter in text)


def _shows(letter: str) -> bool:
    return letter == "\t" or unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _shapes(secrets: tuple[str, ...]) -> re.Pattern[str] | None:
    """Each secret in the shapes that it may come back in, the longest first."""
    shapes = {shape for secret in filter(None, secrets) for shape in _spellings(secret)}
    longest = sorted(map(re.escape, shapes), key=len, reverse=True)
    return re.compile("|".join(longest), re.IGNORECASE) if longest else None


def _spellings(secret: str) -> Iterator[str]:
    """As it is, as a URL, HTML, JSON and hexadecimal digits write it, and in base64 whatever stands before it."""
    raw = secret.encode(errors="surrogateescape")
    yield from {secret, visible(secret), quote(raw), quote(raw, safe=""), quote_plus(raw)}
    yield from {html.escape(secret), json.dumps(secret)[1:-1], raw.hex()}
    yield base64.b64encode(raw).decode()
    for before in range(3):
        text = base64.b64encode(b"\0" * before + raw).decode().rstrip("=")
        whole = (len(raw) + before) % 3 == 0
        core = text[(0, 2, 3)[before] : None if whole else -1]
        if len(core) >= SHORTEST:
            yield from {core, core.replace("+", "-").replace("/", "_")}
