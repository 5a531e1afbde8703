"""A fresh server, whatever is asked for first, and whoever asks."""

import http.client
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from core import i18n
from tests.browser import screen, server
from tests.browser.server import Dashboard

pytestmark = pytest.mark.needs("chromium")


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Dashboard]:
    """A dashboard that nobody has asked for anything yet."""
    with server.serving(tmp_path) as running:
        yield running


@pytest.mark.parametrize("path", ["volume", "sends", "settings"])
def test_a_fresh_server_runs_the_frame_whatever_page_is_asked_for_first(
    fresh: Dashboard, browser: Browser, path: str
) -> None:
    with screen.window(browser, "vi") as context:
        page = context.new_page()

        page.goto(f"{fresh.url}/{path}")

        expect(screen.title(page)).to_be_visible()
        expect(page.locator("[data-testid=stSidebarNavLink]")).to_have_count(len(screen.PAGES))
        expect(screen.keyed(page, "language")).to_be_visible()
        expect(page.locator("[data-testid=stSidebarNavLink][aria-current=page]")).to_have_attribute(
            "href", f"{fresh.url}/{path}"
        )
        chosen = screen.keyed(page, "language").get_by_role("radio", checked=True)
        expect(chosen).to_have_text(i18n.LANGUAGES["vi"])
        screen.settled(page)  # a server waits at its end for what it has begun to send


def answer(dashboard: Dashboard, **headers: str) -> tuple[int, str]:
    """Status and text of the front page for a request with these headers."""
    connection = http.client.HTTPConnection("127.0.0.1", dashboard.port, timeout=10)
    try:
        connection.request("GET", "/", headers={name.replace("_", "-"): value for name, value in headers.items()})
        reply = connection.getresponse()
        return reply.status, reply.read().decode()
    finally:
        connection.close()


def test_this_machine_is_answered(dashboard: Dashboard) -> None:
    status, text = answer(dashboard, Host=f"localhost:{dashboard.port}")

    assert status == 200
    assert "<title>Streamlit</title>" in text


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "localhost", "X_Forwarded_For": "203.0.113.9"},
        {"Host": "localhost", "Forwarded": "for=203.0.113.9"},
    ],
    ids=lambda headers: ",".join(headers.values()),
)
def test_anybody_else_is_told_how_to_reach_it(dashboard: Dashboard, headers: dict[str, str]) -> None:
    status, text = answer(dashboard, **headers)

    assert status == 403
    assert "ssh -L" in text
    assert 'lang="vi"' in text
