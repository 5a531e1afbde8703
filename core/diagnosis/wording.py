"""What a report says, in a language: our sentences translated, and what came from outside made safe to show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import i18n
from core.accounts.form import ENCRYPTION_NAMES
from core.diagnosis import causes
from core.diagnosis.step import EVENTS, STAGES
from core.i18n import N_
from core.smtp.transcript import visible

LONGEST = 4000  # letters of one answer
LONGEST_LINE = 400  # of a value that stands in a line
LEFT_OUT = N_("[… letters left out: {n} …]")
YES, NO = N_("yes"), N_("no")


@dataclass(frozen=True, slots=True)
class Wording:
    """Words in one language."""

    language: str

    def __call__(self, message: str, **values: object) -> str:
        """The sentence, translated."""
        return i18n.translate(self.language, message, **values)

    def said(self, text: str | None, *, most: int = LONGEST) -> str:
        """A text from outside, line by line, bounded; what is the name of an event is told in our words."""
        if text in EVENTS:
            return self(EVENTS[text])
        lines = (text or "").replace("\r\n", "\n").strip("\n").split("\n")
        return "\n".join(map(visible, self.cut("\n".join(lines), most).split("\n")))

    def line(self, value: object) -> str:
        """A value of any kind as one line, empty where there is none."""
        match value:
            case None:
                return ""
            case bool():
                return self(YES if value else NO)
            case Mapping():
                pairs = ((key, self.line(item)) for key, item in value.items())
                return self._row(f"{key}: {item}" for key, item in pairs if item)
            case list() | tuple():
                return self._row(filter(None, map(self.line, value)))
        return " ".join(self.said(str(value), most=LONGEST_LINE).split())

    def _row(self, parts: Iterable[str]) -> str:
        return " ".join(self.cut(", ".join(parts), LONGEST).split())

    def cut(self, text: str, most: int) -> str:
        """The text, of one that is too long its beginning and its end."""
        if len(text) <= most:
            return text
        head, tail = most * 2 // 3, most // 3
        note = self(LEFT_OUT, n=i18n.number(self.language, len(text) - head - tail))
        return f"{text[:head]}\n{note}\n{text[-tail:]}"

    def stage(self, name: str) -> str:
        """A stage in words."""
        return self(STAGES[name]) if name in STAGES else self.line(name)

    def encryption(self, name: str | None) -> str:
        """An encryption in words."""
        return self(ENCRYPTION_NAMES[name]) if name in ENCRYPTION_NAMES else self.line(name)

    def cause(self, slug: str | None) -> str:
        """A cause in words; one that only this machine was taught by its name."""
        known = causes.catalogue().get(slug or "")
        return known.title[self.language].format_map(defaultdict(str)) if known else self.line(slug)

    def took(self, ms: float | None) -> str:
        """A duration."""
        return "" if ms is None else f"{i18n.number(self.language, ms)} ms"

    def when(self, moment: Any) -> str:
        """A time of ISO 8601 with its zone; what is none as it is."""
        try:
            return i18n.stamp(self.language, datetime.fromisoformat(moment))
        except (TypeError, ValueError):
            return self.line(moment)
