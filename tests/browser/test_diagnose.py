"""A pasted error: its cause is read, one missing fact answered, the message for the customer copied."""

import pytest
from playwright.sync_api import Page, expect

from core.diagnosis import causes, lesson
from core.diagnosis.explain import explain
from tests.browser import screen
from tests.browser.conftest import Visit
from tests.browser.screen import keyed, title

pytestmark = pytest.mark.needs("chromium")

REFUSED = """smtplib.SMTPAuthenticationError: (535, b'5.7.8 Username and Password not accepted. For more information, go
to 5.7.8 https://support.google.com/mail/?p=BadCredentials 98e67ed59e1d1-30c5b2d')"""
SILENT = "Error: Greeting never received"
STRANGE = "550 Blorps are not welcome at this gleebing"


def paste(page: Page, text: str) -> None:
    """Pastes a text and asks for its cause."""
    screen.enter(keyed(page, "pasted").locator("textarea"), text)
    screen.press(page, "explain")


def words(slug: str, language: str) -> str:
    """The title of a cause."""
    return causes.catalogue()[slug].title[language]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_pasted_error_is_explained_and_the_message_for_the_customer_copied(visit: Visit, language: str) -> None:
    page = visit(language, "diagnose", permissions=["clipboard-read", "clipboard-write"])

    paste(page, REFUSED)
    expect(title(page)).to_contain_text(words("auth.app_password_required", language))
    message = keyed(page, "message")
    message.locator("[data-testid=stCode]").hover()
    message.locator("[data-testid=stElementToolbarButton] button").click()

    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert words("auth.app_password_required", language) in copied
    assert "p=BadCredentials" in copied


def test_the_one_missing_fact_changes_the_answer(visit: Visit) -> None:
    page = visit("en", "diagnose")

    paste(page, SILENT)
    expect(page.locator("[data-testid=stAlert]")).to_contain_text("Which port")
    screen.enter(keyed(page, "known_port").locator("input"), "465")

    expect(title(page)).to_contain_text(words("tls.plain_on_implicit_port", "en"))


def test_a_port_that_is_none_is_told_and_the_answer_stays(visit: Visit) -> None:
    page = visit("en", "diagnose")

    paste(page, SILENT)
    screen.enter(keyed(page, "known_port").locator("input"), "99999")

    expect(keyed(page, "facts")).to_contain_text("99999” is no port")
    expect(title(page)).to_contain_text(words("greeting.timeout", "en"))


def test_an_error_that_nobody_knows_offers_the_rule_to_fill_in(visit: Visit) -> None:
    page = visit("en", "diagnose")

    paste(page, STRANGE)
    keyed(page, "teach").locator("summary").click()

    expect(keyed(page, "teach")).to_contain_text(lesson.rule(explain(STRANGE)).splitlines()[2])
