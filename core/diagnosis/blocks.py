"""What a report is made of: paragraphs of ours, and apart from them what came from outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph of ours."""

    kind: ClassVar[str] = "text"
    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Numbered:
    """Steps for a person."""

    kind: ClassVar[str] = "numbered"
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """Words from outside, line by line."""

    kind: ClassVar[str] = "said"
    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Values from outside, each with our label."""

    kind: ClassVar[str] = "facts"
    pairs: tuple[tuple[str, str], ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage: our words on it, and what was said."""

    kind: ClassVar[str] = "stage"
    ok: bool
    title: str
    facts: str
    note: str
    said: str


@dataclass(frozen=True, slots=True)
class Bars:
    """Stages in their order on one scale: label, beginning and length of a thousand, duration."""

    kind: ClassVar[str] = "bars"
    rows: tuple[tuple[str, int, int, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under our titles, and to each of them what was said there, if anything."""

    kind: ClassVar[str] = "table"
    columns: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], str], ...]


Block = Text | Numbered | Said | Facts | Stage | Bars | Table


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report under its title; it is known by its name of `sections.SECTIONS`."""

    name: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """The answer in one sentence, why, and what was tested when; `mark` and `word` tell the verdict."""

    verdict: str
    mark: str
    word: str
    title: str
    why: str
    place: str
