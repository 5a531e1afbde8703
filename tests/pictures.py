"""The README's pictures: `make screenshots`. Each page with something on it, in both languages.

`python -m tests.pictures DIRECTORY` takes every page in every look, light, dark and on a telephone, to be looked at.
"""

import contextlib
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from core.diagnosis.drill import Drill
from tests import parts, player
from tests.browser import screen, server
from tests.browser.conftest import FLAGS
from tests.browser.screen import enter, keyed, title

PICTURES = Path(__file__).parents[1] / "data" / "pictures"
CAUSE = "auth.app_password_required"
ERROR = """SMTP ERROR: Failed to connect to server: SSL routines::wrong version number
PHPMailer: SMTPSecure = 'ssl', Port = 587, Host = 'mail.shop.example'"""
LOOKS = [("light", 1280), ("dark", 1280), ("light", 360), ("dark", 360)]
WIDE, NARROW = 1000, 2400  # pixels high

Shot = Callable[[str], object]


def main(target: Path, *, looks: list[tuple[str, int]]) -> None:
    """Takes the pictures into a directory."""
    target.mkdir(parents=True, exist_ok=True)
    with open_browser() as browser:
        for language in screen.LOCALES:
            with tempfile.TemporaryDirectory() as home, running(Path(home)) as (dashboard, gmail):
                for scheme, width in looks:
                    name = target / f"%s-{language}{suffix(scheme, width)}.png"
                    page = visit(browser, language, scheme, width)
                    walk(page, dashboard, gmail, lambda what, name=name, page=page: shot(page, name, what))
                    page.context.close()


@contextlib.contextmanager
def open_browser() -> Iterator[Browser]:
    """Chromium until the block ends."""
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=parts.program("chromium"), args=FLAGS)


@contextlib.contextmanager
def running(home: Path) -> Iterator[tuple[server.Dashboard, Drill]]:
    """A fresh dashboard, and a server that refuses as Gmail does, with a certificate that the dashboard trusts."""
    dialogue = home / "dialogue.txt"
    said = (player.DIALOGUES / f"{CAUSE}.txt").read_text(encoding="utf8")
    dialogue.write_text("! tls good\n" + said, encoding="utf8")
    with player.play(dialogue) as gmail, server.serving(home, ca_file=gmail.ca) as dashboard:
        yield dashboard, gmail


def visit(browser: Browser, language: str, scheme: str, width: int) -> Page:
    """A fresh visitor."""
    expect.set_options(timeout=20_000)
    context = screen.window(
        browser,
        language,
        color_scheme=scheme,
        viewport={"width": width, "height": WIDE if width > 400 else NARROW},
    )
    return context.new_page()


def walk(page: Page, dashboard: server.Dashboard, gmail: Drill, take: Shot) -> None:
    """What a new person sees and does: the start, a test that fails, and a month of the sample account."""
    dashboard.restore()
    page.goto(dashboard.url)
    expect(keyed(page, "draft_mode")).to_be_visible()
    take("start")
    fields = {"from_address": "shop@gmail.com", "username": "shop@gmail.com", "encryption": "ssl"}
    screen.try_out(page, gmail.form | fields)
    expect(keyed(page, "check")).to_contain_text("InvalidSecondFactor")
    take("failed-test")
    page.goto(f"{dashboard.url}/diagnose")
    enter(keyed(page, "pasted").locator("textarea"), ERROR)
    keyed(page, "explain").get_by_role("button").click()
    expect(keyed(page, "message")).to_be_visible()
    take("diagnose")
    page.goto(f"{dashboard.url}/settings")
    take("settings")
    keyed(page, "sample_load").get_by_role("button").click()
    expect(keyed(page, "sample")).to_be_visible()
    for path in ("volume", "sends"):
        follow(page, path)
        take(path)


def follow(page: Page, path: str) -> None:
    """Opens another page by the navigation, which a telephone hides at first."""
    side = page.locator("[data-testid=stSidebar]")
    if side.get_attribute("data-collapsed") == "true":
        page.locator("[data-testid=stExpandSidebarButton]").click()
        expect(side).to_have_attribute("data-collapsed", "false")
    screen.follow(page, path)
    if (page.viewport_size or {})["width"] < 400:
        page.locator("[data-testid=stSidebarCollapseButton] button").click()
        expect(side).to_have_attribute("data-collapsed", "true")


def shot(page: Page, name: Path, what: str) -> None:
    """One picture, once everything on the page stands still."""
    expect(title(page)).to_be_visible()
    screen.settled(page)
    page.wait_for_timeout(1500)
    page.screenshot(path=str(name).replace("%s", what))


def suffix(scheme: str, width: int) -> str:
    """What tells a picture's look apart, nothing for the usual one."""
    return ("" if scheme == "light" else f"-{scheme}") + ("" if width > 400 else f"-{width}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else PICTURES, looks=LOOKS if sys.argv[1:] else LOOKS[:1])
