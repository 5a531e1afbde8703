"""Volume: what is chosen stands in the page's address, and no address breaks the page; a day leads to its sends."""

import re
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from core import clock, i18n
from core.accounts import setups
from core.sending.reservation import Result, record
from tests.browser import screen
from tests.browser.conftest import Visit
from tests.browser.screen import keyed, title
from tests.browser.server import Dashboard
from tests.samples import envelope

pytestmark = pytest.mark.needs("chromium")

FIRST, LAST = date(2026, 1, 2), date(2026, 1, 5)
VIEWS = ("days", "today", "hours", "from", "domain", "source", "elsewhere", "numbers")
CHOSEN = f"days_shown={FIRST}&days_shown={LAST}"


@pytest.fixture
def sent(visit: Visit, dashboard: Dashboard) -> Page:
    """Volume of an account that has sent a mail."""
    with dashboard.account() as mine:
        record(mine, envelope(setups.active(mine).form), [Result("accepted")])
    return visit("vi", "volume?view=numbers")


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
    shown(visit("en", f"volume?view=numbers&{CHOSEN}"), "en")


def test_days_that_nobody_would_choose_still_give_a_page(sent: Page, dashboard: Dashboard) -> None:
    for days in ((LAST, FIRST), (LAST,), ("nonsense",), ("0001-01-01", "9999-12-31")):
        sent.goto(f"{dashboard.url}/volume?" + "&".join(f"days_shown={day}" for day in days))

        expect(sent.get_by_test_id("stVegaLiteChart")).to_be_visible()
        screen.choose(sent, "view", -1)
        assert screen.cells(sent), days
        expect(sent.get_by_role("alert")).to_have_count(0)


@pytest.mark.usefixtures("sent")
@pytest.mark.parametrize("language", screen.LOCALES)
def test_each_view_has_an_address_of_its_own(visit: Visit, language: str) -> None:
    page = visit(language, "volume")

    for place, view in enumerate(VIEWS[1:], 1):
        screen.choose(page, "view", place)
        expect(page).to_have_url(re.compile(f"view={view}"))
    screen.choose(page, "unit", 1)
    expect(page).to_have_url(re.compile("unit=messages"))

    page = visit(language, "volume?view=hours&unit=messages")
    expect(page.get_by_test_id("stVegaLiteChart")).to_be_visible()
    expect(keyed(page, "unit").get_by_role("radio").nth(1)).to_have_attribute("aria-checked", "true")


@pytest.mark.usefixtures("sent")
@pytest.mark.parametrize("language", screen.LOCALES)
def test_a_click_on_a_day_leads_to_its_sends(visit: Visit, dashboard: Dashboard, language: str) -> None:
    with dashboard.account() as mine:
        record(mine, envelope(setups.active(mine).form, at=clock.now() - 3 * clock.DAY_MS), [Result("accepted")])
    page = visit(language, "volume?view=days")
    expect(page.locator("[data-testid=stVegaLiteChart] .mark-rect path").first).to_be_attached()
    bars = page.locator("[data-testid=stVegaLiteChart] .mark-rect path")

    next(bar for bar in bars.all() if (bar.bounding_box() or {"height": 0})["height"] > 9).click()
    page.get_by_test_id("stPageLink").get_by_role("link").click()

    expect(page).to_have_url(re.compile(r"/sends\?day=\d{4}-\d\d-\d\d"))
    screen.settled(page)
    assert len(screen.cells(page)) == 1


@pytest.mark.usefixtures("sent")
@pytest.mark.parametrize("language", screen.LOCALES)
def test_what_is_sent_elsewhere_is_added_and_taken_back(visit: Visit, language: str) -> None:
    page = visit(language, "volume?view=elsewhere")

    screen.enter(keyed(page, "elsewhere_n").locator("input"), "40")
    screen.press(page, "elsewhere_add")
    entry = page.locator("[class*=st-key-entry_]")
    expect(entry).to_contain_text("40")
    expect(entry).to_have_count(1)

    entry.get_by_role("button").click()
    expect(entry).to_have_count(0)
