"""What differs between two checks: the facts to look at where one worked and the other fails."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import chain, islice, product
from typing import Any

from core.diagnosis import shape
from core.diagnosis.causes import Cause
from core.diagnosis.explain import BLANKS
from core.diagnosis.verdict import STATES, Verdict, worded
from core.i18n import LANGUAGES, N_, translate

Document = Mapping[str, Any]
LONGEST = 1_000_000  # letters of a check that is pasted
DAYS = "Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
CHANGING = re.compile(rf"\S*\d\S*|\b(?:{DAYS})\b")  # what a greeting has anew each time: a date, an id
VERDICTS = ("works", "fault", "unknown", "stopped", "error")
BEGINNING = re.compile(r"\{\s*\"")
VALUE = re.compile(r"\\\{(\w+)\\\}")  # a placeholder of a sentence whose signs are escaped
TRIES = 40  # places in a text where a document may begin
READER = json.JSONDecoder(strict=False)  # a terminal's line breaks stand in what was copied from it


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact, as the earlier check saw it and as the later one did."""

    fact: str
    before: str
    after: str


def between(before: Document, after: Document) -> list[Difference]:
    """The facts that both checks know and that are not the same."""
    found = []
    for fact, look in FACTS.items():
        one, other = look(before), look(after)
        if one and other and _plain(fact, one) != _plain(fact, other):
            found.append(Difference(fact, one, other))
    return found


def read(text: str) -> dict[str, Any] | None:
    """The check that `check --json` printed and somebody pasted, whatever stands around it; None for any other text."""
    for beginning in islice(BEGINNING.finditer(text, 0, LONGEST), TRIES):
        try:
            found, _end = READER.raw_decode(text[:LONGEST], beginning.start())
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and found.get("verdict") in VERDICTS and isinstance(found.get("steps"), list):
            return shape.checked(found)
    return None


def told(document: Document, language: str, known: Mapping[str, Cause]) -> Document:
    """The document in another language than its own, as far as its end is one of those that we have words for."""
    if document["language"] == language:
        return document
    if document["cause"] in known and document["verdict"] == "fault":
        blanks = {name: translate(language, words) for name, words in BLANKS.items()}
        values = blanks | {name: value for name, value in document["settings"].items() if value}
        return {**document, **worded(Verdict("fault", "fault", document["cause"], values=values), language, known)}
    return {**document, **{name: _anew(str(document[name]), language) for name in ("title", "why")}}


def _anew(text: str, language: str) -> str:
    """A sentence on a check's end in another language, with the values that stand in it; any other text as it is."""
    for sentence, own in product(chain(*STATES.values()), LANGUAGES):
        pattern = VALUE.sub(r"(?P<\1>.*)", re.escape(translate(own, sentence)))
        if found := re.fullmatch(pattern, text, re.DOTALL):
            return translate(language, sentence, **found.groupdict())
    return text


def _plain(fact: str, value: str) -> str:
    """The value without what differs from one look to the next."""
    if fact == ADDRESSES:
        return ", ".join(sorted(value.split(", ")))
    return CHANGING.sub("…", value) if fact == GREETING else value


def _setting(name: str) -> Callable[[Document], str]:
    return lambda check: str((check.get("settings") or {}).get(name) or "")


def _step(stage: str, key: str) -> Callable[[Document], str]:
    def look(check: Document) -> str:
        steps = (step for step in check.get("steps", ()) if isinstance(step, dict) and step.get("stage") == stage)
        return next((str(step.get(key) or "") for step in steps), "")

    return look


def _certificate(check: Document) -> str:
    tls = check.get("tls") or {}
    chain = [one for one in tls.get("chain") or () if isinstance(one, dict)]
    named = f"{tls.get('subject')}, {tls.get('issuer')}, {str(tls.get('not_after'))[:10]}"
    return f"{named}, {str(chain[0].get('fingerprint'))[:16]}…" if chain else ""


def _offers(check: Document) -> str:
    return ", ".join(sorted(str(line) for line in check.get("capabilities") or () if not str(line).startswith("AUTH")))


def _mechanisms(check: Document) -> str:
    lines = (str(line) for line in check.get("capabilities") or ())
    return next((line.removeprefix("AUTH").strip(" =") for line in lines if line.startswith("AUTH")), "")


def _vantage(check: Document) -> str:
    vantage = check.get("vantage") or {}
    return " ".join(str(vantage[name]) for name in ("host", "address") if vantage.get(name))


GREETING = N_("Greeting")
ADDRESSES = N_("Addresses of the host")
FACTS: dict[str, Callable[[Document], str]] = {
    N_("Host"): _setting("host"),
    N_("Port"): _setting("port"),
    N_("Encryption"): _setting("encryption"),
    N_("User name"): _setting("username"),
    N_("From (email)"): _setting("from_address"),
    ADDRESSES: _step("resolve", "detail"),
    N_("Certificate"): _certificate,
    GREETING: _step("greeting", "reply"),
    N_("What the server offers"): _offers,
    N_("Ways to log in"): _mechanisms,
    N_("Where the test spoke from"): _vantage,
    N_("The line that decided"): lambda check: str(check.get("evidence") or ""),
}
