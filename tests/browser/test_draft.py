"""What is typed: it stays, its fields react to each other, and a stored password stays where it belongs."""

import pytest
from playwright.sync_api import Page, expect

from core import i18n
from core.diagnosis import verdict
from tests.browser import screen
from tests.browser.conftest import Visit
from tests.browser.screen import expect_encryption, field, keyed, title
from tests.browser.server import Dashboard
from tests.browser.upstream import Upstream

pytestmark = pytest.mark.needs("chromium")

KEYBOARD_MS = 1_000  # what a person needs from the password to the button
OPEN = ("from_address", "from_name", "host", "username", "port")  # the password is not


def expect_fields(page: Page, form: dict[str, str], password: str) -> None:
    """Waits until the form says this."""
    for name in OPEN:
        expect(field(page, name)).to_have_value(form[name])
    expect(field(page, "password")).to_have_value(password)
    expect_encryption(page, form["encryption"])


def test_the_draft_survives_other_pages_but_for_the_password(visit: Visit, mail_server: Upstream) -> None:
    page = visit()
    screen.fill_form(page, mail_server.form)

    screen.follow(page, "volume")
    screen.follow(page, "settings")
    screen.follow(page, "")

    expect_fields(page, mail_server.form, password="")


def test_the_draft_survives_a_language_switch_with_the_password(
    visit: Visit, dashboard: Dashboard, mail_server: Upstream
) -> None:
    dashboard.store()
    page = visit("en")
    screen.fill_form(page, mail_server.form)

    screen.switch_language(page, "vi")

    expect_fields(page, mail_server.form, password=mail_server.form["password"])
    screen.press(page, "test")
    expect(title(page)).to_contain_text(i18n.translate("vi", verdict.WORKS))
    assert mail_server.passwords == [mail_server.form["password"]]


@pytest.mark.parametrize("new", [False, True], ids=["stored", "new"])
def test_a_chosen_setup_stays_chosen_over_a_language_switch(
    visit: Visit, dashboard: Dashboard, mail_server: Upstream, new: bool
) -> None:
    dashboard.store(mail_server.form)
    page = visit()
    if new:
        screen.press(page, "new")
        expect(field(page, "host")).to_have_value("")

    screen.switch_language(page, "vi")
    screen.type_in(page, "from_name", "Cửa hàng khác")
    screen.type_in(page, "from_name", "Cửa hàng mới")

    expect(title(page)).to_contain_text(i18n.translate("vi", "Not tested yet: choose how mail goes out, then test it"))
    expect(field(page, "from_name")).to_have_value("Cửa hàng mới")
    expect(field(page, "host")).to_have_value("" if new else mail_server.form["host"])


def test_settings_are_saved_after_a_language_switch(visit: Visit) -> None:
    page = visit("en", "settings")
    screen.switch_language(page, "vi")
    keyed(page, "account_system_address").locator("input").fill("owner@shop.example")

    page.get_by_test_id("stBaseButton-primaryFormSubmit").click()

    expect(title(page)).to_contain_text("owner@shop.example")


def test_port_and_encryption_propose_each_other(visit: Visit) -> None:
    page = visit()
    screen.choose_mode(page, "smtp")

    screen.choose_encryption(page, "ssl")
    expect(field(page, "port")).to_have_value("465")
    screen.choose_encryption(page, "starttls")
    expect(field(page, "port")).to_have_value("587")
    screen.type_in(page, "port", "465")
    expect_encryption(page, "ssl")
    screen.type_in(page, "port", "587")
    expect_encryption(page, "starttls")


def test_a_chosen_provider_fills_host_port_and_encryption(visit: Visit) -> None:
    page = visit()
    screen.choose_mode(page, "smtp")
    screen.type_in(page, "port", "2525")

    keyed(page, "draft_provider").get_by_role("button", name="Gmail", exact=True).or_(
        keyed(page, "draft_provider").get_by_role("radio", name="Gmail", exact=True)
    ).click()

    expect(field(page, "host")).to_have_value("smtp.gmail.com")
    expect(field(page, "port")).to_have_value("587")
    expect_encryption(page, "starttls")


def test_a_stored_password_is_kept_when_its_field_is_left_alone(
    visit: Visit, dashboard: Dashboard, mail_server: Upstream
) -> None:
    dashboard.store(mail_server.form)
    page = visit()
    expect(field(page, "password")).to_have_value("")

    screen.press(page, "test")

    expect(title(page)).to_contain_text(verdict.WORKS)
    assert mail_server.passwords == [mail_server.form["password"]]


def test_a_password_that_is_left_by_the_tab_key_is_used(
    visit: Visit, dashboard: Dashboard, mail_server: Upstream
) -> None:
    dashboard.store(mail_server.form | {"password": "another"})
    page = visit()
    field(page, "password").click()
    page.keyboard.type(mail_server.form["password"])
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.wait_for_timeout(KEYBOARD_MS)

    screen.press(page, "test")

    expect(title(page)).to_contain_text(verdict.WORKS)
    assert mail_server.passwords == [mail_server.form["password"]]
