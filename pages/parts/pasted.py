"""What is pasted, and what is known of the settings around it."""

import streamlit as st

from core.accounts.form import CHECKS, ENCRYPTIONS, Problem
from core.diagnosis import checks, clients
from core.diagnosis.explain import Explanation, explain
from pages.parts import fields, testing
from pages.parts.words import _


def asked() -> Explanation | None:
    """What was pasted, explained with what is known around it; None while nothing was."""
    text = st.session_state.get("pasted", "")
    if not text.strip():
        return None
    facts = {name: st.session_state.get(f"known_{name}") or None for name in ("host", "encryption")}
    return explain(text, **facts, port=_port()[0], known=checks.known())


def form(headline: str) -> None:
    """The box with the answer beside its button, and the fields around it."""
    with st.form("paste"):
        st.text_area(
            _("Error message, log or bounce"),
            key="pasted",
            height=260,
            placeholder="535-5.7.8 Username and Password not accepted …",
            help=_(
                "As much of it as you have: the program's message, a log, a bounce, or what `check --json` printed "
                "elsewhere. It is not stored."
            ),
            persist_state="session",
        )
        with testing.beside(headline):
            pressed = st.form_submit_button(_("Explain"), icon=":material/troubleshoot:", type="primary", key="explain")
        if pressed and not str(st.session_state.get("pasted", "")).strip():
            st.error(_("Nothing was explained: paste the error first."), icon=":material/error:")
    with st.container(key="facts"):
        st.caption(_("What you know of the settings, if anything"))
        st.text_input(_("Host"), key="known_host", placeholder="smtp.example.com", persist_state="session")
        left, right = st.columns([2, 5])
        with left:
            st.text_input(_("Port"), key="known_port", placeholder="587", persist_state="session")
            fields.trouble("port", _port()[1])
        right.segmented_control(
            _("Encryption"),
            ENCRYPTIONS,
            format_func={"ssl": "SSL", "starttls": "STARTTLS", "none": _("None")}.get,
            key="known_encryption",
            persist_state="session",
        )
        programs = clients.catalogue()
        st.selectbox(
            _("Program that sends"),
            list(programs),
            index=None,
            format_func=lambda name: programs[name].name,
            key="known_client",
            placeholder=_("as the text tells"),
            persist_state="session",
        )


def _port() -> tuple[int | None, list[Problem]]:
    """The port that a person knows, or what is wrong with it."""
    typed = str(st.session_state.get("known_port") or "").strip()
    problem = CHECKS["port"](typed) if typed else None
    return (int(typed) if typed and not problem else None), [problem] if problem else []
