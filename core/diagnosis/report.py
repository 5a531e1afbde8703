"""The report of a check, to keep, print or pass on: a file of HTML, Markdown for a ticket, or the JSON itself.

Each is a function of the document alone, and none holds a password: transcripts are stored without.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from datetime import tzinfo
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from core import clock
from core.accounts.form import address_problem
from core.counting import log
from core.diagnosis import checks
from core.diagnosis import markdown as tickets
from core.diagnosis.checks import Check
from core.diagnosis.document import document as documented
from core.diagnosis.document import each
from core.diagnosis.sections import Document, head, sections
from core.diagnosis.wording import Wording
from core.smtp.transcript import Transcript

TEMPLATES = Path(__file__).parents[2] / "data" / "report"
PEOPLE = ("username", "from_address", "to")
UNTOLD: dict[str, Any] = {"tls": None, "capabilities": [], "vantage": {}}  # of a check that was cut off


def of(check: Check, language: str, zone: tzinfo) -> dict[str, Any]:
    """The document of a stored check, worded anew in a language. Raises ValueError while it runs."""
    if check.verdict is None:
        raise ValueError("this check still runs: wait for its end")
    asked = check.form | {"tested_at": clock.local(check.created_at, zone).isoformat(timespec="seconds")}
    result = UNTOLD | {"elapsed_ms": sum(step.ms for step in check.steps)} | check.result
    return documented(check.verdict, check.steps, result, language=language, known=checks.known(), asked=asked)


def html(document: Document, language: str, *, masked: bool = False) -> str:
    """One file that asks nobody for anything: no script, no link, its style and drawing inside."""
    shown, say = _shown(document, masked), Wording(language)
    return _template().render(language=language, head=head(shown, say), sections=list(sections(shown, say)))


def markdown(document: Document, language: str, *, masked: bool = False) -> str:
    """The same for a ticket."""
    shown, say = _shown(document, masked), Wording(language)
    return tickets.write(head(shown, say), sections(shown, say))


def text(document: Document, *, masked: bool = False) -> str:
    """The document as JSON, its keys sorted; half a pair of surrogates is written out, since no file can hold it."""
    shown = json.dumps(_shown(document, masked), ensure_ascii=False, indent=2, sort_keys=True)
    return shown.encode(errors="backslashreplace").decode() + "\n"


def command(check: Check) -> str:
    """The test of a stored check as a line for a shell on another machine; the password comes from its environment."""
    form = check.form
    options = {name: str(form[name]) for name in ("host", "port", "encryption")}
    if form["username"]:
        options |= {"username": form["username"], "password-env": "SMTP_PASSWORD"}
    options |= {"from": form["from_address"], "to": form["to"]}
    if trust := form.get("trust"):
        options["trust-fingerprint"] = trust
    allowed = ["--allow-plaintext"] if form.get("allow_plaintext") else []
    return shlex.join(
        ["python", "-m", "core", "check", "--json", *(f"--{k}={v}" for k, v in options.items()), *allowed]
    )


def mask(document: Document) -> dict[str, Any]:
    """The document with each mail address in it hidden but for its first letter and its domain; host names stay."""
    settings = document.get("settings") or {}
    people = [value for name in PEOPLE if not address_problem(name, value := settings.get(name) or "")]
    known = {address: log.mask(address) for address in people}
    hidden: dict[str, Any] = each(dict(document), partial(_masked, known, Transcript(tuple(known))))
    return hidden


def _shown(document: Document, masked: bool) -> Document:
    return mask(document) if masked else document


def _masked(known: Mapping[str, str], encoded: Transcript, value: str) -> str:
    """Addresses in plain sight by the log's mask, those in base64 or a URL by the transcript's."""
    return encoded.redact(log.mask(value, known))


@lru_cache(maxsize=1)
def _template() -> Template:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return made.get_template("report.html")
