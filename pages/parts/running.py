"""A check as it goes and as it ended: the stages, then one answer."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from core import clock
from core.diagnosis import checks
from core.diagnosis.checks import Check
from core.diagnosis.step import AROUND, EVENTS, STAGES, Step
from core.i18n import N_
from core.sending import outbox
from core.smtp.transcript import visible
from pages.parts.person import mine
from pages.parts.words import _, ago, language, number, plain

LOOK = (
    N_("Search the recipient's mailbox for the code above, in Spam, Promotions and Trash, too; wait ten minutes."),
    N_("Look for a bounce in the mailbox of the From address: its text says who refused the mail, and why."),
    N_(
        "Ask the recipient's side whether a filter or a quarantine holds it; the server's last reply is what they need."
    ),
    N_("Look at the sender's domain on Diagnose: without SPF, DKIM and DMARC, mail is taken and then put away."),
)
UNANSWERED = N_("The server has not answered yet.")
LOOKING = (
    N_("Looking at other ports and the sender's domain"),
    N_("The conversation with the server is over: Stop leaves out what is still missing here, and shows its result."),
)
SLOW_MS = 3_000
ICONS = {
    "works": ":green[:material/check_circle:]",
    "fault": ":red[:material/error:]",
    "unknown": ":orange[:material/help:]",
    "stopped": ":gray[:material/stop_circle:]",
    "error": ":orange[:material/report:]",
}


Again = Callable[..., None]


def show(check: Check, *, again: Again, thorough: bool = False, fixed: bool = True) -> None:
    """The whole of a check; while it runs, this part refreshes itself. `again` takes a fix and tests it, if `fixed`."""
    if check.running:
        st.fragment(_live, run_every=0.3)(check.id)
        return
    with st.container(key="check"):
        _answer(check, partial(again, thorough=thorough) if fixed else None)
        _arrived(check)
        _notes(check)
        _stages(check)
        _details(check)


def headline(check: Check) -> str:
    """One sentence on the check, behind its icon."""
    if check.verdict is None:
        return ":blue[:material/hourglass_top:] " + _("Testing {host}", host=check.form["host"])
    return f"{ICONS[check.verdict.verdict]} {plain(str(check.words(language())['title']))}"


def _live(number_: int) -> None:
    check = checks.load(mine(), number_)
    if not check.running:
        st.rerun()
    with st.container(key="check"):
        st.button(_("Stop"), icon=":material/stop:", key="stop", on_click=_stop, args=(number_,))
        _stages(check)


def _stop(number_: int) -> None:
    if checks.stop(number_) is False:
        st.toast(_("The mail is already handed over: it cannot be called back."))


def _stages(check: Check) -> None:
    for step in check.steps:
        _stage(step)
    if check.running and check.stage:
        waiting = clock.now() - (check.stage_since or 0)
        slow = " · " + _("slow, still waiting") if waiting > SLOW_MS else ""
        label, words = LOOKING if check.stage == AROUND else (STAGES[check.stage], UNANSWERED)
        with st.expander(_(label) + slow, icon="spinner", type="step", key=f"now_{check.stage}"):
            st.caption(_(words))


def _stage(step: Step) -> None:
    mark = ":material/check_circle:" if step.ok else ":material/error:"
    took, failed = f"{number(step.ms)} ms", _("failed")
    label = " · ".join([_(STAGES[step.stage]), took] + ([] if step.ok else [failed]))
    label = label if step.ok else f":red[{label}]"
    with st.expander(label, expanded=not step.ok, icon=mark, type="step", key=f"step_{step.stage}_{step.ok}"):
        st.code(_said(_ended(step)), language=None, wrap_lines=True)


def _ended(step: Step) -> str:
    """What a stage came to: a reply, else what the library said, else the name of an event."""
    return step.reply or step.detail or step.event or ""


def _said(text: str) -> str:
    """The server's words, with what nobody would see written out; what was no reply, in ours."""
    return _(EVENTS[text]) if text in EVENTS else "\n".join(map(visible, text.split("\n")))


def _answer(check: Check, again: Again | None) -> None:
    words = check.words(language())
    st.caption(_("Tested {ago}: {host}, port {port}", ago=ago(check.created_at), **_place(check)))
    st.subheader(plain(words["title"]), anchor=False)
    st.markdown(plain(words["why"]))
    if check.verdict and check.verdict.state == "kept":
        _received(check)
    for position, fix in enumerate(words["fixes"], 1):
        st.markdown(f"{position}. {plain(fix['text'])}")
        if fix["set"] and again and check.form["mode"] == "smtp":
            apart = "host" in fix["set"]  # another host wants its password typed first
            st.button(
                _("Apply this change") if apart else _("Apply and test again"),
                icon=":material/auto_fix_high:",
                key=f"apply_{position}",
                on_click=again,
                args=(fix["set"],),
                type="primary" if position == 1 else "secondary",
            )


def _place(check: Check) -> dict[str, object]:
    return {"host": check.form["host"], "port": check.form["port"]}


def _arrived(check: Check) -> None:
    """What to look at when a mail that the server took is not found."""
    if not check.verdict or check.verdict.state != "works":
        return
    with st.expander(_("It did not arrive?"), icon=":material/search:", key="not_arrived"):
        for number_, step in enumerate(LOOK, 1):
            st.markdown(f"{number_}. {_(step)}")
        st.page_link("diagnose.py", label=_("Paste the bounce"), icon=":material/content_paste:")


def _notes(check: Check) -> None:
    """What to look at though all works."""
    for note in check.words(language()).get("notes", ()):
        with st.container(border=True):
            st.markdown(f":orange[:material/lightbulb:] **{plain(note['title'])}**")
            st.caption(plain(note["why"]))


def _received(check: Check) -> None:
    """The message as the outbox of this machine received it."""
    message = outbox.find(check.result.get("message_id", ""))
    if message is None:
        return
    body = message.get_body(preferencelist=("plain",))
    with st.container(border=True, key="received"):
        st.markdown("**" + _("Received by the outbox of this machine; it delivers nowhere") + "**")
        lines = [f"{name}: {message[name]}" for name in ("From", "Reply-To", "To", "Subject") if message[name]]
        st.code("\n".join(lines) + "\n\n" + (body.get_content() if body else ""), language=None, wrap_lines=True)


def _details(check: Check) -> None:
    last = _ended(check.steps[-1]) if check.steps else None
    evidence = check.verdict.evidence if check.verdict and check.verdict.verdict in ("fault", "unknown") else None
    if evidence and evidence != last:  # the failed stage shows it already
        st.markdown("**" + _("The line that decided") + "**")
        st.code(_said(evidence), language=None, wrap_lines=True)
    if transcript := check.result.get("transcript"):
        with st.expander(_("The whole conversation, without the password"), icon=":material/forum:"):
            st.code(_said(transcript), language=None, wrap_lines=True)
