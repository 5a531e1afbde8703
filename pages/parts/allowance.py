"""What is used and what is left: the answer, today beside the last 24 hours, and a bar for each limit."""

from collections.abc import Sequence

import streamlit as st

from core.counting import headroom, limits
from core.counting.headroom import State
from core.i18n import N_
from pages.parts.person import me
from pages.parts.words import _, clock_time, link, number

NEARLY, NEAR, FULL = 0.8, ":orange[:material/warning:] ", ":red[:material/error:] "
SOURCES = {limits.OWN: N_("your own figure, from Settings"), limits.PLATFORM: N_("set by the platform")}


def answer(state: State | None, today: int) -> str:
    """What is used and what is left of the limit that is nearest, in one sentence."""
    if state is None:
        return _("Recipients today: {n}. No limit is known: set yours in Settings", n=number(today))
    used_up, near = state.remaining == 0, state.share >= NEARLY
    said = _used(headroom.USED_UP if used_up else headroom.USED, state)
    if near and not used_up:
        words = _("Near limit:")
        return f"{NEAR}{words} {said[:1].lower()}{said[1:]}"
    return f"{FULL if used_up else ''}{_begun(said)}"


def figures(today: int, last_day: int, expected: str) -> None:
    """Today beside the last 24 hours, and why they differ; where today may end, if that can be told."""
    with st.container(horizontal=True, key="figures"):
        st.metric(_("Recipients today"), number(today), border=True, width="content")
        st.metric(_("In the last 24 hours"), number(last_day), border=True, width="content")
        if expected:
            st.metric(_("Expected by midnight"), expected, border=True, width="content")
    words = _("Today began at midnight, {zone}; of the last 24 hours a part was yesterday.", zone=me().zone.key)
    st.caption(words)


def bars(states: Sequence[State]) -> None:
    """Each limit, how much of it is used, and what else is known about it."""
    for state in states:
        st.progress(min(1.0, state.share), _begun(_used(headroom.USED, state)))
        st.caption(" · ".join(_details(state)))


def _used(sentences: dict[str, str], state: State) -> str:
    """What is used of a limit; "at least", where others than this account and Mailgauge have a part in it."""
    used, left = number(state.used), number(state.remaining)
    if state.elsewhere or state.others:
        used, left = _("at least {n}", n=used), _("at most {n}", n=left)
    words = {"amount": number(state.limit.amount), "unit": _(limits.UNITS[state.limit.unit])}
    return _(sentences[state.limit.window], used=used, left=left, **words)


def _begun(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _details(state: State) -> list[str]:
    """When something is free again, who sets the limit, and who else uses it."""
    source = state.limit.source
    said = _(SOURCES[source]) if source in SOURCES else link(_("the provider says so"), source)
    parts = [said]
    if state.free_by and state.frees:
        parts.insert(0, _("{n} free at {time}", n=number(state.frees), time=clock_time(state.free_by)))
    if state.elsewhere:
        parts.append(_("{n} of them sent elsewhere", n=number(state.elsewhere)))
    if state.others:
        parts.append(_("{n} by other accounts", n=number(state.others)))
    return parts
