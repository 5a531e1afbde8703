"""A copy of the database is one moment of it, whole, and opens nothing by itself."""

import contextlib
import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import backup, database, settings
from core.accounts import account, setups, vault
from core.accounts.access import access
from core.backup import Unwritable
from core.sending.reservation import reserve
from tests.samples import CANARY, SHOP, envelope, typed


@pytest.fixture
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a copy goes, in an empty directory."""
    return tmp_path_factory.mktemp("copies") / "copy.db"


def ask(path: Path, query: str) -> list[tuple[object, ...]]:
    """What a copy answers."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as copy:
        return copy.execute(query).fetchall()


@contextlib.contextmanager
def sending() -> Iterator[None]:
    """Sends by another thread until the block ends."""
    mine, ended = access(), threading.Event()

    def send() -> None:
        while not ended.is_set():
            reserve(mine, envelope(SHOP, "to", "cc"))

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def test_a_copy_holds_what_the_database_holds(target: Path) -> None:
    send = reserve(access(), envelope())

    backup.write(target)

    assert ask(target, "SELECT id FROM sends") == [(send,)]


def test_a_copy_while_others_write_is_whole(target: Path) -> None:
    with sending():
        for number in range(5):
            backup.write(target.with_name(f"{number}.db"))

    copies = sorted(target.parent.glob("*.db"))
    assert [ask(copy, "PRAGMA integrity_check") for copy in copies] == [[("ok",)]] * 5


def test_a_copy_while_others_write_is_of_one_moment(target: Path) -> None:
    with sending():
        backup.write(target)

    (halves,) = ask(
        target,
        "SELECT count(*) FROM sends s WHERE (SELECT count(*) FROM recipients r WHERE r.send_id = s.id) != 2"
        " OR NOT EXISTS (SELECT 1 FROM send_quotas q WHERE q.send_id = s.id)",
    )
    assert halves == (0,)


def test_a_copy_is_one_file(target: Path) -> None:
    reserve(access(), envelope())

    backup.write(target)
    ask(target, "SELECT count(*) FROM sends")

    assert list(target.parent.iterdir()) == [target]


def test_a_copy_is_its_owners_alone(target: Path) -> None:
    backup.write(target)

    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_it_stays_so_where_an_older_copy_was_everybodys(target: Path) -> None:
    target.touch(0o644)

    backup.write(target)

    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_no_password_can_be_read_in_a_copy(target: Path) -> None:
    setups.save(access(), typed())

    backup.write(target)

    assert CANARY.encode() not in target.read_bytes()


@pytest.mark.parametrize("place", ["file", "variable"])
def test_the_key_is_not_in_a_copy(target: Path, monkeypatch: pytest.MonkeyPatch, data_dir: Path, place: str) -> None:
    setups.save(access(), typed())
    key = (data_dir / vault.KEY_FILE).read_text()
    if place == "variable":
        (data_dir / vault.KEY_FILE).unlink()
        monkeypatch.setenv("MAILGAUGE_SECRET_KEY", key)
        settings.current.cache_clear()

    backup.write(target)

    assert key.encode() not in target.read_bytes()


def test_a_copy_in_place_of_the_database_opens_with_its_passwords(target: Path, data_dir: Path) -> None:
    setup = setups.save(access(), typed())
    backup.write(target)
    database.close()
    for part in data_dir.glob("mailgauge.db*"):
        part.unlink()

    target.rename(data_dir / "mailgauge.db")

    assert setups.secret(access(), setup, SHOP).reveal() == CANARY


def test_an_older_copy_is_replaced_whole(target: Path) -> None:
    backup.write(target)
    account.save(access(), name="Shop")
    with target.open("ab") as older:
        older.write(b"longer than the new one" * 100_000)

    backup.write(target)

    assert ask(target, "PRAGMA integrity_check; ") == [("ok",)]
    assert (ask(target, "SELECT name FROM accounts"), target.stat().st_size < 1_000_000) == ([("Shop",)], True)


