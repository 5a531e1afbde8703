"""Where a check writes itself down: one writer in its own thread, in order, so that no stage waits for the disk."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from core.accounts.form import Form
from core.diagnosis.letter import Letter
from core.diagnosis.step import Step
from core.smtp.reply import Reply
from core.told import Told

if TYPE_CHECKING:  # the database's libraries are imported by the writer, while a server is being waited for
    from core.accounts.access import Access, Rows

T = TypeVar("T")
PATIENCE = 600.0  # seconds that an outcome is written again before it is given up
PAUSE = 1.0
ending = threading.Event()  # core goes down: nothing is tried again and again any more
SHOWN = ("mode", "from_address", "from_name", "host", "port", "encryption", "username", "trust", "allow_plaintext")
log = logging.getLogger(__name__)
RETRY = 30.0  # seconds without another try to write a step, once one failed; the end writes what is missing


@dataclass
class Journal:
    """The stored side of one check. It is the walk's ledger, too: the send is on disk before DATA."""

    check: int
    form: Form
    letter: Letter
    setup: int | None = None
    access: Access | None = None
    source: str = "page"
    patience: float = PATIENCE
    books: bool = True  # a drill's message is no send
    send: int | None = None
    _pen: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "mailgauge-journal"))
    _steps: int = 0
    _unwritten: list[Callable[[Rows], None]] = field(default_factory=list)  # what a busy database did not take yet
    _again: float = 0
    _caught: int = 0

    def open(self) -> Future[None]:
        """Writes the check's first row, in the writer's thread."""
        self._unwritten.append(self._open)
        return self._pen.submit(self._flush)

    def watch(self, step: Step | None, following: str | None) -> None:
        """Hears from the walk: a step that is done, or the stage that begins."""
        position = self._steps
        self._steps += 1
        self._unwritten.append(lambda rows: self._watch(rows, step, following, position))
        self._pen.submit(self._flush)

    async def reserve(self) -> None:
        """Books the message. Raises DatabaseError: then nothing is sent."""
        if self.books:
            await self._write(self._reserve)

    async def settle(self, outcome: str, reply: Reply | None) -> None:
        """Books what became of it, again and again until it is on disk."""
        if not self.books:
            return
        try:
            await self._write(lambda: self._persist(lambda: self._settle(outcome, reply.text if reply else None)))
        except Told:  # the row stays reserved and counted, and repair calls it unknown
            log.error("the outcome of send %s could not be written: %s", self.send, outcome)

    async def close(self, verdict: str, cause: str | None, result: dict[str, Any]) -> None:
        """Books the end. Raises DatabaseError when it could not be written for `patience` seconds."""
        try:
            await self._write(lambda: self._persist(lambda: self._close(verdict, cause, result)))
        finally:
            self._pen.shutdown(wait=False)

    async def _write(self, act: Callable[[], T]) -> T:
        return await asyncio.shield(asyncio.wrap_future(self._pen.submit(act)))

    def _persist(self, act: Callable[[], T]) -> T:
        from core.database import DatabaseError

        end = time.monotonic() + self.patience
        while True:
            try:
                return act()
            except DatabaseError:
                if time.monotonic() > end or ending.wait(PAUSE):
                    raise

    # what follows runs in the writer's thread

    @property
    def _rows(self) -> Access:
        from core.accounts import access

        if self.access is None:
            self.access = access.access()
        return self.access

    def _flush(self) -> None:
        """Writes what waits; after a failure not at every step again, since each try takes its time."""
        from core.database import DatabaseError

        if not self._unwritten or time.monotonic() < self._again:
            return
        try:
            with self._rows.write() as rows:
                self._catch_up(rows)
        except DatabaseError:
            self._again = time.monotonic() + RETRY
            raise
        del self._unwritten[: self._caught]

    def _catch_up(self, rows: Rows) -> None:
        """Writes what waits, within a transaction."""
        self._caught = len(self._unwritten)
        for entry in self._unwritten[: self._caught]:
            entry(rows)

    def _open(self, rows: Rows) -> None:
        from core import clock, tables

        now = clock.now()
        document = {name: getattr(self.form, name) for name in SHOWN} | {"to": self.letter.to, "code": self.letter.code}
        row = {"id": self.check, "setup_id": self.setup, "source": self.source, "form": document}
        row |= {"created_at": now, "stage_since": now}
        rows.insert(tables.checks, row)

    def _watch(self, rows: Rows, step: Step | None, following: str | None, position: int) -> None:
        from core import clock, tables

        if step:
            document = step.document()
            rows.insert(tables.steps, {"check_id": self.check, "position": position, "document": document})
        mine = rows.update(tables.checks).where(tables.checks.c.id == self.check)
        rows.run(mine.values(stage=following, stage_since=clock.now()))

    def _reserve(self) -> None:
        from core.sending import reservation

        self.send = reservation.reserve(self._rows, self._envelope())

    def _settle(self, outcome: str, reply: str | None) -> None:
        from core.sending import reservation
        from core.sending.reservation import Result

        results: Sequence[Result] = [Result(outcome, reply)]
        if self.send is None:
            self.send = reservation.record(self._rows, self._envelope(), results)
        else:
            reservation.settle(self._rows, self.send, results, reply)

    def _envelope(self) -> Any:
        from core.sending.reservation import Envelope, Recipient

        return Envelope(
            form=self.form,
            recipients=[Recipient(self.letter.to)],
            source="test",
            setup=self.setup,
            check=self.check,
            message_id=self.letter.message_id,
        )

    def _close(self, verdict: str, cause: str | None, result: dict[str, Any]) -> None:
        from core import clock, tables
        from core.accounts import account, setups
        from core.counting import refusal

        values = {"verdict": verdict, "cause": cause, "result": result, "closed_at": clock.now(), "stage": None}
        with self._rows.write() as rows:
            self._catch_up(rows)
            rows.run(rows.update(tables.checks).where(tables.checks.c.id == self.check).values(values))
            if self.setup is not None:
                setups.tested(rows, self.setup, self.form, verdict, cause)
        if cause == refusal.CAUSE and self.books:
            refusal.learn(self._rows, self.form, zone=account.load(self._rows).zone)
