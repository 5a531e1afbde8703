"""A database that fails is told in a sentence that says what to do, and nothing is lost by it."""

import contextlib
import multiprocessing
import sqlite3
from collections.abc import Callable, Iterator
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from core import database, i18n, settings, tables
from core.accounts import account, setups
from core.accounts.access import Access, access
from core.database import SENTENCES, DatabaseError
from core.sending.reservation import reserve
from tests.samples import SHOP, envelope

SPAWN = multiprocessing.get_context("spawn")

READS: list[Callable[[], object]] = [
    lambda: account.load(access()),
    lambda: setups.all(access()),
    lambda: setups.find(access(), "default"),
]
WRITES: list[Callable[[], object]] = [
    lambda: account.save(access(), name="Shop"),
    lambda: setups.save(access(), SHOP),
    lambda: reserve(access(), envelope(SHOP)),
]
WRITE_NAMES = ["account", "setup", "send"]


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait for another writer that is short enough for tests."""
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)


@pytest.fixture
def file(data_dir: Path) -> Path:
    """The file of a migrated database that nobody has open."""
    database.engine()
    database.close()
    return data_dir / "mailgauge.db"


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Another program holds the database."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


def use(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """Another setting, from now on."""
    monkeypatch.setenv(f"MAILGAUGE_{name}", value)
    settings.current.cache_clear()


def reason(act: Callable[[], object]) -> str:
    """How an act fails."""
    with pytest.raises(DatabaseError) as failure:
        act()
    return failure.value.reason


def rows(path: Path) -> dict[str, Any]:
    """Everything in a database."""
    with contextlib.closing(sqlite3.connect(path)) as other:
        names = [name for (name,) in other.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: other.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}  # noqa: S608 - our own names


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("act", WRITES, ids=WRITE_NAMES)
def test_a_write_to_a_held_database_is_told_as_locked(file: Path, act: Callable[[], object]) -> None:
    with held(file):
        found = reason(act)

    assert found == "locked"


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("act", READS, ids=["account", "setups", "setup"])
def test_a_held_database_can_be_read(file: Path, act: Callable[[], object]) -> None:
    with held(file):
        found = act()

    assert found


@pytest.mark.usefixtures("hasty")
def test_a_held_database_that_is_not_made_yet_is_told_as_locked(data_dir: Path) -> None:
    with held(data_dir / "mailgauge.db"):
        found = reason(database.engine)

    assert found == "locked"


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("act", WRITES, ids=WRITE_NAMES)
def test_a_database_that_is_let_go_is_written_again(file: Path, act: Callable[[], object]) -> None:
    with held(file):
        reason(act)

    act()

    assert account.load(access())


@pytest.mark.parametrize("act", WRITES[1:], ids=WRITE_NAMES[1:])  # a change of the account needs no room
def test_a_full_disk_is_told_as_full(act: Callable[[], object]) -> None:
    fill()

    def until_it_is_full() -> None:
        for _ in range(200):
            act()

    found = reason(until_it_is_full)

    assert found == "full"


def test_a_full_disk_loses_nothing_that_was_told_as_written(data_dir: Path) -> None:
    fill()
    written: list[int] = []

    with pytest.raises(DatabaseError):
        written.extend(reserve(access(), envelope(SHOP)) for _ in range(200))

    assert written
    assert [row[1] for row in rows(data_dir / "mailgauge.db")["sends"]] == written


@pytest.mark.parametrize("act", WRITES, ids=WRITE_NAMES)
def test_a_database_without_the_right_to_write_is_told_as_read_only(
    file: Path, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]
) -> None:
    monkeypatch.chdir(file.parent)
    use(monkeypatch, "DATABASE_URL", f"sqlite:///file:{file}?mode=ro&uri=true")

    found = reason(act)

    assert found == "read_only"


@pytest.mark.parametrize("act", READS, ids=["account", "setups", "setup"])
def test_a_database_without_the_right_to_write_can_be_read(
    file: Path, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]
) -> None:
    monkeypatch.chdir(file.parent)
    use(monkeypatch, "DATABASE_URL", f"sqlite:///file:{file}?mode=ro&uri=true")

    assert act()


def test_a_database_named_as_an_uri_makes_no_directory_of_that_name(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parent)
    use(monkeypatch, "DATABASE_URL", f"sqlite:///file:{file}?mode=ro&uri=true")

    database.engine()

    assert not Path("file:").exists()


def test_a_directory_that_cannot_be_made_is_told_as_unreachable(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (data_dir / "a file").touch()
    use(monkeypatch, "DATA_DIR", str(data_dir / "a file" / "data"))

    assert reason(database.engine) == "unreachable"


def test_a_directory_in_place_of_the_database_is_told_as_unreachable(data_dir: Path) -> None:
    (data_dir / "mailgauge.db").mkdir()

    assert reason(database.engine) == "unreachable"


@pytest.mark.parametrize("content", [b"hello", b"name;amount\n" * 1000], ids=["short", "long"])
def test_another_kind_of_file_is_told_as_damaged_and_left_as_it_is(data_dir: Path, content: bytes) -> None:
    path = data_dir / "mailgauge.db"
    path.write_bytes(content)

    found = reason(database.engine)

    assert (found, path.read_bytes()) == ("damaged", content)


def test_a_damaged_page_is_told_as_damaged(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    file.write_bytes(content)

    assert reason(database.engine) == "damaged"


def test_a_database_of_a_newer_version_is_told_as_newer_and_left_as_it_is(file: Path) -> None:
    with contextlib.closing(sqlite3.connect(file)) as other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
        other.commit()
    before = rows(file)

    found = reason(database.engine)

    assert (found, rows(file)) == ("newer", before)


def test_a_second_migration_changes_nothing(file: Path) -> None:
    before = rows(file)

    database.engine()

    assert rows(file) == before


def test_a_migrated_database_has_the_newest_version() -> None:
    database.engine()

    assert database.version() == database.newest()


def test_processes_that_migrate_at_the_same_time_both_succeed(data_dir: Path) -> None:
    barrier, (ours, theirs) = SPAWN.Barrier(2), SPAWN.Pipe(duplex=False)
    processes = [SPAWN.Process(target=migrate, args=(barrier, theirs)) for _ in range(2)]
    for process in processes:
        process.start()
    theirs.close()

    versions = [ours.recv() for _ in processes]
    for process in processes:
        process.join()

    assert versions == [database.newest()] * 2
    assert len(rows(data_dir / "mailgauge.db")["accounts"]) == 1


@pytest.mark.parametrize("name", ["dữ liệu", "my data", "100%25 #1", "what?"])
def test_a_database_is_found_in_a_directory_of_any_name(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    use(monkeypatch, "DATA_DIR", str(data_dir / name))

    access()

    assert (data_dir / name / "mailgauge.db").exists()


def test_a_commit_is_on_disk_before_it_returns() -> None:
    with database.write() as connection:
        synchronous = connection.execute(text("PRAGMA synchronous")).scalar()

    assert synchronous == 2  # FULL


def test_a_write_that_fails_is_taken_back_whole() -> None:
    mine = access()

    with pytest.raises(ZeroDivisionError):
        rename_and_fail(mine)

    assert account.load(mine).name == "default"


@pytest.mark.parametrize("name", SENTENCES)
def test_every_reason_has_a_sentence_in_both_languages(name: str) -> None:
    assert SENTENCES[name] in i18n.catalogue("vi")


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("name", SENTENCES)
def test_every_sentence_can_be_filled(name: str, language: str) -> None:
    sentence = i18n.translate(language, DatabaseError(name, "the file").sentence, where="the file")

    assert "{" not in sentence


def rename_and_fail(mine: Access) -> None:
    """A write that breaks off in the middle."""
    with mine.write() as changed:
        changed.run(changed.update(tables.accounts).values(name="Shop"))
        raise ZeroDivisionError


def fill() -> None:
    """Leaves the database no room: what it has by now is all that it gets."""
    engine = database.engine()
    with engine.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar()

    @event.listens_for(engine, "connect")
    def limit(connection: Any, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    engine.dispose()


def migrate(barrier: Barrier, told: Any) -> None:
    """What each of the migrating processes does."""
    barrier.wait(60)
    database.engine()
    told.send(database.version())
