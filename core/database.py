"""The one engine of a process: opened and migrated at first use, its failures told by one table."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core import settings, sqlite
from core.i18n import N_
from core.told import Told

VERSIONS = Path(__file__).parent / "migrations" / "versions"

# SQLite's words (https://www.sqlite.org/rescode.html), the first that fits counts
REASONS = (
    ("database is locked", "locked"),
    ("database table is locked", "locked"),
    ("readonly", "read_only"),
    ("disk is full", "full"),
    ("sqlite_ioerr_shmsize", "full"),
    ("sqlite_ioerr_write", "full"),
    ("disk i/o error", "broken"),
    ("no such table", "damaged"),
    ("unable to open", "unreachable"),
    ("not a database", "damaged"),
    ("malformed", "damaged"),
)

SENTENCES = {
    "locked": N_("The database is busy: another program holds it. Close that program, then try again."),
    "read_only": N_("The database can only be read. Give the user that runs Mailgauge the right to write {where}."),
    "full": N_("The disk of the database is full. Free some space, then try again."),
    "unreachable": N_("The database cannot be opened. Look whether {where} exists and may be written."),
    "damaged": N_(
        "{where} is damaged or no database; nothing was overwritten. Put a backup in its place, or move the file away: "
        "Mailgauge then begins anew."
    ),
    "removed": N_(
        "{where} was removed or replaced while Mailgauge runs. Put it back, or restart Mailgauge: it then takes what "
        "is there, or begins anew."
    ),
    "newer": N_("The database was made by a newer Mailgauge. Start that version, or put an older backup in place."),
    "unsupported": N_("This version keeps its data in SQLite: set MAILGAUGE_DATABASE_URL to sqlite:///PATH."),
    "broken": N_("The disk of {where} fails, or is full, or the file was removed. Look at it, then restart Mailgauge."),
    "other": N_("The database does not answer. Restart Mailgauge, and look at {where} and at its log."),
}


class DatabaseError(Told):
    """The database failed: `reason` is a key of SENTENCES, `where` the file or server."""

    def __init__(self, reason: str, where: str, detail: str = "") -> None:
        super().__init__(where=where)
        self.sentence = SENTENCES[reason]
        self.reason = reason
        self.where = where
        self.detail = detail


@contextmanager
def read() -> Iterator[Connection]:
    """A connection that only reads; what it sees is one moment."""
    with _named(), engine().connect() as connection:
        yield connection


@contextmanager
def write() -> Iterator[Connection]:
    """A transaction that takes the write lock before it reads anything, on disk when it ends."""
    with _named(), engine().connect().execution_options(write=True) as connection, connection.begin():
        yield connection
    engine()  # a file that was removed meanwhile took what was written with it


@contextmanager
def raw() -> Iterator[sqlite3.Connection]:
    """SQLite's own connection, for what only that can do."""
    with _named(), contextlib.closing(engine().raw_connection()) as connection:
        yield connection.driver_connection  # type: ignore[misc]


def engine() -> Engine:
    """The engine of this process, its database migrated. Raises DatabaseError."""
    url = settings.current().url
    with _opening, _named():
        made, opened = _open(url)
        if opened != sqlite.identity(file(url)):
            raise DatabaseError("removed", _where())
        return made


def close() -> None:
    """Closes every connection; the next use opens anew."""
    with _opening:
        if not _engine.cache_info().currsize:
            return
        url = settings.current().url
        foreign = bool(_open.cache_info().currsize) and _open(url)[1] != sqlite.identity(file(url))
        _engine(url).dispose()
        _open.cache_clear()
        _engine.cache_clear()
        if foreign and (path := file(url)):
            sqlite.set_aside(path, sqlite.JOURNALS)  # SQLite would replay the old file's journal into the new one


def version() -> str | None:
    """The version that the database has."""
    with read() as connection:
        return _version(connection)


def file(url: str | None = None) -> Path | None:
    """The file of the database, None where it is none that can be watched."""
    return _file(url or settings.current().url)


@lru_cache
def _file(url: str) -> Path | None:
    database = make_url(url).database
    return None if not database or database == ":memory:" or database.startswith("file:") else Path(database)


_opening = threading.RLock()


@lru_cache
def _open(url: str) -> tuple[Engine, sqlite.Identity | None]:
    """The engine, and which file it opened."""
    made = _engine(url)
    with made.connect() as connection:
        found = _version(connection)
    if found != newest():
        _migrate(made)
    return made, sqlite.identity(file(url))


def newest() -> str:
    """The version that this program wants: its last migration's."""
    return max(path.stem.partition("_")[0] for path in VERSIONS.glob("[0-9]*.py"))


def _migrate(target: Engine) -> None:
    """Brings the database up to date in one transaction, under the write lock."""
    from alembic import command
    from alembic.config import Config

    with target.connect().execution_options(write=True) as connection, connection.begin():
        found = _version(connection)
        if found and found > newest():
            raise DatabaseError("newer", _where())
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(VERSIONS.parent).replace("%", "%%"))
        command.upgrade(config, "head")


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


@lru_cache
def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        raise DatabaseError("unsupported", make_url(url).render_as_string())
    if path := file(url):
        try:
            sqlite.make(path)
            sound = sqlite.is_database(path)
        except OSError as error:
            raise DatabaseError("unreachable", str(path), str(error)) from error
        if not sound:
            raise DatabaseError("damaged", str(path))
    made = create_engine(url, connect_args={"timeout": sqlite.BUSY_SECONDS}, hide_parameters=True)
    event.listen(made, "connect", sqlite.configure)
    event.listen(made, "begin", sqlite.begin)
    return made


@contextmanager
def _named() -> Iterator[None]:
    try:
        yield
    except (IntegrityError, ProgrammingError, DataError, sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise  # a fault of ours, told as ours
    except PoolTimeout as error:
        raise DatabaseError("locked", _where(), str(error)) from error
    except (DBAPIError, sqlite3.Error) as error:  # SQLite's own come from prepared statements
        cause = getattr(error, "orig", error)
        words = f"{getattr(cause, 'sqlite_errorname', '')} {cause}".lower()
        reason = next((reason for part, reason in REASONS if part in words), "other")
        raise DatabaseError(reason, _where(), words) from error


def _where() -> str:
    url = make_url(settings.current().url)
    return url.database if url.drivername.startswith("sqlite") and url.database else url.render_as_string()
