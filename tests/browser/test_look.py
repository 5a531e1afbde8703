"""Each page on a telephone, light and dark, with something to show."""

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.browser import screen
from tests.browser.conftest import Visit
from tests.browser.screen import keyed, title
from tests.browser.server import Dashboard
from tests.browser.upstream import Upstream

pytestmark = pytest.mark.needs("chromium")

PHONE = (360, 800)
WIDER = """width => [document.scrollingElement, document.querySelector('[data-testid=stMain]')]
    .map(place => place.scrollWidth).filter(found => found > width)"""


def complaints(page: Page) -> list[str]:
    """Errors about our pages; other machines cannot be reached, and Streamlit looks for itself under /volume first."""
    found: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        address = message.location.get("url", "")
        ours = "127.0.0.1" in address and "/_stcore/" not in address
        if message.type == "error" and ours:
            found.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


@pytest.mark.parametrize(("language", "scheme"), [("vi", "light"), ("en", "dark")])
def test_no_page_is_wider_than_a_telephone_nor_complains_nor_asks_another_machine(
    visit: Visit, dashboard: Dashboard, language: str, scheme: str
) -> None:
    dashboard.store(to="a.rather.long.address@a-rather-long-name.example")
    page = visit(language, size=PHONE, color_scheme=scheme)
    screen.press(page, "test")
    expect(keyed(page, "received")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    found = complaints(page)

    for path in screen.PAGES:
        page.goto(f"{dashboard.url}/{path}")
        expect(title(page)).to_be_visible()
        screen.settled(page)
        if path == "volume":
            expect(page.locator("[data-testid=stVegaLiteChart]")).to_be_visible()
        assert page.evaluate(WIDER, PHONE[0]) == [], f"/{path} scrolls sideways"
    assert found == []
    assert asked
    assert [url for url in asked if url.startswith("http") and not url.startswith(dashboard.url)] == []


def test_the_form_with_a_failed_test_is_no_wider_than_a_telephone(
    visit: Visit, dashboard: Dashboard, mail_server: Upstream
) -> None:
    dashboard.store(mail_server.form | {"port": "1"})
    page = visit("vi", size=PHONE)

    screen.press(page, "test")

    expect(keyed(page, "step_connect_False")).to_be_visible()
    screen.ended(page)
    assert page.evaluate(WIDER, PHONE[0]) == []
