"""Why does a server refuse our mail? A pasted error, or a server that is tested thoroughly."""

from functools import partial

import streamlit as st

from core.diagnosis import checks, differences
from core.i18n import N_
from pages.parts import details, draft, explained, fields, pasted, running, stored, testing
from pages.parts.person import mine
from pages.parts.words import _, language, plain

WAYS = {"paste": N_("A pasted error"), "test": N_("A server, tested")}


def way() -> str:
    """Which of the two; the address says it, too."""
    if "diagnose_by" not in st.session_state:
        asked = st.query_params.get("by", "paste")
        st.session_state["diagnose_by"] = asked if asked in WAYS else "paste"
    chosen = str(st.session_state["diagnose_by"] or "paste")
    st.query_params["by"] = chosen
    return chosen


def switch() -> None:
    """The choice between the two."""
    words = {name: _(label) for name, label in WAYS.items()}
    st.segmented_control(
        _("What do you have?"),
        list(WAYS),
        format_func=words.get,
        key="diagnose_by",
        required=True,
        persist_state="session",
    )


def a_text() -> None:
    """An error or somebody's check, pasted."""
    theirs = differences.read(st.session_state.get("pasted", ""))
    found = None if theirs else pasted.asked()
    if theirs:
        st.title(details.title(theirs), anchor=False)
    elif found:
        st.title(plain(found.words(language())["title"]), anchor=False)
    else:
        st.title(_("Paste an error: you get its cause and what to do"), anchor=False)
    switch()
    paste_side, answer_side = st.columns([5, 6], gap="large")
    with paste_side:
        pasted.form()
    with answer_side:
        if theirs:
            host = (theirs.get("settings") or {}).get("host")
            ours = next(iter(checks.history(mine(), host=str(host))), None) if host else None
            details.theirs(theirs, ours)
        elif found:
            explained.show(found)
        else:
            explained.empty()


def a_server() -> None:
    """The server of a setup or of typed settings."""
    draft.begin()
    current = draft.current()
    check = testing.shown_check(current)
    problems = draft.still(st.session_state.get("problems", []))
    shown = check if check and not draft.changed(check) else None
    answer, icon = running.headline(shown) if shown else (_("Test a server: you see what would work, and why"), "")
    st.title(f"{icon} {answer}", anchor=False)
    switch()
    form_side, test_side = st.columns([5, 6], gap="large")
    with form_side:
        if st.session_state.draft_mode == "smtp":
            stored.choose()
            fields.smtp(current, problems or testing.pointed(check))
        else:
            st.info(_("The active mode is Default: the platform's own server is tested."), icon=":material/info:")
            st.button(_("Type settings"), key="type_settings", on_click=_own_server)
    with test_side:
        testing.side(check, problems, thorough=True)
        if check and not (draft.is_empty() and draft.changed(check)):
            running.show(check, again=testing.again, thorough=True)
    if shown and not shown.running:
        details.show(shown, again=partial(testing.again, thorough=True))


def _own_server() -> None:
    st.session_state.draft_mode = "smtp"


if way() == "test":
    a_server()
else:
    a_text()
