"""A server's reply."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

LINE = re.compile(r"([0-9]{3})(?:([ -])(.*))?$", re.DOTALL)
ENHANCED = re.compile(r"([245]\.[0-9]{1,3}\.[0-9]{1,3})(?=\s|$)\s?")


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply: its basic code and its lines as they came, without the line ends (RFC 5321 section 4.2)."""

    code: int
    lines: tuple[str, ...]

    def redacted(self, redact: Callable[[str], str]) -> Reply:
        """The reply without secrets, fit to be kept and shown."""
        return Reply(self.code, tuple(map(redact, self.lines)))

    @property
    def ok(self) -> bool:
        """Whether the command was accepted (2xx) or may go on (3xx)."""
        return 200 <= self.code < 400

    @property
    def enhanced(self) -> str | None:
        """The enhanced status code such as 5.7.8, if there is one (RFC 3463)."""
        for text in self.texts:
            if found := ENHANCED.match(text):
                return found[1]
        return None

    @property
    def texts(self) -> tuple[str, ...]:
        """What stands behind the basic code, a string a line."""
        return tuple(line[4:] for line in self.lines)

    @property
    def words(self) -> str:
        """The server's words on one line: codes gone, blanks folded."""
        return " ".join(" ".join(ENHANCED.sub("", text, count=1) for text in self.texts).split())

    @property
    def text(self) -> str:
        """The reply as it came, lines joined by a line feed."""
        return "\n".join(self.lines)
