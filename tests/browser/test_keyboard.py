"""Whoever has no mouse does the main job by keys; that Tab reaches every control, test_accessibility looks."""

import pytest
from playwright.sync_api import expect

from core.diagnosis import verdict
from tests.browser import focus
from tests.browser.conftest import Visit
from tests.browser.screen import keyed, title

pytestmark = pytest.mark.needs("chromium")


def test_the_walk_misses_a_button_that_tab_cannot_reach(visit: Visit) -> None:
    page = visit()
    button = "<button tabindex='-1'>Out of reach</button>"
    page.locator("[data-testid=stMainBlockContainer]").evaluate(
        "(place, button) => place.insertAdjacentHTML('beforeend', button)", button
    )

    [missed] = focus.missed(page)

    assert "Out of reach" in missed


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_the_default_mode_is_tested_with_the_keyboard_only(visit: Visit, key: str) -> None:
    page = visit()

    focus.tab_to(page, keyed(page, "system_address").locator("input"))
    page.keyboard.type("owner@shop.example")
    focus.tab_to(page, keyed(page, "test").get_by_role("button"))
    page.keyboard.press(key)

    expect(title(page)).to_contain_text(verdict.KEPT)
    expect(keyed(page, "received")).to_contain_text("To: owner@shop.example")
