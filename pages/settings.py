"""Account, system address, time zone, language, own limits."""

import streamlit as st

from core import i18n
from core.accounts import account, setups
from core.counting import limits
from pages.parts import fault, fields
from pages.parts.person import me, mine
from pages.parts.words import _, number, plain

FIELDS = ("name", "system_address", "timezone", "language")


def save() -> None:
    """Stores the account, or says what is wrong and stores nothing."""
    values = {name: st.session_state[f"account_{name}"] or "" for name in FIELDS}
    with fault.told():
        problems = account.save(mine(), **values)
        st.session_state["account_problems"] = problems
        if not problems:
            st.session_state["language"] = values["language"] or st.session_state["language"]
            st.toast(_("Saved"), icon=":material/save:")


def save_limit(setup: int) -> None:
    """Stores the own limit of a setup; an empty field goes back to the provider's."""
    with fault.told():
        limits.own(mine(), setups.find(mine(), setup).form, st.session_state[f"limit_{setup}"])
        st.toast(_("Saved"), icon=":material/save:")


def planned(setup: setups.Setup) -> str:
    """What the provider says."""
    found = [limit for limit in limits.plan(setup.form) if limit.unit == "recipients"]
    return _("{n} by the provider", n=number(found[0].amount)) if found else _("the provider's limit is unknown")


def own(setup: setups.Setup) -> int | None:
    """The figure that a person set."""
    found = limits.of(mine(), setup.form)
    return next((limit.amount for limit in found if limit.source == limits.OWN), None)


person = me()
problems = st.session_state.get("account_problems", [])
if person.system_address:
    st.title(_("Test mail goes to {address}", address=person.system_address), anchor=False)
else:
    st.title(_("Say where test mail should go: the system address is empty"), anchor=False)

left, right = st.columns(2, gap="large")
with left:
    st.subheader(_("Account"), anchor=False)
    with st.form("account", enter_to_submit=True):
        st.text_input(_("Name of the account"), person.name, key="account_name")
        fields.trouble("name", problems)
        st.text_input(
            _("System address"),
            person.system_address,
            key="account_system_address",
            placeholder="owner@example.com",
            help=_("Test mail goes there. It is Reply-To of the Default mode, too."),
        )
        fields.trouble("system_address", problems)
        zones = account.zones()
        index = zones.index(person.timezone) if person.timezone in zones else None
        st.selectbox(
            _("Time zone"),
            zones,
            index=index,
            key="account_timezone",
            placeholder=_("Choose one"),
            help=_("Days begin at midnight there."),
        )
        st.segmented_control(
            _("Language"),
            ["", *i18n.LANGUAGES],
            default=person.language,
            required=True,
            format_func=({"": _("the browser's")} | i18n.LANGUAGES).get,
            key="account_language",
            help=_("What a new visit begins with; the switch in the side bar changes this visit."),
        )
        st.form_submit_button(_("Save"), icon=":material/save:", type="primary", on_click=save)

with right:
    st.subheader(_("Own limits"), anchor=False)
    st.markdown(_("Recipients in 24 hours that your contract allows. Empty: the provider's own figure counts."))
    for setup in setups.all(mine()):
        st.number_input(
            f"{plain(setup.name)}: {planned(setup)}",
            min_value=1,
            max_value=100_000_000,
            value=own(setup),
            key=f"limit_{setup.id}",
            placeholder=_("the provider's"),
            on_change=save_limit,
            args=(setup.id,),
        )
