"""Two tabs that edit one thing: the second is told, nothing typed is lost, and what it did not touch stays."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import screen
from tests.browser.conftest import Visit
from tests.browser.screen import field, keyed
from tests.browser.server import Dashboard
from tests.browser.upstream import Upstream

pytestmark = pytest.mark.needs("chromium")


@pytest.fixture
def tabs(visit: Visit, dashboard: Dashboard, mail_server: Upstream) -> tuple[Page, Page]:
    """Two tabs that show the same stored setup."""
    dashboard.store(mail_server.form)
    return visit(), visit()


def rename(page: Page, name: str) -> None:
    """Types another From name and saves it."""
    screen.type_in(page, "from_name", name)
    screen.press(page, "save")
    screen.settled(page)


@pytest.mark.parametrize(("way", "kept"), [("keep_typed", "the second"), ("take_stored", "the first")])
def test_the_second_tab_is_told_and_says_which_of_the_two_counts(tabs: tuple[Page, Page], way: str, kept: str) -> None:
    first, second = tabs
    rename(first, "the first")
    expect(keyed(first, "draft_password").get_by_placeholder("Stored. Leave empty to keep it.")).to_be_visible()

    rename(second, "the second")
    expect(second.get_by_text("Another tab or person saved this setup meanwhile. Nothing was stored.")).to_be_visible()
    expect(field(second, "from_name")).to_have_value("the second")
    screen.press(second, way)
    expect(keyed(second, way)).to_have_count(0)
    screen.press(second, "save")
    screen.settled(second)

    second.reload()
    expect(field(second, "from_name")).to_have_value(kept)


def test_a_setup_that_another_tab_removed_is_not_stored_again_unasked(
    tabs: tuple[Page, Page], dashboard: Dashboard, mail_server: Upstream
) -> None:
    first, second = tabs
    keyed(first, "remove").get_by_role("button").first.click()
    screen.press(first, "remove_yes")
    expect(field(first, "host")).to_have_value("")

    screen.type_in(second, "password", mail_server.form["password"])
    rename(second, "typed")

    expect(second.get_by_text("This setup was removed")).to_be_visible()
    expect(field(second, "from_name")).to_have_value("typed")
    assert dashboard.count("setups") == 1


def test_each_tab_of_the_settings_stores_only_what_was_changed_in_it(visit: Visit) -> None:
    first, second = visit("en", "settings"), visit("en", "settings")
    change(first, "account_name", "Cửa hàng")

    change(second, "account_system_address", "owner@shop.example")

    second.reload()
    expect(keyed(second, "account_name").locator("input")).to_have_value("Cửa hàng")
    expect(keyed(second, "account_system_address").locator("input")).to_have_value("owner@shop.example")


def change(page: Page, name: str, value: str) -> None:
    """Changes a setting of the account and saves it."""
    keyed(page, name).locator("input").fill(value)
    page.get_by_test_id("stBaseButton-primaryFormSubmit").click()
    expect(page.get_by_test_id("stToast").first).to_be_visible()
    screen.settled(page)
