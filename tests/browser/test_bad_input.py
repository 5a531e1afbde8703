"""What cannot be right is said right at its field, and nothing that was typed is lost."""

import pytest
from playwright.sync_api import Page, expect

from core import database, i18n
from core.accounts import form as forms
from core.diagnosis import verdict
from tests.browser import screen, server
from tests.browser.conftest import Visit
from tests.browser.screen import field, keyed, title
from tests.browser.server import Dashboard
from tests.browser.upstream import Upstream

pytestmark = pytest.mark.needs("chromium")

BAD = {"port": "70000", "from_address": "shop.shop.example", "host": "mail.shop.example:587"}


def test_a_wrong_value_gets_a_sentence_at_its_field_and_starts_no_check(
    visit: Visit, dashboard: Dashboard, mail_server: Upstream
) -> None:
    dashboard.store(mail_server.form)
    page = visit("vi")

    for name, value in BAD.items():
        screen.type_in(page, name, value)
        screen.press(page, "test")

        [problem] = forms.parse(mail_server.form | {name: value})[1]
        below(page, name, screen.said("vi", problem))
        expect(field(page, name)).to_have_value(value)
        screen.type_in(page, name, mail_server.form[name])
    assert dashboard.count("checks") == 0
    assert mail_server.connections == 0


def test_each_empty_field_gets_its_sentence(visit: Visit, dashboard: Dashboard) -> None:
    page = visit("en")
    screen.choose_mode(page, "smtp")
    screen.type_in(page, "port", "")

    screen.press(page, "test")

    for name in ("from_address", "host", "port"):
        below(page, name, forms.EMPTY[name])
    expect(page.get_by_text(forms.EMPTY["to"])).to_be_visible()
    assert dashboard.count("checks") == 0


def test_blanks_around_values_go(visit: Visit, dashboard: Dashboard, mail_server: Upstream) -> None:
    dashboard.store(mail_server.form, to="")
    page = visit()
    for name in ("host", "port", "username"):
        screen.type_in(page, name, f" {mail_server.form[name]}\u00a0")
    screen.enter(keyed(page, "system_address").locator("input"), " owner@shop.example ")

    screen.press(page, "test")

    expect(title(page)).to_contain_text(verdict.WORKS)
    assert mail_server.messages == 1


def below(page: Page, name: str, sentence: str) -> None:
    """Waits for a sentence that stands right under a field."""
    found = page.get_by_text(sentence)
    expect(found).to_be_visible()
    screen.settled(page)
    place, words = keyed(page, f"draft_{name}").bounding_box(), found.bounding_box()
    assert place
    assert words
    assert 0 <= words["y"] - (place["y"] + place["height"]) < 60, "the sentence is not at its field"


def test_a_locked_database_is_told_and_nothing_typed_is_lost(
    visit: Visit, dashboard: Dashboard, mail_server: Upstream
) -> None:
    page = visit("vi")
    screen.fill_form(page, mail_server.form)
    screen.enter(keyed(page, "system_address").locator("input"), "owner@shop.example")

    with server.locked(dashboard.database):
        screen.press(page, "test")
        expect(page.get_by_text(i18n.translate("vi", database.SENTENCES["locked"]))).to_be_visible()
        for name in ("from_address", "host", "username", "password", "port"):
            expect(field(page, name)).to_have_value(mail_server.form[name])
        expect(keyed(page, "system_address").locator("input")).to_have_value("owner@shop.example")
        assert mail_server.connections == 0
    screen.press(page, "test")

    expect(title(page)).to_contain_text(i18n.translate("vi", verdict.WORKS))
    assert mail_server.messages == 1
