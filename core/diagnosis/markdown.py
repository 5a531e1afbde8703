"""A report as Markdown for a ticket: what came from outside stands in fences that it cannot break out of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from core.diagnosis.blocks import Block, Facts, Head, Numbered, Said, Section, Stage, Table, Text

SPECIAL = re.compile(
    r"(https?://[^\s\\`*\[\]<>|()]+)|([\\`*\[\]<>|~$]|(?<!\w)_|_(?!\w)|&(?=#?\w+;)|^[-+#](?=[-#\s])|^\d+(?=[.)]\s))"
)
TICKS = re.compile("`+")


def write(head: Head, parts: Iterable[Section]) -> str:
    """The report, to paste."""
    opening = [f"# {head.mark} {plain(head.title)}", plain(head.why), plain(head.place)]
    paragraphs = [*opening, *(paragraph for part in parts for paragraph in _section(part))]
    return "\n\n".join(filter(None, paragraphs)) + "\n"


def plain(text: str) -> str:
    """Text in one line that Markdown leaves alone; links stay links."""
    return SPECIAL.sub(lambda found: found[1] or _escaped(found[2]), " ".join(text.split()))


def fenced(text: str) -> str:
    """A block of lines as they are, between fences longer than any that stand in it."""
    longest = max(map(len, TICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def _escaped(sign: str) -> str:
    return f"{sign}\\" if sign.isdigit() else f"\\{sign}"


def _section(part: Section) -> Iterator[str]:
    """Its title and paragraphs; a drawing has none."""
    if paragraphs := [paragraph for block in part.blocks for paragraph in _block(block)]:
        yield f"## {plain(part.title)}"
        yield from paragraphs


def _block(block: Block) -> Iterator[str]:
    match block:
        case Text():
            yield from filter(None, (f"**{plain(block.title)}**" if block.title else "", plain(block.text)))
        case Numbered():
            yield "\n".join(f"{number}. {plain(item)}" for number, item in enumerate(block.items, 1))
        case Said():
            yield fenced(block.text)
        case Facts():
            if block.title:
                yield f"**{plain(block.title)}**"
            yield fenced("\n".join(f"{label}: {value}".replace("\n", "\n    ") for label, value in block.pairs))
        case Stage():
            yield from _stage(block)
        case Table():
            yield from _table(block)


def _stage(stage: Stage) -> Iterator[str]:
    yield f"**{'✓' if stage.ok else '✗'} {plain(stage.title)}** · {plain(stage.facts)}"
    if stage.note:
        yield plain(stage.note)
    if stage.said:
        yield fenced(stage.said)


def _table(table: Table) -> Iterator[str]:
    title, *rows = (
        f"| {' | '.join(map(plain, cells))} |" for cells in (table.columns, *(row[0] for row in table.rows))
    )
    yield "\n".join([title, "| --- " * len(table.columns) + "|", *rows])
    for cells, said in table.rows:
        if said:
            yield plain(" · ".join(cells[:2]))
            yield fenced(said)
