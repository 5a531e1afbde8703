"""Each page: what axe-core finds, measured against the same widgets on a plain Streamlit page, and where Tab goes."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import focus, scenes, screen, server
from tests.browser.conftest import WIDE, Visit
from tests.browser.scenes import Scene
from tests.browser.server import Dashboard
from tests.browser.upstream import Upstream

pytestmark = pytest.mark.needs("chromium")

GRAVE = ("serious", "critical")
SCHEMES = ("light", "dark")
# What an element is: the test ids from the widget down to it, its tag and role, and whether it is a chosen one.
KIND = """element => {
    const names = [element.tagName.toLowerCase() + (element.role ? `[role=${element.role}]` : '')]
    for (let place = element; place; place = place.parentElement) {
        const name = place.dataset?.testid
        if (['stElementContainer', 'stVerticalBlock', 'stApp'].includes(name)) break
        if (name) names.unshift(name)
    }
    return names.join(' ') + (element.closest('[data-selected=true], [aria-checked=true]') ? ' (chosen)' : '')
}"""
RESTED = """() => !document.querySelector('[data-stale=true], [data-testid=stSkeleton]') && document.getAnimations()
    .every(one => one.playState !== 'running' || one.effect.getComputedTiming().endTime === Infinity)"""

WEARS = """scheme => {
    const ground = getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor
    const light = ground.match(/\\d+/g).slice(0, 3).every(part => part > 128)
    return light === (scheme === 'light')
}"""

Finding = tuple[str, str]
Reference = Callable[[str], set[Finding]]


def findings(page: Page) -> dict[Finding, str]:
    """The grave violations on a page, each kind of element once, with one of its elements to show."""
    screen.settled(page)
    page.wait_for_function(RESTED)
    violations = Axe().run(page).response["violations"]
    grave = [violation for violation in violations if violation["impact"] in GRAVE]
    return {(rule["id"], kind(page, node)): evidence(node) for rule in grave for node in rule["nodes"]}


def put_on(page: Page, scheme: str) -> None:
    """Has the page follow the system's choice of light or dark, and waits until it does."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    page.wait_for_function(WEARS, arg=scheme)


def kind(page: Page, node: dict[str, Any]) -> str:
    """What sort of element a node is."""
    found: str = page.locator(node["target"][0]).first.evaluate(KIND)
    return found


def evidence(node: dict[str, Any]) -> str:
    """The element and what is wrong with it."""
    checks = [*node["any"], *node["all"], *node["none"]]
    return f"{node['html']}: {'; '.join(check['message'] for check in checks)}"


@pytest.fixture(scope="module")
def reference(context: Callable[[str], BrowserContext], tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """`reference(scheme)` is what the plain page is guilty of itself."""
    known: dict[str, set[Finding]] = {}
    with server.plain(tmp_path_factory.mktemp("plain")) as plain:
        page = context("en").new_page()
        page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
        page.goto(plain.url)
        for widget in ("stDataFrame", "stVegaLiteChart"):
            expect(page.locator(f"[data-testid={widget}]")).to_be_visible()
        for scheme in SCHEMES:
            put_on(page, scheme)
            known[scheme] = set(findings(page))
        page.close()
    return known.__getitem__


def faults(page: Page, scheme: str, known: set[Finding]) -> list[str]:
    """What is grave on a page in light or dark, but for what is known."""
    put_on(page, scheme)
    found = findings(page)
    return [f"{scheme}: {rule} at {place}: {found[rule, place]}" for rule, place in found.keys() - known]


@pytest.mark.timeout(300)  # several pages, each looked at three times
@pytest.mark.parametrize("walk", scenes.WALKS, ids=scenes.name)
def test_no_page_has_a_grave_finding_that_plain_streamlit_does_not_have_nor_a_control_that_tab_does_not_reach(
    visit: Visit, dashboard: Dashboard, mail_server: Upstream, reference: Reference, walk: tuple[Scene, ...]
) -> None:
    page = visit(color_scheme="light", reduced_motion="reduce")

    ours = []
    for scene in walk:
        scene(page, dashboard, mail_server)
        wrong = [fault for scheme in SCHEMES for fault in faults(page, scheme, reference(scheme))]
        wrong += [f"Tab does not reach {control}" for control in focus.missed(page)]
        ours += [f"{scene.__name__}: {fault}" for fault in wrong]

    assert not ours, "\n".join(ours)


def test_the_measure_sees_an_image_without_words_and_pale_text(visit: Visit, reference: Reference) -> None:
    page = visit("en", color_scheme="light", reduced_motion="reduce")
    page.evaluate(
        """() => document.querySelector('[data-testid=stMainBlockContainer]').insertAdjacentHTML(
            'afterbegin', `<img src='/favicon.png'><p style='color: #ddd'>Pale</p>`)"""
    )

    rules = {rule for rule, _ in set(findings(page)) - reference("light")}

    assert rules == {"image-alt", "color-contrast"}
