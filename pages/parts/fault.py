"""What went wrong on our side, told in a sentence; never a traceback."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from core import backup, database, i18n
from core.database import DatabaseError
from core.i18n import N_
from core.told import Told
from pages.parts.words import plain

log = logging.getLogger(__name__)
KEPT = N_("The damaged database is kept as {where}.")
BEGIN_ANEW = {  # what a person can do on the page itself about a database that fails
    "damaged": (N_("Keep the file aside and begin with an empty database"), backup.set_aside),
    "removed": (N_("Go on with what is there now, else with an empty database"), database.close),
}
OURS = N_("Something in Mailgauge itself went wrong. Nothing that you typed is lost: reload the page and try again.")


class Quiet(logging.Filter):
    """Streamlit writes a traceback of whatever a page meets; what the page tells in a sentence needs none."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is to be written."""
        return not (record.exc_info and isinstance(record.exc_info[1], Told))


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
        st.error(_words(OURS), icon=":material/report:")
    return True


def _tell(error: Told) -> None:
    st.error(_words(error.sentence, **error.values), icon=":material/report:")
    if isinstance(error, DatabaseError) and error.reason in BEGIN_ANEW:
        words, act = BEGIN_ANEW[error.reason]
        st.button(_words(words), icon=":material/restart_alt:", key="begin_anew", on_click=_begin_anew, args=(act,))


def _begin_anew(act: Callable[[], Path | None]) -> None:
    with told():
        if kept := act():
            st.toast(_words(KEPT, where=kept.name), icon=":material/inventory_2:", duration="long")


def _words(sentence: str, **values: object) -> str:
    return i18n.translate(_language(), sentence, **{name: plain(str(value)) for name, value in values.items()})


def _language() -> str:
    return str(st.session_state.get("language") or i18n.pick(st.context.locale))
