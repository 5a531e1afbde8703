"""Who and where from: recipients by the value of one dimension, the largest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd

from core.charts import look

MOST = 12  # values with a bar of their own


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of the picture, in the reader's language; `other` is what is not named."""

    recipients: str
    other: str
    thousands: str = ","


def frame(found: Sequence[tuple[str, int]], labels: Labels) -> pd.DataFrame:
    """One row for each of the largest values and one for the rest: value, recipients, label (with its share)."""
    named = [(value, amount) for value, amount in found if value]
    shown, rest = named[:MOST], sum(amount for _, amount in found) - sum(amount for _, amount in named[:MOST])
    rows = [*shown, *([(labels.other, rest)] if rest else [])]
    total = sum(amount for _, amount in rows)
    told = [f"{look.figure(amount, labels.thousands)} · {amount / total:.0%}" for _, amount in rows]
    return pd.DataFrame(rows, columns=["value", "recipients"]).assign(label=told)


def chart(data: pd.DataFrame, labels: Labels) -> alt.LayerChart:
    """A bar for each row, its value before it and its number behind it."""
    y = alt.Y("value:N", sort=list(data.value), title=None, axis=alt.Axis(labelLimit=170))
    room = alt.Scale(domainMax=float(data.recipients.max()) * 1.35)  # for the words behind the longest bar
    axis = alt.Axis(labels=False, ticks=False, grid=False, domain=False)
    x = alt.X("recipients:Q", title=labels.recipients, axis=axis, scale=room)
    bars = alt.Chart(data).mark_bar().encode(x=x, y=y, tooltip=["value", "label"])
    words = alt.Chart(data).mark_text(align="left", dx=5, color=look.INK).encode(x=x, y=y, text="label:N")
    return alt.LayerChart(layer=[bars, words], height=alt.Step(28))
