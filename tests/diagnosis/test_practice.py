"""A drill as a check leaves nothing behind, whatever becomes of it."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import database, runtime
from core.accounts.access import access
from core.database import DatabaseError
from core.diagnosis import practice


@pytest.fixture(autouse=True)
def stages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where drills keep their certificates."""
    place = tmp_path / "stages"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    yield place
    runtime.stop()


async def playing() -> int:
    """How many drills are listening."""
    return sum("_welcome" in str(task.get_coro()) for task in asyncio.all_tasks())


def test_a_drill_that_cannot_be_written_down_is_over(data_dir: Path, stages: Path) -> None:
    mine = access()
    database.close()
    for file in data_dir.glob("mailgauge.db*"):
        file.unlink()
    (data_dir / "mailgauge.db").write_bytes(b"no database at all, but long enough to be looked at" * 100)

    with pytest.raises(DatabaseError) as told:  # held as a log holds it, with all that it refers to
        practice.start(mine, "tls.cert_expired", language="en")

    assert (runtime.run(playing()), list(stages.iterdir())) == (0, []), told


def test_a_drill_ends_with_the_process(stages: Path) -> None:
    practice.start(access(), "greeting.timeout", language="en")
    practice.start(access(), "tls.cert_expired", language="en")

    runtime.stop()

    assert list(stages.iterdir()) == []
