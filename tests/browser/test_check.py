"""A check lives in core: the page may do what it likes meanwhile; only Stop ends it."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from core import i18n
from core.counting import log, report
from core.diagnosis import verdict
from tests.browser import screen
from tests.browser.conftest import Visit
from tests.browser.screen import keyed, title
from tests.browser.server import Dashboard, eventually
from tests.browser.upstream import Upstream

pytestmark = pytest.mark.needs("chromium")

GONE_SECONDS = 2  # longer than Streamlit takes to notice that a page is gone


def edit(page: Page) -> None:
    """Changes a field."""
    screen.type_in(page, "from_name", "Another name")


def switch(page: Page) -> None:
    """Reads on in the other language."""
    screen.switch_language(page, "vi")


def reload(page: Page) -> None:
    """Loads the page anew."""
    page.reload()
    expect(title(page)).to_be_visible()


def close(page: Page) -> None:
    """Closes the page; the wait is the point: the server has to notice."""
    page.close()
    time.sleep(GONE_SECONDS)


@pytest.mark.parametrize(
    ("happens", "held_at"),
    [(edit, "QUIT"), (switch, "QUIT"), (reload, "QUIT"), (close, "QUIT"), (close, ".")],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_neither_check_nor_send_is_lost_whatever_happens_to_the_page(
    visit: Visit,
    dashboard: Dashboard,
    mail_server: Upstream,
    happens: Callable[[Page], None],
    held_at: str,
) -> None:
    mail_server.hold = held_at
    dashboard.store(mail_server.form)
    page = visit()
    screen.press(page, "test")
    assert mail_server.held.wait(15)

    happens(page)
    mail_server.released.set()

    name = mail_server.form["from_address"]
    assert eventually(lambda: dashboard.state(name) == "works"), dashboard.state(name)
    with dashboard.account() as mine:
        today = report.report(name, since=None, until=None, timezone=None)["days"][-1]
        [entry] = log.find(mine)
    assert (today["messages"], today["recipients"], today["refused"]) == (1, 1, 0)
    assert mail_server.messages == 1
    assert (entry.outcome, entry.reply) == ("accepted", "250 2.0.0 Taken as 4711")


def test_a_running_check_shows_its_stages_before_it_ends(
    visit: Visit, dashboard: Dashboard, mail_server: Upstream
) -> None:
    mail_server.hold = "RCPT"
    dashboard.store(mail_server.form)
    page = visit()

    screen.press(page, "test")

    expect(keyed(page, "step_auth_True")).to_be_visible()
    expect(keyed(page, "now_rcpt")).to_be_visible()
    expect(keyed(page, "test").get_by_role("button")).to_be_disabled()
    mail_server.released.set()
    expect(title(page)).to_contain_text(verdict.WORKS)


def test_stop_ends_a_check_of_a_silent_server_and_nothing_is_sent(
    visit: Visit, dashboard: Dashboard, mail_server: Upstream
) -> None:
    mail_server.hold = "greeting"
    dashboard.store(mail_server.form)
    page = visit("vi")
    screen.press(page, "test")
    assert mail_server.held.wait(15)

    screen.press(page, "stop")

    expect(title(page)).to_contain_text(i18n.translate("vi", verdict.STOPPED))
    screen.ended(page)
    expect(keyed(page, "check")).to_contain_text(i18n.translate("vi", verdict.STOPPED_WHY))
    expect(keyed(page, "test").get_by_role("button")).to_be_enabled()
    screen.follow(page, "sends")
    expect(title(page)).to_have_text(i18n.translate("vi", "Nothing was sent yet"))
    assert dashboard.count("sends") == 0
