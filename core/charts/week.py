"""The hours of the week as a heat map: how much is usually sent when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd

from core.charts import look
from core.counting.usage import Hours

ROOM = 480  # pixels of a picture's width from which on each field has room for its number


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of the picture, in the reader's language; `days` are the days of the week, Monday first."""

    hour: str
    recipients: str
    days: Sequence[str]
    thousands: str = ","


def frame(days: Sequence[Hours], labels: Labels) -> pd.DataFrame:
    """One row for each weekday and hour: weekday (worded), hour, recipients (on average), label, dark.

    Hours before the first and after the last one that anything was ever sent in are left out.
    """
    busy = [hour for hour in range(24) if any(day.recipients[hour] for day in days)]
    hours = range(min(busy, default=0), max(busy, default=-1) + 1)
    same = [[day.recipients for day in days if day.day.weekday() == weekday] for weekday in range(7)]
    rows = [
        (name, hour, round(sum(counts[hour] for counts in same[weekday]) / len(same[weekday]), 1))
        for weekday, name in enumerate(labels.days)
        for hour in hours
        if same[weekday]
    ]
    data = pd.DataFrame(rows, columns=["weekday", "hour", "recipients"])
    words = data.recipients.map(lambda amount: look.figure(amount, labels.thousands))
    return data.assign(label=words, dark=data.recipients > data.recipients.max() / 2)


def busiest(data: pd.DataFrame) -> tuple[str, int, float]:
    """The weekday, the hour and the recipients of the field with the most."""
    top = data.sort_values("recipients").iloc[-1]
    return str(top["weekday"]), int(top["hour"]), float(top["recipients"])


def chart(data: pd.DataFrame, labels: Labels) -> alt.LayerChart:
    """A field for each hour of each weekday, the more the darker, with its number where there is room."""
    x = alt.X("hour:O", title=labels.hour, axis=alt.Axis(labelAngle=0, labelExpr="datum.value + ':00'"))
    y = alt.Y("weekday:N", sort=list(labels.days), title=None)
    shades = alt.Scale(range=["#dcebec", "#0b4f6c"])
    fields = alt.Chart(data).mark_rect(stroke=look.INK, strokeWidth=0.3)
    fields = fields.encode(
        x=x,
        y=y,
        color=alt.Color("recipients:Q", scale=shades, legend=None),
        tooltip=[
            alt.Tooltip("weekday:N", title=" "),
            alt.Tooltip("hour:O", title=labels.hour),
            alt.Tooltip("label:N", title=labels.recipients),
        ],
    )
    ink = alt.ColorValue("#1d2528", condition={"test": "datum.dark", "value": "#ffffff"})
    numbers = alt.Chart(data).mark_text(fontSize=11, opacity=alt.expr(f"width > {ROOM} ? 1 : 0"))
    return alt.LayerChart(layer=[fields, numbers.encode(x=x, y=y, text="label:N", color=ink)], height=alt.Step(34))
