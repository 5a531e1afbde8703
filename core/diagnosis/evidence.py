"""The line that decided, out of a pasted text."""

from __future__ import annotations

import re

from core.diagnosis.causes import Judgement
from core.diagnosis.paste import SIGN, Pasted, plain
from core.diagnosis.rules import GAP, OPEN, fold

LONGEST = 600  # letters of evidence
LINES = 4000  # that are looked through


def of(pasted: Pasted, found: Judgement | None) -> str:
    """The line with the words of the rule, else with the code, else the first that tells of an error."""
    lines = [line.strip() for line in pasted.text.splitlines()[:LINES] if line.strip()] or [""]
    phrase = found.phrase.split(GAP)[0].strip().rstrip(OPEN) if found else ""
    said = _with_words(lines, phrase) if phrase else None
    return said or _with_code(lines, pasted, found) or _with_sign(lines)


def _with_words(lines: list[str], phrase: str) -> str | None:
    """The line that holds the phrase, or the few lines over which it runs."""
    said = [fold(line) for line in lines]
    for count in (1, 2, 3):
        for at in range(len(lines) - count + 1):
            joined = " ".join(said[at : at + count])
            if phrase in joined or (count > 1 and phrase in plain(joined)):
                return _window("\n".join(lines[at : at + count]), phrase)
    return None


def _with_code(lines: list[str], pasted: Pasted, found: Judgement | None) -> str | None:
    """The first line with the enhanced code that the rule wants, or with the first refusal's codes."""
    code, enhanced = pasted.codes[0]
    wanted = found.rule.conditions.get("enhanced", ()) if found else ()
    enhanced = next((one for _, one in pasted.codes if one in wanted), enhanced)
    for sign in filter(None, (enhanced, str(code or ""))):
        whole = re.compile(rf"(?<!\d){re.escape(sign)}(?!\d)")
        if spot := next((line for line in lines if whole.search(line)), None):
            return _window(spot, sign)
    return None


def _with_sign(lines: list[str]) -> str:
    line = next((line for line in lines if SIGN.search(line)), lines[0])
    sign = SIGN.search(line)
    return _window(line, sign[0].lower() if sign else "")


def _window(text: str, phrase: str) -> str:
    """Of a long line, the part around the words."""
    start = max(0, text.lower().find(phrase) - LONGEST // 3) if len(text) > LONGEST else 0
    return text[start : start + LONGEST]
