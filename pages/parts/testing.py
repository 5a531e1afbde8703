"""The test of what the form says: begun, refused with a sentence, or shown."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.accounts import account
from core.accounts.form import Problem, address_problem
from core.accounts.setups import Setup
from core.counting import refusal
from core.diagnosis import checks
from core.i18n import N_
from pages.parts import draft, fault, fields, running
from pages.parts.person import me, mine
from pages.parts.words import _, clock_time, language

NOTHING_DONE = {
    "test": N_("Nothing was tested: look at the fields marked in red."),
    "save": N_("Nothing was saved: look at the fields marked in red."),
}


def begin(*, thorough: bool = False, anyway: bool = False) -> None:
    """Tests what the form says now, saved or not; where a try makes a block longer, only if it is wanted `anyway`."""
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
    wrong = told("test", problems + ([wrong_address] if wrong_address else []))
    st.session_state["held"] = refusal.hold(mine(), form, zone=me().zone) if form and not wrong and not anyway else None
    if not wrong and form and not st.session_state["held"]:
        with fault.told():
            if not me().system_address:
                account.save(mine(), system_address=to)
            text = st.session_state.get("test_text", "")
            started = checks.start(mine(), form, to=to, text=text, language=language(), setup=number, thorough=thorough)
            draft.tested(started, form)


def side(check: checks.Check | None, problems: list[Problem], *, thorough: bool = False) -> None:
    """Where the test mail goes, what it says, and the button."""
    if me().system_address:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(_("The test mail goes to **{address}**.", address=me().system_address), width="content")
            st.page_link("settings.py", label=_("Change it in Settings"))
    else:
        st.text_input(_("System address: where test mail goes"), key="system_address", placeholder="owner@example.com")
    fields.trouble("to", problems)
    fields.trouble("system_address", [] if problems else pointed(check))
    st.text_input(_("Text of the test mail, as you like"), key="test_text", persist_state="session")
    fields.trouble("test_text", problems)
    with beside(headline(check, "")):
        st.button(
            _("Test"),
            icon=":material/send:",
            key="test",
            type="primary",
            on_click=begin,
            kwargs={"thorough": thorough},
            disabled=bool(check and check.running),
        )
    nothing_done("test")
    if until := st.session_state.get("held"):
        words = _("Nothing was tested: the provider said that the limit is reached; each try makes the block longer.")
        later = _("It is best to wait until {time}.", time=clock_time(until))
        st.warning(f"{words} {later}", icon=":material/hourglass_top:")
        more = {"thorough": thorough, "anyway": True}
        st.button(_("Test all the same"), key="anyway", on_click=begin, kwargs=more)


@contextmanager
def beside(answer: str) -> Iterator[None]:
    """A button with the answer right of it: on a telephone the title is out of sight when it is pressed."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        yield
        if answer:
            with st.container(key="answer"):
                st.markdown(f"**{answer}**")


def closer(check: checks.Check) -> None:
    """The way from a test that failed to the thorough one, and to a certificate that may be trusted there."""
    if not check.verdict or check.verdict.verdict not in ("fault", "unknown") or check.form["mode"] == "default":
        return
    if (check.verdict.cause or "").startswith("tls.cert_"):
        st.caption(_("If you know this server, you can look at its certificate there and trust it for this setup."))
    if st.button(_("Look closer on Diagnose"), icon=":material/troubleshoot:", key="closer"):
        st.session_state["diagnose_by"] = "test"
        st.switch_page("diagnose.py")


def again(changes: dict[str, object], *, thorough: bool = False) -> None:
    """Takes what a fix proposes and tests that; another host wants its password typed again first."""
    draft.apply(changes)
    if "host" not in changes:
        begin(thorough=thorough)


def told(asked: str, problems: list[Problem]) -> bool:
    """Keeps what is wrong for the page to show; whether anything is."""
    st.session_state["problems"], st.session_state["asked"] = problems, asked
    return bool(problems)


def shown_check(setup: Setup | None) -> checks.Check | None:
    """The newest check of what the form says, else of what it said before, else none."""
    first = None
    for check in _candidates(setup):
        if not draft.changed(check):
            return check
        first = first or check
    return first


def _candidates(setup: Setup | None) -> Iterator[checks.Check]:
    """The check begun in this session, then what the log has of these values and of the stored ones."""
    number = setup.id if setup else None
    begun = st.session_state.get("draft_check")
    check = checks.find(mine(), begun) if begun else None
    if check and check.form["mode"] == st.session_state.draft_mode:
        yield check
    for form in (draft.read()[0], setup.form if setup else None):
        if form and (found := checks.latest(mine(), setup=number, about=form)):
            yield checks.load(mine(), found)


def headline(check: checks.Check | None, otherwise: str) -> str:
    """The answer at the top of a page that tests; `otherwise` where nothing was tested yet."""
    if check and not check.running and draft.changed(check):
        return ":gray[:material/edit:] " + _("Changed since the last test: test it again")
    return running.headline(check) if check else otherwise


def nothing_done(asked: str) -> None:
    """Beside the button that was pressed, why nothing came of it."""
    if st.session_state.get("problems") and st.session_state["asked"] == asked:
        st.error(_(NOTHING_DONE[asked]), icon=":material/error:")


def pointed(check: checks.Check | None) -> list[Problem]:
    """The field that the last test points at, while the form is what it was about."""
    name = check.words(language()).get("field") if check and not draft.changed(check) else None
    return [Problem(name, N_("The last test points at this field."))] if name else []
