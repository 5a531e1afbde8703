"""Where the focus goes as Tab is pressed."""

from playwright.sync_api import Locator, Page

FAR = 300  # more presses than any page has stops, with the cells of its table
WATCH = """() => {
    window.reached = new Set()
    document.addEventListener('focusin', event => window.reached.add(event.target))
}"""
# Controls that Tab did not reach. Of those that the arrow keys move among, it reaches one; a list opens by an arrow key
# in its field, without the button beside it; a date has hidden inputs, for forms that a browser sends.
MISSED = """() => {
    const controls = 'a[href], button, input, select, textarea, summary, [tabindex], [contenteditable=true]'
    const many = '[role=radiogroup], [role=toolbar], [role=grid]'
    const spare = '[data-testid=stSelectbox] button[aria-haspopup=listbox], [data-testid=stDateInput] input[type=date]'
    const unit = element => element.closest(many) ?? element
    const reached = new Set([...window.reached].map(unit))
    const places = document.querySelectorAll('[data-testid=stMain], [data-testid=stSidebar]')
    return [...places].flatMap(place => [...place.querySelectorAll(controls)])
        .filter(element => element.checkVisibility({visibilityProperty: true}) && !element.disabled)
        .filter(element => !element.matches(spare))
        .filter(element => !reached.has(unit(element)))
        .map(element => element.outerHTML.slice(0, 200))
}"""


def press_tab(page: Page) -> None:
    """Presses Tab until it comes to where it began."""
    page.evaluate(WATCH)
    page.keyboard.press("Tab")
    first = page.evaluate_handle("() => document.activeElement")
    for _ in range(FAR):
        page.keyboard.press("Tab")
        if first.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError("Tab does not come back to where it began")


def tab_to(page: Page, place: Locator) -> None:
    """Presses Tab until this control has the focus."""
    for _ in range(FAR):
        page.keyboard.press("Tab")
        if place.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"Tab does not reach {place}")


def missed(page: Page) -> list[str]:
    """The controls that Tab does not reach."""
    press_tab(page)
    found: list[str] = page.evaluate(MISSED)
    return found
