"""The Sent folder: the offer to read it, how the reading goes, and its end."""

import streamlit as st

from core.accounts.setups import Setup
from core.counting import sentfolder as folders
from core.counting import watch
from core.i18n import N_
from core.smtp import mailbox
from pages.parts import fault
from pages.parts.person import mine
from pages.parts.words import _, ago, plain

INBOX = N_("Look in the inbox for mail that came back, too")
READ_THERE = N_(
    "Of each message in the inbox only the sender and the kind are read; of one that looks like a report of mail that "
    "came back, its text, too."
)


def possible(setup: Setup) -> bool:
    """Whether a setup's mailbox can be read: its provider's is known, and its password is stored."""
    return setup.has_secret and mailbox.place(setup.form) is not None


def show(setup: Setup) -> None:
    """The offer, or how the watch stands; nothing where the mailbox cannot be read."""
    if folders.state(mine(), setup.id):
        st.fragment(_standing, run_every=2)(setup)
    elif possible(setup):
        _offer(setup)


def _offer(setup: Setup) -> None:
    place = mailbox.place(setup.form)
    words = _(
        "Does another program send with this log-in, such as a cloud invoicing service? Mailgauge can read the copies "
        "in the Sent folder and count them: 90 days back, then every five minutes. Nothing is changed there, and of "
        "each message only its addresses, its time and its Message-ID are read."
    )
    with st.container(border=True, key="sent_folder"):
        st.markdown(words)
        bounces = st.checkbox(_(INBOX), key="bounces", help=_(READ_THERE))
        label = _("Read the Sent folder at {host}", host=place.host if place else "")
        st.button(label, icon=":material/mark_email_read:", key="watch", on_click=_start, args=(setup.id, bounces))


def _standing(setup: Setup) -> None:
    """How far the reading is; while the first one goes on, with a bar."""
    found = folders.state(mine(), setup.id)
    if found is None:
        return
    first = found.state == watch.READING and found.total
    with st.container(border=True, key="sent_folder"):
        said = plain(_(found.sentence, **found.values))
        if first and found.total:
            st.progress(min(1.0, found.found / found.total), said)
        else:
            icon = ":material/mark_email_read:" if found.read else ":orange[:material/warning:]"
            last = _("Last read: {ago}", ago=ago(found.read_at)) if found.read_at else ""
            st.markdown(f"{icon} {said} {last}")
        if found.reply and not found.read:
            st.code(found.reply, language=None, wrap_lines=True)
        st.session_state["look_inbox"] = found.bounces
        st.toggle(_(INBOX), key="look_inbox", help=_(READ_THERE), on_change=_look, args=(setup.id,))
        with st.container(horizontal=True):
            st.button(_("Read it now"), icon=":material/refresh:", key="read_now", on_click=_now, args=(setup.id,))
            st.button(_("Stop reading it"), icon=":material/block:", key="unwatch", on_click=_stop, args=(setup.id,))


def _start(setup: int, bounces: bool) -> None:
    with fault.told():
        folders.start(mine(), setup, bounces=bounces)


def _look(setup: int) -> None:
    with fault.told():
        watch.note(mine(), setup, bounces=st.session_state["look_inbox"])


def _now(setup: int) -> None:
    with fault.told():
        folders.now(mine(), setup)


def _stop(setup: int) -> None:
    with fault.told():
        folders.stop(mine(), setup)
