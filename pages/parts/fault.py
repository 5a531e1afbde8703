"""What went wrong on our side, told in a sentence; never a traceback."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core import i18n
from core.i18n import N_
from core.told import Told

log = logging.getLogger(__name__)
OURS = N_("Something in Mailgauge itself went wrong. Nothing that you typed is lost: reload the page and try again.")


@contextmanager
def told() -> Iterator[None]:
    """For what a click does: what a person can mend becomes a notice, and the page stays."""
    try:
        yield
    except Told as error:
        st.session_state["notice"] = error


def notices() -> None:
    """Shows what the last click met."""
    if notice := st.session_state.pop("notice", None):
        _tell(notice)


def show(error: Exception) -> bool:
    """For what a page itself meets: the sentence in place of the page."""
    if isinstance(error, Told):
        _tell(error)
    else:
        log.exception("a page failed", exc_info=error)
        st.error(i18n.translate(_language(), OURS), icon=":material/report:")
    return True


def _tell(error: Told) -> None:
    st.error(i18n.translate(_language(), error.sentence, **error.values), icon=":material/report:")


def _language() -> str:
    return str(st.session_state.get("language") or i18n.pick(st.context.locale))
