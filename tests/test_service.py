"""How this process is, and what time leaves behind."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import clock, database, runtime, service
from core.accounts import access as accounts
from core.accounts.access import Access, access
from core.counting import log
from core.sending.reservation import LEASE_MS, Result, record, reserve
from core.settings import ROOT
from tests.samples import another_account, envelope


@pytest.fixture
def up() -> Iterator[None]:
    """Core runs."""
    service.start()
    yield
    service.stop()
    runtime.stop()


def old(mine: Access) -> None:
    """A send whose recipients are past their time."""
    record(mine, envelope(at=clock.now() - 91 * clock.DAY_MS), [Result("accepted")])


def people(mine: Access) -> list[str]:
    """The recipients that an account's log still names."""
    return [entry.recipient for entry in log.find(mine) if entry.recipient]


def test_the_version_is_the_projects() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert service.version() == project["version"]


@pytest.mark.usefixtures("up")
def test_the_state_names_the_database_its_size_and_its_version(data_dir: Path) -> None:
    file = data_dir / "mailgauge.db"

    state = service.state()

    assert (state.database, state.size, state.schema) == (str(file), file.stat().st_size, database.newest())


@pytest.mark.usefixtures("up")
def test_the_state_says_where_the_outbox_listens() -> None:
    outbox = service.state().outbox

    assert outbox
    assert (outbox[0], outbox[1] > 0) == ("127.0.0.1", True)


def test_where_no_outbox_listens_the_state_says_so() -> None:
    access()

    assert service.state().outbox is None


def test_the_outboxes_messages_are_counted(data_dir: Path) -> None:
    access()
    kept = data_dir / "outbox" / "new"
    kept.mkdir(parents=True)
    for name in ("1", "2"):
        (kept / name).touch()

    assert service.state().messages == 2


def test_a_start_forgets_what_is_past_its_time_in_every_account() -> None:
    mine, other = access(), another_account()
    for each in (mine, other):
        old(each)

    service.start()
    service.stop()

    assert [people(mine), people(other)] == [[], []]


def test_a_start_tells_what_a_crash_left_in_flight() -> None:
    reserve(access(), envelope(at=clock.now() - LEASE_MS - 1000))

    service.start()
    service.stop()

    assert [entry.outcome for entry in log.find(access())] == ["unknown"]


def test_an_account_that_goes_meanwhile_does_not_keep_the_others_from_being_tidied(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mine, gone = access(), another_account()
    old(mine)
    accounts.remove(gone)
    monkeypatch.setattr(service, "everyone", lambda: [gone, mine])

    service._tidy()

    assert people(mine) == []


def test_a_database_that_cannot_be_used_does_not_keep_core_down(data_dir: Path) -> None:
    (data_dir / "mailgauge.db").write_bytes(b"no database" * 1000)

    service.start()
    service.stop()

    assert (data_dir / "mailgauge.db").read_bytes() == b"no database" * 1000


def test_the_state_of_a_damaged_database_is_told(data_dir: Path) -> None:
    (data_dir / "mailgauge.db").write_bytes(b"no database" * 1000)

    with pytest.raises(database.DatabaseError) as told:
        service.state()

    assert told.value.reason == "damaged"
