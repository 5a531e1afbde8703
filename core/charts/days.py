"""Days as stacked bars against the limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import altair as alt
import pandas as pd

from core.charts import look
from core.counting.usage import Day

ELSEWHERE = "elsewhere"  # the kind that Mailgauge does not see itself
CHOSEN = "day"  # the selection: the days that were clicked
BAR = 0.8  # of the room of a day


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of the picture, in the reader's language.

    `kinds` names what a bar is made of, from the ground up: attributes of a Day, and ELSEWHERE.
    """

    day: str
    amount: str
    kind: str
    kinds: Mapping[str, str]
    limit: str
    over: str
    thousands: str = ","


@dataclass(frozen=True, slots=True)
class Bars:
    """Local days, and what was sent elsewhere on some of them."""

    days: Sequence[Day]
    elsewhere: Mapping[date, int] = field(default_factory=dict)


def frame(bars: Bars, labels: Labels) -> pd.DataFrame:
    """One row for each day and kind: day (ISO), kind (worded), elsewhere, order, amount, total.

    What was sent elsewhere has one only on its days: an empty bar would still have its edge.
    """
    rows = []
    for day in bars.days:
        unseen = bars.elsewhere.get(day.day, 0)
        amounts = {kind: unseen if kind == ELSEWHERE else getattr(day, kind) for kind in labels.kinds}
        total = sum(amounts.values())
        for order, (kind, amount) in enumerate(amounts.items()):
            if amount or kind != ELSEWHERE:
                rows.append((day.day.isoformat(), labels.kinds[kind], kind == ELSEWHERE, order, amount, total))
    return pd.DataFrame(rows, columns=["day", "kind", "elsewhere", "order", "amount", "total"])


def chart(data: pd.DataFrame, *, limit: int | None, labels: Labels) -> alt.LayerChart:
    """Stacked bars per day, the limit as a labelled line, days over it marked by a sign and a word.

    What was sent elsewhere is pale with a dashed edge. A click on a day selects it, as CHOSEN.
    """
    layers = [_bars(data, labels), _totals(data, limit, labels)]
    if limit is not None:
        layers += look.limit(limit, labels.limit)
    return alt.LayerChart(layer=layers, height=340)


def _bars(data: pd.DataFrame, labels: Labels) -> Any:
    dashed = {"test": "datum.elsewhere", "value": [3, 2]}
    legend = alt.Legend(orient="top", symbolType="square") if len(labels.kinds) > 1 else None
    return (
        alt.Chart(data)
        .mark_bar(width=alt.RelativeBandSize(BAR), cursor="pointer")
        .encode(
            x=_day(labels),
            y=alt.Y("amount:Q", title=labels.amount, axis=look.thousands(labels.thousands)),
            color=alt.Color("kind:N", title=None, scale=alt.Scale(domain=list(labels.kinds.values())), legend=legend),
            fillOpacity=alt.FillOpacityValue(1, condition={"test": "datum.elsewhere", "value": 0.35}),
            stroke=alt.StrokeValue(None, condition={"test": "datum.elsewhere", "value": look.INK}),
            strokeDash=alt.StrokeDashValue([1, 0], condition=dashed),
            order=alt.Order("order:O"),
            tooltip=[
                alt.Tooltip("day:O", title=labels.day),
                alt.Tooltip("kind:N", title=labels.kind),
                alt.Tooltip("amount:Q", title=labels.amount),
            ],
        )
        .add_params(alt.selection_point(name=CHOSEN, fields=["day"]))
    )


def _totals(data: pd.DataFrame, limit: int | None, labels: Labels) -> Any:
    """The sum above the bars that matter: days over the limit with a sign and a word, the highest day, the last one."""
    sums = data.groupby("day", as_index=False)["total"].first()
    over = sums.total > (limit if limit is not None else float("inf"))
    told = over | (sums.index == sums.total.idxmax()) | (sums.index == sums.index[-1])
    words = sums.total.map(lambda total: look.figure(total, labels.thousands) if total else "")
    signs = over.map({True: f"▲ {labels.over} ", False: ""})
    return (
        alt.Chart(sums.assign(label=signs + words, over=over)[told])
        .mark_text(dy=-8, fontSize=11)
        .encode(
            x=_day(labels),
            y=alt.Y("total:Q"),
            text=alt.Text("label:N"),
            color=alt.ColorValue(look.INK, condition={"test": "datum.over", "value": look.ALARM}),
        )
    )


def _day(labels: Labels) -> alt.X:
    axis = alt.Axis(labelExpr="slice(datum.value, 8) + '/' + slice(datum.value, 5, 7)", labelOverlap=True, labelAngle=0)
    return alt.X("day:O", title=labels.day, axis=axis)
