"""A message for the customer: what is wrong and what to do, in plain polite words, to copy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from core.i18n import N_, translate

GREETING = N_("Hello,")
SEEN = N_("We have looked at why your mail does not go out.")
REASON = N_("The reason: {title}.")
STEPS = N_("Please follow these steps:")
LINES = N_("In your program, write these lines:")
LINE = N_("The message that we went by:")
NOT_YET = N_("We cannot tell the reason for certain yet.")
STILL = N_("If it still does not work after that, please send us the new error message in full.")
REGARDS = N_("Kind regards")
WHO = {
    "provider": N_("Somebody else has to act here: your mail provider. You can pass this message on to them."),
    "host": N_("Somebody else has to act here: your hosting company. You can pass this message on to them."),
    "recipient": N_("Your settings are in order: somebody on the recipient's side has to act."),
    "program": N_("Whoever looks after your program has to act. You can pass this message on to them."),
}
YOU = re.compile(r"\b([Bb])ạn\b")


def write(words: Mapping[str, Any], *, language: str, evidence: str = "", lines: str = "", name: str = "") -> str:
    """The message as plain text, from the words of an explanation or a verdict.

    `evidence` is the line that decided, `lines` what to write in the customer's program, `name` whose message it is;
    each may be empty.
    """
    fixes = "\n".join(f"{number}. {fix['text']}" for number, fix in enumerate(words["fixes"], 1))
    who = WHO.get(words.get("acts") or "")
    known = bool(words["fixes"])
    title = words["title"].rstrip(".")
    parts = [
        translate(language, GREETING),
        translate(language, SEEN),
        translate(language, REASON, title=title) + "\n" + words["why"] if known else translate(language, NOT_YET),
        translate(language, who) if who else "",
        f"{translate(language, STEPS)}\n{fixes}" if fixes else "",
        f"{translate(language, LINES)}\n{_indented(lines)}" if lines else "",
        words.get("question") or "",
        f"{translate(language, LINE)}\n{_indented(evidence)}" if evidence else "",
        translate(language, STILL) if known else "",
        f"{translate(language, REGARDS)},\n{name}" if name else translate(language, REGARDS),
    ]
    return "\n\n".join(_polite(part, language) for part in parts if part) + "\n"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def _polite(text: str, language: str) -> str:
    """To a customer, Vietnamese says anh/chị where a page says bạn."""
    return YOU.sub(lambda found: "Anh/chị" if found[1] == "B" else "anh/chị", text) if language == "vi" else text
