"""What a server with a fault says and does, line by line: `data/dialogues/<cause>.txt`, one for each live cause.

# a comment            ! form encryption=ssl username=   what the client's form has in place of the usual
S: the server says     ! tls KIND      a handshake with a certificate of that kind (see `certificates`)
C: the client must     ! stall  ! drop  ! pause 0.2      silence, hang up, wait
   say, * is anything  ! refuse  ! blackhole  ! unreachable  ! dns nxdomain   before any connection
C: <message>           reads up to the final dot
! or STARTTLS          here the script ends, but for a client that says this in place of what it has: so the advice
                       on a fault can be followed, and is seen to work
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from core.i18n import N_
from core.told import NotFound

OURS = Path(__file__).parents[2] / "data" / "dialogues"
UNKNOWN = N_("No scenario is named “{name}”: outbox --scenario list shows them all.")

SPOKEN = re.compile(r"([SC]):(?: (.*))?")
BEFORE = ("refuse", "blackhole", "unreachable", "dns")  # what happens before any connection
ACTS = ("tls", "or", "pause", "stall", "drop", *BEFORE)


class Line(NamedTuple):
    """One thing that the server does: `S` says the words, `C` hears them, the others are ACTS."""

    act: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A server's part, and what the client's form has in place of the usual."""

    form: Mapping[str, str]
    script: tuple[Line, ...]

    @property
    def before(self) -> str | None:
        """What keeps any connection from coming about, one of BEFORE."""
        first = self.script[0].act
        return first if first in BEFORE else None

    @property
    def dns(self) -> str | None:
        """What the name service answers, nxdomain or servfail, where that is the fault."""
        return self.script[0].words if self.before == "dns" else None

    @property
    def certificates(self) -> frozenset[str]:
        """The kinds of certificates that the server shows."""
        return frozenset(line.words for line in self.script if line.act == "tls")

    @property
    def silent(self) -> bool:
        """Whether the client waits in vain, so that it had better wait a short time only."""
        mute = self.script[0].act == "tls" and self.form.get("encryption") != "ssl"
        return mute or any(line.act in ("stall", "blackhole") for line in self.script)


@lru_cache
def catalogue() -> dict[str, Dialogue]:
    """Every dialogue by its cause."""
    return {path.stem: read(path) for path in sorted(OURS.glob("*.txt"))}


def find(cause: str) -> Dialogue:
    """The dialogue of a cause. Raises NotFound."""
    try:
        return catalogue()[cause]
    except KeyError:
        raise NotFound(UNKNOWN, name=cause) from None


def read(path: Path) -> Dialogue:
    """The dialogue in a file. Raises ValueError, as `parse`."""
    return parse(path.read_text(encoding="utf8"))


def parse(text: str) -> Dialogue:
    """The dialogue that a text describes. Raises ValueError with the line that is none."""
    lines = [_line(line) for line in text.splitlines() if line and not line.startswith("#")]
    script = tuple(line for line in lines if line.act != "form")
    if not script:
        raise ValueError("a dialogue needs a line such as “S: 220 mail.example ESMTP”")
    pairs = [pair for line in lines if line.act == "form" for pair in shlex.split(line.words)]
    return Dialogue(dict(pair.split("=", 1) for pair in pairs), script)


def _line(text: str) -> Line:
    if spoken := SPOKEN.fullmatch(text):
        return Line(spoken[1], spoken[2] or "")
    mark, _, order = text.partition(" ")
    act, _, words = order.partition(" ")
    if mark != "!" or act not in ("form", *ACTS):
        raise ValueError(f"“{text}” is no line of a dialogue: it begins with S:, C:, # or one of ! {', '.join(ACTS)}")
    return Line(act, words)
