"""The Default mode on a fresh machine: nothing to configure but where the test goes."""

import pytest
from playwright.sync_api import expect

from core import i18n
from core.accounts import form as forms
from core.diagnosis import verdict
from tests.browser import screen
from tests.browser.conftest import Visit
from tests.browser.screen import keyed, title
from tests.browser.server import Dashboard

pytestmark = pytest.mark.needs("chromium")


def test_a_fresh_machine_asks_for_the_system_address_and_shows_the_received_message(
    visit: Visit, dashboard: Dashboard
) -> None:
    page = visit("vi")
    screen.press(page, "test")
    expect(page.get_by_text(i18n.translate("vi", forms.EMPTY["to"]))).to_be_visible()
    keyed(page, "system_address").locator("input").fill("owner@shop.example")
    keyed(page, "test_text").locator("input").fill("Xin chào *không đậm*")

    screen.press(page, "test")

    expect(title(page)).to_contain_text(i18n.translate("vi", verdict.KEPT))
    received = keyed(page, "received")
    expect(received).to_contain_text(screen.CODE)
    code = screen.CODE.search(received.inner_text())
    assert code
    for words in (code[0], "To: owner@shop.example", "Reply-To: owner@shop.example", "Xin chào *không đậm*"):
        expect(received).to_contain_text(words)
    assert dashboard.state("default") == "works"


def test_the_address_that_was_asked_for_is_kept_in_settings(visit: Visit) -> None:
    page = visit()
    screen.enter(keyed(page, "system_address").locator("input"), "owner@shop.example")
    screen.press(page, "test")
    expect(title(page)).to_contain_text(verdict.KEPT)

    screen.follow(page, "settings")

    expect(keyed(page, "account_system_address").locator("input")).to_have_value("owner@shop.example")
    expect(title(page)).to_contain_text("owner@shop.example")
