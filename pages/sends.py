"""The log of sends: each recipient, what became of the mail, and the server's words."""

import pandas as pd
import streamlit as st

from core.counting import log
from core.i18n import N_
from pages.parts.person import mine
from pages.parts.words import KINDS, _, moment

OUTCOMES = {
    "accepted": ("✓", N_("accepted")),
    "refused": ("✗", N_("refused")),
    "failed": ("–", N_("not handed over")),
    "unknown": ("?", N_("outcome unknown")),
    "reserved": ("…", N_("under way")),
}
SOURCES = {"test": N_("Test")}


def outcome(name: str, *, marked: bool = False) -> str:
    """An outcome in words, with its sign where it stands in a table."""
    mark, words = OUTCOMES[name]
    return f"{mark} {_(words)}" if marked else _(words)


entries = log.recent(mine())

if not entries:
    st.title(_("Nothing was sent yet"), anchor=False)
    st.info(
        _("Each mail that goes through Mailgauge is listed here, one line for each recipient."), icon=":material/inbox:"
    )
    st.page_link("setup.py", label=_("Send a test"), icon=":material/send:")
else:
    newest = entries[0]
    st.title(
        _("The last mail, {time}: {outcome}", time=moment(newest.at), outcome=outcome(newest.outcome)), anchor=False
    )
    table = pd.DataFrame(
        {
            _("Time"): [moment(entry.at) for entry in entries],
            _("Outcome"): [outcome(entry.outcome, marked=True) for entry in entries],
            _("Recipient"): [entry.recipient for entry in entries],
            _("Server's reply"): [entry.reply for entry in entries],
            _("Kind"): [_(KINDS.get(entry.kind, "")) for entry in entries],
            _("From"): [entry.from_address for entry in entries],
            _("Setup"): [entry.setup or _("not saved") for entry in entries],
            _("Source"): [_(SOURCES.get(entry.source, entry.source)) for entry in entries],
        }
    )
    st.dataframe(table, hide_index=True, key="sends", height="content" if len(entries) < 15 else 600, alt=_("Sends"))
    st.caption(
        _("Accepted: the server took the mail; that it reached the mailbox is not known. The newest 500 are shown.")
    )
