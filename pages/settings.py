"""Account, system address, time zone, language, own limits, and how this machine is."""

import streamlit as st

from core import i18n
from core.accounts import account
from core.accounts.account import Account
from pages.parts import erasure, fault, fields, limits, machine, sample
from pages.parts.person import me, mine
from pages.parts.words import _

FIELDS = ("name", "system_address", "timezone", "language")


def typed() -> dict[str, str]:
    """What the form says."""
    return {name: st.session_state[f"account_{name}"] or "" for name in FIELDS}


def save() -> None:
    """Stores what a person changed here, so that another tab's changes stay; or says what is wrong."""
    before = st.session_state["account_before"]
    values = {name: value for name, value in typed().items() if value != before[name]}
    if change(values):
        st.session_state["account_undo"] = {name: before[name] for name in values}


def undo() -> None:
    """Stores what was there before."""
    values = st.session_state["account_undo"]
    for name, value in values.items():
        st.session_state[f"account_{name}"] = value
    if change(values):
        st.session_state["account_undo"] = {}


def change(values: dict[str, str]) -> bool:
    """Stores values of the account; whether that was possible."""
    with fault.told():
        problems = account.save(mine(), **values) if values else []
        st.session_state["account_problems"] = problems
        if not problems:
            st.session_state["account_before"] = st.session_state["account_before"] | values
            st.session_state["language"] = values.get("language") or st.session_state["language"]
            st.toast(_("Saved"), icon=":material/save:")
        return not problems
    return False


def begin(person: Account) -> None:
    """Fills the fields when the page was just opened, or another account came on view."""
    if "account_name" in st.session_state and st.session_state.get("account_shown") == person.id:
        return
    before = {name: getattr(person, name) for name in FIELDS}
    st.session_state["account_shown"], st.session_state["account_before"] = person.id, before
    st.session_state["account_problems"], st.session_state["account_undo"] = [], {}
    for name, value in before.items():
        st.session_state[f"account_{name}"] = value
    if person.timezone not in account.zones():
        st.session_state["account_timezone"] = None


person = me()
begin(person)
problems = st.session_state["account_problems"]

if person.system_address:
    st.title(_("Test mail goes to {address}", address=person.system_address), anchor=False)
else:
    st.title(_("Say where test mail should go: the system address is empty"), anchor=False)

left, right = st.columns(2, gap="large")
with left:
    st.subheader(_("Account"), anchor=False)
    with st.form("account", enter_to_submit=True):
        st.text_input(_("Name of the account"), key="account_name")
        fields.trouble("name", problems)
        st.text_input(
            _("System address"),
            key="account_system_address",
            placeholder="owner@example.com",
            help=_("Test mail goes there. It is Reply-To of the Default mode, too."),
        )
        fields.trouble("system_address", problems)
        st.selectbox(
            _("Time zone"),
            account.zones(),
            index=None,
            key="account_timezone",
            placeholder=_("Choose one"),
            help=_("Days begin at midnight there."),
        )
        st.segmented_control(
            _("Language"),
            ["", *i18n.LANGUAGES],
            required=True,
            format_func=({"": _("the browser's")} | i18n.LANGUAGES).get,
            key="account_language",
            help=_("What a new visit begins with; the switch in the side bar changes this visit."),
        )
        st.form_submit_button(_("Save"), icon=":material/save:", type="primary", on_click=save)
    if st.session_state["account_undo"]:
        st.button(_("Undo the last change"), icon=":material/undo:", key="account_take_back", on_click=undo)
    erasure.show()

with right:
    limits.show()
    machine.retention()

st.divider()
machine.state()
left, right = st.columns(2, gap="large")
with left:
    machine.backup()
with right:
    sample.offer()
