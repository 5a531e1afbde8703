"""Who looks at the page: looked up once a run by the frame."""

import streamlit as st

from core.accounts import access, account
from core.accounts.access import Access
from core.accounts.account import Account


def enter() -> None:
    """Looks up whose page this is; the browser's time zone is taken until a person sets one."""
    right = access.access()
    found = account.load(right)
    if not found.timezone and st.context.timezone:
        account.adopt(right, timezone=st.context.timezone)
        found = account.load(right)
    st.session_state["person"] = (right, found)


def mine() -> Access:
    """The right to this person's rows."""
    right: Access = st.session_state["person"][0]
    return right


def me() -> Account:
    """The account of this person."""
    found: Account = st.session_state["person"][1]
    return found
