"""Core as a part of a longer-lived process: up, down, and what a crash left behind mended."""

from __future__ import annotations

import logging

from core import database, runtime
from core.accounts.access import access
from core.database import DatabaseError
from core.sending import outbox, reservation

log = logging.getLogger(__name__)


def start() -> None:
    """Brings core up. A database that fails does not keep the pages from starting: they tell it."""
    runtime.run(outbox.address())
    try:
        orphans = reservation.repair(access())
    except DatabaseError as error:
        log.error("the database cannot be used: %s", error)
        return
    if orphans:
        log.warning("%d sends were in flight when Mailgauge last ended: their outcome is unknown", orphans)


def stop() -> None:
    """Takes core down in order."""
    runtime.run(outbox.close())
    runtime.stop()
    database.close()
