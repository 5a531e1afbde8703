"""The days of Volume: chosen once they stand in the page's address, and no address breaks the page."""

import re
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from core import i18n
from core.accounts import setups
from core.sending.reservation import Result, record
from tests.browser import screen
from tests.browser.conftest import Visit
from tests.browser.screen import keyed, title
from tests.browser.server import Dashboard
from tests.samples import envelope

pytestmark = pytest.mark.needs("chromium")

FIRST, LAST = date(2026, 1, 2), date(2026, 1, 5)
CHOSEN = f"volume?days_shown={FIRST}&days_shown={LAST}"


@pytest.fixture
def sent(visit: Visit, dashboard: Dashboard) -> Page:
    """Volume of an account that has sent a mail."""
    with dashboard.account() as mine:
        record(mine, envelope(setups.active(mine).form), [Result("accepted")])
    return visit("vi", "volume")


def shown(page: Page, language: str) -> None:
    """Waits until the table has just the chosen days, the newest first."""
    rows = page.locator("[data-testid=stDataFrame] table[role=grid] tbody tr")
    expect(rows).to_have_count(4)
    for row, number in zip(rows.all(), (5, 4, 3, 2), strict=True):
        expect(row.locator("td").first).to_have_text(i18n.day(language, LAST.replace(day=number)))


def test_chosen_days_stand_in_the_address_and_open_again_in_each_language(sent: Page, visit: Visit) -> None:
    ends = keyed(sent, "days_shown").get_by_role("group")
    expect(ends).to_have_count(2)
    for place, chosen in zip(ends.all(), (FIRST, LAST), strict=True):
        place.get_by_role("spinbutton").first.click()
        sent.keyboard.type(f"{chosen:%d%m%Y}")
    sent.keyboard.press("Escape")
    title(sent).click()  # the days are taken when their calendar closes
    expect(sent).to_have_url(re.compile(re.escape(CHOSEN)))
    shown(sent, "vi")

    sent.reload()

    shown(sent, "vi")
    shown(visit("en", CHOSEN), "en")


def test_days_that_nobody_would_choose_still_give_a_page(sent: Page, dashboard: Dashboard) -> None:
    for days in ((LAST, FIRST), (LAST,), ("nonsense",), ("0001-01-01", "9999-12-31")):
        sent.goto(f"{dashboard.url}/volume?" + "&".join(f"days_shown={day}" for day in days))

        expect(sent.get_by_test_id("stVegaLiteChart")).to_be_visible()
        assert screen.cells(sent), days
        expect(sent.get_by_role("alert")).to_have_count(0)
