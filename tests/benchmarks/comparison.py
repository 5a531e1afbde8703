"""Figures beside their rivals', taken in turns so that a noisy machine is noisy for both, and the table of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

HEAD = ("what", "unit", "Mailgauge", "rival", "ratio", "wanted", "the rival")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Our figures and a rival's; `wanted` is the highest ratio that we want, where we want one."""

    what: str
    unit: str
    ours: Sequence[float]
    rival: Sequence[float]
    against: str
    wanted: float | None = None

    @property
    def ratio(self) -> float:
        """Our median, in medians of the rival."""
        return median(self.ours) / median(self.rival)

    @property
    def least(self) -> float:
        """Our least figure, in the rival's least: what a busy machine disturbs least."""
        return min(self.ours) / min(self.rival)

    @property
    def row(self) -> tuple[str, ...]:
        """The line of the table."""
        said = f"{'within' if self.ratio <= self.wanted else 'over'} {self.wanted}" if self.wanted else ""
        ratio = f"{self.ratio:.2f}" + (f" (min {self.least:.2f})" if len(self.ours) > 1 else "")
        return (self.what, self.unit, figure(self.ours), figure(self.rival), ratio, said, self.against)


def in_turns(measures: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """The figures of each measure: every round takes each once, and begins with another one."""
    names, taken = list(measures), {name: list[float]() for name in measures}
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            taken[name].append(measures[name]())
    return taken


def figure(values: Sequence[float]) -> str:
    """The median, and the least where there are several."""
    return f"{median(values):,.0f}" + (f" (min {min(values):,.0f})" if len(values) > 1 else "")


def table(comparisons: Iterable[Comparison]) -> str:
    """A Markdown table that is readable as it stands."""
    rows = [HEAD, *(comparison.row for comparison in comparisons)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    rule = "-|-".join("-" * width for width in widths)
    return "\n".join(f"| {line} |" for line in [lines[0], rule, *lines[1:]]).replace("| -", "|--").replace("- |", "--|")
