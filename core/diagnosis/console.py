"""Explanations on the command line: for a person, or one JSON object a line for programs."""

from __future__ import annotations

import argparse
import json
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from core import settings
from core.accounts.form import BLANKS
from core.diagnosis import causes, lesson
from core.diagnosis.causes import Cause
from core.diagnosis.explain import Explanation, explain
from core.i18n import N_, translate
from core.told import Told

SHARE = 0.02  # the share of characters that no text has, from which on it is none
KEYS = ("cause", "also", "evidence", "title", "fixes")
FACTS = ("host", "port", "encryption", "provider")

SEEN = N_("Line that decided:")
WORDS = N_("The line in question:")
SAYS = N_("What the text says:")
ELSE = N_("What else fits:")
MAYBE = N_("What it may be:")


class Unreadable(Told):
    """The file that was named cannot be read."""

    sentence = N_("This file cannot be read: {path}")


class Empty(Told):
    """There is nothing to explain."""

    sentence = N_("There is no text: name a file, or give the error on standard input.")


class Strange(Told):
    """What was given is no text."""

    sentence = N_("This is no text: {path}")


def run(options: argparse.Namespace) -> int:
    """Explains what the options name; the exit status."""
    known = _known(options.language)
    if options.jsonl:
        return _lines(_text(options.file).splitlines(), options, known)
    text = _text(options.file)
    if not text.strip(BLANKS):
        raise Empty
    found = explain(text, **{name: getattr(options, name) for name in FACTS}, known=known)
    if options.json:
        print(json.dumps(found.document(options.language), ensure_ascii=False, indent=2))
    else:
        print(shown(found, options.language))
    return 0 if found.cause else 1


def _known(language: str) -> Mapping[str, Cause]:
    """All causes; where this machine's own are broken that is told, and ours hold."""
    try:
        return causes.catalogue(settings.current().own_causes)
    except causes.Broken as error:
        print(translate(language, error.sentence, **error.values), file=sys.stderr)
        return causes.catalogue()


def shown(found: Explanation, language: str) -> str:
    """The explanation for a terminal: title, why, numbered fixes, the line, what else fits, the question."""
    words = found.words(language)
    parts = [words["title"], words["why"]]
    parts += ["\n".join(f"{number}. {fix['text']}" for number, fix in enumerate(words["fixes"], 1))]
    label = translate(language, SEEN if found.cause else SAYS if found.complaint else WORDS)
    parts += [f"{label}\n    " + found.evidence.replace("\n", "\n    ")]
    others = "\n".join(f"- {other['title']} ({other['cause']})" for other in words["also"])
    parts += [f"{translate(language, ELSE if found.cause else MAYBE)}\n{others}" if others else ""]
    parts += [words["question"] or ""]
    if found.teachable:
        parts += [
            translate(language, lesson.HELP, file=str(settings.current().own_causes / "own.toml")),
            lesson.rule(found),
        ]
    return "\n\n".join(filter(None, parts))


def _lines(lines: Iterable[str], options: argparse.Namespace, known: Mapping[str, Cause]) -> int:
    """An object a line in, an object a line out; a line that is broken gets an object with `error`."""
    status = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        answer = _answer(line, number, options, known)
        worst = 2 if "error" in answer else 1 if answer["cause"] == "unknown" else 0
        status = max(status, worst)
        print(json.dumps(answer, ensure_ascii=False))
    return status


def _answer(line: str, number: int, options: argparse.Namespace, known: Mapping[str, Cause]) -> dict[str, Any]:
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError) as error:
        return {"id": None, "cause": "unknown", "error": f"line {number} is no JSON: {error}"}
    if problem := _problem(asked):
        return {
            "id": asked.get("id") if isinstance(asked, dict) else None,
            "cause": "unknown",
            "error": f"line {number}: {problem}",
        }
    facts = {name: asked.get(name) or getattr(options, name) for name in FACTS}
    facts["port"] = int(facts["port"]) if facts["port"] else None
    found = explain(asked["text"], **facts, known=known)
    document = found.document(options.language)
    return {"id": asked.get("id")} | {name: document[name] for name in KEYS} | {"ask": found.ask}


def _problem(asked: Any) -> str | None:
    """What is wrong with an object, as a sentence."""
    if not isinstance(asked, dict):
        return 'a line must be an object, such as {"id": 1, "text": "535 5.7.8 …"}'
    if not isinstance(asked.get("text"), str):
        return '"text" must be a string'
    if wrong := [name for name in ("host", "encryption", "provider") if not isinstance(asked.get(name) or "", str)]:
        return f'"{wrong[0]}" must be a string'
    port = asked.get("port")
    if port not in (None, "") and not (str(port).isdecimal() and 0 < int(port) < 65536):
        return '"port" must be a number from 1 to 65535'
    return None


def _text(file: str | None) -> str:
    """The text of a file or of standard input; bytes that are no UTF-8 are read as GBK or Latin."""
    try:
        raw = Path(file).read_bytes() if file not in (None, "-") else sys.stdin.buffer.read()
    except (OSError, ValueError):
        raise Unreadable(path=file) from None
    text = decoded(raw)
    if sum(map(_is_strange, text)) > SHARE * len(text):
        raise Strange(path=file or "-")
    return text


def _is_strange(letter: str) -> bool:
    """Whether no text has this: a control character other than a blank or a terminal's colour, or no character."""
    return letter == "\ufffd" or (unicodedata.category(letter) == "Cc" and letter not in "\t\n\r\f\v\b\x1b")


def decoded(raw: bytes) -> str:
    """Bytes as text in the first character set that fits: Windows writes UTF-16, old Chinese servers GBK."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace")
    for charset in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(charset)
        except UnicodeDecodeError:
            continue
    return raw.decode("cp1252", errors="replace")
