"""A database that fails is told in a sentence that says what to do, and nothing is lost by it."""

import contextlib
import dataclasses
import multiprocessing
import os
import sqlite3
from collections.abc import Callable, Iterator
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, event, inspect, text, update

from core import backup, database, i18n, ids, service, settings, sqlite, tables
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
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.1)


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


@pytest.fixture(params=["random", "half", "header", "first page"])
def damaged(file: Path, request: pytest.FixtureRequest) -> Path:
    """A database of which little is left."""
    content = file.read_bytes()
    left = {"random": os.urandom(len(content)), "half": content[: len(content) // 2]}
    left |= {"header": content[:100], "first page": content[:4096]}
    file.write_bytes(left[request.param])
    return file


def test_a_damaged_database_is_told_as_damaged_and_left_as_it_is(damaged: Path) -> None:
    before = damaged.read_bytes()

    found = reason(access)

    assert (found, damaged.read_bytes()) == ("damaged", before)


@pytest.mark.usefixtures("damaged")
def test_a_damaged_database_is_told_each_time() -> None:
    found = [reason(act) for act in (*READS, *WRITES)]

    assert found == ["damaged"] * 6


def test_what_was_not_merged_into_a_damaged_database_is_left_as_it_is(data_dir: Path) -> None:
    before = crashed(data_dir)

    found = reason(access)
    database.close()

    assert found == "damaged"
    assert {name: (data_dir / name).read_bytes() for name in before} == before


def test_a_damaged_database_is_set_aside_with_every_byte_of_it(damaged: Path) -> None:
    before = damaged.read_bytes()
    reason(access)

    kept = backup.set_aside()

    assert kept
    assert kept.read_bytes() == before


def test_what_was_not_merged_into_a_damaged_database_is_set_aside_with_it(data_dir: Path) -> None:
    before = crashed(data_dir)
    reason(access)

    kept = backup.set_aside()

    assert kept
    parts = {name: kept.with_name(name.replace("mailgauge.db", kept.name)) for name in before}
    assert {name: part.read_bytes() for name, part in parts.items() if part.exists()} == before


def test_after_a_damaged_database_is_set_aside_it_begins_anew(damaged: Path) -> None:
    reason(access)

    backup.set_aside()

    assert account.load(access()).name == "default"
    assert damaged.exists()


def crashed(data_dir: Path) -> dict[str, bytes]:
    """The files of a database that lost its process in the middle of its work, and most of its pages later."""
    database.engine()
    database.close()
    reserve(access(), envelope(SHOP))
    names = ("mailgauge.db", "mailgauge.db-wal")
    content = {name: (data_dir / name).read_bytes() for name in names}
    database.close()
    for path in data_dir.glob("mailgauge.db*"):
        path.unlink()
    content["mailgauge.db"] = os.urandom(len(content["mailgauge.db"]))
    for name in names:
        (data_dir / name).write_bytes(content[name])
    return content


class TestRemoved:
    """The file goes while Mailgauge runs: nothing is written where nobody would ever find it."""

    @pytest.fixture
    def running(self, data_dir: Path) -> Path:
        """The file of a database in use."""
        access()
        return data_dir / "mailgauge.db"

    @pytest.fixture
    def other(self, tmp_path_factory: pytest.TempPathFactory, running: Path) -> Path:
        """Another sound database."""
        place = tmp_path_factory.mktemp("other") / "other.db"
        backup.write(place)
        return place

    @pytest.mark.parametrize("act", [*READS, *WRITES], ids=["account", "setups", "setup", *WRITE_NAMES])
    def test_it_is_told_as_removed(self, running: Path, act: Callable[[], object]) -> None:
        running.unlink()

        assert reason(act) == "removed"

    @pytest.mark.parametrize("act", [*READS, *WRITES], ids=["account", "setups", "setup", *WRITE_NAMES])
    def test_another_file_in_its_place_is_told_as_well(
        self, running: Path, other: Path, act: Callable[[], object]
    ) -> None:
        other.replace(running)

        assert reason(act) == "removed"

    def test_another_file_in_its_place_is_left_as_it_is(self, running: Path, other: Path) -> None:
        content = other.read_bytes()
        other.replace(running)

        for act in (*READS, *WRITES):
            reason(act)

        assert running.read_bytes() == content

    @pytest.mark.parametrize("act", [*READS, *WRITES], ids=["account", "setups", "setup", *WRITE_NAMES])
    def test_no_file_is_made_in_its_place(self, running: Path, act: Callable[[], object]) -> None:
        running.unlink()

        reason(act)

        assert not running.exists()

    def test_its_version_is_not_asked_of_a_new_file(self, running: Path) -> None:
        running.unlink()

        with contextlib.suppress(DatabaseError):
            database.version()

        assert not running.exists()

    def test_its_state_is_told_as_removed(self, running: Path) -> None:
        running.unlink()

        assert reason(service.state) == "removed"

    @pytest.mark.parametrize("takes_away", ["removed", "replaced"])
    def test_a_write_under_way_is_not_told_as_written(self, running: Path, other: Path, takes_away: str) -> None:
        def act() -> None:
            with database.write() as connection:
                connection.execute(update(tables.accounts).values(name="Shop"))
                if takes_away == "removed":
                    running.unlink()
                else:
                    other.replace(running)

        assert reason(act) == "removed"

    def test_back_in_its_place_it_works_again(self, running: Path) -> None:
        away = running.with_name("away.db")
        running.rename(away)
        reason(access)

        away.rename(running)

        account.save(access(), name="Shop")
        assert account.load(access()).name == "Shop"

    def test_what_was_written_before_is_there_when_it_is_back(self, running: Path) -> None:
        send = reserve(access(), envelope(SHOP))
        away = running.with_name("away.db")
        running.rename(away)
        away.rename(running)
        database.close()

        assert [row[1] for row in rows(running)["sends"]] == [send]

    def test_a_restart_begins_anew(self, running: Path) -> None:
        account.save(access(), name="Shop")
        running.unlink()

        database.close()

        assert account.load(access()).name == "default"

    @pytest.mark.parametrize("part", ["-wal", "-shm"])
    def test_a_restart_leaves_no_part_of_the_old_one_beside_the_other_file(
        self, running: Path, other: Path, part: str
    ) -> None:
        account.save(access(), name="Shop")
        other.replace(running)

        database.close()

        assert not running.with_name(running.name + part).exists()

    def test_a_restart_takes_what_is_there(self, running: Path, other: Path) -> None:
        account.save(access(), name="Shop")
        other.replace(running)

        database.close()

        assert account.load(access()).name == "default"

    def test_a_restart_leaves_the_other_file_whole(self, running: Path, other: Path) -> None:
        for _ in range(50):
            reserve(access(), envelope(SHOP))
        other.replace(running)

        database.close()
        access()

        with contextlib.closing(sqlite3.connect(running)) as new:
            assert new.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_an_empty_file_is_a_new_database(data_dir: Path) -> None:
    (data_dir / "mailgauge.db").touch()

    assert account.load(access()).name == "default"


@pytest.mark.parametrize("act", [*READS, *WRITES], ids=["account", "setups", "setup", *WRITE_NAMES])
def test_nothing_is_asked_of_a_database_of_a_newer_version(file: Path, act: Callable[[], object]) -> None:
    with contextlib.closing(sqlite3.connect(file)) as other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
        other.commit()
    before = rows(file)

    found = reason(act)

    assert (found, rows(file)) == ("newer", before)


def test_a_database_of_a_newer_version_is_told_again(file: Path) -> None:
    with contextlib.closing(sqlite3.connect(file)) as other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
        other.commit()

    assert [reason(access) for _ in range(2)] == ["newer"] * 2


@pytest.fixture
def first(data_dir: Path) -> Path:
    """A database of version 0001, as the first release left it, with something of a person's in each table."""
    path = data_dir / "mailgauge.db"
    made = create_engine(f"sqlite:///{path}")
    with made.begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(database.VERSIONS.parent))
        command.upgrade(config, "0001")
    made.dispose()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(FIRST)
    return path


FIRST = """
UPDATE accounts SET id = 1, name = 'Shop', timezone = 'Asia/Ho_Chi_Minh', language = 'vi';
UPDATE setups SET account_id = 1;
INSERT INTO quotas VALUES (2, 'login:gmail:shop@gmail.com', 'gmail');
INSERT INTO limits VALUES (1, 2, 'recipients', 'rolling 24h', 300);
INSERT INTO sends VALUES (1, 3, NULL, 4, 'test', '<1@shop.example>', 'shop@gmail.com', 'smtp.gmail.com', 'accepted',
    '250 Ok', 1790000000000, 1790000000001, 1, 0, 0, 0, 0);
INSERT INTO recipients VALUES (1, 3, 0, 'to', 'anna@people.example', 'accepted', '250 Ok'),
    (1, 3, 1, 'cc', 'binh@people.example', 'refused', '550 No');
INSERT INTO send_quotas VALUES (1, 3, 2, 1790000000000, 1);
INSERT INTO usage VALUES (1, 2, 0, 1988888, 1, 1, 0, 0, 0, 0);
INSERT INTO checks VALUES (1, 4, NULL, 1790000000000, 'page', 1790000000002, NULL, NULL, '{}', 'works', NULL, '{}');
INSERT INTO steps VALUES (1, 4, 0, '{}');
"""


def test_a_database_of_the_first_version_is_brought_up_to_date(first: Path) -> None:
    account.load(access())

    assert rows(first)["alembic_version"] == [(database.newest(),)]


KEPT = (
    "SELECT id, name, timezone, language FROM accounts",
    "SELECT id, name, mode, active, state FROM setups",
    "SELECT id, key, provider FROM quotas",
    "SELECT account_id, quota_id, unit, window, amount FROM limits",
    "SELECT account_id, id, setup_id, check_id, source, from_address, host, outcome, reply, created_at,"
    " to_count, cc_count, bcc_count, other_count, refused_count FROM sends",
    "SELECT r.send_id, position, kind, address, coalesce(r.outcome, s.outcome), coalesce(r.reply, s.reply)"
    " FROM recipients r JOIN sends s ON s.account_id = r.account_id AND s.id = r.send_id ORDER BY 2",
    "SELECT account_id, send_id, quota_id, created_at, recipients FROM send_quotas",
    'SELECT account_id, quota_id, setup_id, bucket, messages, "to", cc, bcc, other, refused FROM usage',
    "SELECT account_id, id, source, verdict FROM checks",
    "SELECT account_id, check_id, position, document FROM steps",
)


@pytest.mark.parametrize("query", KEPT)
def test_a_database_of_the_first_version_keeps_every_row(first: Path, query: str) -> None:
    with contextlib.closing(sqlite3.connect(first)) as connection:
        before = connection.execute(query).fetchall()
        database.engine()
        after = connection.execute(query).fetchall()

    assert before
    assert after == before


def test_a_message_of_the_first_version_is_known_again(first: Path) -> None:
    database.engine()

    with contextlib.closing(sqlite3.connect(first)) as connection:
        found = connection.execute("SELECT digest FROM sends").fetchall()
    assert found == [(ids.digest("<1@shop.example>"),)]


def test_the_log_of_the_first_version_is_broken_down(first: Path) -> None:
    database.engine()

    with contextlib.closing(sqlite3.connect(first)) as connection:
        found = connection.execute("SELECT quota_id, day, dimension, value, recipients FROM breakdown").fetchall()
    day = 1790000000000 // 86400000
    assert sorted(found) == [
        (2, day, "domain", "people.example", 1),
        (2, day, "from", "shop@gmail.com", 1),
        (2, day, "source", "test", 1),
    ]


@pytest.mark.usefixtures("first")
def test_an_account_of_the_first_version_keeps_its_values_and_gets_the_usual_retention() -> None:
    mine = account.load(access())

    assert dataclasses.asdict(mine) == {
        "id": 1,
        "name": "Shop",
        "timezone": "Asia/Ho_Chi_Minh",
        "language": "vi",
        "system_address": "",
        "retention_days": 90,
        "sample": False,
    }


@pytest.mark.usefixtures("first")
def test_a_migrated_database_has_the_tables_of_a_new_one() -> None:
    database.engine()

    with database.read() as connection:
        found = {
            table.name: {column["name"] for column in inspect(connection).get_columns(table.name)}
            for table in tables.metadata.sorted_tables
        }
    assert found == {table.name: set(table.c.keys()) for table in tables.metadata.sorted_tables}


def test_a_version_that_this_program_does_not_know_is_left_as_it_is(
    first: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(first)

    with monkeypatch.context() as broken:
        broken.setattr(database, "newest", lambda: "0000")
        found = reason(database.engine)

    assert (found, rows(first)) == ("newer", before)


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
