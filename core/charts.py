"""Pictures: a data frame in, an Altair chart out. Nothing here reads the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from core.counting.usage import KINDS, Day

INK = "#7c868c"  # readable on a light and on a dark ground
ALARM = "#d1495b"


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of a chart, already in the reader's language; `kinds` names to, cc, bcc and other."""

    day: str
    recipients: str
    kind: str
    kinds: Mapping[str, str]
    limit: str
    over: str
    thousands: str = ","


def frame(days: Sequence[Day], labels: Labels) -> pd.DataFrame:
    """One row for each day and kind: day (ISO), kind (worded), order, recipients, total."""
    rows = [
        (day.day.isoformat(), labels.kinds[kind], order, getattr(day, kind), day.recipients)
        for day in days
        for order, kind in enumerate(KINDS)
    ]
    return pd.DataFrame(rows, columns=["day", "kind", "order", "recipients", "total"])


def daily(data: pd.DataFrame, *, limit: int | None, labels: Labels) -> alt.LayerChart:
    """Stacked bars of recipients per day, the limit as a labelled line, days over it marked by a sign and a word."""
    layers = [_bars(data, labels), _totals(data, limit, labels)]
    if limit is not None:
        layers += [_line(limit), _line_label(limit, labels)]
    return alt.LayerChart(layer=layers, height=340)


def _bars(data: pd.DataFrame, labels: Labels) -> Any:
    kinds = [
        name for kind, name in labels.kinds.items() if kind != "other" or data.loc[data.order == 3].recipients.any()
    ]
    shown = data[data.kind.isin(kinds)]
    return (
        alt.Chart(shown)
        .mark_bar()
        .encode(
            x=_day(labels),
            y=alt.Y("recipients:Q", title=labels.recipients, axis=_thousands(labels)),
            color=alt.Color("kind:N", title=None, scale=alt.Scale(domain=kinds), legend=alt.Legend(orient="top")),
            order=alt.Order("order:O"),
            tooltip=[
                alt.Tooltip("day:O", title=labels.day),
                alt.Tooltip("kind:N", title=labels.kind),
                alt.Tooltip("recipients:Q", title=labels.recipients),
            ],
        )
    )


def _totals(data: pd.DataFrame, limit: int | None, labels: Labels) -> Any:
    """The sum above the bars that matter: days over the limit with a sign and a word, the highest day, the last one."""
    sums = data.groupby("day", as_index=False)["total"].first()
    over = sums.total > (limit if limit is not None else float("inf"))
    told = over | (sums.index == sums.total.idxmax()) | (sums.index == sums.index[-1])
    words = sums.total.map(lambda total: f"{total:,}".replace(",", labels.thousands) if total else "")
    signs = over.map({True: f"▲ {labels.over} ", False: ""})
    return (
        alt.Chart(sums.assign(label=signs + words, over=over)[told])
        .mark_text(dy=-8, fontSize=11)
        .encode(
            x=_day(labels),
            y=alt.Y("total:Q"),
            text=alt.Text("label:N"),
            color=alt.ColorValue(INK, condition={"test": "datum.over", "value": ALARM}),
        )
    )


def _line(limit: int) -> Any:
    data = pd.DataFrame({"limit": [limit]})
    return alt.Chart(data).mark_rule(strokeDash=[6, 4], size=2, color=ALARM).encode(y=alt.Y("limit:Q"))


def _line_label(limit: int, labels: Labels) -> Any:
    data = pd.DataFrame({"limit": [limit], "label": [labels.limit]})
    text = alt.Chart(data).mark_text(align="left", dx=4, dy=-8, fontWeight="bold", color=ALARM)
    return text.encode(x=alt.value(0), y=alt.Y("limit:Q"), text=alt.Text("label:N"))


def _day(labels: Labels) -> alt.X:
    axis = alt.Axis(labelExpr="slice(datum.value, 8) + '/' + slice(datum.value, 5, 7)", labelOverlap=True, labelAngle=0)
    return alt.X("day:O", title=labels.day, axis=axis)


def _thousands(labels: Labels) -> alt.Axis:
    return alt.Axis(labelExpr=f"replace(format(datum.value, ',d'), /,/g, '{labels.thousands}')", tickMinStep=1)


def stages(data: pd.DataFrame, *, title: str) -> alt.LayerChart:
    """The stages of a check below each other, each from its start to its end in milliseconds.

    `data` has the columns stage (worded, in order), start, end, ms, ok and mark (a sign and the time, as words).
    """
    order = list(dict.fromkeys(data.stage))
    y = alt.Y("stage:N", sort=order, title=None, axis=alt.Axis(labelLimit=260))
    colours = alt.Scale(domain=[True, False], range=["#3d7ea6", ALARM])
    bars = (
        alt.Chart(data)
        .mark_bar(minBandSize=14)
        .encode(
            x=alt.X("start:Q", title=title),
            x2="end:Q",
            y=y,
            color=alt.Color("ok:N", scale=colours, legend=None),
            tooltip=["stage", "ms"],
        )
    )
    words = alt.Chart(data).mark_text(align="left", dx=5, color=INK).encode(x="end:Q", y=y, text="mark:N")
    return alt.LayerChart(layer=[bars, words], height=alt.Step(26))
