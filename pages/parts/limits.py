"""Own limits: what a person's contract allows, where that is not what the provider says."""

import streamlit as st

from core.accounts import setups
from core.accounts.form import Problem
from core.accounts.setups import Setup
from core.counting import limits, quotas
from core.i18n import N_
from pages.parts import fault, fields
from pages.parts.person import mine
from pages.parts.words import _, number, plain

NO_NUMBER = N_("Type a whole number from 1 to {most}, or leave it empty.")


def show() -> None:
    """One field for each log-in, whichever setups use it; saved together."""
    problems = st.session_state.get("limit_problems", [])
    st.subheader(_("Own limits"), anchor=False)
    st.markdown(_("Recipients in 24 hours that your contract allows. Empty: the provider's own figure counts."))
    logins: dict[str, list[Setup]] = {}
    for setup in setups.all(mine()):
        logins.setdefault(quotas.key(setup.form), []).append(setup)
    with st.form("limits"):
        for same in logins.values():
            _begin(same[0])
            names = ", ".join(_named(setup) for setup in same)
            label, key = f"{names}: {_planned(same[0])}", f"limit_{same[0].id}"
            st.text_input(label, key=key, placeholder=_("the provider's"))
            fields.trouble(str(same[0].id), problems)
        first = [same[0] for same in logins.values()]
        st.form_submit_button(_("Save"), icon=":material/save:", on_click=_save, args=(first,), key="limits_save")


def _begin(setup: Setup) -> None:
    """Fills a field when it is first shown, and remembers the figure: only what a person changed is stored."""
    key = f"limit_{setup.id}"
    if key not in st.session_state:
        st.session_state[f"before_{key}"] = figure = _own(setup)
        st.session_state[key] = number(figure) if figure else ""


def _save(stored: list[Setup]) -> None:
    """Stores each changed figure, or says which one is none and stores nothing."""
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
                before = f"before_limit_{setup.id}"
                if figures[setup.id] != st.session_state[before]:
                    limits.own(mine(), setup.form, figures[setup.id])
                    st.session_state[before] = figures[setup.id]
            st.toast(_("Saved"), icon=":material/save:")


def _named(setup: Setup) -> str:
    return _("Default") if setup.mode == "default" else plain(setup.name)


def _planned(setup: Setup) -> str:
    """What the provider says."""
    found = [limit for limit in limits.plan(setup.form) if limit.unit == "recipients"]
    return _("{n} by the provider", n=number(found[0].amount)) if found else _("the provider's limit is unknown")


def _own(setup: Setup) -> int | None:
    """The figure that a person set."""
    found = limits.of(mine(), setup.form)
    return next((limit.amount for limit in found if limit.source == limits.OWN), None)
