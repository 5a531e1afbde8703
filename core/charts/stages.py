"""The stages of a check, one below the other on one scale of time."""

from __future__ import annotations

import altair as alt
import pandas as pd

from core.charts.look import INK


def chart(data: pd.DataFrame) -> alt.LayerChart:
    """Each stage from its start to its end.

    `data` has the columns stage (worded, in order), start, end (any unit) and took (the time, as words).
    """
    order = list(dict.fromkeys(data.stage))
    y = alt.Y("stage:N", sort=order, title=None, axis=alt.Axis(labelLimit=260))
    bars = (
        alt.Chart(data)
        .mark_bar(minBandSize=14)
        .encode(
            x=alt.X("start:Q", axis=None),
            x2="end:Q",
            y=y,
            tooltip=["stage", "took"],
        )
    )
    words = alt.Chart(data).mark_text(align="left", dx=5, color=INK).encode(x="end:Q", y=y, text="took:N")
    return alt.LayerChart(layer=[bars, words], height=alt.Step(26))
