"""Days against the limit: the picture, the day that was clicked, the table and the file."""

from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from core.charts import days as picture
from core.charts.days import CHOSEN, ELSEWHERE, Bars, Labels
from core.counting import export
from core.counting.usage import Day
from pages.parts.words import _, day, language, number, thousands

UNITS = ("recipients", "messages")


def chart(bars: Bars, unit: str, limit: int | None) -> None:
    """The picture, with its reading for those who do not see it; below it the day that was clicked."""
    labels = _labels(bars, unit, limit)
    data = picture.frame(bars, labels)
    over = int((data.groupby("day").total.first() > limit).sum()) if limit else 0
    if unit == "recipients":
        words = _("Recipients per day, days shown: {days}; days over the limit: {over}", days=len(bars.days), over=over)
    else:
        words = _("Messages per day, days shown: {days}; days over the limit: {over}", days=len(bars.days), over=over)
    drawn = picture.chart(data, limit=limit, labels=labels)
    clicked = st.altair_chart(drawn, key="daily", alt=words, on_select="rerun", selection_mode=CHOSEN)
    chosen = {point["day"] for point in clicked["selection"].get(CHOSEN, [])}
    for each in bars.days:
        if each.day.isoformat() in chosen:
            _told(each, bars.elsewhere.get(each.day, 0))
    if not chosen:
        st.caption(_("Click on a day for its sends."))
    words = _(
        "One To and one Cc are two recipients. Mail that other programs send counts only where the Sent folder is read "
        "or you add it by hand."
    )
    st.caption(words)


def table(bars: Bars) -> None:
    """The same as numbers, the newest day first, and as a file."""
    newest = Bars(list(reversed(bars.days)), bars.elsewhere)
    columns = dict(export.table(newest.days, language(), newest.elsewhere))
    columns[_("Day")] = [day(each.day) for each in newest.days]
    st.dataframe(pd.DataFrame(columns), hide_index=True, key="days", alt=_("The numbers"))
    st.download_button(
        _("Download as CSV"),
        partial(export.usage, bars.days, language(), bars.elsewhere),
        file_name=f"mailgauge-volume-{bars.days[0].day}-{bars.days[-1].day}.csv",
        mime="text/csv",
        icon=":material/download:",
        key="csv",
        on_click="ignore",
    )


def _told(each: Day, elsewhere: int) -> None:
    """One day in a line, and the way to its sends."""
    counts = {"recipients": number(each.recipients), "messages": number(each.messages), "refused": number(each.refused)}
    line = _("{day}: recipients {recipients}, messages {messages}, refused {refused}", day=day(each.day), **counts)
    unseen = _("sent elsewhere, at least: {n}", n=number(elsewhere))
    st.markdown(f"{line}, {unseen}" if elsewhere else line)
    words, to = _("Sends of {day}", day=day(each.day)), {"day": each.day.isoformat()}
    st.page_link("sends.py", label=words, icon=":material/list:", query_params=to)


def _labels(bars: Bars, unit: str, limit: int | None) -> Labels:
    """The words of the picture; kinds that nothing was sent as are left out."""
    names = {"recipients": _("Recipients"), "messages": _("Messages")}
    kinds = {"messages": names["messages"]}
    if unit == "recipients":
        kinds = {kind: _(name) for kind, name in export.KINDS.items() if kind != "other" or _any(bars.days, kind)}
        kinds |= {ELSEWHERE: _("Sent elsewhere")} if bars.elsewhere else {}
    return Labels(
        day=_("Day"),
        amount=names[unit],
        kind=_("Kind"),
        kinds=kinds,
        limit=_("Limit {amount}", amount=number(limit)) if limit else "",
        over=_("over"),
        thousands=thousands(),
    )


def _any(days: Sequence[Day], kind: str) -> bool:
    return any(getattr(each, kind) for each in days)
