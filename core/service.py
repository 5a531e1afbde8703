"""Core as a part of a longer-lived process: up, down, how it is, and what time and crashes leave behind tidied."""

from __future__ import annotations

import asyncio
import logging
import platform
import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

from core import clock, database, runtime, settings
from core.accounts.access import everyone
from core.counting import breakdown
from core.counting import log as sent
from core.diagnosis import journal
from core.sending import outbox, reservation
from core.settings import ROOT
from core.told import Told

QUIET = 5.0  # seconds after a start in which no Sent folder is read
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class State:
    """How this process is: versions, the database (its size in bytes), the outbox (None where it does not listen)."""

    version: str
    python: str
    database: str
    size: int
    schema: str
    outbox: tuple[str, int] | None
    directory: Path
    messages: int


def start() -> None:
    """Brings core up. A database or outbox that fails does not keep the pages from starting: they tell it."""
    journal.ending.clear()
    try:
        runtime.run(outbox.address())
    except (Told, ValueError) as error:
        log.error("%s", error)
    _tidy()
    runtime.start(_upkeep())
    runtime.start(_watch())


def stop() -> None:
    """Takes core down in order."""
    journal.ending.set()
    runtime.run(outbox.close())
    runtime.stop()
    database.close()


def state() -> State:
    """How this process is. Raises DatabaseError."""
    file = database.file()
    return State(
        version=version(),
        python=platform.python_version(),
        database=str(file or settings.current().url),
        size=file.stat().st_size if file and file.exists() else 0,
        schema=database.version() or "",
        outbox=outbox.listening(),
        directory=outbox.directory(),
        messages=outbox.count(),
    )


@lru_cache
def version() -> str:
    """The version of Mailgauge."""
    found: str = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    return found


async def _upkeep() -> None:
    """Tidies whenever a lease has ended."""
    while True:
        await asyncio.sleep(reservation.LEASE_MS / 1000)
        await asyncio.to_thread(_tidy)


async def _watch() -> None:
    """Reads the Sent folders that are watched; their library comes once the first page could be drawn."""
    await asyncio.sleep(QUIET)
    from core.counting import sentfolder

    await sentfolder.run()


def _tidy() -> None:
    """Marks what a crash left in flight, forgets what is older than its account keeps it, folds break-downs."""
    try:
        for account in everyone():
            if orphans := reservation.repair(account):
                log.warning("%d sends were in flight when a process ended: their outcome is unknown", orphans)
            sent.forget(account)
            breakdown.fold(account, before=clock.local(clock.now()).date() - timedelta(days=2))  # before its yesterday
    except Told as error:
        log.error("%s", error)
