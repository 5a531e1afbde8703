"""The days of Volume: chosen once they stand in the page's address, and no address breaks the page."""

import re
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from core import i18n
from core.diagnosis import verdict
from tests.browser import screen
from tests.browser.conftest import Visit
from tests.browser.screen import keyed, title

pytestmark = pytest.mark.needs("chromium")

FIRST, LAST = date(2026, 1, 2), date(2026, 1, 5)
CHOSEN = f"volume?days_shown={FIRST}&days_shown={LAST}"


@pytest.fixture
def sent(visit: Visit) -> Page:
    """A page of an account that has sent a mail."""
    page = visit("vi")
    screen.enter(keyed(page, "system_address").locator("input"), "owner@shop.example")
    screen.settled(page)
    screen.press(page, "test")
    expect(title(page)).to_contain_text(i18n.translate("vi", verdict.KEPT))
    screen.ended(page)
    return page


def shown(page: Page, language: str) -> None:
    """Waits until the table has just the chosen days, the newest first."""
    rows = page.locator("[data-testid=stDataFrame] table[role=grid] tbody tr")
    expect(rows).to_have_count(4)
    for row, number in zip(rows.all(), (5, 4, 3, 2), strict=True):
        expect(row.locator("td").first).to_have_text(i18n.day(language, LAST.replace(day=number)))


def test_chosen_days_stand_in_the_address_and_open_again_in_each_language(sent: Page, visit: Visit) -> None:
    screen.follow(sent, "volume")
    for place, chosen in zip(keyed(sent, "days_shown").get_by_role("group").all(), (FIRST, LAST), strict=True):
        place.get_by_role("spinbutton").first.click()
        sent.keyboard.type(f"{chosen:%d%m%Y}")
    sent.keyboard.press("Escape")
    title(sent).click()  # the days are taken when their calendar closes
    expect(sent).to_have_url(re.compile(re.escape(CHOSEN)))
    shown(sent, "vi")

    sent.reload()

    shown(sent, "vi")
    shown(visit("en", CHOSEN), "en")


@pytest.mark.usefixtures("sent")
def test_days_that_nobody_would_choose_still_give_a_page(visit: Visit) -> None:
    for days in ((LAST, FIRST), (LAST,), ("nonsense",), ("0001-01-01", "9999-12-31")):
        page = visit("en", "volume?" + "&".join(f"days_shown={day}" for day in days))

        expect(page.get_by_test_id("stVegaLiteChart")).to_be_visible()
        assert screen.cells(page), days
        expect(page.get_by_role("alert")).to_have_count(0)
