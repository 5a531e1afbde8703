"""A pasted error, explained: one root cause, the line that decided, what else fits, and the one fact that is missing."""

from __future__ import annotations

import base64
import binascii
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.diagnosis import causes, marks, paste
from core.diagnosis.causes import Cause, Judgement, Match
from core.diagnosis.paste import Pasted
from core.diagnosis.rules import CONTEXT, GAP, PUBLIC, UNKNOWN, Fact, Said, fold
from core.diagnosis.verdict import UNKNOWN as UNKNOWN_TITLE
from core.diagnosis.verdict import UNKNOWN_WHY
from core.i18n import N_, translate
from core.smtp.transcript import MASK, Transcript, visible

LONGEST = 600  # letters of evidence
ALSO = 5  # other causes named at most
SENDING = {25, 465, 587, 994, 2465, 2525, 2587, UNKNOWN}  # ports that somebody might mean by "which port?"
ASKED = ("port", "encryption", "provider", "host")  # in the order in which people know them
QUESTIONS = {
    "port": N_("Which port does the program use? That would decide."),
    "encryption": N_("Which encryption does the program use (none, STARTTLS, SSL)? That would decide."),
    "provider": N_("Which provider is the mailbox with? That would decide."),
    "host": N_("Which host does the program connect to? That would decide."),
}
REASONS = {
    "event": N_("The connection itself decided."),
    "token": N_("A mark that only this provider prints decided."),
    "status": N_("An enhanced status code with one meaning decided."),
    "words": N_("The server's or program's own words decided."),
    "code": N_("Only the bare code decided: less certain than words."),
    "wrapper": N_("Only the program's own summary line decided: the least certain sign."),
}

# secrets that people paste: behind AUTH, in settings, in addresses of servers
AUTH = re.compile(r"(?i)\bAUTH(?:ENTICATE)?[ \t]+(?:PLAIN|LOGIN|XOAUTH2|OAUTHBEARER|CRAM-MD5|NTLM)[ \t]+([A-Za-z0-9+/=_-]{4,8000})")
BASE64_LINE = re.compile(r"(?m)^(?:.{0,120}?(?:[>CcSs]:|->|=>|~>|>>>|<~)[ \t]{0,4})?([A-Za-z0-9+/]{8,4000}={0,2})[ \t\r]*$")
SETTING = re.compile(
    r"(?i)(?:pass(?:word|wd|phrase)?|secret|api[_-]?key|token|accessToken|refreshToken|clientSecret|pwd)[\"'`]?\]?[ \t]{0,4}(?:=>|:=|=|:)[ \t]{0,4}"
    r"(?:\"([^\"\n]{1,300})\"|'([^'\n]{1,300})'|([^\s,;}\"']{1,300}))"
)
IN_URL = re.compile(r"(?i)\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@]{1,200}:([^\s@]{1,300})@")
BEARER = re.compile(r"(?i)\bBearer[ \t]+([A-Za-z0-9._~+/=-]{8,4000})")
HARMLESS = re.compile(r"(?i)(?:command|failed|error|required|not|is|was|incorrect|invalid|and|or|expired|none|null|true|false|\W*)$")
PROMPTS = {"VXNlcm5hbWU6", "UGFzc3dvcmQ6", "dXNlcm5hbWU6", "cGFzc3dvcmQ6"}  # Username: and Password:, which the server says


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a pasted text comes to. `cause` is None where no rule knows it; nothing is guessed then.

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
    known: Mapping[str, Cause] | None = None

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
            return told | {"title": title, "why": why, "fixes": [], "field": None, "acts": None, "retry": "later"}
        return told | {
            "title": cause.title[language].format_map(values),
            "why": cause.why[language].format_map(values),
            "fixes": [{"text": fix.text[language].format_map(values), "set": fix.set} for fix in cause.fixes],
            "field": cause.field,
            "acts": cause.acts,
            "retry": cause.retry,
        }

    def document(self, language: str) -> dict[str, Any]:
        """The explanation as `explain --json` prints it."""
        words = self.words(language)
        others = [other["cause"] for other in words.pop("also")]
        found = {"cause": self.cause or "unknown", "also": others, "evidence": self.evidence}
        place = {name: getattr(self, name) for name in ("ask", "stage", "code", "enhanced", *CONTEXT, "client", "source")}
        return found | words | place | {"language": language}


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
    fitting = [(fact, match) for fact in facts for match in causes.matches(fact, known, said)]
    found = _judge(fitting, {})
    redact = Transcript(tuple(secrets(pasted.text))).redact
    return Explanation(
        cause=found.cause.slug if found else None,
        also=tuple(slug for slug in found.also if slug in known)[:ALSO] if found else (),
        evidence=_shortened(_hidden(redact(visible_lines(_evidence(pasted, found))))),
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
        known=known,
    )


