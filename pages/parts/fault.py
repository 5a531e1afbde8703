"""What went wrong on our side, told in a sentence; never a traceback."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core import i18n
from core.database import DatabaseError
from core.i18n import N_

log = logging.getLogger(__name__)
OURS = N_("Something in Mailgauge itself went wrong. Nothing that you typed is lost: reload the page and try again.")


@contextmanager
def told() -> Iterator[None]:
    """For what a click does: a database that fails becomes a notice, and the page stays."""
    try:
        yield
    except DatabaseError as error:
        st.session_state["notice"] = (error.sentence, {"where": error.where})


def notices() -> None:
    """Shows what the last click met."""
    if notice := st.session_state.pop("notice", None):
        sentence, values = notice
        st.error(i18n.translate(_language(), sentence, **values), icon=":material/database_off:")


def show(error: Exception) -> bool:
    """For what a page itself meets: the sentence in place of the page."""
    if isinstance(error, DatabaseError):
        st.error(i18n.translate(_language(), error.sentence, where=error.where), icon=":material/database_off:")
    else:
        log.exception("a page failed", exc_info=error)
        st.error(i18n.translate(_language(), OURS), icon=":material/report:")
    return True


def _language() -> str:
    return str(st.session_state.get("language") or i18n.pick(st.context.locale))
