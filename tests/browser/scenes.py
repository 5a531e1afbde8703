"""Each page with something on it to look at."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from core.diagnosis import verdict
from tests.browser import screen
from tests.browser.screen import keyed, title
from tests.browser.server import Dashboard
from tests.browser.upstream import Upstream

Scene = Callable[[Page, Dashboard, Upstream], None]


def fresh(page: Page, _dashboard: Dashboard, _server: Upstream) -> None:
    """The start page as a stranger finds it."""
    expect(keyed(page, "draft_mode")).to_be_visible()


def kept(page: Page, _dashboard: Dashboard, _server: Upstream) -> None:
    """The start page after a test in the Default mode."""
    screen.enter(keyed(page, "system_address").locator("input"), "owner@shop.example")
    screen.press(page, "test")
    expect(title(page)).to_contain_text(verdict.KEPT)
    screen.ended(page)


def failed(page: Page, dashboard: Dashboard, mail_server: Upstream) -> None:
    """The SMTP form with a test that failed."""
    dashboard.store(mail_server.form | {"port": "1"})
    page.reload()
    screen.press(page, "test")
    expect(keyed(page, "step_connect_False")).to_be_visible()
    screen.ended(page)


def stored(page: Page, dashboard: Dashboard, mail_server: Upstream) -> None:
    """The SMTP form with a stored setup and a test that went well."""
    dashboard.store(mail_server.form)
    page.reload()
    screen.press(page, "test")
    expect(title(page)).to_contain_text(verdict.WORKS)
    screen.ended(page)


def volume(page: Page, _dashboard: Dashboard, _server: Upstream) -> None:
    """The volume of a setup that has sent."""
    screen.follow(page, "volume")
    expect(page.locator("[data-testid=stVegaLiteChart]")).to_be_visible()
    screen.choose(page, "view", -1)
    expect(page.locator("[data-testid=stDataFrame]")).to_be_visible()


def sends(page: Page, _dashboard: Dashboard, _server: Upstream) -> None:
    """The log with a send."""
    screen.follow(page, "sends")
    expect(page.locator("[data-testid=stDataFrame]")).to_be_visible()


def settings(page: Page, _dashboard: Dashboard, _server: Upstream) -> None:
    """The settings with a setup that can have a limit."""
    screen.follow(page, "settings")
    expect(keyed(page, "account_name")).to_be_visible()


def diagnose(page: Page, _dashboard: Dashboard, _server: Upstream) -> None:
    """A pasted error, explained."""
    screen.follow(page, "diagnose")
    screen.enter(
        keyed(page, "pasted").locator("textarea"), "535 5.7.8 https://support.google.com/mail/?p=BadCredentials"
    )
    screen.press(page, "explain")
    expect(keyed(page, "message")).to_be_visible()


WALKS: tuple[tuple[Scene, ...], ...] = ((fresh, kept, diagnose), (failed,), (stored, volume, sends, settings))


def name(walk: tuple[Scene, ...]) -> str:
    """What a walk is called in the name of a test."""
    return "-".join(scene.__name__ for scene in walk)
