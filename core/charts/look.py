"""What every picture shares: two colours for light and dark grounds, a limit as a labelled line, worded numbers."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

INK = "#7c868c"  # readable on a light and on a dark ground
ALARM = "#d1495b"


def figure(amount: float, mark: str) -> str:
    """A whole number with its thousands mark."""
    return f"{amount:,.0f}".replace(",", mark)


def thousands(mark: str) -> alt.Axis:
    """An axis of whole numbers with their thousands mark."""
    return alt.Axis(labelExpr=f"replace(format(datum.value, ',d'), /,/g, '{mark}')", tickMinStep=1)


def limit(amount: int, words: str) -> list[Any]:
    """A dashed line across the picture, and its words above it."""
    data = pd.DataFrame({"limit": [amount], "label": [words]})
    line = alt.Chart(data).mark_rule(strokeDash=[6, 4], size=2, color=ALARM).encode(y=alt.Y("limit:Q"))
    text = alt.Chart(data).mark_text(align="left", dx=4, dy=-8, fontWeight="bold", color=ALARM)
    return [line, text.encode(x=alt.value(0), y=alt.Y("limit:Q"), text=alt.Text("label:N"))]
