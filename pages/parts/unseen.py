"""Sent elsewhere: volume of other programs with the same log-in, added by hand or learnt from a refusal."""

from collections.abc import Sequence

import streamlit as st

from core import clock
from core.accounts.setups import Setup
from core.counting import elsewhere, limits
from core.counting.elsewhere import DAILY, ONCE, REFUSAL, Entry
from core.i18n import N_
from pages.parts import fault
from pages.parts.person import mine
from pages.parts.words import _, moment, number

SENTENCES = {
    ONCE: N_("{n} {unit}, once, {time}"),
    DAILY: N_("{n} {unit} every day, since {time}"),
    REFUSAL: N_("At least {n} {unit} sent elsewhere: the provider said at {time} that the limit is reached"),
}


def refusals(entries: Sequence[Entry]) -> None:
    """What a provider's refusals of the last 24 hours tell, with the way to take them out of the count."""
    for entry in entries:
        if entry.kind == REFUSAL and entry.at > clock.now() - clock.DAY_MS:
            with st.container(border=True, key=f"refusal_{entry.id}"):
                st.markdown(f":orange[:material/warning:] {_sentence(entry)}")
                st.button(_("Do not count it"), key=f"uncount_{entry.id}", on_click=_remove, args=(entry.id,))


def show(setup: Setup, entries: Sequence[Entry]) -> None:
    """The form, and each entry with its removal."""
    st.markdown(_("Do other programs send with the same log-in? What they send counts against the limit, too."))
    with (
        st.form("elsewhere", border=False, clear_on_submit=True),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        amount = st.number_input(_("Recipients"), min_value=1, max_value=limits.MOST, value=None, key="elsewhere_n")
        words = {ONCE: _("once, just now"), DAILY: _("every day")}
        kind = st.segmented_control(
            _("How often"), [ONCE, DAILY], format_func=words.get, default=ONCE, required=True, key="elsewhere_kind"
        )
        added = st.form_submit_button(_("Add"), icon=":material/add:", key="elsewhere_add")
    if added and amount:
        with fault.told():
            elsewhere.add(mine(), setup.form, int(amount), kind=kind)
        st.rerun()
    for entry in entries:
        with st.container(horizontal=True, vertical_alignment="center", key=f"entry_{entry.id}"):
            st.markdown(_sentence(entry), width="content")
            if st.button(_("Remove"), icon=":material/delete:", key=f"forget_{entry.id}"):
                _remove(entry.id)
                st.rerun()


def _remove(entry: int) -> None:
    with fault.told():
        elsewhere.remove(mine(), entry)


def _sentence(entry: Entry) -> str:
    unit = _(limits.UNITS[entry.unit])
    return _(SENTENCES[entry.kind], n=number(entry.amount), unit=unit, time=moment(entry.at))
