"""What a check comes to: works, one cause, or honestly unknown; stored without words, worded in either language."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.accounts import providers
from core.accounts.form import Form
from core.diagnosis import causes, marks
from core.diagnosis.causes import Cause, Judgement
from core.diagnosis.rules import Fact
from core.diagnosis.step import Step
from core.i18n import N_, translate

WORKS = N_("It works: the mail was handed over")
WORKS_WHY = N_("Look for {code} in the Inbox and in Spam of {to}, and in Sent if you wrote to yourself.")
WORKS_DRY = N_("It works as far as it was tried: no mail was sent")
WORKS_DRY_WHY = N_("The server takes the sender and the recipient; the message itself was not handed over.")
KEPT = N_("It works, as a trial: the outbox of this machine keeps the mail")
KEPT_WHY = N_("Nothing is delivered. Mail goes out once the operator names a real default service, or with SMTP.")
UNKNOWN = N_("No rule of ours knows this answer")
UNKNOWN_WHY = N_("The server's own words below are all there is. Nothing is guessed.")
UNSURE = N_("The mail may have arrived: the server gave no answer to it")
UNSURE_WHY = N_("The connection ended after the whole message was sent. Look for {code} before you send again.")
STOPPED = N_("Stopped")
STOPPED_WHY = N_("You stopped the test before the mail was handed over: nothing was sent.")
LOST = N_("The test was cut off: Mailgauge itself was stopped")
LOST_WHY = N_("It counts as sent if it had come to the message. Test again.")
ERROR = N_("A fault of Mailgauge itself, not of your server")
ERROR_WHY = N_("Nothing that you typed is wrong. {detail}")

FEW = 4  # lines of a reply that are read at a glance
HEARD = 16_384  # letters of a reply that rules read: more than any server says, and soon compared

STATES = {
    "works": (WORKS, WORKS_WHY),
    "works_dry": (WORKS_DRY, WORKS_DRY_WHY),
    "kept": (KEPT, KEPT_WHY),
    "unknown": (UNKNOWN, UNKNOWN_WHY),
    "unsure": (UNSURE, UNSURE_WHY),
    "stopped": (STOPPED, STOPPED_WHY),
    "lost": (LOST, LOST_WHY),
    "error": (ERROR, ERROR_WHY),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The end of a check: works, fault, unknown, stopped or error; `state` names its words where no cause does."""

    verdict: str
    state: str
    cause: str | None = None
    stage: str | None = None
    evidence: str | None = None
    also: tuple[str, ...] = ()
    retry: str = "now"
    values: Mapping[str, Any] = field(default_factory=dict)


def reach(
    form: Form,
    steps: Iterable[Step],
    values: Mapping[str, Any],
    known: Mapping[str, Cause],
    *,
    committed: bool,
    login: str | None = None,
) -> Verdict:
    """The verdict on the steps of a walk; `committed` tells whether the message may be out, `login` is the walk's."""
    done = [step for step in steps if step.stage != "quit"]
    last = done[-1]
    if last.ok:
        state = "works_dry" if last.stage != "data" else "kept" if values.get("outbox") else "works"
        return Verdict("works", state, stage=last.stage, evidence=last.reply, values=values)
    if committed and (last.event or 300 <= (last.code or 0) < 400):
        cause = {"silent": "session.timeout", "closed": "session.dropped"}.get(last.event or "")
        return Verdict("unknown", "unsure", cause, "data", last.detail, retry="unsafe", values=values)
    found = find(form, last, known, login=login)
    evidence = deciding_line(last, found.rule.conditions.get("words", ()) if found else ())
    if not found:
        return Verdict("unknown", "unknown", stage=last.stage, evidence=evidence, retry="later", values=values)
    slug, retry = found.cause.slug, found.cause.retry
    if retry == "unsafe" and not committed:
        retry = "later"
    return Verdict("fault", "fault", slug, last.stage, evidence, found.also, retry, values)


def find(form: Form, step: Step, known: Mapping[str, Cause], *, login: str | None = None) -> Judgement | None:
    """The cause of a failed step, None where no rule fits."""
    provider = providers.by_host(form.host, form.username)
    known_as = marks.named(provider.id) if provider else marks.by_host(form.host)
    fact = Fact(
        stage=step.stage,
        event=step.event,
        code=step.code,
        enhanced=step.enhanced,
        words=step.words[:HEARD],
        provider=known_as,
        port=form.port,
        encryption=form.encryption,
        host=form.host,
        public=marks.is_public(known_as),
        login=login,
    )
    return causes.judge(fact, known)


def deciding_line(step: Step, words: Iterable[str]) -> str | None:
    """A reply of a few lines whole, of a longer one the line with a rule's words; else what the library said."""
    lines = (step.reply or step.detail or step.event or "").splitlines()
    wanted = list(words) if len(lines) > FEW else []
    hits = (line for line in lines if any(word in " ".join(line.lower().split()) for word in wanted))
    return next(hits, "\n".join(lines)) or None


def worded(
    verdict: Verdict, language: str, known: Mapping[str, Cause], offers: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Title, why, fixes and field of a verdict in a language; `offers` are the remedies that this very check found."""
    values = defaultdict(str, verdict.values)
    if sentence := values.get("sentence"):
        values["detail"] = translate(language, sentence).format_map(values)
    cause = known.get(verdict.cause or "")
    if cause and verdict.state == "fault":
        return {
            "title": cause.title[language].format_map(values),
            "why": cause.why[language].format_map(values),
            "fixes": _fixes(cause, language, values, offers),
            "field": cause.field,
            "acts": cause.acts,
        }
    title, why = STATES[verdict.state]
    words = translate(language, why).format_map(values)
    return {"title": translate(language, title), "why": words, "fixes": [], "field": None, "acts": None}


def _fixes(
    cause: Cause, language: str, values: Mapping[str, Any], offers: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """What the check itself found first, then the cause's own steps but for a change that was just named."""
    found = [{"text": said(offer, language), "set": offer["set"] or None} for offer in offers]
    changed = {name for offer in offers for name in (*offer["set"], *offer.get("instead", ()))}
    provider = values.get("provider") or marks.by_host(values.get("host"))
    own = [f for f in cause.steps(provider) if not changed & f.fields]
    return found + [{"text": f.text[language].format_map(values), "set": f.set} for f in own]


def said(stored: Mapping[str, Any], language: str) -> str:
    """A stored sentence with its values, in a language."""
    values = {name: translate(language, str(value)) for name, value in stored["values"].items()}
    return translate(language, stored["sentence"], **values)
