"""One stage of a check, done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from core.i18n import N_

STAGES = {
    "resolve": N_("Looking up the host name"),
    "connect": N_("Connecting to the server"),
    "tls": N_("Encrypting the connection"),
    "greeting": N_("Waiting for the server's greeting"),
    "ehlo": N_("Introducing ourselves"),
    "starttls": N_("Switching to encryption"),
    "auth": N_("Logging in"),
    "mail": N_("Naming the sender"),
    "rcpt": N_("Naming the recipient"),
    "data": N_("Handing over the mail"),
    "quit": N_("Saying goodbye"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """What happened at a stage: `reply` is the server's words as they came, `event` names what was no reply."""

    stage: str
    ok: bool
    ms: int
    reply: str | None = None
    code: int | None = None
    enhanced: str | None = None
    cause: str | None = None
    detail: str | None = None
    event: str | None = None
    words: str = field(default="", repr=False)

    def document(self) -> dict[str, Any]:
        """The step as `check --json` prints it."""
        return {key: value for key, value in asdict(self).items() if key not in ("event", "words")}

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Step:
        """The step that a document holds."""
        return cls(**document)
