"""Who looks at the page, and at which account: looked up once a run by the frame."""

import streamlit as st

from core.accounts import access, account
from core.accounts.access import Access
from core.accounts.account import Account

SAMPLE = "sample"


def enter() -> None:
    """Looks up whose page this is; the browser's time zone is taken until a person sets one."""
    right = own()
    if st.session_state.get("looking_at") == SAMPLE:
        sample = access.sample()
        st.session_state["looking_at"] = SAMPLE if sample else None
        right = sample or right
    found = account.load(right)
    if not found.timezone and st.context.timezone:
        account.adopt(right, timezone=st.context.timezone)
        found = account.load(right)
    st.session_state["person"] = (right, found)


def look_at(name: str | None) -> None:
    """Opens the pages as another account; what was typed in the one before waits for its return, but for a password."""
    state = st.session_state.to_dict()
    typed = {key: value for key, value in state.items() if key.startswith("draft_") or key == "test_text"}
    drafts = state.get("drafts", {}) | {state.get("looking_at"): typed | {"draft_password": ""}}
    for key in state.keys() - {"language", "person"}:
        del st.session_state[key]
    st.session_state["looking_at"], st.session_state["drafts"] = name, drafts
    for key, value in drafts.get(name, {"test_text": ""}).items():
        st.session_state[key] = value


def own() -> Access:
    """The right to this person's own rows, whichever account is on view."""
    return access.access()


def mine() -> Access:
    """The right to the rows of the account on view."""
    right: Access = st.session_state["person"][0]
    return right


def me() -> Account:
    """The account on view."""
    found: Account = st.session_state["person"][1]
    return found
