"""Copies of the database to keep, and a damaged one kept aside."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import tempfile
from datetime import datetime
from pathlib import Path

from core import database
from core.i18n import N_
from core.told import Told


class Unwritable(Told):
    """The copy cannot be written where it was asked for."""

    sentence = N_("{where} cannot be written: {detail}")


def write(target: Path) -> None:
    """Writes a copy of the database, one moment of it, readable by its owner only; an older copy is replaced whole.

    Passwords in it stay encrypted, and the key is not in it. Raises Unwritable, DatabaseError.
    """
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
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    kept = path.with_name(f"{path.stem}.kept-{stamp}{path.suffix}")
    try:
        for part in ("-wal", "-shm", ""):  # the file itself last: without it the others mean nothing
            source = path.with_name(path.name + part)
            if source.exists():
                source.rename(kept.with_name(kept.name + part))
    except OSError as error:
        raise Unwritable(where=path.parent, detail=error.strerror) from error
    return kept


def _copy(target: Path) -> None:
    with database.raw() as source, contextlib.closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, whole without its -wal
