"""What every test gets: a data directory of its own."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import database, settings
from core.diagnosis import journal

pytest_plugins = ["tests.parts", "tests.mailserver", "tests.mailbox", "tests.harbour"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Makes the option known; here, so that it is known whichever tests are run."""
    parser.addoption("--slow-pages", action="store_true", help="each run of a page's script takes seconds")


@pytest.fixture(autouse=True)
def own_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit's AppTest leaves its script as `__main__`: a process that a later test spawns would begin with it."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty data directory, and no other setting of this machine; the database in it is closed at the end."""
    for name in [name for name in os.environ if name.upper().startswith("MAILGAUGE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MAILGAUGE_DATA_DIR", str(tmp_path))
    settings.current.cache_clear()
    journal.ending.clear()  # a test before this one may have taken core down
    yield tmp_path
    database.close()
    settings.current.cache_clear()
