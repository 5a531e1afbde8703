"""Own limits: what a person's contract allows, where that is not what the provider says."""

import streamlit as st

from core.accounts import setups
from core.accounts.form import Problem
from core.accounts.setups import Setup
from core.counting import limits
from core.i18n import N_
from pages.parts import fault, fields
from pages.parts.person import mine
from pages.parts.words import _, number, plain

NO_NUMBER = N_("Type a whole number from 1 to {most}, or leave it empty.")


def show() -> None:
    """One field for each stored setup, saved together."""
    problems = st.session_state.get("limit_problems", [])
    st.subheader(_("Own limits"), anchor=False)
    st.markdown(_("Recipients in 24 hours that your contract allows. Empty: the provider's own figure counts."))
    stored = setups.all(mine())
    with st.form("limits"):
        for setup in stored:
            figure = _own(setup)
            st.text_input(
                f"{plain(setup.name)}: {_planned(setup)}",
                number(figure) if figure else "",
                key=f"limit_{setup.id}",
                placeholder=_("the provider's"),
            )
            fields.trouble(str(setup.id), problems)
        st.form_submit_button(_("Save"), icon=":material/save:", on_click=_save, args=(stored,), key="limits_save")


def _save(stored: list[Setup]) -> None:
    """Stores every figure, or says which one is none and stores nothing."""
    figures, problems = {}, []
    for setup in stored:
        try:
            figures[setup.id] = limits.parse(st.session_state[f"limit_{setup.id}"])
        except ValueError:
            problems.append(Problem(str(setup.id), NO_NUMBER, {"most": number(limits.MOST)}))
    st.session_state["limit_problems"] = problems
    if not problems:
        with fault.told():
            for setup in stored:
                limits.own(mine(), setup.form, figures[setup.id])
            st.toast(_("Saved"), icon=":material/save:")


def _planned(setup: Setup) -> str:
    """What the provider says."""
    found = [limit for limit in limits.plan(setup.form) if limit.unit == "recipients"]
    return _("{n} by the provider", n=number(found[0].amount)) if found else _("the provider's limit is unknown")


def _own(setup: Setup) -> int | None:
    """The figure that a person set."""
    found = limits.of(mine(), setup.form)
    return next((limit.amount for limit in found if limit.source == limits.OWN), None)
