"""What differs between two checks: the facts to look at where one worked and the other fails."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.i18n import N_
from core.smtp.transcript import visible

Document = Mapping[str, Any]
LONGEST = 1_000_000  # letters of a check that is pasted
MOST = 200  # entries of a list in it
LONGEST_TEXT = 4000  # letters of one value in it
HIGHEST = 10**9  # of a number in it: eleven days in milliseconds
DAYS = "Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
CHANGING = re.compile(rf"\S*\d\S*|\b(?:{DAYS})\b")  # what a greeting has anew each time: a date, an id
VERDICTS = ("works", "fault", "unknown", "stopped", "error")

ANSWER = {"ms": int, "cause": str, "event": str}
CERTIFICATE = dict.fromkeys(("subject", "issuer", "not_before", "not_after", "fingerprint", "key"), str)
SHAPE = {  # what is read of a check that is pasted, and of which kind each value is
    **dict.fromkeys(("verdict", "cause", "stage", "evidence", "title", "why", "tested_at"), str),
    "steps": [ANSWER | {"stage": str, "ok": bool, "reply": str, "detail": str}],
    "scouts": [ANSWER | {"port": int, "encryption": str, "works": bool, "greeting": str, "auth": [str]}],
    "addresses": [ANSWER | {"address": str, "detail": str}],
    "capabilities": [str],
    "tls": {
        **dict.fromkeys(("version", "cipher", "subject", "issuer", "not_after", "problem"), str),
        "verified": bool,
        "names": [str],
        "chain": [CERTIFICATE | {"names": [str]}],
    },
    "vantage": {"host": str, "address": str},
    "settings": dict.fromkeys(("host", "encryption", "username", "from_address", "to", "mode"), str) | {"port": int},
}


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
    """The check that `check --json` printed and somebody pasted; None for any other text."""
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or not 0 < end - start < LONGEST:
        return None
    try:
        found = json.loads(text[start : end + 1])
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or found.get("verdict") not in VERDICTS or not isinstance(found.get("steps"), list):
        return None
    return {name: _shaped(found.get(name), kind) for name, kind in SHAPE.items()}


def _shaped(value: object, kind: object) -> Any:
    """The value as one of its kind, empty where it is of another."""
    match kind:
        case dict() if isinstance(value, dict):
            return {name: _shaped(value.get(name), one) for name, one in kind.items()}
        case [one] if isinstance(value, list):
            wanted = dict if isinstance(one, dict) else str
            return [_shaped(entry, one) for entry in value[:MOST] if isinstance(entry, wanted)]
        case dict() | list():
            return type(kind)()
    return PLAIN[kind](value)  # type: ignore[index]  # what is neither is a type


def _words(value: object) -> str:
    lines = value[:LONGEST_TEXT].split("\n") if isinstance(value, str) else ()
    return "\n".join(map(visible, lines))


def _number(value: object) -> int | None:
    return value if type(value) is int and 0 <= value < HIGHEST else None


PLAIN: dict[type, Callable[[object], Any]] = {str: _words, int: _number, bool: lambda value: value is True}


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