def _merged(
    found: Pasted, host: str | None, port: int | None, encryption: str | None, provider: str | None
) -> Pasted:
    """What was read, with what the caller knows on top."""
    owner = marks.named(provider) if provider else marks.by_host(host)
    return replace(
        found,
        host=(host or "").strip().lower() or found.host,
        port=port or found.port,
        encryption=encryption or found.encryption,
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


def _ask(pasted: Pasted, fitting: list[tuple[Fact, Match]], found: Judgement | None) -> str | None:
    """The unknown fact that would change the answer, by trying each value that a fitting rule speaks of."""
    settled = {found.cause.slug, *found.rule.also} if found else set()
    for name in ASKED:
        if getattr(pasted, name) is None and set(_answers(name, fitting)) - settled - {None}:
            return name
    return None


def _answers(name: str, fitting: list[tuple[Fact, Match]]) -> Iterator[str | None]:
    """The causes that the values of a fact would lead to."""
    tried = {value for _, match in fitting for value in match.rule.context.get(name, ())} - {UNKNOWN}
    if name == "port":
        tried &= SENDING
    for value in tried:
        changes = {"provider": value, "public": True} if name == "provider" else {name: value}
        if value == PUBLIC:
            changes["provider"] = None
        answer = _judge(fitting, changes)
        yield answer.cause.slug if answer else None


def _evidence(pasted: Pasted, found: Judgement | None) -> str:
    """The line that decided: with the words of the rule, else with the code, else the first that tells something."""
    lines = [line.strip() for line in pasted.text.splitlines() if line.strip()] or [""]
    if found and found.phrase:
        if spot := _with(lines, found.phrase.split(GAP)[0].strip()):
            return spot
    code, enhanced = pasted.codes[0]
    if found and "enhanced" in found.rule.conditions:
        wanted = found.rule.conditions["enhanced"]
        enhanced = next((one for _, one in pasted.codes if one in wanted), enhanced)
    for sign in filter(None, (enhanced, str(code or ""))):
        if spot := next((line for line in lines if re.search(rf"(?<!\d){re.escape(sign)}(?!\d)", line)), None):
            return spot
    return next((line for line in lines if paste.SIGN.search(line)), lines[0])


def _with(lines: list[str], phrase: str) -> str | None:
    """The line that holds the phrase, or the few lines over which it runs."""
    said = [fold(line) for line in lines]
    for count in (1, 2, 3):
        for at in range(len(lines) - count + 1):
            if phrase in fold(paste.plain(" ".join(said[at : at + count]))) or phrase in " ".join(said[at : at + count]):
                whole = "\n".join(lines[at : at + count])
                return whole if len(whole) <= LONGEST else _window(whole, phrase)
    return None


def _window(text: str, phrase: str) -> str:
    """Of a long line, the part around the words."""
    at = max(text.lower().find(phrase), 0)
    start = max(0, at - LONGEST // 3)
    return text[start : start + LONGEST]


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST]


def visible_lines(text: str) -> str:
    """The text without what a terminal would obey; its line ends stay."""
    return "\n".join(map(visible, text.split("\n")))


def secrets(text: str) -> Iterator[str]:
    """Passwords and tokens that a pasted text holds: what stands behind AUTH, in settings and in addresses."""
    for pattern in (AUTH, BASE64_LINE):
        for hit in pattern.finditer(text):
            if hit[1] not in PROMPTS and (pattern is AUTH or _decoded(hit[1])):
                yield hit[1]
                yield from _decoded(hit[1])
    for pattern in (SETTING, IN_URL, BEARER):
        for hit in pattern.finditer(text):
            value = next(filter(None, hit.groups()), "")
            if len(value) > 3 and not HARMLESS.match(value):
                yield value


def _decoded(text: str) -> list[str]:
    """The words in a log-in's base64; none where it is no text."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        return []
    readable = all(letter.isprintable() or letter in "\0\x01" for letter in raw)
    return [part for part in re.split("[\0\x01]", raw) if len(part) > 3] if readable else []


def _hidden(text: str) -> str:
    """The line with what stands behind AUTH or a password's name masked, whatever it is."""
    return AUTH.sub(lambda found: found[0].replace(found[1], MASK), text)
