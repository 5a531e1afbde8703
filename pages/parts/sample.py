"""The sample account: offered where there is nothing to see yet, and labelled on every page while it is on view."""

import streamlit as st

from core import sample
from core.accounts import access
from pages.parts import fault, person
from pages.parts.words import _


def offer() -> None:
    """The button that loads it, or opens it when it is loaded."""
    if person.me().sample:
        return
    loaded = access.sample() is not None
    words = _("Open the sample account") if loaded else _("Load a sample account")
    if st.button(words, icon=":material/science:", key="sample_load"):
        with fault.told(), st.spinner(_("Making up a month of an invoicing business")):
            sample.load(person.own())
            person.look_at(person.SAMPLE)
        st.rerun()
    st.caption(_("A made-up month of an invoicing business near Gmail's limit. Your own figures stay as they are."))


def banner() -> None:
    """What it is, and the ways out."""
    if not person.me().sample:
        return
    with st.container(key="sample", border=True, horizontal=True, vertical_alignment="center"):
        words = _("**Sample account**: all figures are made up.")
        st.markdown(f":material/science: {words}")
        back = _("Back to my account")
        st.button(back, icon=":material/arrow_back:", key="sample_leave", on_click=person.look_at, args=(None,))
        with st.popover(_("Remove the sample"), icon=":material/delete:", key="sample_remove"):
            st.markdown(_("It goes with everything that was stored in it. You can load it again at any time."))
            st.button(_("Remove it"), type="primary", key="sample_remove_yes", on_click=_remove)


def _remove() -> None:
    with fault.told():
        sample.remove()
        person.look_at(None)
        st.toast(_("The sample account is gone."), icon=":material/delete:")
