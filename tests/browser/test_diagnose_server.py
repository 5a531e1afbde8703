"""From a failed test to one that works, and what a check leads to: a trusted certificate, its report, its history."""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core import i18n, ids, settings
from core.accounts import access, account, setups
from core.accounts.form import Form
from core.diagnosis import causes, letter, practice, preflight, report, verdict
from core.diagnosis.journal import Journal
from core.diagnosis.step import Step
from core.diagnosis.verdict import Verdict
from core.secret import Secret
from tests import player
from tests.browser import screen, server
from tests.browser.conftest import Visit
from tests.browser.screen import field, keyed, title
from tests.browser.server import Dashboard
from tests.checked import EVERYTHING
from tests.mailserver import MailServer

pytestmark = pytest.mark.needs("chromium", "postfix", "dovecot")

OWNER = "owner@shop.example"
SHOP = Form("shop@shop.example", "mail.shop.example", 587, "starttls", "shop@shop.example", Secret("canary-password"))
UNTRUSTED = """\
! form encryption=starttls username=
S: 220 mail.shop.example ESMTP
C: EHLO *
S: 250-mail.shop.example
S: 250 STARTTLS
C: STARTTLS
S: 220 2.0.0 Ready
! tls self-signed
C: EHLO *
S: 250 mail.shop.example
C: MAIL FROM:*
S: 250 2.1.0 Fine
C: RCPT TO:*
S: 550 5.1.1 No such user here
C: QUIT
S: 221 2.0.0 Bye
"""


@pytest.fixture(scope="module")
def dashboard(mailserver: MailServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """A dashboard that trusts the server's authority, too."""
    with server.serving(tmp_path_factory.mktemp("dashboard"), ca_file=mailserver.ca_file) as running:
        yield running


@pytest.fixture
def shop(visit: Visit, dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch) -> int:
    """A stored and active setup of the dashboard, whose database this process shares; the setup's id."""
    assert visit  # it makes the database a fresh one
    monkeypatch.setenv("MAILGAUGE_DATA_DIR", str(dashboard.home / "data"))
    settings.current.cache_clear()
    mine = access.access()
    account.save(mine, system_address=OWNER)
    number = setups.save(mine, SHOP)
    setups.activate(mine, number)
    return number


def checked(setup: int, greeting: str, last: Step, cause: str | None = None) -> None:
    """Stores a check of the shop's setup that ended at a step."""
    journal = Journal(ids.new(), SHOP, letter.write(SHOP, to=OWNER), setup, access.access(), books=False)
    journal.open().result()
    for step in (Step("greeting", True, 40, reply=greeting), last):
        journal.watch(step, None)
    word = "fault" if cause else "works"
    end = Verdict(word, word, cause, last.stage, last.reply)
    seen = {"tls": None, "capabilities": ["AUTH PLAIN LOGIN", "SIZE 1000"], "vantage": {}, "elapsed_ms": 60}
    result = {"verdict": asdict(end) | {"also": []}} | seen
    with ThreadPoolExecutor(1) as aside:  # Playwright's loop runs in this thread
        aside.submit(lambda: asyncio.run(journal.close(word, cause, result))).result()


def words(slug: str, language: str = "en") -> str:
    """The title of a cause."""
    return causes.catalogue()[slug].title[language]


def failed(page: Page, slug: str) -> None:
    """Waits for the end of a test that failed."""
    expect(title(page)).to_contain_text(words(slug))
    screen.ended(page)


@pytest.mark.parametrize("path", ["", "diagnose?by=test"])
def test_two_clicks_lead_from_a_wrong_encryption_to_a_test_that_works(
    visit: Visit, mailserver: MailServer, path: str
) -> None:
    page = visit("en", path)
    if path:
        screen.press(page, "type_settings")
    else:
        screen.choose_mode(page, "smtp")
    values = {"from_address": mailserver.address, "host": mailserver.host, "password": mailserver.password}
    for name, value in (values | {"port": str(mailserver.starttls_port)}).items():
        screen.type_in(page, name, value)
        if name == "from_address":
            expect(field(page, "username")).to_have_value(value)
    screen.choose_encryption(page, "ssl")
    screen.enter(keyed(page, "system_address").locator("input"), mailserver.address)

    screen.press(page, "test")
    failed(page, "tls.implicit_on_starttls_port")
    screen.press(page, "apply_1")

    expect(title(page)).to_contain_text(verdict.WORKS)
    screen.ended(page)
    screen.expect_encryption(page, "starttls")


def test_a_fix_that_changes_the_host_empties_the_password_and_tests_nothing(visit: Visit, dashboard: Dashboard) -> None:
    page = visit()
    screen.try_out(page, {"from_address": OWNER, "host": "stmp.shop.invalid", "password": "canary-pass"}, OWNER)
    expect(keyed(page, "step_resolve_False")).to_be_visible()
    screen.ended(page)

    screen.press(page, "apply_1")

    expect(field(page, "host")).to_have_value("smtp.shop.invalid")
    expect(field(page, "password")).to_have_value("")
    expect(title(page)).to_contain_text("Changed since the last test")
    assert dashboard.count("checks") == 1


def test_a_certificate_trusted_by_its_button_lets_the_rest_run_and_another_host_forgets_it(
    visit: Visit, tmp_path: Path
) -> None:
    file = tmp_path / "untrusted.txt"
    file.write_text(UNTRUSTED)
    page = visit("en", "diagnose?by=test")
    screen.press(page, "type_settings")
    with player.play(file) as played:
        screen.type_in(page, "from_address", played.form["from_address"])
        expect(field(page, "username")).to_have_value(played.form["from_address"])
        for name in ("host", "port"):
            screen.type_in(page, name, played.form[name])
        screen.type_in(page, "username", "")
        screen.enter(keyed(page, "system_address").locator("input"), OWNER)
        screen.press(page, "test")
        failed(page, "tls.cert_self_signed")

        screen.press(page, "trust")

        failed(page, "recipient.unknown")
        expect(keyed(page, "trusted")).to_be_visible()
    screen.type_in(page, "host", "localhost")
    expect(keyed(page, "trusted")).to_have_count(0)


def test_the_report_opens_from_a_disk_and_tells_what_the_page_tells(
    visit: Visit, browser: Browser, shop: int, tmp_path: Path
) -> None:
    last = Step("auth", False, 20, reply="535 5.7.8 Sorry <b>you</b>", code=535, enhanced="5.7.8")
    checked(shop, "220 mail.shop.example ESMTP", last, "auth.bad_credentials")
    page = visit("vi", "diagnose?by=test")

    with page.expect_download() as download:
        screen.press(page, "report_html")
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)

    cause = causes.catalogue()["auth.bad_credentials"]
    asked: list[str] = []
    with browser.new_page() as paper:
        paper.on("request", lambda request: asked.append(request.url))
        paper.goto(file.as_uri())
        for text in (cause.title["vi"], *(fix.text["vi"] for fix in cause.fixes), last.reply or ""):
            expect(paper.locator("body")).to_contain_text(text)
            expect(page.locator("[data-testid=stMain]")).to_contain_text(text)
    assert asked == [file.as_uri()]


