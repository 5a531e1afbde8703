"""The stored setups: chosen, made active, removed; and what to do when another tab stored one first."""

import streamlit as st

from core.accounts import setups
from core.accounts.setups import Setup
from pages.parts import draft, fault
from pages.parts.person import mine
from pages.parts.words import _, plain


def choose() -> None:
    """The stored setups to choose from; below the form, so that nothing above it moves when one is added."""
    own = [setup for setup in setups.all(mine()) if setup.mode == "smtp"]
    if not own:
        return
    st.caption(_("Stored setups"))
    with st.container(horizontal=True):
        for setup in own:
            chosen = setup.id == st.session_state.draft_setup
            icon = ":material/check:" if chosen else None
            name = plain(setup.name)
            st.button(name, icon=icon, key=f"choose_{setup.id}", on_click=draft.choose, args=(setup.id,))
        st.button(_("New setup"), icon=":material/add:", key="new", on_click=draft.choose, args=(None,))


def actions(current: Setup | None) -> None:
    """What can be done with the stored setup on show."""
    if current and not current.active:
        st.button(_("Make active"), icon=":material/bolt:", key="activate", on_click=_activate, args=(current.id,))
    if current and current.mode == "smtp":
        with st.popover(_("Remove"), icon=":material/delete:", key="remove"):
            st.markdown(_("Remove the setup **{name}** with its password?", name=current.name))
            st.markdown(_("What it sent stays in the log and in the count."))
            if current.active:
                st.markdown(_("It is the active one: the Default mode takes over."))
            st.button(_("Remove it"), type="primary", key="remove_yes", on_click=_remove, args=(current,))


def overtaken(current: Setup | None) -> None:
    """Another tab stored this setup since it was read here: the person says which of the two counts."""
    if not current or current.mode != "smtp" or current.version == st.session_state.draft_version:
        return
    st.warning(
        _("This setup was changed in another tab or by another person. What you typed here is not lost."),
        icon=":material/sync_problem:",
    )
    with st.container(horizontal=True):
        st.button(_("Show what is stored"), key="take_stored", on_click=draft.choose, args=(current.id,))
        st.button(_("Keep what I typed"), key="keep_typed", on_click=draft.overtake, args=(current.version,))


def _activate(setup: int) -> None:
    with fault.told():
        setups.activate(mine(), setup)


def _remove(setup: Setup) -> None:
    with fault.told():
        setups.remove(mine(), setup.id)
        draft.choose(None)
        st.toast(_("Removed: {name}", name=setup.name), icon=":material/delete:")