def test_a_copy_that_fails_leaves_the_older_one(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backup.write(target)
    before = target.read_bytes()
    monkeypatch.setattr(backup, "_copy", full)

    with pytest.raises(Unwritable):
        backup.write(target)

    assert (target.read_bytes(), list(target.parent.iterdir())) == (before, [target])


@pytest.mark.parametrize("name", ["no/such/place/copy.db", "file/copy.db", ".", "x" * 300])
def test_a_place_that_cannot_be_written_is_told(target: Path, name: str) -> None:
    (target.parent / "file").touch()

    with pytest.raises(Unwritable):
        backup.write(target.parent / name)

    assert [path.name for path in target.parent.iterdir()] == ["file"]


def test_the_database_is_not_replaced_by_its_own_copy(data_dir: Path) -> None:
    access()
    before = (data_dir / "mailgauge.db").stat().st_ino

    with contextlib.suppress(Unwritable):
        backup.write(data_dir / "mailgauge.db")

    assert (data_dir / "mailgauge.db").stat().st_ino == before
    assert account.load(access()).name == "default"


def test_a_removed_database_is_told_and_not_copied(target: Path, data_dir: Path) -> None:
    access()
    (data_dir / "mailgauge.db").unlink()

    with pytest.raises(database.DatabaseError):
        backup.write(target)

    assert list(target.parent.iterdir()) == []


def test_a_download_is_a_copy(target: Path) -> None:
    send = reserve(access(), envelope())

    target.write_bytes(backup.read())

    assert ask(target, "SELECT id FROM sends") == [(send,)]


def test_a_download_leaves_nothing_behind(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(target.parent))

    backup.read()

    assert list(target.parent.iterdir()) == []


class TestSetAside:
    """A database that cannot be used is kept, whole."""

    def test_without_a_database_there_is_nothing_to_keep(self) -> None:
        assert backup.set_aside() is None

    def test_the_next_use_begins_anew(self, data_dir: Path) -> None:
        (data_dir / "mailgauge.db").write_bytes(b"no database" * 100)

        backup.set_aside()

        assert account.load(access()).name == "default"

    def test_every_byte_is_kept(self, data_dir: Path) -> None:
        contents = {part: os.urandom(5000) for part in ("", "-wal", "-shm")}
        for part, content in contents.items():
            (data_dir / f"mailgauge.db{part}").write_bytes(content)

        kept = backup.set_aside()

        assert kept
        assert {part: kept.with_name(kept.name + part).read_bytes() for part in contents} == contents

    def test_what_is_kept_is_no_longer_in_the_way(self, data_dir: Path) -> None:
        for part in ("", "-wal", "-shm"):
            (data_dir / f"mailgauge.db{part}").write_bytes(b"no database")

        backup.set_aside()

        assert list(data_dir.glob("mailgauge.db*")) == []

    def test_a_second_one_at_the_same_time_does_not_replace_the_first(self, data_dir: Path) -> None:
        contents = [b"the first" * 500, b"the second" * 500]
        for content in contents:
            (data_dir / "mailgauge.db").write_bytes(content)
            backup.set_aside()

        assert sorted(path.read_bytes() for path in data_dir.glob("mailgauge.kept-*")) == contents

    def test_the_key_stays_where_it_is(self, data_dir: Path) -> None:
        setups.save(access(), typed())
        key = (data_dir / vault.KEY_FILE).read_bytes()

        backup.set_aside()

        assert (data_dir / vault.KEY_FILE).read_bytes() == key

    def test_a_sound_database_is_kept_whole_as_well(self) -> None:
        send = reserve(access(), envelope())

        kept = backup.set_aside()

        assert kept
        assert ask(kept, "SELECT id FROM sends") == [(send,)]


def full(_target: Path) -> None:
    """A disk without room."""
    raise sqlite3.OperationalError("database or disk is full")
