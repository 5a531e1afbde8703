"""The stored setups: chosen, made active, removed; and what to do when another tab stored one first."""

import streamlit as st

from core.accounts import setups
from core.accounts.setups import Setup
from core.diagnosis import checks
from pages.parts import draft, fault, testing
from pages.parts.person import mine
from pages.parts.words import _, plain


def saver() -> None:
    """The button that stores the form; the Default mode has nothing to store."""
    if st.session_state.draft_mode == "smtp":
        st.button(_("Save"), icon=":material/save:", key="save", on_click=save)


def save() -> None:
    """Stores the form."""
    form, problems = draft.read()
    setup = draft.current()
    if form and not problems:
        problems = checks.problems(mine(), form, setup=setup.id if setup else None)
    if not testing.told("save", problems) and form:
        with fault.told():
            if st.session_state.draft_setup and not setup:
                draft.detach()
                raise setups.Removed
            version = st.session_state.draft_version
            number = setups.save(mine(), form, setup=setup.id if setup else None, version=version)
            draft.saved(number)
            if started := draft.was_tested(form):
                checks.adopt(mine(), started, form, setup=number)
            st.toast(_("Saved"), icon=":material/save:")


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
    if current and not current.active and current.state == "fails":
        with st.popover(_("Make active"), icon=":material/bolt:", key="activate_failing"):
            st.markdown(_("Its last test failed: mail sent through it will most likely not go out."))
            st.button(_("Make it active all the same"), key="activate", on_click=_activate, args=(current.id,))
    elif current and not current.active:
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
