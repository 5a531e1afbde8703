"""Email protocol: the mode, the SMTP fields, the test."""

import streamlit as st

from core.accounts import account, setups
from core.accounts.form import Problem, address_problem
from core.accounts.setups import Setup
from core.diagnosis import checks
from core.i18n import N_
from pages.parts import draft, fault, fields, running, stored
from pages.parts.person import me, mine
from pages.parts.words import _, ago, language, moment

MODES = {"default": N_("Default"), "smtp": N_("SMTP")}
NOTHING_DONE = {
    "test": N_("Nothing was tested: look at the fields marked in red."),
    "save": N_("Nothing was saved: look at the fields marked in red."),
}
MEANING = {
    "default": N_("The platform sends for you: recipients see its name, not your brand."),
    "smtp": N_("Your own mail server sends: recipients see your address."),
}
STATES = {
    "unsaved": (N_("Not saved yet"), ":material/edit:", "gray"),
    "untested": (N_("Never tested"), ":material/radio_button_unchecked:", "gray"),
    "works": (N_("Works since {since}"), ":material/check_circle:", "green"),
    "fails": (N_("Fails since {since}"), ":material/error:", "red"),
}


def test() -> None:
    """Tests what the form says now, saved or not."""
    setup = draft.current()
    before = shown_check(setup)
    if before and before.running:  # a second click before the page was drawn anew
        return
    form, problems = draft.read()
    to = me().system_address or draft.reply_to()
    wrong_address = address_problem("to", to)
    number = setup.id if setup else None
    if form and not problems:
        problems = checks.problems(mine(), form, setup=number, text=st.session_state.get("test_text", ""))
    if not told("test", problems + ([wrong_address] if wrong_address else [])) and form:
        with fault.told():
            if not me().system_address:
                account.save(mine(), system_address=to)
            text = st.session_state.get("test_text", "")
            started = checks.start(mine(), form, to=to, text=text, language=language(), setup=number)
            draft.tested(started, form)


def save() -> None:
    """Stores the form."""
    form, problems = draft.read()
    setup = draft.current()
    if form and not problems:
        problems = checks.problems(mine(), form, setup=setup.id if setup else None)
    if not told("save", problems) and form:
        with fault.told():
            if st.session_state.draft_setup and not setup:
                draft.detach()
                raise setups.Removed
            version = st.session_state.draft_version
            number = setups.save(mine(), form, setup=setup.id if setup else None, version=version)
            draft.saved(number)
            if started := draft.was_tested(form):
                checks.adopt(mine(), started, form, setup=number)
            st.toast(_("Saved"), icon=":material/save:")


def told(asked: str, problems: list[Problem]) -> bool:
    """Keeps what is wrong for the page to show; whether anything is."""
    st.session_state["problems"], st.session_state["asked"] = problems, asked
    return bool(problems)


def shown_check(setup: Setup | None) -> checks.Check | None:
    """The newest check of the setup on show, or of what is not saved yet."""
    number = checks.latest(mine(), setup=setup.id if setup else None)
    return checks.load(mine(), number) if number else None


def state(setup: Setup | None) -> None:
    """Whether a setup works, since when, and whether it is the active one."""
    words, icon, colour = STATES[setup.state if setup else "unsaved"]
    since = moment(setup.state_since) if setup and setup.state_since else ""
    with st.container(horizontal=True, gap="small"):
        st.badge(_(words, since=since), icon=icon, color=colour)  # type: ignore[arg-type]
        if setup and setup.active:
            st.badge(_("Active"), icon=":material/bolt:", color="blue")
        if setup and setup.checked_at:
            st.caption(_("last checked {ago}", ago=ago(setup.checked_at)), width="content")


def nothing_done(asked: str) -> None:
    """Beside the button that was pressed, why nothing came of it."""
    if problems and st.session_state["asked"] == asked:
        st.error(_(NOTHING_DONE[asked]), icon=":material/error:")


def pointed(check: checks.Check | None) -> list[Problem]:
    """The field that the last test points at, while the form is what it was about."""
    name = check.words(language()).get("field") if check and not draft.changed(check) else None
    return [Problem(name, N_("The last test points at this field."))] if name else []


draft.begin()
current = draft.current()
check = shown_check(current)
problems = draft.still(st.session_state.get("problems", []))
changed = bool(check and not check.running and draft.changed(check))

if check and not changed:
    answer, icon = running.headline(check)
elif check:
    answer, icon = _("Changed since the last test: test it again"), ":gray[:material/edit:]"
else:
    answer, icon = _("Not tested yet: choose how mail goes out, then test it"), ""
st.title(f"{icon} {answer}", anchor=False)

form_side, test_side = st.columns([5, 6], gap="large")

with form_side:
    st.radio(
        _("Email protocol"),
        list(MODES),
        format_func={mode: _(words) for mode, words in MODES.items()}.get,
        captions=[_(MEANING[mode]) for mode in MODES],
        key="draft_mode",
        on_change=draft.forget,
        persist_state="session",
    )
    state(current)
    if st.session_state.draft_mode == "default":
        fields.default(draft.reply_to())
    else:
        fields.smtp(current, problems or pointed(check))
        stored.overtaken(current)
    with st.container(horizontal=True):
        if st.session_state.draft_mode == "smtp":
            st.button(_("Save"), icon=":material/save:", key="save", on_click=save)
        stored.actions(current)
    nothing_done("save")
    if st.session_state.draft_mode == "smtp":
        stored.choose()

with test_side:
    if me().system_address:
        st.markdown(_("The test mail goes to **{address}** (Settings).", address=me().system_address))
    else:
        st.text_input(_("System address: where test mail goes"), key="system_address", placeholder="owner@example.com")
    fields.trouble("to", problems)
    fields.trouble("system_address", [] if problems else pointed(check))
    st.text_input(_("Text of the test mail, as you like"), key="test_text", persist_state="session")
    fields.trouble("test_text", problems)
    busy = bool(check and check.running)
    st.button(_("Test"), icon=":material/send:", key="test", type="primary", on_click=test, disabled=busy)
    nothing_done("test")
    if check and not (changed and draft.is_empty()):
        running.show(check)
