"""What to do with an error that no rule knows: a rule to fill in, and a report without people in it."""

from __future__ import annotations

import json
import re

from core.diagnosis import mask, paste
from core.diagnosis.explain import Explanation
from core.diagnosis.rules import GAP, fold
from core.i18n import N_, translate

LONGEST = 4000  # letters of a text in a report
WORDS = 3  # parts of a line that make a rule
CHANGING = re.compile(
    r"https?://\S+|<[^<>\s]*>|\S+@\S+|\[[^\[\]]*\]|(?<![a-z])(?:[0-9]{1,3}\.){3}[0-9]{1,3}"
    r"|\b(?=[a-z0-9-]*[0-9])[a-z0-9-]{6,}\b|\b[0-9]+\b|[^\x20-\x7e\u00a0-\uffff]"
)
BLANK = re.compile(r"[\s:;,.()'\"\u2022-]+$|^[\s:;,.()'\"\u2022-]+")

USUAL = {  # by stage, the cause that a new rule is for most often; a person changes it to the right one
    "greeting": "greeting.rejected",
    "ehlo": "client.helo_invalid",
    "starttls": "tls.handshake_failed",
    "auth": "auth.bad_credentials",
    "mail": "sender.not_owned",
    "rcpt": "recipient.unknown",
    "data": "message.rejected_as_spam",
}
HELP = N_("Save this as {file}, change the cause to the right one, and explain the text again.")
TITLE = N_("An error that no rule knows")


def rule(found: Explanation, *, cause: str | None = None) -> str:
    """The TOML of a rule for this error, for a file of one's own in `<data directory>/causes/`."""
    passing = 400 <= (found.code or 0) < 500
    cause = cause or USUAL.get(found.stage or "", "server.temporary" if passing else "message.rejected_as_spam")
    conditions = [f"words = [{json.dumps(words(found.evidence), ensure_ascii=False)}]"]
    conditions += [f"codes = [{found.code}]"] if found.code else []
    conditions += [f'enhanced = ["{found.enhanced}"]'] if found.enhanced else []
    lines = ["[[rule]]", f'cause = "{cause}"', *conditions, 'source = "a case of our support"']
    return "\n".join(lines) + "\n"


def words(line: str) -> str:
    """Of a line, what would stand in the next such error too: without addresses, numbers and codes of one case."""
    parts = [BLANK.sub("", part) for part in CHANGING.sub("\n", fold(paste.plain(line))).split("\n")]
    telling = sorted((part for part in parts if len(part) > 3), key=len, reverse=True)[:WORDS]
    kept = [part for part in parts if part in telling]
    return f" {GAP} ".join(dict.fromkeys(kept)) or fold(line)[:60]


def report(found: Explanation, text: str, *, language: str = "en") -> str:
    """A text for an issue report: the error without secrets, names and addresses, and what is known around it."""
    named = ("host", "port", "encryption", "provider", "client", "stage", "code", "enhanced")
    facts = [f"{name}: {getattr(found, name)}" for name in named if name != "host" and getattr(found, name)]
    body = mask.people(paste.cut(text)[:LONGEST])
    return "\n".join([f"## {translate(language, TITLE)}", "", *facts, "", "```", body, "```"]) + "\n"
