"""A real `streamlit run streamlit_app.py` on a port and a data directory of its own."""

import contextlib
import http.client
import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core import database, settings
from core.accounts import account, setups
from core.accounts import form as forms
from core.accounts.access import Access, access
from tests.mailserver import free_port, until

ROOT = Path(__file__).parents[2]
START_SECONDS = 40
STREAMLIT = ["-m", "streamlit"]  # `--slow-pages` has another one
# What Streamlit 1.67 writes where a page goes while it is being sent something
GONE = re.compile(
    r"""Exception in ASGI application
Traceback(?:(?!Exception in ASGI).*\n)*?starlette\.websockets\.WebSocketDisconnected: Cannot call "send" once .*\n"""
)


@dataclass(frozen=True)
class Dashboard:
    """A running dashboard: where it answers, where it keeps its files and its log."""

    port: int
    home: Path
    environment: dict[str, str]

    @property
    def url(self) -> str:
        """What a person opens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.home / "data" / "mailgauge.db"

    @property
    def log(self) -> str:
        """What the server wrote so far, but for farewells of pages that went while they were being sent something."""
        return GONE.sub("", (self.home / "server.log").read_text(encoding="utf8", errors="replace"))

    @contextlib.contextmanager
    def account(self) -> Iterator[Access]:
        """The right to the only user's account until the block ends, as another program beside the server has it."""
        database.close()
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("MAILGAUGE_DATA_DIR", str(self.database.parent))
            settings.current.cache_clear()
            try:
                yield access()
            finally:
                database.close()
        settings.current.cache_clear()

    def store(self, fields: Mapping[str, str] | None = None, *, to: str = "owner@shop.example") -> None:
        """Stores the system address, and a setup with these fields as the active one."""
        with self.account() as mine:
            account.save(mine, system_address=to)
            if fields:
                form, problems = forms.parse(fields)
                assert form, problems
                setups.activate(mine, setups.save(mine, form))

    def count(self, table: str) -> int:
        """How many rows a table has."""
        with contextlib.closing(sqlite3.connect(self.database)) as connection:
            number: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - our words
        return number

    def state(self, name: str) -> str:
        """The state of a setup, as it is stored."""
        with contextlib.closing(sqlite3.connect(self.database)) as connection:
            row = connection.execute("SELECT state FROM setups WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def keep(self, name: str = "fresh") -> None:
        """Remembers the database as it is now."""
        self._copy(self.database, self.home / f"{name}.db")

    def restore(self, name: str = "fresh") -> None:
        """Makes the database what it was when it was kept; without a name, a fresh machine's without a new start."""
        self._copy(self.home / f"{name}.db", self.database)

    @staticmethod
    def _copy(source: Path, target: Path) -> None:
        with contextlib.closing(sqlite3.connect(source)) as old, contextlib.closing(sqlite3.connect(target)) as new:
            old.backup(new)


@contextlib.contextmanager
def serving(home: Path, *, ca_file: Path | None = None) -> Iterator[Dashboard]:
    """A dashboard until the block ends; `ca_file` is an authority that it trusts, too. Its log shows no traceback."""
    more = {"MAILGAUGE_DATA_DIR": str(home / "data")}
    if ca_file:
        more["SSL_CERT_FILE"] = str(ca_file)
    with running("streamlit_app.py", Dashboard(free_port(), home, environment(more)), folder=ROOT) as dashboard:
        dashboard.keep()
        yield dashboard


@contextlib.contextmanager
def plain(home: Path) -> Iterator[Dashboard]:
    """The page of `plain.py` until the block ends; in an empty folder, where Streamlit finds no theme of ours."""
    chrome = {"STREAMLIT_CLIENT_TOOLBAR_MODE": "minimal", "STREAMLIT_SERVER_FILE_WATCHER_TYPE": "none"}
    quiet = {"STREAMLIT_SERVER_HEADLESS": "true", "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false", "HOME": str(home)}
    page = Dashboard(free_port(), home, environment(chrome | quiet))
    with running(str(Path(__file__).with_name("plain.py")), page, folder=home):
        yield page


def environment(more: dict[str, str]) -> dict[str, str]:
    """What this process has, but for settings of Mailgauge and Streamlit; and what is given."""
    foreign = ("MAILGAUGE_", "STREAMLIT_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return kept | {"PYTHONUNBUFFERED": "1"} | more


@contextlib.contextmanager
def running(script: str, dashboard: Dashboard, *, folder: Path) -> Iterator[Dashboard]:
    """`streamlit run` in a folder until the block ends."""
    order = [sys.executable, *STREAMLIT, "run", script, "--server.port", str(dashboard.port)]
    order += ["--server.address", "127.0.0.1"]
    with (dashboard.home / "server.log").open("wb") as log:
        process = subprocess.Popen(
            order, cwd=folder, env=dashboard.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        await_health(dashboard, process)
        yield dashboard
    finally:
        status = end(process)
    assert status is not None, f"the server had to be killed\n{dashboard.log}"
    assert "Traceback" not in dashboard.log, dashboard.log


def await_health(dashboard: Dashboard, process: subprocess.Popen[bytes]) -> None:
    """Waits for the first healthy answer."""
    for _ in until(START_SECONDS):
        assert process.poll() is None, dashboard.log
        if healthy(dashboard):
            return
    raise TimeoutError(f"the dashboard did not start\n{dashboard.log}")


def healthy(dashboard: Dashboard) -> bool:
    """Whether the server says that it is well."""
    connection = http.client.HTTPConnection("127.0.0.1", dashboard.port, timeout=5)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def end(process: subprocess.Popen[bytes]) -> int | None:
    """Stops a server as Ctrl+C does; None where it had to be killed."""
    process.terminate()
    try:
        return process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return None


@contextlib.contextmanager
def locked(database: Path) -> Iterator[None]:
    """The database held by a second process, as a back-up program would."""
    script = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('BEGIN EXCLUSIVE'); print(1); input()"
    order = [sys.executable, "-u", "-c", script, str(database)]
    with subprocess.Popen(order, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdin
        assert holder.stdout.readline() == "1\n"
        try:
            yield
        finally:
            holder.stdin.write("\n")
            holder.stdin.flush()
            holder.wait(10)


def eventually(question: Any, *, seconds: float = 15) -> Any:
    """The first true answer to a question; the last one where time is over."""
    answer = question()
    end_at = time.monotonic() + seconds
    while not answer and time.monotonic() < end_at:
        time.sleep(0.05)
        answer = question()
    return answer
