"""Two tabs that edit one thing: the second is told, nothing typed is lost, and what it did not touch stays."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import screen
from tests.browser.conftest import Visit
from tests.browser.screen import field, keyed, title
from tests.browser.server import Dashboard
from tests.browser.upstream import Upstream

pytestmark = pytest.mark.needs("chromium")


def stored(visit: Visit, form: dict[str, str]) -> tuple[Page, Page]:
    """Two tabs that show the same stored setup."""
    page = visit()
    screen.fill_form(page, form)
    screen.store(page)
    other = visit()
    expect(field(other, "host")).to_have_value(form["host"])
    return page, other


def rename(page: Page, name: str) -> None:
    """Types another From name and saves it."""
    screen.type_in(page, "from_name", name)
    screen.press(page, "save")
    screen.settled(page)


@pytest.mark.parametrize(("way", "kept"), [("keep_typed", "the second"), ("take_stored", "the first")])
def test_the_second_tab_is_told_and_says_which_of_the_two_counts(
    visit: Visit, mail_server: Upstream, way: str, kept: str
) -> None:
    first, second = stored(visit, mail_server.form)
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
    visit: Visit, dashboard: Dashboard, mail_server: Upstream
) -> None:
    first, second = stored(visit, mail_server.form)
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


def test_each_tab_stores_only_the_limits_that_were_changed_in_it(
    visit: Visit, dashboard: Dashboard, mail_server: Upstream
) -> None:
    page = visit()
    screen.fill_form(page, mail_server.form)
    screen.store(page)
    first, second = visit("en", "settings"), visit("en", "settings")
    limit(first, 0, "100")

    limit(second, 1, "1,000")

    assert dashboard.count("limits") == 2


def test_two_setups_with_one_log_in_have_one_limit_that_an_empty_field_does_not_take_away(
    visit: Visit, dashboard: Dashboard, mail_server: Upstream
) -> None:
    page = visit()
    screen.fill_form(page, mail_server.form)
    screen.store(page)
    screen.press(page, "new")
    expect(field(page, "host")).to_have_value("")
    screen.fill_form(page, mail_server.form | {"from_address": "second@shop.example"})
    screen.press(page, "save")
    screen.settled(page)
    screen.follow(page, "settings")

    limit(page, 1, "300")

    assert dashboard.count("limits") == 1


def test_the_last_change_of_the_settings_can_be_undone(visit: Visit) -> None:
    page = visit("en", "settings")
    change(page, "account_name", "Cửa hàng")
    change(page, "account_system_address", "owner@shop.example")
    expect(title(page)).to_contain_text("owner@shop.example")

    screen.press(page, "account_take_back")

    expect(title(page)).to_contain_text("the system address is empty")
    expect(keyed(page, "account_take_back")).to_have_count(0)
    page.reload()
    expect(keyed(page, "account_system_address").locator("input")).to_have_value("")
    expect(keyed(page, "account_name").locator("input")).to_have_value("Cửa hàng")


def change(page: Page, name: str, value: str) -> None:
    """Changes a setting of the account and saves it."""
    keyed(page, name).locator("input").fill(value)
    page.get_by_test_id("stBaseButton-primaryFormSubmit").click()
    expect(page.get_by_test_id("stToast").first).to_be_visible()
    screen.settled(page)


def limit(page: Page, place: int, value: str) -> None:
    """Sets an own limit and saves it."""
    page.locator("[class*=st-key-limit_] input").nth(place).fill(value)
    screen.press(page, "limits_save")
    expect(page.get_by_test_id("stToast").first).to_be_visible()
    screen.settled(page)
