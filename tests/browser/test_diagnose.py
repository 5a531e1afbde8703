"""A pasted error: the message for the customer is copied."""

import pytest
from playwright.sync_api import expect

from core.diagnosis import causes
from tests.browser import screen
from tests.browser.conftest import Visit
from tests.browser.screen import keyed, title

pytestmark = pytest.mark.needs("chromium")

REFUSED = """smtplib.SMTPAuthenticationError: (535, b'5.7.8 Username and Password not accepted. For more information, go
to 5.7.8 https://support.google.com/mail/?p=BadCredentials 98e67ed59e1d1-30c5b2d')"""


def test_a_pasted_error_is_explained_and_the_message_for_the_customer_copied(visit: Visit) -> None:
    page = visit("vi", "diagnose")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    words = causes.catalogue()["auth.app_password_required"].title["vi"]

    screen.enter(keyed(page, "pasted").locator("textarea"), REFUSED)
    screen.press(page, "explain")
    expect(title(page)).to_contain_text(words)
    screen.settled(page)
    message = keyed(page, "message")
    message.locator("[data-testid=stCode]").hover()
    message.locator("[data-testid=stElementToolbarButton] button").click()

    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert words in copied
    assert "p=BadCredentials" in copied
