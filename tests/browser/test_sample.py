"""The sample account as a person looks around in it: labelled on every page, apart from the own one, gone whole."""

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from core import i18n, sample
from core.accounts import account
from core.accounts.form import TOO_LONG, Problem
from tests.browser import screen
from tests.browser.conftest import Visit
from tests.browser.screen import keyed, title
from tests.browser.server import Dashboard

pytestmark = pytest.mark.needs("chromium")

TABLES = ("accounts", "setups", "quotas", "sends", "send_quotas", "recipients", "usage", "limits", "checks")
REFUSED = 1  # its place among the outcomes
MEGABYTES = 10
LOADING_MS = 90_000  # a month is written, on a machine that does other things


@pytest.fixture(scope="module")
def month(dashboard: Dashboard) -> str:
    """What the database with the sample account is kept as: to write a month takes its time."""
    dashboard.restore()
    with dashboard.account() as mine:
        sample.load(mine)
    dashboard.keep("sample")
    return "sample"


@pytest.fixture
def loaded(month: str, visit: Visit, dashboard: Dashboard) -> Visit:
    """`visit` of a machine on which the sample is loaded."""
    dashboard.restore(month)
    return visit


def load(page: Page) -> None:
    """Loads the sample, or opens it."""
    screen.press(page, "sample_load")
    expect(keyed(page, "sample")).to_be_visible(timeout=LOADING_MS)
    screen.settled(page)


def leave(page: Page) -> None:
    """Goes back to the own account."""
    screen.press(page, "sample_leave")
    expect(keyed(page, "sample")).to_have_count(0)
    screen.settled(page)


def name(page: Page) -> Locator:
    """The field with the name of the account."""
    return page.locator("[class*=st-key-account_name] input")


def rows(page: Page) -> list[dict[str, str]]:
    """What the page's CSV says."""
    with page.expect_download() as download:
        screen.press(page, "csv")
    content = Path(download.value.path()).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf"), "Excel would take it for another encoding"
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_sample_is_labelled_on_every_page_and_goes_whole(visit: Visit, dashboard: Dashboard) -> None:
    page = visit("vi", "volume")
    before = {table: dashboard.count(table) for table in TABLES}

    load(page)

    expect(page.locator("[data-testid=stVegaLiteChart]")).to_be_visible()
    for path in (*screen.PAGES[1:], ""):
        screen.follow(page, path)
        expect(keyed(page, "sample")).to_contain_text(i18n.translate("vi", "Back to my account"))
        expect(page.get_by_test_id("stAlertContentError")).to_have_count(0)
    keyed(page, "sample_remove").get_by_role("button").first.click()
    screen.press(page, "sample_remove_yes")
    expect(keyed(page, "sample")).to_have_count(0)
    screen.settled(page)
    assert {table: dashboard.count(table) for table in TABLES} == before


def test_settings_show_the_account_on_view_and_save_nothing_into_another(loaded: Visit, dashboard: Dashboard) -> None:
    page = loaded("en", "settings")
    with dashboard.account() as mine:
        own = account.load(mine).name
    expect(name(page)).to_have_value(own)

    load(page)
    expect(name(page)).not_to_have_value(own)
    leave(page)

    expect(name(page)).to_have_value(own)
    page.get_by_test_id("stBaseButton-primaryFormSubmit").click()
    screen.settled(page)
    expect(title(page)).to_contain_text("the system address is empty")
    assert dashboard.count("accounts") == 2


def test_what_was_typed_in_the_own_account_is_there_after_the_sample(loaded: Visit) -> None:
    page = loaded()
    screen.choose_mode(page, "smtp")
    screen.type_in(page, "from_name", "Cửa hàng")
    screen.follow(page, "volume")

    load(page)
    leave(page)

    screen.follow(page, "")
    expect(screen.field(page, "from_name")).to_have_value("Cửa hàng")


def test_sends_are_found_masked_and_downloaded(loaded: Visit) -> None:
    page = loaded("en", "sends")
    load(page)

    screen.enter(keyed(page, "search").locator("input"), "5.4.5 customer")
    keyed(page, "outcomes").get_by_role("button").nth(REFUSED).click()
    expect(page).to_have_url(re.compile("search=5.4.5.*outcome=refused"))
    found = rows(page)
    keyed(page, "masked").locator("label").click()
    expect(page.locator("[data-testid=stDataFrame] table[role=grid]")).to_contain_text("c…@customers.example")

    assert found
    assert {row["Outcome"] for row in found} == {"✗ refused"}
    assert all("5.4.5" in row["Server's reply"] and row["Recipient"].startswith("customer") for row in found)
    assert {row["Recipient"].partition("@")[0] for row in rows(page)} == {"c…"}


PASTE = """(input, length) => {
    input.focus()
    const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set
    set.call(input, 'a'.repeat(length))
    input.dispatchEvent(new Event('input', {bubbles: true}))
    input.blur()
}"""
BRIEF = "() => document.querySelector('[data-testid=stMain]').innerText.length"


def test_a_text_of_ten_megabytes_is_answered_with_a_sentence_and_the_page_stays_usable(visit: Visit) -> None:
    page = visit()
    screen.choose_mode(page, "smtp")
    address = screen.field(page, "from_address")
    address.evaluate(PASTE, MEGABYTES * 1_000_000)

    screen.press(page, "save")

    sentence = screen.said("en", Problem("from_address", TOO_LONG, {"most": 254}))
    expect(page.get_by_text(sentence)).to_be_visible()
    assert page.evaluate(BRIEF) < 5_000
    screen.enter(address, "shop@shop.example")
    expect(screen.field(page, "username")).not_to_have_value("")
