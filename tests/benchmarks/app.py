"""Streamlit apps in processes of their own: Mailgauge on a data directory, and hello world."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.browser import server
from tests.mailserver import free_port

HELLO = Path(__file__).with_name("hello.py")
FOREIGN = ("MAILGAUGE_", "STREAMLIT_")
SAME = {  # what our .streamlit/config.toml says, for an app that does not read it
    "STREAMLIT_SERVER_ADDRESS": "127.0.0.1",
    "STREAMLIT_SERVER_HEADLESS": "true",
    "STREAMLIT_SERVER_FILE_WATCHER_TYPE": "none",
    "STREAMLIT_RUNNER_MAGIC_ENABLED": "false",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    "STREAMLIT_CLIENT_TOOLBAR_MODE": "minimal",
}


@dataclass(frozen=True, slots=True)
class App:
    """A running app: where it answers, and its process."""

    url: str
    pid: int


@contextlib.contextmanager
def mailgauge(home: Path, *, sends: bool = False) -> Iterator[App]:
    """Our dashboard, new or with a month of sends."""
    environment = {"MAILGAUGE_DATA_DIR": str(home / "data")}
    if sends:
        seed(environment)
    with _serving("streamlit_app.py", home, server.ROOT, environment) as app:
        yield app


@contextlib.contextmanager
def hello(home: Path) -> Iterator[App]:
    """One title and one chart, outside our folder and its settings."""
    with _serving(str(HELLO), home, home, SAME) as app:
        yield app


def seed(environment: dict[str, str]) -> None:
    """Fills a database with a month of sends."""
    order = [sys.executable, "-c", "from tests.benchmarks import app; app.month()"]
    subprocess.run(order, cwd=server.ROOT, env=own(environment), check=True)


def own(environment: dict[str, str]) -> dict[str, str]:
    """The environment without what a person set for Mailgauge or Streamlit, and with these."""
    return {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)} | environment


@contextlib.contextmanager
def _serving(script: str, home: Path, folder: Path, environment: dict[str, str]) -> Iterator[App]:
    home.mkdir(parents=True, exist_ok=True)
    place = server.Dashboard(free_port(), home, own(environment))
    order = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(place.port)]
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(order, cwd=folder, env=place.environment, stdout=log, stderr=log)
    try:
        server.await_health(place, process)
        yield App(place.url, process.pid)
    finally:
        server.end(process)
    assert "Traceback" not in place.log, place.log


def month() -> None:
    """Gives the only user's own account the sample's month."""
    from core import sample
    from core.accounts import access

    sample.fill(access.access(), datetime.now(UTC))
