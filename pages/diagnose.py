"""Why does a server refuse our mail? A pasted error, or a server that is tested thoroughly."""

from functools import partial

import streamlit as st

from core.diagnosis import checks, practice
from core.i18n import N_
from pages.parts import details, draft, explained, fault, fields, pasted, running, stored, testing
from pages.parts.person import mine
from pages.parts.words import _, language, plain

WAYS = {"paste": N_("A pasted error"), "test": N_("A server, tested"), "drill": N_("A drill")}


ABOUT = {  # what a cause's slug begins with, in the order of a conversation
    "dns": N_("Host name"),
    "connect": N_("Connection"),
    "greeting": N_("Greeting"),
    "tls": N_("Encryption"),
    "auth": N_("Log-in"),
    "client": N_("Program that sends"),
    "sender": N_("Sender"),
    "recipient": N_("Recipient"),
    "message": N_("Message"),
    "quota": N_("Limit"),
    "ip": N_("Address that sends"),
    "server": N_("Server"),
    "session": N_("Conversation"),
}


def faults() -> list[str]:
    """The causes that can be played, by their titles."""
    return sorted(practice.scenarios(), key=lambda cause: checks.known()[cause].title[language()])


def way() -> str:
    """Which of the three; the address says it, too."""
    if "diagnose_by" not in st.session_state:
        asked = st.query_params.get("by", "paste")
        st.session_state["diagnose_by"] = asked if asked in WAYS else "paste"
    chosen = str(st.session_state["diagnose_by"] or "paste")
    st.query_params["by"] = chosen
    return chosen


def switch() -> None:
    """The choice between them."""
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
    theirs = details.pasted(st.session_state.get("pasted", ""))
    found = None if theirs else pasted.asked()
    headline = f"{running.ICONS[theirs['verdict']]} {details.title(theirs)}" if theirs else ""
    headline = plain(found.words(language())["title"]) if found else headline
    st.title(headline or _("Paste an error: you get its cause and what to do"), anchor=False)
    switch()
    if broken := checks.broken():
        st.warning(_(broken.sentence, **broken.values), icon=":material/report:")
    paste_side, answer_side = st.columns([5, 6], gap="large")
    with paste_side:
        pasted.form(headline)
    with answer_side:
        if theirs:
            details.theirs(theirs)
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
    st.title(testing.headline(check, _("Test a server: you see what would work, and why")), anchor=False)
    switch()
    form_side, test_side = st.columns([5, 6], gap="large")
    with form_side:
        if st.session_state.draft_mode == "smtp":
            stored.choose()
            fields.smtp(current, problems or testing.pointed(check))
            stored.saver()
            testing.nothing_done("save")
        else:
            st.info(_("The Default mode is chosen: the platform's own server is tested."), icon=":material/info:")
            st.button(_("Type settings"), key="type_settings", on_click=_own_server)
    with test_side:
        testing.side(check, problems, thorough=True)
        if check:
            running.show(check, again=testing.again, thorough=True)
    if check and not check.running and not draft.changed(check):
        details.show(check, again=partial(testing.again, thorough=True))


def a_drill() -> None:
    """A server on this machine that behaves as a cause tells, to practise on."""
    number = st.session_state.pop("drill", None)  # one that is not there any more is told once
    check = checks.load(mine(), number) if number else None
    st.session_state["drill"] = number
    finished = check and not check.running
    st.title(running.headline(check) if finished else _("Practise: choose a fault, and see how it looks"), anchor=False)
    switch()
    left, right = st.columns([5, 6], gap="large")
    with left:
        st.markdown(_("A server on this machine plays the fault; nothing leaves it, and nothing is counted as sent."))
        known = checks.known()
        names = {cause: _(ABOUT[cause.partition(".")[0]]) + ": " + known[cause].title[language()] for cause in faults()}
        st.selectbox(
            _("Fault"),
            sorted(names, key=lambda cause: list(ABOUT).index(cause.partition(".")[0])),
            format_func=names.get,
            key="scenario",
            help=_("Type a part of its name to find one."),
            persist_state="session",
        )
        with testing.beside(running.headline(check) if check else ""):
            st.button(
                _("Play it"),
                icon=":material/play_arrow:",
                key="play",
                type="primary",
                on_click=_play,
                disabled=bool(check and check.running),
            )
    with right:
        if check:
            running.show(check, again=testing.again, fixed=False)


def _play() -> None:
    with fault.told():
        st.session_state["drill"] = practice.start(mine(), st.session_state["scenario"], language=language())


def _own_server() -> None:
    st.session_state.draft_mode = "smtp"


{"paste": a_text, "test": a_server, "drill": a_drill}[way()]()
