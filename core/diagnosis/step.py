"""One stage of a check, done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from core.i18n import N_
from core.smtp.reply import Reply

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
    def of(cls, stage: str, ms: int, *, reply: Reply | None, event: str | None, detail: str | None) -> Step:
        """The step that a reply ended, or an event, or neither where nobody had to answer."""
        return cls(
            stage=stage,
            ok=event is None and (reply is None or 200 <= reply.code < 300),
            ms=ms,
            reply=reply.text if reply else None,
            code=reply.code if reply else None,
            enhanced=reply.enhanced if reply else None,
            event=event,
            detail=detail,
            words=reply.words if reply else detail or "",
        )

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Step:
        """The step that a document holds."""
        return cls(**document)
