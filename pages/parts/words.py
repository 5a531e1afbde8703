"""Sentences, numbers and times in the language that this person reads."""

import re
from datetime import date, datetime

import streamlit as st

from core import clock, i18n
from pages.parts.person import me

FORMATS = {"vi": "DD/MM/YYYY", "en": "YYYY-MM-DD"}  # of a date that is picked: Streamlit knows English months only
SPECIAL = re.compile(r"(https?://[^\s\\`*\[\]<>$|()]+[^\s\\`*\[\]<>$|().,;:])|([\\`*_\[\]<>$~|#:])")

LINE = re.compile(r"^([ \t]*)(?:([-+])(?=\s)|(-+|=+)(?=[ \t]*$)|([0-9]+)([.)])(?=\s|$))", re.MULTILINE)


def language() -> str:
    """The language of this session."""
    return str(st.session_state.get("language") or i18n.DEFAULT)


def _(message: str, **values: object) -> str:
    """The sentence in this person's language; its values are shown as they are, never as Markdown."""
    return i18n.translate(language(), message, **{name: plain(str(value)) for name, value in values.items()})


def plain(text: str) -> str:
    """Text that Markdown leaves alone; links stay links."""
    return LINE.sub(_begun, SPECIAL.sub(lambda found: found[1] or f"\\{found[2]}", text))


def _begun(found: re.Match[str]) -> str:
    """The beginning of a line that would be a list or underline a heading."""
    blank, item, line, figure, point = found.groups()
    return f"{blank}{figure}\\{point}" if figure else f"{blank}\\{item or line}"


def link(words: str, url: str) -> str:
    """A link in Markdown."""
    return f"[{words}]({url})"


def number(value: float) -> str:
    """A number with the language's thousands mark."""
    return i18n.number(language(), value)


def thousands() -> str:
    """The language's thousands mark."""
    return number(1000)[1]


def day(value: date) -> str:
    """A date in short."""
    return i18n.day(language(), value)


def moment(ms: int) -> str:
    """A stored time in the account's zone."""
    return i18n.moment(language(), clock.local(ms, me().zone))


def clock_time(value: datetime) -> str:
    """An aware time in the account's zone."""
    return i18n.moment(language(), value.astimezone(me().zone))


def ago(ms: int) -> str:
    """How long ago a stored time is, in words."""
    minutes = max(0, clock.now() - ms) // 60_000
    if minutes < 1:
        return _("just now")
    if minutes < 60:
        return _("{n} min ago", n=minutes)
    return _("at {time}", time=moment(ms))
