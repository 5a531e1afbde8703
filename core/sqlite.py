"""SQLite's own ways: its file, its journal, its connections."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

Identity = tuple[int, int]  # device and inode of a file

HEAD = b"SQLite format 3\0"  # https://www.sqlite.org/fileformat.html
JOURNALS = ("-wal", "-shm")
ALL = (*JOURNALS, "")  # the file itself last: without it the others mean nothing
BUSY_SECONDS = 5  # how long a write waits for another one


def make(path: Path) -> None:
    """The directory and an empty file, their owner's alone, where there are none."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))


def is_database(path: Path) -> bool:
    """Whether a file is one, or empty; any other is never opened: SQLite would begin by removing its journal."""
    with path.open("rb") as opened:
        head = opened.read(len(HEAD))
    return head in (b"", HEAD)


def configure(connection: Any, _: object) -> None:
    """Transactions are ours to begin, readers do not wait for a writer, a commit is on disk."""
    connection.isolation_level = None
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.create_function("lower", 1, _lower, deterministic=True)  # its own knows ASCII only
    _write_ahead(connection)


def _write_ahead(connection: Any) -> None:
    """Switches the journal once for all; SQLite itself does not wait here for whoever does the same just now."""
    last = time.monotonic() + BUSY_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > last:
                raise
            time.sleep(0.02)
            continue
        return


def _lower(text: object) -> object:
    return text.lower() if isinstance(text, str) else text


def begin(connection: Connection) -> None:
    """Takes the write lock at once where a transaction will write."""
    writes = connection.get_execution_options().get("write", False)
    connection.connection.cursor().execute("BEGIN IMMEDIATE" if writes else "BEGIN")


def identity(path: Path | None) -> Identity | None:
    """Which file is there now: SQLite would go on writing to one that was removed. None where there is none."""
    if path is None:
        return None
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def set_aside(path: Path, parts: Sequence[str]) -> Path:
    """Renames parts of a database, the file itself being the part ""; the name under which they are kept."""
    stamp = f"{path.stem}.kept-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    names = (path.with_name(f"{stamp}{again}{path.suffix}") for again in ("", *(f"-{n}" for n in range(2, 1000))))
    kept = next(name for name in names if not any(name.with_name(name.name + part).exists() for part in ALL))
    for part in parts:
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + part).rename(kept.with_name(kept.name + part))
    return kept
