"""A pasted error, explained: one root cause, the line that decided, what else fits, and the one missing fact."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.diagnosis import causes, complaint, evidence, marks, mask, paste
from core.diagnosis.causes import Cause, Judgement, Match
from core.diagnosis.complaint import Complaint
from core.diagnosis.paste import NOTHING, Pasted
from core.diagnosis.rules import CONTEXT, PUBLIC, UNKNOWN, Fact, Said
from core.diagnosis.verdict import UNKNOWN as UNKNOWN_TITLE
from core.diagnosis.verdict import UNKNOWN_WHY
from core.i18n import N_, translate

ALSO = 5  # other causes named at most
SENDING = {25, 465, 587, 994, 2465, 2525, 2587, UNKNOWN}  # ports that somebody might mean by "which port?"
SPELLINGS = {"tls": "starttls", "ssl/tls": "ssl", "smtps": "ssl", "implicit": "ssl", "plain": "none", "false": "none"}
ASKED = ("port", "encryption", "provider", "host")  # in the order in which people know them
TECHNICAL = ("dns.", "connect.", "greeting.", "tls.", "session.")  # nobody says these words but a program that failed
BEFORE_DATA = ("greeting", "ehlo", "starttls", "auth", "mail", "rcpt")  # no message is out yet
QUESTIONS = {
    "port": N_("Which port does the program use? That would decide."),
    "encryption": N_("Which encryption does the program use (none, STARTTLS, SSL)? That would decide."),
    "provider": N_("Which provider is the mailbox with? That would decide."),
    "host": N_("Which host does the program connect to? That would decide."),
    "log": N_("What stands around this line in the program's log or the bounce? That may decide."),
}
REASONS = {
    "event": N_("The connection itself decided."),
    "token": N_("A mark that only this provider prints decided."),
    "status": N_("An enhanced status code with one meaning decided."),
    "words": N_("The server's or program's own words decided."),
    "code": N_("Only the bare code decided: less certain than words."),
    "wrapper": N_("Only the program's own summary line decided: the least certain sign."),
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a pasted text comes to. `cause` is None where no rule knows it; nothing is guessed then.

    Then `complaint` tells what kind of text it is where it has no code of a server, and `also` what may be behind it;
    `teachable` tells whether there is anything in it that a rule could know it by.

    `evidence` is the deciding line as it was pasted, without secrets; `decided` tells by what kind of sign, `rule` and
    `source` which rule it was; `ask` is the one missing fact that would change the answer.
    """

    cause: str | None
    also: tuple[str, ...]
    evidence: str
    decided: str | None = None
    phrase: str = ""
    source: str = ""
    ask: str | None = None
    stage: str | None = None
    code: int | None = None
    enhanced: str | None = None
    host: str | None = None
    port: int | None = None
    encryption: str | None = None
    provider: str | None = None
    client: str | None = None
    complaint: Complaint | None = None
    teachable: bool = False
    known: Mapping[str, Cause] | None = field(default=None, repr=False, compare=False)

    def words(self, language: str) -> dict[str, Any]:
        """Title, why, fixes, field, acts, retry, the titles of `also`, the reason and the question, in a language."""
        known = self.known or causes.catalogue()
        cause = known.get(self.cause or "")
        values = defaultdict(str, {name: getattr(self, name) or "" for name in CONTEXT})
        values |= {name: translate(language, words) for name, words in BLANKS.items() if not values[name]}
        others = [{"cause": slug, "title": known[slug].title[language].format_map(values)} for slug in self.also]
        told = {
            "also": others,
            "decided": translate(language, REASONS[self.decided]) if self.decided else None,
            "question": translate(language, QUESTIONS[self.ask]) if self.ask else None,
        }
        if not cause:
            title, why = (translate(language, words) for words in (UNKNOWN_TITLE, UNKNOWN_WHY))
            base = told | {"title": title, "why": why, "fixes": [], "field": None, "acts": None, "retry": "later"}
            kind = self.complaint
            return base | ({name: getattr(kind, name)[language] for name in SAID} if kind else {})
        return told | {
            "title": cause.title[language].format_map(values),
            "why": cause.why[language].format_map(values),
            "fixes": [
                {"text": fix.text[language].format_map(values), "set": fix.set} for fix in cause.steps(self.provider)
            ],
            "field": cause.field,
            "acts": cause.acts,
            "retry": "later" if cause.retry == "unsafe" and self.stage in BEFORE_DATA else cause.retry,
        }

    def document(self, language: str) -> dict[str, Any]:
        """The explanation as `explain --json` prints it."""
        words = self.words(language)
        others = [other["cause"] for other in words.pop("also")]
        found = {"cause": self.cause or "unknown", "also": others, "evidence": self.evidence}
        place = {
            name: getattr(self, name) for name in ("ask", "stage", "code", "enhanced", *CONTEXT, "client", "source")
        }
        return found | words | place | {"language": language}


