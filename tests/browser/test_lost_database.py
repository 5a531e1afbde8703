"""A database that is gone or damaged: each page says so and offers the way on; what was there is kept as it was."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core import database, i18n
from core.diagnosis import verdict
from tests.browser import screen, server
from tests.browser.screen import keyed, title
from tests.browser.server import Dashboard
from tests.browser.upstream import Upstream
from tests.mailserver import free_port

pytestmark = pytest.mark.needs("chromium")

TYPED = ("host", "from_address", "password")
JUNK = b"no database at all\n" * 1000


@contextlib.contextmanager
def dashboard_at(home: Path) -> Iterator[Dashboard]:
    """A dashboard of one's own, whatever its database is; its log shows no traceback either."""
    dashboard = Dashboard(free_port(), home, server.environment({"MAILGAUGE_DATA_DIR": str(home / "data")}))
    with server.running("streamlit_app.py", dashboard, folder=server.ROOT) as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page of a Vietnamese browser."""
    with screen.window(browser, "vi") as context:
        yield context.new_page()


def told(page: Page, reason: str, dashboard: Dashboard) -> None:
    """Waits for the sentence, without a traceback."""
    sentence = i18n.translate("vi", database.SENTENCES[reason], where=dashboard.database)
    expect(page.get_by_role("alert")).to_contain_text(sentence)
    assert "Traceback" not in page.content()


def test_a_removed_data_directory_is_told_on_each_page_and_the_button_goes_on(
    tmp_path: Path, page: Page, mail_server: Upstream
) -> None:
    with dashboard_at(tmp_path) as dashboard:
        page.goto(dashboard.url)
        screen.choose_mode(page, "smtp")
        for name in TYPED:
            screen.type_in(page, name, mail_server.form[name])
        shutil.rmtree(dashboard.database.parent)

        screen.press(page, "save")
        told(page, "removed", dashboard)
        with page.context.new_page() as other:
            for path in screen.PAGES:
                other.goto(f"{dashboard.url}/{path}")
                told(other, "removed", dashboard)
        screen.press(page, "begin_anew")

        for name in TYPED:
            expect(screen.field(page, name)).to_have_value(mail_server.form[name])
        screen.choose_mode(page, "default")
        screen.enter(keyed(page, "system_address").locator("input"), "owner@shop.example")
        screen.press(page, "test")
        expect(title(page)).to_contain_text(i18n.translate("vi", verdict.KEPT))


def test_a_damaged_database_is_told_on_each_page_and_kept_aside_as_it_was(tmp_path: Path, page: Page) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "mailgauge.db").write_bytes(JUNK)
    with dashboard_at(tmp_path) as dashboard:
        for path in screen.PAGES:
            page.goto(f"{dashboard.url}/{path}")
            told(page, "damaged", dashboard)
        assert dashboard.database.read_bytes() == JUNK

        screen.press(page, "begin_anew")

        expect(title(page)).to_be_visible()
        [kept] = dashboard.database.parent.glob("*.kept-*.db")
        assert kept.read_bytes() == JUNK
        assert dashboard.count("accounts") == 1
