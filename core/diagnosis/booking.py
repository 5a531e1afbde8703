"""The one send of a walk in its ledger: reserved once, settled once, never left open."""

from __future__ import annotations

import asyncio

from core.diagnosis.terms import Ledger
from core.smtp.reply import Reply

SOON = 0.1  # seconds that DATA's place beside the envelope is worth waiting for: a round trip is what it saves


class Booking:
    """What was asked of the ledger, and what is still owed to it."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._reserving: asyncio.Task[None] | None = None
        self._settled = False

    def reserved(self) -> asyncio.Task[None]:
        """The reservation, under way or done: await it before DATA. Raises what the ledger raises."""
        if self._reserving is None:
            self._reserving = asyncio.create_task(self.ledger.reserve())
        return self._reserving

    async def soon(self) -> bool:
        """Whether it is on disk by now; a refusal must not wait for a busy database."""
        done, _ = await asyncio.wait({self.reserved()}, timeout=SOON)
        return bool(done) and not self._failed

    async def settle(self, outcome: str, reply: Reply | None) -> None:
        """Writes what became of the send, also of one that was refused before it was reserved."""
        self._settled = True
        await self.ledger.settle(outcome, reply)

    async def close(self) -> None:
        """Settles what was reserved and came to nothing: it must not stay."""
        if self._reserving and not self._failed and not self._settled:
            await self.settle("failed", None)

    @property
    def _failed(self) -> bool:
        """Whether nothing was written; where the wait for it was cancelled, it may have been."""
        task = self._reserving
        return task is not None and task.done() and not task.cancelled() and task.exception() is not None
