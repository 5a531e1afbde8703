"""How long a page takes in Chromium, from the navigation until it stands there."""

from playwright.sync_api import Browser
from playwright.sync_api import TimeoutError as Late

LOCALE, ZONE = "en-US", "Asia/Ho_Chi_Minh"
PATIENCE_MS = 30_000
CHART = "[data-testid=stVegaLiteChart] :is(canvas, svg)"
TEST_BUTTON = ".st-key-test button"
DRAWN = """selector => {
    const app = document.querySelector("[data-testid=stApp]")
    const sign = document.querySelector(selector)
    const shown = sign && sign.checkVisibility() && sign.getBoundingClientRect().width > 0
    return shown && app.dataset.testScriptState === "notRunning" && performance.now()
}"""


def milliseconds(browser: Browser, url: str, sign: str) -> float:
    """What a new person waits until the sign of a page is visible and its script has run to the end."""
    context = browser.new_context(locale=LOCALE, timezone_id=ZONE, viewport={"width": 1280, "height": 1100})
    try:
        page = context.new_page()
        page.goto(url, wait_until="commit")
        taken: float = page.wait_for_function(DRAWN, arg=sign, timeout=PATIENCE_MS).json_value()
        return taken
    except Late as error:
        error.add_note(f"{url} shows:\n{page.locator('body').inner_text()}")
        raise
    finally:
        context.close()
