"""Core as a part of a longer-lived process: up, down, and what a crash left behind mended."""

from __future__ import annotations

import asyncio
import logging

from core import database, runtime
from core.accounts.access import access
from core.diagnosis import journal
from core.sending import outbox, reservation
from core.told import Told

log = logging.getLogger(__name__)


def start() -> None:
    """Brings core up. A database or outbox that fails does not keep the pages from starting: they tell it."""
    journal.ending.clear()
    try:
        runtime.run(outbox.address())
    except (Told, ValueError) as error:
        log.error("the outbox cannot be used: %s", error)
    _repair()
    runtime.start(_mend())


def stop() -> None:
    """Takes core down in order."""
    journal.ending.set()
    runtime.run(outbox.close())
    runtime.stop()
    database.close()


async def _mend() -> None:
    """Marks what a crash left in flight, whenever a lease has ended."""
    while True:
        await asyncio.sleep(reservation.LEASE_MS / 1000)
        await asyncio.to_thread(_repair)


def _repair() -> None:
    try:
        orphans = reservation.repair(access())
    except Told as error:
        log.error("the database cannot be used: %s", error)
        return
    if orphans:
        log.warning("%d sends were in flight when a process ended: their outcome is unknown", orphans)
