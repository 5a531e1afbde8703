"""What must not be shown or passed on of a pasted text: passwords and tokens, and for an issue people as well."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from itertools import islice

from core.smtp.transcript import MASK, Transcript, visible

MOST = 200  # secrets of a text
PROMPTS = {"VXNlcm5hbWU6", "UGFzc3dvcmQ6", "dXNlcm5hbWU6", "cGFzc3dvcmQ6"}  # Username: and Password:, by the server

AUTH = re.compile(
    r"(?i)\bAUTH(?:ENTICATE)?[ \t]+(?:PLAIN|LOGIN|XOAUTH2|OAUTHBEARER|CRAM-MD5|NTLM)[ \t]+([A-Za-z0-9+/=_-]{4,8000})"
)
WHOLE_LINE = re.compile(r"(?m)(?:^|[>CS:~-][>: \t])[ \t]{0,4}([A-Za-z0-9+/]{8,4000}={0,2})[ \t\r]*$")
SETTING = re.compile(
    r"(?i)(?:pass(?:word|wd|phrase)?|secret|api[_-]?key|token|pwd)[\"'`]?\]?[ \t]{0,4}(?:=>|:=|=|:)[ \t]{0,4}"
    r"(?:\"([^\"\n]{1,300})\"|'([^'\n]{1,300})'|([^\s,;}\"']{1,300}))"
)
IN_URL = re.compile(r"(?i)(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{1,20}://[^\s:/@]{1,200}:([^\s@/]{1,300})@")
BEARER = re.compile(r"(?i)\bBearer[ \t]+([A-Za-z0-9._~+/=-]{8,4000})")
HARMLESS = re.compile(
    r"(?i)(?:command|failed|error|required|not|is|was|incorrect|invalid|and|or|expired|none|null|true|false|undefined"
    r"|process\.env|os\.environ|getenv|env\(|\$|\W*$)"
)

ADDRESS = re.compile(r"[A-Za-z0-9._%+=~-]{1,64}@(?=[A-Za-z0-9-]{1,63}\.)")
IP = re.compile(
    r"(?<![0-9.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9.])|(?<![0-9a-f:])(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{1,4}"
)


def line(text: str, whole: str) -> str:
    """A line of evidence without the secrets that the whole text holds, and without what a terminal would obey."""
    hidden = AUTH.sub(lambda found: found[0].replace(found[1], MASK), Transcript(tuple(secrets(whole))).redact(text))
    return "\n".join(map(visible, hidden.split("\n")))


def people(text: str) -> str:
    """The text without secrets, and without the names and addresses of people and machines."""
    return IP.sub("[IP]", ADDRESS.sub(f"{MASK}@", line(text, text)))


def secrets(text: str) -> Iterator[str]:
    """Passwords and tokens that a text holds: behind AUTH, in settings, in addresses of servers."""
    yield from islice(_logins(text), MOST)
    yield from islice(_settings(text), MOST)


def _logins(text: str) -> Iterator[str]:
    for hit in AUTH.finditer(text):
        yield hit[1]
        yield from _decoded(hit[1])
    for hit in WHOLE_LINE.finditer(text):
        if hit[1] not in PROMPTS and (words := _decoded(hit[1])):
            yield from (hit[1], *words)


def _settings(text: str) -> Iterator[str]:
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
