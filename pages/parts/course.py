"""Today, and how it may end: the forecast in words, and as a picture against the limit and an average day."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from core.charts import course as picture
from core.charts.course import Labels
from core.counting import report
from core.counting.forecast import Forecast, TooLittle
from core.counting.usage import Hours
from pages.parts.words import _, number, thousands


def expected(found: Forecast | TooLittle) -> str:
    """Where today ends, with its range; empty where too little is known."""
    if isinstance(found, TooLittle):
        return ""
    low, high = number(found.low), number(found.high)
    return f"{number(found.expected)} ({low}–{high})"


def told(found: Forecast | TooLittle, moment: datetime) -> str:
    """When the limit is reached today, in one sentence; that it is reached already is told elsewhere."""
    if isinstance(found, TooLittle):
        return _(report.TOO_LITTLE, needed=found.needed)
    at, earliest, latest = found.reached_at, found.reached_from, found.reached_to
    if earliest is None:
        return _("The limit is not expected to be reached today.")
    if at is None:
        return _(report.EARLIEST, earliest=f"{earliest:%H:%M}")
    if at <= moment:
        return ""
    if latest is None:
        return _(report.REACHED, time=f"{at:%H:%M}", earliest=f"{earliest:%H:%M}")
    times = {"time": f"{at:%H:%M}", "earliest": f"{earliest:%H:%M}", "latest": f"{latest:%H:%M}"}
    return _("At this rate the limit is reached at about {time} ({earliest}–{latest}).", **times)


def chart(days: Sequence[Hours], moment: datetime, found: Forecast | TooLittle, limit: int | None) -> None:
    """The picture, with its reading for those who do not see it."""
    known = None if isinstance(found, TooLittle) else found
    reached = known.reached_at if known and known.reached_at and known.reached_at > moment else None
    labels = Labels(
        hour=_("Time of day"),
        recipients=_("Recipients since midnight"),
        today=_("Today"),
        expected=_("Expected"),
        average=_("Average day"),
        limit=_("Limit {amount}", amount=number(limit)) if limit else "",
        reached=f"≈ {reached:%H:%M}" if reached else "",
        thousands=thousands(),
    )
    data = picture.frame(days, moment, known, labels)
    so_far = number(sum(days[-1].recipients))
    words = _("Today by the hour: {n} recipients by {time}.", n=so_far, time=f"{moment:%H:%M}")
    drawn = picture.chart(data, limit=limit, reached=reached, labels=labels)
    st.altair_chart(drawn, key="course", alt=f"{words} {told(found, moment)}".strip())
    if known:
        st.caption(_("Grey: where 8 of 10 days like today end."))