SAID = ("title", "why", "question")  # a complaint's own words

# what a sentence says where the text does not tell
BLANKS = {
    "host": N_("the server"),
    "port": N_("the port"),
    "username": N_("the user name"),
    "from_address": N_("the sender address"),
    "to": N_("the recipient's address"),
    "domain": N_("the sender's domain"),
    "provider": N_("the provider"),
    "encryption": N_("the encryption"),
    "code": N_("the code"),
}


def explain(
    text: str,
    *,
    host: str | None = None,
    port: int | None = None,
    encryption: str | None = None,
    provider: str | None = None,
    known: Mapping[str, Cause] | None = None,
) -> Explanation:
    """The cause of a pasted error. What the caller knows of the circumstances counts before what the text tells."""
    known = causes.catalogue() if known is None else known
    pasted = _merged(paste.read(text), host, port, encryption, provider)
    said = Said(pasted.words)
    facts = [_fact(pasted, code, enhanced) for code, enhanced in pasted.codes]
    fitting = [(fact, match) for fact in facts for match in causes.matches(fact, known, said) if _counts(pasted, match)]
    found = _judge(fitting, {})
    kind = complaint.recognise(said) if not found and pasted.codes == NOTHING else None
    others = found.also if found else kind.may_be if kind else ()
    return Explanation(
        cause=found.cause.slug if found else None,
        also=tuple(slug for slug in others if slug in known and _may_be(slug, fitting))[:ALSO],
        evidence=mask.line(evidence.of(pasted, found), pasted.text),
        decided=found.rule.tier if found else None,
        phrase=found.phrase if found else "",
        source=found.rule.source if found else "",
        ask=_ask(pasted, fitting, found),
        stage=pasted.stage,
        code=pasted.codes[0][0],
        enhanced=pasted.codes[0][1],
        host=pasted.host,
        port=pasted.port,
        encryption=pasted.encryption,
        provider=pasted.provider,
        client=pasted.client,
        complaint=kind,
        teachable=not found and pasted.troubled and not (kind and kind.phrases),
        known=known,
    )


def _counts(pasted: Pasted, match: Match) -> bool:
    """Whether a match may decide: words of policy only where something failed, and nothing where it was no mail."""
    sure = match.rule.tier in ("event", "token") or match.cause.slug.startswith(TECHNICAL)
    return not pasted.elsewhere and (pasted.troubled or sure)


def _merged(found: Pasted, host: str | None, port: int | None, encryption: str | None, provider: str | None) -> Pasted:
    """What was read, with what the caller knows on top."""
    owner = marks.named(provider) if provider else marks.by_host(host)
    return replace(
        found,
        host=(host or "").strip().lower() or found.host,
        port=port or found.port,
        encryption=SPELLINGS.get((encryption or "").lower(), encryption) or found.encryption,
        provider=owner or found.provider,
    )


def _fact(pasted: Pasted, code: int | None, enhanced: str | None) -> Fact:
    return Fact(
        stage=pasted.stage,
        code=code,
        enhanced=enhanced,
        words=pasted.words,
        provider=pasted.provider,
        port=pasted.port,
        encryption=pasted.encryption,
        host=pasted.host,
        public=marks.is_public(pasted.provider),
    )


def _judge(fitting: list[tuple[Fact, Match]], changes: Mapping[str, Any]) -> Judgement | None:
    """The judgement under other circumstances."""
    return causes.decide(match for fact, match in fitting if match.rule.suits(replace(fact, **changes)))


def _may_be(slug: str, fitting: list[tuple[Fact, Match]]) -> bool:
    """Whether what is known of the circumstances leaves a cause open, as far as rules of it fit."""
    own = [match.rule.may_suit(fact) for fact, match in fitting if match.cause.slug == slug]
    return not own or any(own)


def _ask(pasted: Pasted, fitting: list[tuple[Fact, Match]], found: Judgement | None) -> str | None:
    """The unknown fact that would change the answer, by trying each value that a fitting rule speaks of."""
    settled = {found.cause.slug if found else None, None}
    for name in ASKED:
        told = getattr(pasted, name) or (pasted.host if name == "provider" else None)  # a host tells whose it is
        if told is None and set(_answers(name, fitting)) - settled:
            return name
    return None if found else "log"


def _answers(name: str, fitting: list[tuple[Fact, Match]]) -> Iterator[str | None]:
    """The causes that the values of a fact would lead to."""
    tried = {value for _, match in fitting for value in match.rule.context.get(name, ())} - {UNKNOWN}
    if name == "port":
        tried &= SENDING
    if name == "encryption" and tried:
        tried |= {"none", "starttls", "ssl"}  # what a rule does not speak of may be what takes it away
    for value in tried:
        changes = {"provider": value, "public": True} if name == "provider" else {name: value}
        if value == PUBLIC:
            changes["provider"] = None
        answer = _judge(fitting, changes)
        yield answer.cause.slug if answer else None
