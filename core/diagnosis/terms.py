"""What a walk is given: how long it may take, where to, and where its message is booked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from core.smtp.reply import Reply


@dataclass(frozen=True, slots=True)
class Terms:
    """How a walk goes: seconds to connect, a stage, up to RCPT as a whole and after the final dot; and where to."""

    connect: float = 5
    stage: float = 15
    whole: float = 20
    final: float = 20
    ca_file: str | None = None
    nameservers: tuple[str, ...] = ()
    send: bool = True
    loopback_is_us: bool = True
    scouts: str = "auto"  # other ports are looked at where that may tell what would work; "always", "never"
    domain: bool = False  # whether the sender's domain is looked at


class Ledger(Protocol):
    """Where the message is booked: on disk before DATA, its outcome afterwards."""

    async def reserve(self) -> None:
        """Writes the send. Raises when it cannot be written: then nothing is sent."""

    async def settle(self, outcome: str, reply: Reply | None) -> None:
        """Writes what became of it: `accepted`, `refused`, `failed` (not handed over) or `unknown`."""
