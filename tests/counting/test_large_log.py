"""A log of 200,000 sends: what it takes on the disk, and that no chart reads it."""

from collections.abc import Iterator
from datetime import UTC, date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from core import clock, database, settings
from core.accounts.access import Access, access
from core.counting import forecast, headroom, quotas, recount, usage
from tests.benchmarks import volume
from tests.benchmarks.volume import FORM, GROUP_BY, SHOWN

SENDS = 200_000
WANTED = 500  # bytes of a send with two recipients, indexes included


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A year of sends, evenly spread, in a directory of its own."""
    folder = tmp_path_factory.mktemp("large")
    with volume.home(folder) as mine:
        volume.fill(mine, SENDS)
    return folder


@pytest.fixture
def large(filled: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Access]:
    """The account whose sends they are."""
    assert data_dir != filled
    monkeypatch.setenv("MAILGAUGE_DATA_DIR", str(filled))
    settings.current.cache_clear()
    yield access()
    database.close()


@pytest.fixture
def asked(large: Access) -> Iterator[list[str]]:
    """The statements that the account's database is asked, from here on."""
    assert large
    said: list[str] = []

    def hear(_: object, __: object, statement: str, *___: object) -> None:
        said.append(statement)

    engine = database.engine()
    event.listen(engine, "before_cursor_execute", hear)
    yield said
    event.remove(engine, "before_cursor_execute", hear)


def quota(mine: Access) -> int:
    """What the sends are counted against."""
    found = quotas.of(mine, FORM)
    assert found is not None
    return found


def today() -> date:
    """The day that it is in UTC."""
    return clock.local(clock.now()).date()


def plans(statements: list[str]) -> list[str]:
    """How SQLite goes about statements."""
    with database.raw() as connection:
        return [
            row[3]
            for statement in statements
            for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", (0,) * statement.count("?"))
        ]


@pytest.mark.usefixtures("large")
def test_a_send_takes_no_more_room_than_wanted() -> None:
    size = database.file()
    assert size
    with database.raw() as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    assert size.stat().st_size / SENDS <= WANTED


def test_the_series_says_what_the_log_says(large: Access) -> None:
    first = today() - timedelta(days=SHOWN - 1)
    with database.raw() as connection:
        since = clock.stored(clock.midnight(first, UTC))
        found = connection.execute(GROUP_BY, (large.account_id, since)).fetchall()

    days = usage.daily(large, quota=quota(large), since=first, until=today(), zone=UTC)

    logged = {date(1970, 1, 1) + timedelta(days=day): amount for day, amount in found}
    assert {each.day: each.recipients for each in days if each.recipients} == logged


def test_the_series_reads_usage_by_its_key(large: Access, asked: list[str]) -> None:
    usage.daily(large, quota=quota(large), since=today() - timedelta(days=SHOWN - 1), until=today(), zone=UTC)

    steps = [step for step in plans(asked) if not step.startswith("USE TEMP B-TREE")]
    assert steps
    assert all("usage USING PRIMARY KEY" in step and "bucket>" in step for step in steps)


@pytest.mark.parametrize("what", ["what remains", "the forecast", "the last day"])
def test_no_figure_of_the_page_scans_a_table(large: Access, asked: list[str], what: str) -> None:
    states = headroom.states(large, FORM, zone=UTC)
    if what == "the forecast":
        forecast.of(large, FORM, states, zone=UTC)
    if what == "the last day":
        headroom.last_day(large, FORM, "recipients", states, zone=UTC)

    read = [step for step in plans(asked) if step.startswith("SCAN")]
    assert asked
    assert [step for step in read if "sends" in step or "send_quotas" in step or "usage" in step] == []


def test_counting_anew_finds_nothing_wrong(large: Access) -> None:
    assert recount.recount(large) == 0
