"""The record of a conversation: every line in and out with its time, without secrets."""

from __future__ import annotations

import base64
import time
from dataclasses import dataclass, field
from urllib.parse import quote

MASK = "•••"


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
        for shape in self._shapes:
            text = text.replace(shape, MASK)
        return text

    def __str__(self) -> str:
        return "\n".join(f"{line.ms:>6} {line.side}: {line.text}" for line in self.lines)


def _shapes(secrets: tuple[str, ...]) -> list[str]:
    """Each secret as it is, in base64 and as in a URL, the longest first."""
    shapes = set()
    for secret in filter(None, secrets):
        shapes |= {secret, quote(secret), base64.b64encode(secret.encode()).decode()}
    return sorted(shapes, key=len, reverse=True)
