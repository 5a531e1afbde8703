"""Who did not get mail on a day, by cause, with what to do; above the log of sends."""

from datetime import date, datetime
from functools import partial

import pandas as pd
import streamlit as st

from core import clock
from core.counting import export, undelivered
from core.counting.undelivered import Group
from pages.parts.person import me, mine
from pages.parts.words import FORMATS, _, day, language, moment, number, plain

SHOWN = 200  # recipients of a cause


def show(wanted: date | None = None) -> None:
    """The recipients of a day; the last one that had some where none is named. Nothing where everybody was served."""
    last = undelivered.newest(mine())
    if last is None:
        return
    zone = me().zone
    today = datetime.now(zone).date()
    latest = wanted or min(today, clock.local(last, zone).date())
    with st.container(border=True, key="undelivered"):
        words, choice = st.columns([4, 1], vertical_alignment="bottom")
        key = {"key": "undelivered_day", "format": FORMATS[language()], "max_value": max(today, latest)}
        chosen = choice.date_input(_("Day"), latest, **key)
        lost = undelivered.count(mine(), since=chosen, until=chosen, zone=zone)
        when = _("today") if chosen == today else day(chosen)
        title = _("Who did not get mail, {day}: {n}", day=when, n=number(lost))
        words.subheader(title, anchor=False)
        later = _(
            "Accepted is not yet delivered. Mail that comes back later is told here only if the inbox is read for it."
        )
        words.caption(later)
        if lost:
            _people(chosen, lost)


def _people(chosen: date, lost: int) -> None:
    here = {"since": chosen, "until": chosen, "zone": me().zone}
    found = undelivered.find(mine(), **here)
    if lost > len(found):
        st.caption(_("Shown by cause: the newest {n}. The download holds all.", n=number(len(found))))
    for position, group in enumerate(undelivered.groups(found, language())):
        _cause(position, group)
    st.download_button(
        _("Download as CSV"),
        partial(undelivered.file, mine(), language=language(), masked=_masked(), **here),
        file_name=f"mailgauge-undelivered-{chosen}.csv",
        mime="text/csv",
        icon=":material/download:",
        key="undelivered_csv",
        on_click="ignore",
    )


def _cause(position: int, group: Group) -> None:
    title = _("{title}: {n}", title=group.title, n=number(len(group.entries)))
    with st.expander(title, key=f"undelivered_{position}"):
        for step, fix in enumerate(group.fixes, 1):
            st.markdown(f"{step}. {plain(fix)}")
        entries = [entry.masked() if _masked() else entry for entry in group.entries[:SHOWN]]
        lines = [
            {
                _("Time"): moment(entry.at),
                _("Recipient"): entry.recipient or _("no longer kept"),
                _("Outcome"): export.outcome(entry.outcome, language(), marked=True),
                _("Server's reply"): entry.reply,
            }
            for entry in entries
        ]
        wide = {_("Server's reply"): st.column_config.TextColumn(width="large")}
        key = f"undelivered_table_{position}"
        st.dataframe(pd.DataFrame(lines), hide_index=True, key=key, column_config=wide, alt=_("Who did not get mail"))
        if len(group.entries) > SHOWN:
            st.caption(_("Shown: the newest {n}. The download holds all.", n=number(SHOWN)))


def _masked() -> bool:
    """Whether addresses are to be hidden; the switch stands below, beside the log."""
    return bool(st.session_state.get("masked"))
