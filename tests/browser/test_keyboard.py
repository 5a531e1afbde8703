"""Whoever has no mouse: Tab reaches every control, and the main job is done by keys."""

import pytest
from playwright.sync_api import Locator, Page, expect

from core.diagnosis import verdict
from tests.browser import scenes, screen
from tests.browser.conftest import Visit
from tests.browser.scenes import Scene
from tests.browser.screen import keyed, title
from tests.browser.upstream import Upstream

pytestmark = pytest.mark.needs("chromium")

FAR = 300  # more presses than any page has stops, with the cells of its table
WATCH = """() => {
    window.reached = new Set()
    document.addEventListener('focusin', event => window.reached.add(event.target))
}"""
# Controls that Tab did not reach. Of those that the arrow keys move among, it reaches one; a list opens by an arrow key
# in its field, without the button beside it; a date has hidden inputs, for forms that a browser sends.
MISSED = """() => {
    const controls = 'a[href], button, input, select, textarea, summary, [tabindex], [contenteditable=true]'
    const many = '[role=radiogroup], [role=toolbar], [role=grid]'
    const spare = '[data-testid=stSelectbox] button[aria-haspopup=listbox], [data-testid=stDateInput] input[type=date]'
    const unit = element => element.closest(many) ?? element
    const reached = new Set([...window.reached].map(unit))
    const places = document.querySelectorAll('[data-testid=stMain], [data-testid=stSidebar]')
    return [...places].flatMap(place => [...place.querySelectorAll(controls)])
        .filter(element => element.checkVisibility({visibilityProperty: true}) && !element.disabled)
        .filter(element => !element.matches(spare))
        .filter(element => !reached.has(unit(element)))
        .map(element => element.outerHTML.slice(0, 200))
}"""


def press_tab(page: Page) -> None:
    """Presses Tab until it comes to where it began."""
    page.evaluate(WATCH)
    page.keyboard.press("Tab")
    first = page.evaluate_handle("() => document.activeElement")
    for _ in range(FAR):
        page.keyboard.press("Tab")
        if first.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError("Tab does not come back to where it began")


def tab_to(page: Page, place: Locator) -> None:
    """Presses Tab until this control has the focus."""
    for _ in range(FAR):
        page.keyboard.press("Tab")
        if place.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"Tab does not reach {place}")


@pytest.mark.parametrize("walk", scenes.WALKS, ids=scenes.name)
def test_tab_reaches_every_control(visit: Visit, mail_server: Upstream, walk: tuple[Scene, ...]) -> None:
    page = visit()

    missed = []
    for scene in walk:
        scene(page, mail_server)
        screen.settled(page)
        press_tab(page)
        missed += page.evaluate(MISSED)

    assert not missed, "\n".join(missed)


def test_the_walk_misses_a_button_that_tab_cannot_reach(visit: Visit) -> None:
    page = visit()
    button = "<button tabindex='-1'>Out of reach</button>"
    page.locator("[data-testid=stMainBlockContainer]").evaluate(
        "(place, button) => place.insertAdjacentHTML('beforeend', button)", button
    )

    press_tab(page)

    [missed] = page.evaluate(MISSED)
    assert "Out of reach" in missed


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_the_default_mode_is_tested_with_the_keyboard_only(visit: Visit, key: str) -> None:
    page = visit()

    tab_to(page, keyed(page, "system_address").locator("input"))
    page.keyboard.type("owner@shop.example")
    tab_to(page, keyed(page, "test").get_by_role("button"))
    page.keyboard.press(key)

    expect(title(page)).to_contain_text(verdict.KEPT)
    expect(keyed(page, "received")).to_contain_text("To: owner@shop.example")
