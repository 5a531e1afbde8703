"""The main job on a real mail server: a stranger's first setup, from the empty form to a wrong password."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, WebSocket, expect

from core import i18n
from core.diagnosis import causes, verdict
from core.diagnosis.step import STAGES
from tests.browser import screen, server
from tests.browser.conftest import Visit
from tests.browser.screen import keyed, title
from tests.browser.server import Dashboard
from tests.mailserver import MailServer

pytestmark = pytest.mark.needs("chromium", "postfix", "dovecot")

WALK = ("resolve", "connect", "greeting", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "quit")
WRONG = "a short way to nowhere"


@pytest.fixture(scope="module")
def dashboard(mailserver: MailServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """A dashboard that trusts the server's authority, too."""
    with server.serving(tmp_path_factory.mktemp("dashboard"), ca_file=mailserver.ca_file) as running:
        yield running


@pytest.fixture
def values(mailserver: MailServer) -> dict[str, str]:
    """What a person types for the real server."""
    return {
        "from_address": mailserver.address,
        "host": mailserver.host,
        "username": mailserver.username,
        "password": mailserver.password,
        "port": str(mailserver.starttls_port),
        "encryption": "starttls",
    }


def heard(page: Page) -> list[bytes]:
    """Everything that the server sends to this page from now on."""
    frames: list[bytes] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda data: frames.append(data if isinstance(data, bytes) else data.encode()))

    page.on("websocket", listen)
    return frames


def works(page: Page, language: str) -> None:
    """Waits for the good end."""
    expect(title(page)).to_contain_text(i18n.translate(language, verdict.WORKS))
    screen.ended(page)


def test_a_stranger_comes_from_the_empty_form_to_an_active_setup_that_is_counted_and_logged(
    visit: Visit, mailserver: MailServer, values: dict[str, str]
) -> None:
    page = visit("vi")

    screen.try_out(page, values, mailserver.address)

    works(page, "vi")
    for stage in WALK:
        expect(keyed(page, f"step_{stage}_True")).to_contain_text(i18n.translate("vi", STAGES[stage]))
    code = screen.CODE.search(keyed(page, "check").inner_text())
    assert code, keyed(page, "check").inner_text()
    message = mailserver.wait_for(code[0])
    assert message["From"] == mailserver.address
    assert message["To"] == mailserver.address

    screen.store(page)

    screen.follow(page, "volume")
    answer = i18n.translate("vi", "Recipients today: {n}. No limit is known: set yours in Settings", n=1)
    expect(title(page)).to_have_text(answer)
    screen.choose(page, "view", -1)
    assert screen.cells(page)[0][1:3] == ["1", "1"]
    screen.follow(page, "sends")
    [row] = screen.cells(page)
    assert f"✓ {i18n.translate('vi', 'accepted')}" in row
    assert mailserver.address in row
    assert any(cell.startswith("250 2.0.0 Ok: queued as") for cell in row), row

    frames = heard(page)
    page.goto(page.url.replace("/sends", "/"))
    works(page, "vi")
    since = i18n.translate("vi", "Works since {since}", since="").strip()
    expect(page.locator("[data-testid=stMain]")).to_contain_text(since)
    expect(screen.field(page, "host")).to_have_value(mailserver.host)
    expect(screen.field(page, "password")).to_have_value("")
    assert frames
    assert mailserver.password not in page.content()
    assert not [frame for frame in frames if mailserver.password.encode() in frame]


def test_a_wrong_password_is_told_with_its_line_and_what_to_do(
    visit: Visit, mailserver: MailServer, values: dict[str, str]
) -> None:
    page = visit("en")
    frames = heard(page)
    page.reload()
    expect(title(page)).to_be_visible()
    cause = causes.catalogue()["auth.bad_credentials"]

    screen.try_out(page, values | {"password": WRONG}, mailserver.address)

    expect(title(page)).to_contain_text(cause.title["en"])
    screen.ended(page)
    check = keyed(page, "check")
    expect(check.locator("ol")).to_have_count(len(cause.fixes))
    for number, fix in enumerate(cause.fixes, 1):
        expect(check.locator(f"ol[start='{number}'], ol:not([start])").first).to_be_visible()
        expect(check).to_contain_text(fix.text["en"])
    expect(check.locator("code").filter(has_text="535 5.7.8").first).to_be_visible()
    check.get_by_text("The whole conversation, without the password").click()
    expect(check.get_by_text("AUTH PLAIN").last).to_be_visible()
    assert WRONG not in check.inner_html()
    assert not [frame for frame in frames if WRONG.encode() in frame]
