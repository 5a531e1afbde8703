"""Every page renders in each language, on a fresh machine and on one with sends, behind the frame."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import i18n, service
from core.accounts import access, setups
from core.accounts.form import Form
from core.secret import Secret
from core.sending.reservation import Envelope, Recipient, Result, record
from pages.parts import words

FRAME = Path(__file__).parents[1] / "pages" / "frame.py"
PAGES = ("setup", "diagnose", "volume", "sends", "settings")
GMAIL = Form("shop@gmail.com", "smtp.gmail.com", 587, "starttls", "shop@gmail.com", Secret("canary-password"))


@pytest.fixture(autouse=True)
def core_up() -> Iterator[None]:
    """Core as the app has it."""
    service.start()
    yield
    service.stop()


def visit(page: str, language: str = "en") -> AppTest:
    """A page as a visitor of a language gets it."""
    app = AppTest.from_file(str(FRAME), default_timeout=30)
    app.context = {"locale": language, "timezone": "Asia/Ho_Chi_Minh"}
    app.run()
    return app.switch_page(f"{page}.py").run() if page != "setup" else app


def texts(app: AppTest) -> str:
    """All words on a page."""
    kinds = (app.title, app.markdown, app.caption, app.subheader, app.info, app.warning, app.error, app.code)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def busy() -> int:
    """A shop with a stored Gmail setup that sent one mail to three people, one of them refused; the setup."""
    mine = access.access()
    setup = setups.save(mine, GMAIL)
    setups.activate(mine, setup)
    people = [Recipient("a@khach.example"), Recipient("b@khach.example", "cc"), Recipient("c@khach.example", "bcc")]
    results = [Result("accepted", "250 OK"), Result("accepted", "250 OK"), Result("refused", "550 5.1.1 No such user")]
    record(mine, Envelope(GMAIL, people, "test", setup=setup), results)
    return setup


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("fresh", [True, False], ids=["fresh", "busy"])
def test_a_page_renders(page: str, language: str, fresh: bool) -> None:
    if not fresh:
        busy()

    app = visit(page, language)

    assert not app.exception
    assert not app.error
    assert app.title[0].value.strip()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_speaks_vietnamese(page: str) -> None:
    english = {sentence for sentence in i18n.catalogue("vi") if " " in sentence and "{" not in sentence}

    shown = texts(visit(page, "vi"))

    assert [sentence for sentence in english if sentence in shown] == []


def test_one_to_and_one_cc_are_two_of_the_limit() -> None:
    busy()

    assert visit("volume").title[0].value == "2 of 500 recipients used in the last 24 hours, 498 remain"


def test_the_own_limit_replaces_the_providers() -> None:
    setup = busy()
    settings = visit("settings")

    settings.text_input(key=f"limit_{setup}").set_value("1.000")
    settings.button(key="limits_save").click().run()

    assert visit("volume").title[0].value == "2 of 1,000 recipients used in the last 24 hours, 998 remain"


def test_the_account_takes_the_browsers_time_zone() -> None:
    visit("settings")

    assert visit("settings").selectbox(key="account_timezone").value == "Asia/Ho_Chi_Minh"


def test_a_wrong_system_address_is_told_and_nothing_is_stored() -> None:
    app = visit("settings")

    app.text_input(key="account_system_address").set_value("not an address")
    app.form_submit_button[0].click().run()

    assert "not an address" in texts(app)
    assert visit("settings").title[0].value == "Say where test mail should go: the system address is empty"


def test_a_stored_password_never_reaches_a_page() -> None:
    busy()

    app = visit("setup")

    assert app.text_input(key="draft_password").value == ""
    assert "canary-password" not in repr(app.session_state.to_dict())


def test_outlook_says_before_anything_connects_that_it_takes_no_password() -> None:
    app = visit("setup")
    app.radio(key="draft_mode").set_value("smtp").run()

    app.text_input(key="draft_from_address").set_value("shop@hotmail.com").run()

    assert "no password" in app.warning[0].value
    assert app.text_input(key="draft_host").value == "smtp-mail.outlook.com"


def test_a_port_proposes_its_encryption_and_the_other_way_round() -> None:
    app = visit("setup")
    app.radio(key="draft_mode").set_value("smtp").run()

    app.text_input(key="draft_port").set_value("465").run()
    proposed = app.session_state["draft_encryption"]
    app.text_input(key="draft_port").set_value("587").run()

    assert (proposed, app.session_state["draft_encryption"]) == ("ssl", "starttls")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**a** <b> [l](u) $x$ :red[r]", r"\*\*a\*\* \<b\> \[l\](u) \$x\$ \:red\[r\]"),
        ("a\n---\n===\n- b\n 1. c", "a\n\\---\n\\===\n\\- b\n 1\\. c"),
        ("1.234, -5 and 15. May", "1.234, -5 and 15. May"),
        ("see https://example.com/a_b.", "see https://example.com/a_b."),
    ],
)
def test_words_from_outside_are_no_markdown(text: str, shown: str) -> None:
    assert words.plain(text) == shown
