"""What a person does on the pages, by the keys of the widgets: the words change with the language."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from core import i18n
from core.accounts.form import Problem

LOCALES = {"vi": "vi-VN", "en": "en-US"}
PAGES = ("", "diagnose", "volume", "sends", "settings")
MODES = ("default", "smtp")
ENCRYPTIONS = ("ssl", "starttls", "none")
PATIENCE_MS = 40_000  # a busy machine is slow; only a failure waits this long
CODE = re.compile(r"MG-[A-Z2-9]{6}")


def window(browser: Browser, language: str, **options: Any) -> BrowserContext:
    """The window of a person, whose pages count their runs of the script."""
    opened = browser.new_context(locale=LOCALES[language], timezone_id="Asia/Ho_Chi_Minh", **options)
    opened.set_default_timeout(PATIENCE_MS)
    opened.add_init_script(path=Path(__file__).with_name("runs.js"))
    return opened


def keyed(page: Page, key: str) -> Locator:
    """The widget with a key."""
    return page.locator(f".st-key-{key}")


def field(page: Page, name: str) -> Locator:
    """The input of a field of the setup form."""
    return keyed(page, f"draft_{name}").locator("input")


def title(page: Page) -> Locator:
    """The answer at the top of a page; the one before it may still stand there while the script runs."""
    return page.locator("h1").last


def settled(page: Page) -> None:
    """Waits until each run of the script that was asked for, by an input just now too, has ended and is drawn."""
    assert page.evaluate("patience => window.runsEnd(patience)", PATIENCE_MS), "the script runs on"


def type_in(page: Page, name: str, value: str) -> None:
    """Types into a field of the setup form and leaves it."""
    enter(field(page, name), value)


def enter(place: Locator, value: str) -> None:
    """Types into an input and leaves it."""
    place.fill(value)
    place.blur()
    settled(place.page)


def choose_mode(page: Page, mode: str) -> None:
    """Chooses how mail goes out."""
    keyed(page, "draft_mode").locator("[data-testid=stRadioOption]").nth(MODES.index(mode)).click()
    if mode == "smtp":
        expect(field(page, "host")).to_be_visible()
    settled(page)


def encryption(page: Page, name: str) -> Locator:
    """The button of an encryption."""
    return keyed(page, "draft_encryption").get_by_role("radio").nth(ENCRYPTIONS.index(name))


def expect_encryption(page: Page, name: str) -> None:
    """Waits until this encryption is the chosen one."""
    expect(encryption(page, name)).to_have_attribute("aria-checked", "true")


def choose_encryption(page: Page, name: str) -> None:
    """Chooses an encryption."""
    encryption(page, name).click()
    settled(page)
    expect_encryption(page, name)


def switch_language(page: Page, language: str) -> None:
    """Uses the switch of the side bar, and waits for the page in that language."""
    keyed(page, "language").get_by_role("radio").nth(list(i18n.LANGUAGES).index(language)).click()
    name = i18n.translate(language, "Email protocol")
    expect(page.locator("[data-testid=stSidebarNavLink]").first).to_contain_text(name)
    settled(page)


def follow(page: Page, target: str) -> None:
    """Opens another page by the navigation."""
    page.locator(f"[data-testid=stSidebarNavLink][href$='/{target}']").click()
    page.wait_for_url(re.compile(rf"/{target}(\?.*)?$"))
    expect(page.locator("[data-testid=stSidebarNavLink][aria-current=page]")).to_have_attribute(
        "href", re.compile(f"/{target}$")
    )
    settled(page)
    expect(title(page)).to_be_visible()


def fill_form(page: Page, values: Mapping[str, str]) -> None:
    """Fills the SMTP fields, from the first to the last; the From proposes a user name, which is waited for."""
    choose_mode(page, "smtp")
    if "from_address" in values:
        type_in(page, "from_address", values["from_address"])
        expect(field(page, "username")).not_to_have_value("")
    for name in ("from_name", "host", "username", "password", "port"):
        if name in values:
            type_in(page, name, values[name])
    if "encryption" in values:
        choose_encryption(page, values["encryption"])


def press(page: Page, key: str) -> None:
    """Presses the button with a key, once the page stands still; what comes of it is the caller's to wait for."""
    settled(page)
    keyed(page, key).get_by_role("button").click()


def choose(page: Page, key: str, place: int) -> None:
    """Chooses the option at a place of a segmented control; -1 is the last one."""
    option = keyed(page, key).get_by_role("radio").nth(place)
    option.click()
    expect(option).to_have_attribute("aria-checked", "true")
    settled(page)


def try_out(page: Page, values: Mapping[str, str], to: str = "owner@shop.example") -> None:
    """Fills the form and the system address, and presses Test."""
    fill_form(page, values)
    enter(keyed(page, "system_address").locator("input"), to)
    press(page, "test")


def ended(page: Page) -> None:
    """Waits until the page shows only the end of a check: its running view stays until the script's last line."""
    expect(keyed(page, "stop")).to_have_count(0)
    settled(page)


def store(page: Page) -> None:
    """Saves what the form says and makes it the active setup."""
    press(page, "save")
    expect(keyed(page, "activate")).to_be_visible()
    press(page, "activate")
    expect(keyed(page, "activate")).to_have_count(0)
    settled(page)


def cells(page: Page) -> list[list[str]]:
    """The rows of the page's table, read as a screen reader reads them."""
    settled(page)
    rows = page.locator("[data-testid=stDataFrame] table[role=grid] tbody tr")
    expect(rows.first).to_be_attached()
    return [[cell.text_content() or "" for cell in row.locator("td").all()] for row in rows.all()]


def said(language: str, problem: Problem) -> str:
    """What is wrong with a field, as a page says it."""
    values = {name: i18n.translate(language, str(value)) for name, value in problem.values.items()}
    return i18n.translate(language, problem.sentence, **values)
