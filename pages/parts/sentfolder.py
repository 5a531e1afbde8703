"""The Sent folder: offered where a setup counts nothing else, though mail goes out by its log-in."""

from collections.abc import Callable

import streamlit as st

from core.accounts import providers
from core.accounts.setups import Setup
from pages.parts.words import _


def offer(setup: Setup, start: Callable[[int], object]) -> None:
    """What reading it would do, and the button for it; nothing where the setup's provider is not known."""
    provider = providers.by_host(setup.form.host, setup.form.username) if setup.mode == "smtp" else None
    if provider is None:
        return
    sentence = _(
        "Another program sends by this log-in? Its copies in {provider}'s Sent folder count.", provider=provider.name
    )
    st.markdown(sentence)
    st.caption(_("Only who got mail and when is read, with the stored password; nothing is changed there."))
    st.button(_("Read the Sent folder"), icon=":material/drafts:", key="sentfolder", on_click=start, args=(setup.id,))