def test_a_check_from_elsewhere_is_shown_with_its_differences_to_ours(visit: Visit, shop: int) -> None:
    checked(shop, "220 mail.shop.example ESMTP", Step("data", True, 20, reply="250 2.0.0 Taken"))
    theirs = EVERYTHING | {"settings": EVERYTHING["settings"] | {"host": SHOP.host, "port": 465}}
    page = visit("vi", "diagnose")

    junk = "PS C:\\Users\\shop> python -m core check --json {\n"
    screen.enter(keyed(page, "pasted").locator("textarea"), junk + report.text(theirs) + "}\nPS C:\\Users\\shop> ")
    screen.press(page, "explain")

    expect(title(page)).to_contain_text(words("auth.app_password_required", "vi"))
    differences = keyed(page, "differences")
    expect(differences).to_contain_text(re.compile(r"465[\s\S]*587"))
    expect(differences).to_contain_text("203.0.113.9" if False else "mail.shop.example ESMTP")
    expect(page.locator("[data-testid=stMain]")).to_contain_text(EVERYTHING["evidence"])


def test_what_differs_since_it_worked_is_listed(visit: Visit, shop: int) -> None:
    checked(shop, "220 mail.shop.example ESMTP", Step("data", True, 20, reply="250 2.0.0 Taken"))
    last = Step("auth", False, 20, reply="535 5.7.8 No", code=535, enhanced="5.7.8")
    checked(shop, "220 antivirus.example ready", last, "auth.bad_credentials")

    page = visit("en", "diagnose?by=test")

    failed(page, "auth.bad_credentials")
    expect(keyed(page, "differences")).to_contain_text(
        re.compile(r"Greeting[\s\S]*mail.shop.example ESMTP[\s\S]*antivirus.example ready")
    )


def test_a_drill_is_shown_as_a_check_and_counted_nowhere(visit: Visit, dashboard: Dashboard) -> None:
    page = visit("en", "diagnose?by=drill")
    place = practice.scenarios().index("recipient.unknown")
    keyed(page, "scenario").locator("[data-testid=stRadioOption]").nth(place).click()

    screen.press(page, "play")

    failed(page, "recipient.unknown")
    screen.follow(page, "sends")
    expect(title(page)).to_have_text("Nothing was sent yet")
    screen.follow(page, "volume")
    expect(title(page)).to_contain_text("Recipients today: 0")
    assert dashboard.count("sends") == 0


def test_a_slip_of_the_pen_is_named_before_anything_connects_and_one_click_mends_it(
    visit: Visit, dashboard: Dashboard
) -> None:
    page = visit("vi", "diagnose?by=test")
    screen.press(page, "type_settings")

    screen.type_in(page, "host", "stmp.gmail.com")
    hint = i18n.translate("vi", preflight.MEANT, meant="smtp.gmail.com")
    expect(page.get_by_text(hint)).to_be_visible()
    screen.press(page, "change_host_0")

    expect(field(page, "host")).to_have_value("smtp.gmail.com")
    expect(page.get_by_text(hint)).to_have_count(0)
    assert dashboard.count("checks") == 0


def test_the_language_and_a_reload_keep_the_way_and_the_language_what_was_typed(visit: Visit) -> None:
    page = visit("en", "diagnose?by=test")
    screen.press(page, "type_settings")
    screen.type_in(page, "host", "mail.shop.example")

    screen.switch_language(page, "vi")
    expect(field(page, "host")).to_have_value("mail.shop.example")
    expect(page).to_have_url(re.compile(r"by=test"))
    keyed(page, "diagnose_by").get_by_role("radio").last.click()
    expect(keyed(page, "play")).to_be_visible()
    page.reload()

    expect(keyed(page, "play")).to_be_visible()
    expect(page).to_have_url(re.compile(r"by=drill"))
