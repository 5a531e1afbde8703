"""A dashboard for each file of tests, a browser for all of them, a fresh database for each test."""

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
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no test leaves this machine
]
PATIENCE_MS = 40_000  # a busy machine is slow; only a failure waits this long

Visit = Callable[..., Page]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium for this folder; not for the session, since Playwright's loop keeps `asyncio.run` from other tests."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=parts.program("chromium"), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def authority() -> Path | None:
    """An authority that the dashboard trusts beside the system's."""
    return None


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory, authority: Path | None) -> Iterator[Dashboard]:
    """The dashboard of a file of tests."""
    with server.serving(tmp_path_factory.mktemp("dashboard"), ca_file=authority) as running:
        yield running


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """`context(**options)` is a window with these options; kept, since a new one fetches all of Streamlit again."""
    opened: dict[str, BrowserContext] = {}

    def window(**options: Any) -> BrowserContext:
        name = repr(sorted(options.items()))
        if name not in opened:
            opened[name] = browser.new_context(**options)
            opened[name].set_default_timeout(PATIENCE_MS)
        return opened[name]

    yield window
    for one in opened.values():
        one.close()


@pytest.fixture
def visit(context: Callable[..., BrowserContext], dashboard: Dashboard) -> Iterator[Visit]:
    """`visit(language, path)` opens a page as a new person would; the database is a fresh machine's."""
    dashboard.restore()
    before = len(dashboard.log)
    pages: list[Page] = []

    def open_page(language: str = "en", path: str = "", **options: Any) -> Page:
        wanted = {"viewport": {"width": 1500, "height": 1200}, "timezone_id": "Asia/Ho_Chi_Minh"} | options
        page = context(locale=screen.LOCALES[language], **wanted).new_page()
        pages.append(page)
        page.goto(f"{dashboard.url}/{path}")
        expect(screen.title(page)).to_be_visible()
        screen.settled(page)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert "Traceback" not in dashboard.log[before:], dashboard.log[before:]


@pytest.fixture
def mail_server() -> Iterator[Upstream]:
    """A scripted server that takes everything."""
    with upstream.listening() as listening:
        yield listening
