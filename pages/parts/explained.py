"""An explanation: the cause, who acts, the steps, the evidence, and what to send on."""

import streamlit as st

from core import settings
from core.accounts import account
from core.diagnosis import answer, clients, lesson
from core.diagnosis.explain import Explanation
from core.i18n import N_
from core.smtp.transcript import visible
from pages.parts.person import me
from pages.parts.words import _, language, plain

ACTS = {
    "you": N_("You can mend this."),
    "program": N_("Whoever looks after the program that sends has to act."),
    "host": N_("The hosting company has to act."),
    "provider": N_("The mail provider has to act."),
    "recipient": N_("Somebody on the recipient's side has to act."),
}
RETRY = {
    "now": N_("Sending again at once may work."),
    "later": N_("Sending again later may work."),
    "never": N_("Sending again will not help until this is mended."),
    "unsafe": N_("The mail may have arrived: sending again may send it twice."),
}
LINES = {
    "cause": N_("The line that decided"),
    "reply": N_("The line in question"),
    "text": N_("What the text says"),
}
EXAMPLES = (
    "535-5.7.8 Username and Password not accepted. For more information, go to\n"
    "535 5.7.8 https://support.google.com/mail/?p=BadCredentials",
    "SSL routines:ssl3_get_record:wrong version number",
    "Error: Greeting never received",
)


def empty() -> None:
    """What can be pasted, to try."""
    st.markdown(_("Try one of these:"))
    for number, example in enumerate(EXAMPLES):
        label = plain(example.partition("\n")[0])
        st.button(label, key=f"example_{number}", on_click=_take, args=(example,), type="tertiary")


def show(found: Explanation) -> None:
    """The whole answer."""
    words = found.words(language())
    st.markdown(plain(words["why"]))
    if found.cause:
        st.markdown(f":material/person: {_(ACTS[words['acts']])} {_(RETRY[words['retry']])}")
    if words["question"]:
        st.info(plain(words["question"]), icon=":material/help:")
    for position, fix in enumerate(words["fixes"], 1):
        st.markdown(f"{position}. {plain(fix['text'])}")
    _evidence(found, words)
    lines = _program(found, words)
    if found.cause or found.complaint:
        _customer(found, words, lines)
    if not found.cause:
        _teach(found)


def _evidence(found: Explanation, words: dict[str, object]) -> None:
    label = "cause" if found.cause else "text" if found.complaint else "reply"
    st.markdown("**" + _(LINES[label]) + "**")
    st.code(visible(found.evidence) if "\n" not in found.evidence else found.evidence, language=None, wrap_lines=True)
    if words["decided"]:
        st.caption(plain(str(words["decided"])))
    for other in words["also"]:  # type: ignore[attr-defined]
        words_ = _("It may also be: {title}", title=other["title"])
        st.caption(words_ if found.cause else _("It may be: {title}", title=other["title"]))


def _program(found: Explanation, words: dict[str, object]) -> str:
    """What to change in the program that sends, where that is known and the fields are."""
    client = st.session_state.get("known_client") or found.client
    change = next((fix["set"] for fix in words["fixes"] if fix["set"]), {})  # type: ignore[attr-defined]
    host = str(change.get("host") or found.host or "smtp.example.com")
    port, encryption = change.get("port") or found.port, change.get("encryption") or found.encryption
    if client not in clients.catalogue() or not (change and port and encryption):
        return ""
    lines = clients.lines(client, host=host, port=int(port), encryption=str(encryption))
    st.markdown("**" + _("In {program}", program=clients.catalogue()[client].name) + "**")
    st.code(lines, language=None, wrap_lines=True)
    return lines


def _customer(found: Explanation, words: dict[str, object], lines: str) -> None:
    with st.expander(_("Message for the customer"), icon=":material/forward_to_inbox:", expanded=True, key="message"):
        st.caption(_("Copy it with the button at its upper right."))
        message = answer.write(words, language=language(), evidence=found.evidence, lines=lines, name=_sender())
        st.code(message, language=None, wrap_lines=True)


def _teach(found: Explanation) -> None:
    if found.teachable:
        with st.expander(_("Teach it to this machine"), icon=":material/school:", key="teach"):
            st.caption(_(lesson.HELP, file=settings.current().own_causes / "own.toml"))
            st.code(lesson.rule(found), language=None, wrap_lines=True)
    with st.expander(_("Report it"), icon=":material/bug_report:", key="report"):
        st.caption(_("Without names, addresses and secrets. Look it through before you send it on."))
        st.code(lesson.report(found, st.session_state["pasted"], language=language()), language=None, wrap_lines=True)


def _take(example: str) -> None:
    st.session_state["pasted"] = example


def _sender() -> str:
    """Whose message it is, once the account has a name of its own."""
    return "" if me().name == account.UNNAMED else me().name
