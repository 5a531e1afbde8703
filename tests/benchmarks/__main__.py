"""`make bench`: checks, pages and memory beside their rivals, in one run; ARGS=3 takes three rounds."""

import contextlib
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import streamlit
from playwright.sync_api import Browser, sync_playwright

from tests import parts, pictures
from tests.benchmarks import app, check, comparison, drawing, memory, terminal
from tests.benchmarks.app import App
from tests.benchmarks.comparison import Comparison
from tests.browser import upstream

ROUNDS, TERMINAL_TIMES, SETTLING_SECONDS, WANTED = 9, 3, 3, 1.5
FLAGS = [*pictures.FLAGS, "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]  # nothing leaves this machine
HELLO, PASS = "hello world: a title, a chart", "python -c pass"
VIEWS = {  # the page: whose it is, where, what to wait for
    "hello": ("hello", "", drawing.CHART),
    "Start page, first start": ("new", "", drawing.TEST_BUTTON),
    "Start page, a month of sends": ("used", "", drawing.TEST_BUTTON),
    "Volume, a month of sends": ("used", "/volume", drawing.CHART),
}
FIRST_VISITS = ("hello", "Start page, first start", "Volume, a month of sends")


def main(rounds: int = ROUNDS) -> None:
    """Measures everything and prints the table."""
    with tempfile.TemporaryDirectory(prefix="mailgauge-bench-") as folder:
        home = Path(folder)
        found = [*stages(home, rounds * TERMINAL_TIMES), *checks(home / "check", rounds)]
        with chromium() as browser, apps(home) as running:
            version = browser.version
            remembered = visits(browser, running)
            found += [*pages(browser, running, rounds), *remembered]
    print(f"{machine()}, Chromium {version}")
    print(f"Medians of {rounds} rounds taken in turns, {rounds * TERMINAL_TIMES} on the terminal\n")
    print(comparison.table(found))


def machine() -> str:
    """The day, and what was measured on."""
    day, cpus = datetime.now(UTC).date().isoformat(), f"{os.cpu_count()} CPUs ({platform.machine()})"
    return f"{day}: {cpus}, Python {platform.python_version()}, Streamlit {streamlit.__version__}"


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """The browser that opens the pages."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=parts.program("chromium"), args=FLAGS)
        yield browser
        browser.close()


@contextlib.contextmanager
def apps(home: Path) -> Iterator[dict[str, App]]:
    """Hello world, a new Mailgauge and a used one."""
    with (
        app.hello(home / "hello") as hello,
        app.mailgauge(home / "new") as new,
        app.mailgauge(home / "used", sends=True) as used,
    ):
        yield {"hello": hello, "new": new, "used": used}


def stages(home: Path, rounds: int) -> list[Comparison]:
    """The first stage of a check on the terminal."""
    with upstream.listening() as server:
        measures = {"ours": terminal.first_stage(server, home / "terminal"), "rival": terminal.nothing}
        comparison.in_turns(measures, 1)  # compiles what is imported, makes the database
        taken = comparison.in_turns(measures, rounds)
    return [Comparison("First stage of a check, terminal", "ms", taken["ours"], taken["rival"], PASS)]


def checks(home: Path, rounds: int) -> list[Comparison]:
    """Whole checks; none where the mail server of the tests cannot run."""
    if lacks := check.lacks():
        print(f"No whole checks: {', '.join(lacks)}")
        return []
    return check.comparisons(home, rounds)


def visits(browser: Browser, running: dict[str, App]) -> list[Comparison]:
    """The memory of each app after its first visit; none where the system does not tell it."""
    for view in FIRST_VISITS:
        opened(browser, running, view)
    time.sleep(SETTLING_SECONDS)
    if not memory.measurable():
        return []
    taken = {view: [memory.megabytes(running[VIEWS[view][0]].pid)] for view in FIRST_VISITS}
    rival = taken.pop("hello")
    return [Comparison(f"Memory after: {view}", "MB PSS", ours, rival, HELLO) for view, ours in taken.items()]


def pages(browser: Browser, running: dict[str, App], rounds: int) -> list[Comparison]:
    """Each page, from the navigation until it is drawn, by a visitor whose browser has stored nothing."""
    measures = {view: partial(opened, browser, running, view) for view in VIEWS}
    comparison.in_turns(measures, 1)
    taken = comparison.in_turns(measures, rounds)
    rival = taken.pop("hello")
    return [Comparison(view, "ms", ours, rival, HELLO, WANTED) for view, ours in taken.items()]


def opened(browser: Browser, running: dict[str, App], view: str) -> float:
    """Milliseconds until a view is drawn."""
    name, path, sign = VIEWS[view]
    return drawing.milliseconds(browser, running[name].url + path, sign)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
