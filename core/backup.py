"""Copies of the database to keep, and a damaged one kept aside."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
from pathlib import Path

from core import database, i18n, sqlite
from core.i18n import N_
from core.told import Told

ITSELF = N_("this is the database itself")


class Unwritable(Told):
    """The copy cannot be written where it was asked for."""

    sentence = N_("{where} cannot be written: {detail}")


def write(target: Path) -> None:
    """Writes a copy of the database, one moment of it, readable by its owner only; an older copy is replaced whole.

    Passwords in it stay encrypted, and the key is not in it. Raises Unwritable, DatabaseError.
    """
    live = database.file()
    if live and live.exists() and target.exists() and target.samefile(live):
        raise Unwritable(where=target, detail=i18n.translate(i18n.machine(), ITSELF))
    try:
        descriptor, draft = tempfile.mkstemp(prefix=f"{target.name}.", dir=target.parent)
        os.close(descriptor)
        with contextlib.ExitStack() as stack:
            stack.callback(Path(draft).unlink, missing_ok=True)
            _copy(Path(draft))
            Path(draft).replace(target)
    except (OSError, sqlite3.Error) as error:
        raise Unwritable(where=target, detail=getattr(error, "strerror", None) or error) from error


def read() -> bytes:
    """The copy as bytes, for a download."""
    with tempfile.TemporaryDirectory(prefix="mailgauge-") as directory:
        target = Path(directory) / "copy.db"
        write(target)
        return target.read_bytes()


def set_aside() -> Path | None:
    """Moves a database that cannot be used out of the way, whole; the next use begins a new one. Where it is kept."""
    database.close()
    path = database.file()
    if path is None or not path.exists():
        return None
    try:
        return sqlite.set_aside(path, sqlite.ALL)
    except OSError as error:
        raise Unwritable(where=path.parent, detail=error.strerror) from error


def _copy(target: Path) -> None:
    with database.raw() as source, contextlib.closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, whole without its -wal
