"""The course of today: recipients since midnight, how the day may end, an average day, the limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Any

import altair as alt
import pandas as pd

from core.charts import look
from core.counting.forecast import Forecast
from core.counting.usage import Hours

DASHES = ([1, 0], [6, 4], [2, 3])  # today, expected, average: told apart without colour, too
RECENT = 28  # days that the average is taken of


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of the picture, in the reader's language; `reached` stands where the limit is met."""

    hour: str
    recipients: str
    today: str
    expected: str
    average: str
    limit: str
    reached: str
    thousands: str = ","


def frame(days: Sequence[Hours], moment: datetime, found: Forecast | None, labels: Labels) -> pd.DataFrame:
    """One row for each point of each line: hour (0 to 24), line (worded), amount, low, high; `days` end with today."""
    now = _hour(moment)
    sums = [0, *accumulate(days[-1].recipients)]
    rows: list[tuple[float, str, float, float, float]] = [
        (hour, labels.today, total, total, total) for hour, total in enumerate(sums[: moment.hour + 1])
    ]
    rows.append((now, labels.today, sums[-1], sums[-1], sums[-1]))
    for point in found.curve if found else ():
        hour = _hour(point.at) if point.at.date() == moment.date() else 24
        rows.append((hour, labels.expected, point.expected, point.low, point.high))
    for hour, mean in enumerate(average(days[:-1])):
        rows.append((hour, labels.average, mean, mean, mean))
    return pd.DataFrame(rows, columns=["hour", "line", "amount", "low", "high"])


def average(days: Sequence[Hours]) -> list[float]:
    """Recipients up to each full hour, 0 to 24, on an average one of the last days with mail; none without any."""
    mailed = [[0, *accumulate(day.recipients)] for day in days[-RECENT:] if any(day.recipients)]
    return [round(sum(hour) / len(mailed), 1) for hour in zip(*mailed, strict=True)]


def chart(data: pd.DataFrame, *, limit: int | None, reached: datetime | None, labels: Labels) -> alt.LayerChart:
    """Lines that differ by dash as well as by colour, the forecast's range as a band, the limit as a labelled line."""
    layers = [_range(data, labels), _lines(data, labels), _now(data, labels)]
    if limit is not None:
        layers += look.limit(limit, labels.limit)
    if reached is not None:
        layers += _reached(_hour(reached), labels)
    return alt.LayerChart(layer=layers, height=340)


def _range(data: pd.DataFrame, labels: Labels) -> Any:
    band = alt.Chart(data[data.line == labels.expected]).mark_area(opacity=0.25, color=look.INK)
    return band.encode(x=_x(labels), y=alt.Y("low:Q"), y2="high:Q")


def _lines(data: pd.DataFrame, labels: Labels) -> Any:
    names = [name for name in (labels.today, labels.expected, labels.average) if (data.line == name).any()]
    known = {labels.today: DASHES[0], labels.expected: DASHES[1], labels.average: DASHES[2]}
    dashes = alt.Scale(domain=names, range=[known[name] for name in names])
    legend = alt.Legend(orient="top", symbolType="stroke", symbolSize=400, columns=2)
    return (
        alt.Chart(data)
        .mark_line(strokeWidth=2.5)
        .encode(
            x=_x(labels),
            y=alt.Y("amount:Q", title=labels.recipients, axis=look.thousands(labels.thousands)),
            color=alt.Color("line:N", title=None, scale=alt.Scale(domain=names), legend=legend),
            strokeDash=alt.StrokeDash("line:N", title=None, scale=dashes, legend=legend),
        )
    )


def _now(data: pd.DataFrame, labels: Labels) -> Any:
    """The number reached by now, and where the day is expected to end."""
    ends = data[data.line != labels.average].groupby("line", as_index=False).last()
    words = ends.amount.map(lambda amount: look.figure(amount, labels.thousands))
    marked = alt.Chart(ends.assign(label=words, hour=ends.hour.clip(upper=23)))
    return marked.mark_text(dy=-10, fontSize=11, color=look.INK).encode(x=_x(labels), y="amount:Q", text="label:N")


def _reached(hour: float, labels: Labels) -> list[Any]:
    data = pd.DataFrame({"hour": [hour], "label": [labels.reached]})
    line = alt.Chart(data).mark_rule(strokeDash=[2, 2], color=look.ALARM).encode(x=_x(labels))
    late = hour > 12  # then there is more room before it
    text = alt.Chart(data).mark_text(
        align="right" if late else "left", dx=-4 if late else 4, dy=12, fontWeight="bold", color=look.ALARM
    )
    return [line, text.encode(x=_x(labels), y=alt.value(0), text="label:N")]


def _x(labels: Labels) -> alt.X:
    axis = alt.Axis(values=list(range(0, 25, 3)), labelExpr="datum.value + ':00'", grid=False)
    return alt.X("hour:Q", title=labels.hour, scale=alt.Scale(domain=[0, 24], nice=False), axis=axis)


def _hour(at: datetime) -> float:
    return at.hour + at.minute / 60
