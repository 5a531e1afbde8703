"""Email protocol: the mode, the SMTP fields, the test."""

import streamlit as st

from core.accounts.setups import Setup
from core.i18n import N_
from pages.parts import draft, fields, running, stored, testing
from pages.parts.words import _, ago, moment

MODES = {"default": N_("Default"), "smtp": N_("SMTP")}
MEANING = {
    "default": N_("The platform sends for you: recipients see its name, not your brand."),
    "smtp": N_("Your own mail server sends: recipients see your address."),
}
STATES = {
    "unsaved": (N_("Not saved yet"), ":material/edit:", "gray"),
    "untested": (N_("Never tested"), ":material/radio_button_unchecked:", "gray"),
    "works": (N_("Works since {since}"), ":material/check_circle:", "green"),
    "fails": (N_("Fails since {since}"), ":material/error:", "red"),
}


def state(setup: Setup | None) -> None:
    """Whether a setup works, since when, and whether it is the active one."""
    words, icon, colour = STATES[setup.state if setup else "unsaved"]
    since = moment(setup.state_since) if setup and setup.state_since else ""
    with st.container(horizontal=True, gap="small"):
        st.badge(_(words, since=since), icon=icon, color=colour)  # type: ignore[arg-type]
        if draft.unsaved(setup):
            st.badge(_("Changes not saved"), icon=":material/edit:", color="orange")
        if setup and setup.active:
            st.badge(_("Active"), icon=":material/bolt:", color="blue")
        if setup and setup.checked_at:
            st.caption(_("last checked {ago}", ago=ago(setup.checked_at)), width="content")


draft.begin()
current = draft.current()
check = testing.shown_check(current)
problems = draft.still(st.session_state.get("problems", []))

st.title(testing.headline(check, _("Not tested yet: choose how mail goes out, then test it")), anchor=False)

form_side, test_side = st.columns([5, 6], gap="large")

with form_side:
    st.radio(
        _("Email protocol"),
        list(MODES),
        format_func={mode: _(words) for mode, words in MODES.items()}.get,
        captions=[_(MEANING[mode]) for mode in MODES],
        key="draft_mode",
        on_change=draft.forget,
        persist_state="session",
    )
    state(current)
    if st.session_state.draft_mode == "default":
        fields.default(draft.reply_to())
    else:
        fields.smtp(current, problems or testing.pointed(check))
        stored.overtaken(current)
    with st.container(horizontal=True):
        stored.saver()
        stored.actions(current)
    testing.nothing_done("save")
    if st.session_state.draft_mode == "smtp":
        stored.choose()

with test_side:
    testing.side(check, problems)
    if check:
        running.show(check, again=testing.again)
        testing.closer(check)
