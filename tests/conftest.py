"""What every test gets: a data directory of its own."""

import os
from pathlib import Path

import pytest

pytest_plugins = ["tests.parts", "tests.mailserver"]


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data directory, and no other setting of this machine."""
    for name in [name for name in os.environ if name.upper().startswith("MAILGAUGE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MAILGAUGE_DATA_DIR", str(tmp_path))
    return tmp_path
