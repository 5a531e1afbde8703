"""A dashboard and a browser for all files of tests, a fresh database and a page of its own for each test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests import parts
from tests.browser import screen, server, upstream
from tests.browser.server import Dashboard
from tests.browser.upstream import Upstream

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--process-per-site",  # a page that finds Streamlit's programs compiled costs half of what a first one does
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no test leaves this machine
]
WIDE = (1500, 1200)

Visit = Callable[..., Page]


def pytest_configure(config: pytest.Config) -> None:
    """Has the servers run slowly where that is asked for."""
    if config.getoption("slow_pages"):
        server.STREAMLIT[:] = ["-P", str(Path(server.__file__).with_name("slow.py"))]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium for this folder; not for the session, since Playwright's loop keeps `asyncio.run` from other tests."""
    expect.set_options(timeout=screen.PATIENCE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=parts.program("chromium"), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """The dashboard of these tests."""
    with server.serving(tmp_path_factory.mktemp("dashboard")) as running:
        yield running


@pytest.fixture(scope="package")
def context(browser: Browser) -> Iterator[Callable[[str], BrowserContext]]:
    """`context(language)` is the window of a person; kept, since a new one fetches all of Streamlit again."""
    opened: dict[str, BrowserContext] = {}

    def window(language: str) -> BrowserContext:
        if language not in opened:
            opened[language] = screen.window(browser, language)
        return opened[language]

    yield window
    for one in opened.values():
        one.close()


@pytest.fixture
def visit(context: Callable[[str], BrowserContext], dashboard: Dashboard) -> Iterator[Visit]:
    """`visit(language, path)` opens a page as a new person would; the database is a fresh machine's."""
    dashboard.restore()
    before = len(dashboard.log)
    pages: list[Page] = []

    def open_page(language: str = "en", path: str = "", *, size: tuple[int, int] = WIDE, **media: Any) -> Page:
        window = context(language)
        if not window.pages:  # stays, and with it the process that has Streamlit's programs compiled
            window.new_page().goto(f"{dashboard.url}/_stcore/health")
        page = window.new_page()
        pages.append(page)
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(**media)
        page.goto(f"{dashboard.url}/{path}")
        expect(screen.title(page)).to_be_visible()
        screen.settled(page)
        return page

    yield open_page
    for page in pages:
        if not page.is_closed():
            screen.settled(page)  # a server waits at its end for what it has begun to send
            page.close()
    assert "Traceback" not in dashboard.log[before:], dashboard.log[before:]


@pytest.fixture
def mail_server() -> Iterator[Upstream]:
    """A scripted server that takes everything."""
    with upstream.listening() as listening:
        yield listening
