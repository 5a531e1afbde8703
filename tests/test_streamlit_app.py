"""`python streamlit_app.py` answers, from any directory and on the next port where its own is taken."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import ROOT
from tests.mailserver import free_port, until

SECONDS = 60


@contextlib.contextmanager
def started(folder: Path, data: Path, log: Path, **variables: str) -> Iterator[None]:
    """The program, started in a folder, until the block ends."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("STREAMLIT_", "LC_"))}
    environment = kept | {"LC_ALL": "C.UTF-8", "HOME": str(folder), "MAILGAUGE_DATA_DIR": str(data)} | variables
    order = [sys.executable, str(ROOT / "streamlit_app.py")]
    with log.open("wb") as out:
        process = subprocess.Popen(order, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        yield
        assert process.poll() is None
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def answers(port: int) -> bool:
    """Whether a dashboard is well there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def await_answer(port: int, log: Path) -> None:
    """Waits for it."""
    for _ in until(SECONDS):
        if answers(port):
            return
    raise TimeoutError(log.read_text())


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory that is not the program's."""
    return tmp_path_factory.mktemp("elsewhere")


@contextlib.contextmanager
def taken() -> Iterator[int]:
    """A port on which another program listens, and the one behind it is free."""
    with contextlib.ExitStack() as stack:
        while True:
            port = free_port()
            with socket.socket() as other, socket.socket() as behind:
                try:
                    other.bind(("127.0.0.1", port))
                    behind.bind(("127.0.0.1", port + 1))
                except (OSError, OverflowError):
                    continue
                other.listen()
                stack.enter_context(other.dup())
            break
        yield port


def test_it_answers_on_its_own_port_without_a_word_about_it(folder: Path, data_dir: Path) -> None:
    port, log = free_port(), folder / "log"

    with started(folder, data_dir, log, STREAMLIT_SERVER_PORT=str(port)):
        await_answer(port, log)

    assert "is taken" not in log.read_text()


@pytest.mark.parametrize(
    ("locale", "words"), [("C.UTF-8", "Port {} is taken by another program"), ("vi_VN.UTF-8", "{}")], ids=["en", "vi"]
)
def test_where_its_port_is_taken_it_says_so_and_answers_on_the_next(
    folder: Path, data_dir: Path, locale: str, words: str
) -> None:
    log = folder / "log"

    with taken() as port, started(folder, data_dir, log, STREAMLIT_SERVER_PORT=str(port), LC_ALL=locale):
        await_answer(port + 1, log)

    first = log.read_text().splitlines()[0]
    assert words.format(port) in first
    assert str(port + 1) in first


def test_what_it_needs_is_not_made_in_the_directory_it_was_started_from(folder: Path, data_dir: Path) -> None:
    port, log = free_port(), folder / "log"

    with started(folder, data_dir, log, STREAMLIT_SERVER_PORT=str(port)):
        await_answer(port, log)

    assert [path.name for path in folder.iterdir() if path.name not in ("log", ".streamlit")] == []
    assert (data_dir / "mailgauge.db").exists()
