"""The log of sends: each recipient, what became of the mail, and the server's words."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial

import pandas as pd
import streamlit as st

from core import clock
from core.accounts import setups
from core.counting import export, log
from core.counting.log import Entry, Wanted
from pages.parts import sample, undelivered
from pages.parts.person import me, mine
from pages.parts.words import FORMATS, _, language, moment, number

SHOWN = 500
MOST = 10_000  # entries that are counted
LONGEST = 100  # letters of a search
FEW = 15  # entries that need no scrolling


def filters() -> Wanted:
    """What a person asks for; the table obeys it, and the download."""
    stored = {setup.name: setup.id for setup in setups.all(mine())}
    search, of, when = st.columns([3, 2, 2])
    text = search.text_input(
        _("Search"),
        key="search",
        type="search",
        max_chars=LONGEST,
        icon=":material/search:",
        placeholder=_("recipient, or words of the server's reply"),
        bind="query-params",
    )
    words = {"key": "of", "placeholder": _("All setups"), "bind": "query-params"}
    setup = of.selectbox(_("Setup"), list(stored), index=None, **words)
    picked = when.date_input(_("Day"), None, key="day", format=FORMATS[language()], bind="query-params")
    outcomes = st.pills(
        _("Outcome"),
        list(export.OUTCOMES),
        selection_mode="multi",
        format_func={name: export.outcome(name, language(), marked=True) for name in export.OUTCOMES}.get,
        default=[name for name in st.query_params.get_all("outcome") if name in export.OUTCOMES],
        key="outcomes",
        persist_state="session",
        wrap=True,
    )
    st.query_params["outcome"] = outcomes  # by hand: bound, the address would hold words of one language
    return Wanted(stored.get(setup or ""), outcomes, text or "", *_span(picked))


def _span(picked: date | None) -> tuple[int | None, int | None]:
    """The moments that a day of the account begins and ends at; none where no day is picked."""
    if picked is None:
        return None, None
    first, following = (clock.midnight(day, me().zone) for day in (picked, picked + timedelta(days=1)))
    return clock.stored(first), clock.stored(following)


def table(entries: Sequence[Entry]) -> None:
    """The entries, their addresses hidden where that is asked for."""
    shown = [entry.masked() for entry in entries] if st.session_state["masked"] else entries
    lines = [export.line(entry, moment(entry.at), language()) for entry in shown]
    height = "content" if len(lines) < FEW else 600
    wide = {_("Server's reply"): st.column_config.TextColumn(width="large")}
    st.dataframe(pd.DataFrame(lines), hide_index=True, key="sends", height=height, column_config=wide, alt=_("Sends"))


def download(wanted: Wanted) -> None:
    """Everything that fits, for a spreadsheet; made when it is asked for, outside of this run."""
    words = {"language": language(), "zone": me().zone, "masked": st.session_state["masked"]}
    st.download_button(
        _("Download as CSV"),
        partial(export.sends, mine(), wanted, **words),
        file_name=f"mailgauge-sends-{datetime.now(me().zone).date()}.csv",
        mime="text/csv",
        icon=":material/download:",
        key="csv",
        on_click="ignore",
    )


newest = log.find(mine(), limit=1)

if newest:
    last = {"time": moment(newest[0].at), "outcome": export.outcome(newest[0].outcome, language())}
    st.title(_("The last mail, {time}: {outcome}", **last), anchor=False)
    undelivered.show()
    wanted = filters()
    entries, fitting = log.find(mine(), wanted, limit=SHOWN), log.count(mine(), wanted, most=MOST + 1)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        many = _("more than {n}", n=number(MOST))
        counts = {"shown": number(len(entries)), "fitting": number(fitting) if fitting <= MOST else many}
        st.caption(_("Entries shown: {shown} of {fitting}, the newest first.", **counts), width="content")
        st.toggle(_("Hide addresses"), key="masked", help=_("For a screen that others see; the download obeys, too."))
    if entries:
        table(entries)
        download(wanted)
    else:
        st.info(_("No entry fits. Change the search or the filters."), icon=":material/search_off:")
    st.caption(_("Accepted: the server took the mail; that it reached the mailbox is not known."))
else:
    st.title(_("Nothing was sent yet"), anchor=False)
    st.info(
        _("Each mail that goes through Mailgauge is listed here, one line for each recipient."), icon=":material/inbox:"
    )
    st.page_link("setup.py", label=_("Send a test"), icon=":material/send:")
    sample.offer()
