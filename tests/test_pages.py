"""Every page renders in each language, on a fresh machine and on one with sends, behind the frame."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, date
from pathlib import Path

import pytest
from sqlalchemy import Table, func, select
from streamlit.testing.v1 import AppTest

from core import clock, database, i18n, ids, sample, service, tables
from core.accounts import access, account, providers, setups
from core.accounts import form as forms
from core.accounts.form import Form, Problem
from core.counting import elsewhere, limits, log, refusal, watch
from core.diagnosis import causes, lesson, letter, report
from core.diagnosis.explain import explain
from core.diagnosis.journal import Journal
from core.diagnosis.step import Step
from core.diagnosis.verdict import Verdict
from core.secret import Secret
from core.sending.reservation import Envelope, Recipient, Result, record
from pages.parts import words
from pages.parts.words import plain
from tests.checked import EVERYTHING
from tests.samples import envelope

FRAME = Path(__file__).parents[1] / "pages" / "frame.py"
PAGES = ("setup", "diagnose", "volume", "sends", "settings")
LOCAL = Form("shop@shop.example", "127.0.0.1", 2525, "none", "shop@shop.example", Secret("canary-password"))
BAD = {
    "port": ("0", "70000", "abc", ""),
    "from_address": ("shop.shop.example", "@shop.example", ""),
    "host": ("smtp://mail.shop.example", "mail.shop.example:587", "mail. shop.example", ""),
}
LABELS = {
    "draft_mode": ("Giao thức email", "Email protocol"),
    "draft_from_address": ("From (email)", "From (email)"),
    "draft_host": ("Máy chủ", "Host"),
    "draft_username": ("Tên đăng nhập", "User name"),
    "draft_password": ("Mật khẩu", "Password"),
    "draft_port": ("Cổng", "Port"),
    "draft_encryption": ("Mã hóa", "Encryption"),
}
SILENT = "Error: Greeting never received"
STRANGE = "550 Blorps gleeb no wugs on a Thursday"
EACH_LANGUAGE = pytest.mark.parametrize("language", i18n.LANGUAGES)
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


def typed(language: str = "en", **values: str) -> AppTest:
    """The SMTP form with these values typed one after the other."""
    app = visit("setup", language)
    app.radio(key="draft_mode").set_value("smtp").run()
    for name, value in values.items():
        app.text_input(key=f"draft_{name}").set_value(value).run()
    return app


def stored(form: Form = LOCAL) -> int:
    """An account that knows where test mail goes and sends by a setup; the setup."""
    mine = access.access()
    account.save(mine, system_address="owner@shop.example")
    setup = setups.save(mine, form)
    setups.activate(mine, setup)
    return setup


def count(table: Table) -> int:
    """How many rows a table has."""
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def said(language: str, problem: Problem) -> str:
    """What is wrong with a field, as a page says it."""
    values = {name: plain(i18n.translate(language, str(value))) for name, value in problem.values.items()}
    return i18n.translate(language, problem.sentence, **values)


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


@EACH_LANGUAGE
def test_outlook_says_before_anything_connects_that_it_takes_no_password(language: str) -> None:
    app = typed(language, from_address="shop@hotmail.com")

    notice = providers.catalogue()["outlook.com"].notice
    assert notice
    assert app.warning[0].value == plain(notice[language])
    assert app.text_input(key="draft_host").value == "smtp-mail.outlook.com"
    assert count(tables.checks) == 0


@pytest.mark.parametrize(
    ("address", "host", "port", "encryption", "username"),
    [
        ("shop@126.com", "smtp.126.com", "465", "ssl", "shop@126.com"),
        ("shop@web.de", "smtp.web.de", "587", "starttls", "shop"),
    ],
)
def test_an_address_fills_server_and_user_name(
    address: str, host: str, port: str, encryption: str, username: str
) -> None:
    app = typed(from_address=address)

    assert app.text_input(key="draft_host").value == host
    assert app.text_input(key="draft_port").value == port
    assert app.session_state.draft_encryption == encryption
    assert app.text_input(key="draft_username").value == username


@EACH_LANGUAGE
def test_a_provider_without_a_button_gets_one_where_the_host_names_it(language: str) -> None:
    app = typed(language, host="email-smtp.ap-southeast-1.amazonaws.com")

    notice = providers.catalogue()["ses"].notice
    assert notice
    assert app.info[0].value == plain(notice[language])
    assert app.session_state.draft_provider == "ses"
    assert "Amazon SES" in app.button_group(key="draft_provider").options


@EACH_LANGUAGE
def test_a_port_and_an_encryption_that_contradict_are_pointed_out_before_anything_connects(language: str) -> None:
    app = typed(language, port="465")

    app.button_group(key="draft_encryption").set_value("starttls").run()

    clash = forms.contradiction("465", "starttls")
    assert clash
    assert app.text_input(key="draft_port").value == "465"
    assert said(language, clash) in texts(app)
    assert count(tables.checks) == 0


def test_a_port_proposes_its_encryption_and_the_other_way_round() -> None:
    app = visit("setup")
    app.radio(key="draft_mode").set_value("smtp").run()

    app.text_input(key="draft_port").set_value("465").run()
    proposed = app.session_state["draft_encryption"]
    app.text_input(key="draft_port").set_value("587").run()

    assert (proposed, app.session_state["draft_encryption"]) == ("ssl", "starttls")


@pytest.mark.parametrize("name", BAD)
@EACH_LANGUAGE
def test_a_wrong_value_gets_a_sentence_and_starts_no_check(name: str, language: str) -> None:
    stored()
    app = visit("setup", language)

    for value in BAD[name]:
        app.text_input(key=f"draft_{name}").set_value(value).run()
        app.button(key="test").click().run()

        values = {field: getattr(LOCAL, field) for field in ("from_address", "host", "username", "port", "encryption")}
        [problem] = forms.parse(values | {name: value})[1]
        assert said(language, problem) in texts(app), value
    assert count(tables.checks) == 0


@pytest.mark.parametrize(("name", "value"), [("host", "localhost"), ("username", "other@shop.example")])
def test_a_stored_password_is_typed_again_for_another_server_or_user(name: str, value: str) -> None:
    stored()
    app = visit("setup")

    app.text_input(key=f"draft_{name}").set_value(value).run()
    app.button(key="test").click().run()

    assert "Type the password that belongs to this user name and server." in texts(app)
    assert count(tables.checks) == 0


@pytest.mark.parametrize(("language", "position"), [("vi", 0), ("en", 1)])
def test_the_form_speaks_the_words_of_the_language(language: str, position: int) -> None:
    app = typed(language)

    widgets = {element.key: element.label for kind in (app.radio, app.text_input, app.button_group) for element in kind}

    assert {key: widgets[key] for key in LABELS} == {key: labels[position] for key, labels in LABELS.items()}
    assert app.button(key="test").label == "Test"


def test_the_one_missing_fact_changes_the_answer() -> None:
    app = visit("diagnose")
    app.text_area(key="pasted").set_value(SILENT)
    app.button(key="explain").click().run()
    assert "Which port" in app.info[0].value

    app.text_input(key="known_port").set_value("465").run()

    assert app.title[0].value == plain(causes.catalogue()["tls.plain_on_implicit_port"].title["en"])


def test_a_port_that_is_none_is_told_and_the_answer_stays() -> None:
    app = visit("diagnose")
    app.text_area(key="pasted").set_value(SILENT)
    app.button(key="explain").click().run()

    app.text_input(key="known_port").set_value("99999").run()

    assert "99999” is no port" in texts(app)
    assert app.title[0].value == plain(causes.catalogue()["greeting.timeout"].title["en"])


def test_a_pasted_check_is_shown_stage_by_stage_with_its_notes() -> None:
    app = visit("diagnose")

    app.text_area(key="pasted").set_value(report.text(EVERYTHING))
    app.button(key="explain").click().run()

    said = [code.value for code in app.code]
    assert [step["reply"] for step in EVERYTHING["steps"] if "reply" in step and step["reply"] not in said] == []
    assert EVERYTHING["notes"][0]["title"] in texts(app)


def test_an_error_that_nobody_knows_offers_the_rule_to_fill_in() -> None:
    app = visit("diagnose")

    app.text_area(key="pasted").set_value(STRANGE)
    app.button(key="explain").click().run()

    assert lesson.rule(explain(STRANGE)).strip() in [code.value for code in app.code]


def limit(app: AppTest, setup: int, value: str) -> None:
    """Sets an own limit and saves it."""
    app.text_input(key=f"limit_{setup}").set_value(value)
    app.button(key="limits_save").click().run()


def change(app: AppTest, name: str, value: str) -> None:
    """Changes a setting of the account and saves it."""
    app.text_input(key=f"account_{name}").set_value(value)
    app.form_submit_button[0].click().run()


def test_each_tab_stores_only_the_limits_that_were_changed_in_it() -> None:
    setup = stored()
    [default] = [found.id for found in setups.all(access.access()) if found.mode == "default"]
    first, second = visit("settings"), visit("settings")
    limit(first, default, "100")

    limit(second, setup, "1,000")

    assert count(tables.limits) == 2


def test_two_setups_with_one_log_in_have_one_limit_that_an_empty_field_does_not_take_away() -> None:
    first = stored()
    stored(replace(LOCAL, from_address="second@shop.example"))
    app = visit("settings")

    limit(app, first, "300")

    assert count(tables.limits) == 1


def test_the_last_change_of_the_settings_can_be_undone() -> None:
    app = visit("settings")
    change(app, "name", "Cửa hàng")
    change(app, "system_address", "owner@shop.example")
    assert "owner@shop.example" in app.title[0].value

    app.button(key="account_take_back").click().run()

    assert "the system address is empty" in app.title[0].value
    assert "account_take_back" not in [button.key for button in app.button]
    again = visit("settings")
    assert again.text_input(key="account_system_address").value == ""
    assert again.text_input(key="account_name").value == "Cửa hàng"


def test_another_tab_removes_the_sample_while_this_one_looks_at_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "DAYS", 2)
    page, other = visit("sends"), visit("sends")
    for tab in (page, other):
        tab.button(key="sample_load").click().run()
    assert "sample_leave" in [button.key for button in page.button]
    other.button(key="sample_remove_yes").click().run()

    page.switch_page("volume.py").run()

    assert "sample_leave" not in [button.key for button in page.button]
    assert page.title[0].value.startswith("Recipients today: 0")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**a** <b> [l](u) $x$ :red[r]", r"\*\*a\*\* \<b\> \[l\](u) \$x\$ \:red\[r\]"),
        ("a\n---\n===\n- b\n 1. c", "a\n\\---\n\\===\n\\- b\n 1\\. c"),
        ("1.234, -5 and 15. May", "1.234, -5 and 15. May"),
        ("see https://example.com/a_b.", "see https://example.com/a_b."),
        ("from a_b@shop.example.", "from `a_b@shop.example`."),
    ],
)
def test_words_from_outside_are_no_markdown(text: str, shown: str) -> None:
    assert words.plain(text) == shown


@EACH_LANGUAGE
def test_sends_tells_who_did_not_get_mail_and_why(language: str) -> None:
    busy()

    app = visit("sends", language)

    today = i18n.translate(language, "today")
    title = i18n.translate(language, "Who did not get mail, {day}: {n}", day=today, n=1)
    cause = causes.catalogue()["recipient.unknown"]
    assert title in [element.value for element in app.subheader]
    assert [each.label for each in app.expander] == [f"{plain(cause.title[language])}: 1"]
    assert plain(cause.fixes[0].text[language]).partition("{")[0] in texts(app)


def test_sends_says_nothing_of_who_did_not_get_mail_where_everybody_did() -> None:
    setups.activate(access.access(), setup := setups.save(access.access(), GMAIL))
    message = Envelope(GMAIL, [Recipient("a@khach.example")], "test", setup=setup)
    record(access.access(), message, [Result("accepted", "250 OK")])

    app = visit("sends")

    assert (len(app.expander), [each.key for each in app.date_input]) == (0, ["day"])


def test_a_day_on_which_everybody_was_served_says_none() -> None:
    busy()
    app = visit("sends")

    app.date_input(key="undelivered_day").set_value(date(2026, 1, 5)).run()

    assert [element.value for element in app.subheader] == ["Who did not get mail, 5 Jan: 0"]


def test_hidden_addresses_are_hidden_there_too() -> None:
    busy()
    app = visit("sends")

    app.toggle(key="masked").set_value(True).run()

    assert "c@khach.example" not in str([table.value.to_dict() for table in app.dataframe])


def test_settings_tells_what_is_stored_of_a_person_and_deletes_it_when_it_is_told_to() -> None:
    busy()
    app = visit("settings")

    app.text_input(key="erased").set_value("C@khach.example").run()
    before = texts(app)
    app.button(key="erase_yes").click().run()

    assert "Mails to this address: 1" in before
    assert "c@khach.example" not in str(log.find(access.access()))
    assert app.text_input(key="erased").value == ""


def test_settings_deletes_nothing_before_it_is_told_to() -> None:
    busy()
    app = visit("settings")

    app.text_input(key="erased").set_value("c@khach.example").run()

    assert "c@khach.example" in str(log.find(access.access()))


@pytest.mark.parametrize(
    ("typed", "said"),
    [("nobody@khach.example", "Nothing is stored of `nobody@khach.example`."), ("khach", "“khach” is no mail address")],
)
def test_settings_says_where_nothing_can_be_found(typed: str, said: str) -> None:
    busy()
    app = visit("settings")

    app.text_input(key="erased").set_value(typed).run()

    assert not app.exception
    assert said in texts(app)
    assert "erase_yes" not in [button.key for button in app.button]


def test_what_a_shorter_memory_would_forget_is_told_before_it_is() -> None:
    mine = access.access()
    message = Envelope(GMAIL, [Recipient("a@khach.example")], "test", created_at=clock.now() - 40 * clock.DAY_MS)
    record(mine, message, [Result("accepted")])
    app = visit("settings")

    app.button_group(key=f"retention_{mine.account_id}").set_value(30).run()

    assert "Recipients that would be forgotten at once: 1." in texts(app)
    assert [entry.recipient for entry in log.find(mine)] == ["a@khach.example"]


def checked(setup: int | None, form: Form, slug: str) -> None:
    """Stores a check of a form that ended with a cause; it was begun on a page with the setup on view."""
    mine = access.access()
    journal = Journal(ids.new(), form, letter.write(form, to="owner@shop.example"), setup, mine, books=False)
    journal.open().result()
    journal.watch(Step("connect", False, 40, event="refused"), None)
    result = {"verdict": asdict(Verdict("fault", "fault", slug, "connect", "refused"))}
    asyncio.run(journal.close("fault", slug, result))


def headline(slug: str) -> str:
    """The title of a cause, as a page's title has it."""
    return plain(causes.catalogue()[slug].title["en"].format_map(defaultdict(str)))


def test_a_stored_setup_shows_its_own_last_test_and_not_that_of_other_values_tried_on_the_way() -> None:
    setup = stored()
    checked(setup, LOCAL, "auth.app_password_required")
    checked(setup, replace(LOCAL, port=2526), "tls.cert_untrusted")

    title = visit("setup").title[0].value

    assert headline("auth.app_password_required") in title


def test_a_new_form_is_not_shown_with_another_servers_fault() -> None:
    stored()
    checked(None, LOCAL, "tls.cert_untrusted")
    app = visit("setup")

    app.button(key="new").click().run()
    app.text_input(key="draft_host").set_value("smtp.gmail.com").run()

    assert app.title[0].value == "Not tested yet: choose how mail goes out, then test it"


def test_a_stored_setup_that_is_changed_on_the_page_says_so_beside_its_state() -> None:
    stored()
    app = visit("setup")
    assert "Changes not saved" not in texts(app)

    app.text_input(key="draft_port").set_value("2526").run()

    assert "Changes not saved" in texts(app)


def test_an_empty_box_is_told_and_explains_nothing() -> None:
    app = visit("diagnose")

    app.button(key="explain").click().run()

    assert app.error[0].value == "Nothing was explained: paste the error first."


def test_a_complaint_in_a_persons_own_words_is_asked_about() -> None:
    app = visit("diagnose", "vi")

    app.text_area(key="pasted").set_value("Không kết nối được với máy chủ")
    app.button(key="explain").click().run()

    assert app.title[0].value.startswith("Phần mềm không kết nối được")
    assert "Máy chủ, Cổng và Mã hóa nào" in app.info[0].value
    assert "[[rule]]" not in texts(app)


def test_broken_own_causes_are_told_on_the_page_that_does_without_them(data_dir: Path) -> None:
    (data_dir / "causes").mkdir()
    (data_dir / "causes" / "own.toml").write_text("[[rule]]\n")

    assert "own.toml" in visit("diagnose").warning[0].value


def test_a_failing_setup_is_made_active_only_after_a_question() -> None:
    setup = stored()
    checked(setup, LOCAL, "connect.refused")
    default = next(found.id for found in setups.all(access.access()) if found.mode == "default")
    setups.activate(access.access(), default)

    app = visit("setup")
    app.radio(key="draft_mode").set_value("smtp").run()

    assert "Its last test failed: mail sent through it will most likely not go out." in texts(app)
    assert app.button(key="activate").label == "Make it active all the same"


def test_what_was_found_on_diagnose_can_be_saved_there() -> None:
    setup = stored()
    app = visit("diagnose")
    app.segmented_control(key="diagnose_by").set_value("test").run()

    app.text_input(key="draft_from_name").set_value("Shop").run()
    app.button(key="save").click().run()

    assert setups.find(access.access(), setup).form.from_name == "Shop"


def test_an_untrusted_certificate_leads_from_the_start_page_to_where_it_can_be_trusted() -> None:
    checked(stored(), LOCAL, "tls.cert_untrusted")

    app = visit("setup")
    assert "you can look at its certificate there" in texts(app)
    app.button(key="closer").click().run()

    assert app.session_state["diagnose_by"] == "test"


def test_a_password_that_was_lost_on_another_page_is_told() -> None:
    app = typed(host="127.0.0.1", username="shop@shop.example", password="canary-password")
    lost = "A password that is not saved is kept on no other page: type it again."
    assert lost not in texts(app)

    app.switch_page("volume.py").run()
    app.switch_page("setup.py").run()
    assert lost in texts(app)
    app.text_input(key="draft_password").set_value("canary-password").run()

    assert lost not in texts(app)


def test_the_answer_stands_beside_the_button_too() -> None:
    checked(stored(), LOCAL, "tls.cert_untrusted")

    app = visit("setup")

    assert f"**{app.title[0].value}**" in [text.value for text in app.markdown]


def test_from_four_fifths_on_the_answer_says_that_the_limit_is_near() -> None:
    busy()
    elsewhere.add(access.access(), GMAIL, 398)

    answer = "Near limit: at least 400 of 500 recipients used in the last 24 hours, at most 100 remain"
    assert visit("volume").title[0].value.endswith(answer)


def test_a_limit_that_is_reached_is_told_as_such() -> None:
    busy()
    limits.own(access.access(), GMAIL, 2)

    assert visit("volume").title[0].value.endswith("Limit reached: 2 of 2 recipients used in the last 24 hours")


def test_what_is_sent_elsewhere_is_told_beside_the_limit_and_not_among_the_sends() -> None:
    busy()
    elsewhere.add(access.access(), GMAIL, 40)

    app = visit("volume")

    assert "40 of them sent elsewhere" in texts(app)
    assert [metric.value for metric in app.metric][:2] == ["2", "2"]


def test_a_refusal_of_the_provider_is_told_and_can_be_taken_out_of_the_count() -> None:
    busy()
    entry = elsewhere.add(access.access(), GMAIL, 498, kind=elsewhere.REFUSAL)
    app = visit("volume")
    assert "At least 498 recipients sent elsewhere" in texts(app)

    app.button(key=f"uncount_{entry}").click().run()

    assert app.title[0].value.startswith("2 of 500")
    assert elsewhere.entries(access.access(), GMAIL) == []


@EACH_LANGUAGE
@pytest.mark.parametrize("view", ["days", "today", "hours", "from", "domain", "source", "elsewhere", "numbers"])
def test_each_view_of_the_volume_is_drawn(view: str, language: str) -> None:
    busy()
    app = visit("volume", language)

    app.button_group(key="view").set_value(view).run()

    assert not app.exception
    assert app.query_params.get("view", "days") == view


def test_the_numbers_of_the_volume_are_a_table() -> None:
    busy()
    app = visit("volume")

    app.button_group(key="view").set_value("numbers").run()

    assert app.dataframe[0].value.iloc[0]["Recipients"] == 2


def test_a_setup_that_sent_nothing_is_told_what_to_do() -> None:
    app = visit("volume")

    assert "Send a test on the page Email protocol" in texts(app)
    assert app.button(key="sample_load")


def watched(setup: int, state: str, **values: object) -> None:
    """A Sent folder that was read an hour ahead, so that nobody reads it now."""
    row = {"setup_id": setup, "folders": {}, "state": state, "bounces": False, "found": 0, "created_at": 0}
    with access.access().write() as rows:
        rows.insert(tables.watches, row | {"read_at": clock.now() + 3_600_000} | values)


@EACH_LANGUAGE
def test_a_setup_that_counts_nothing_is_offered_its_sent_folder(language: str) -> None:
    stored(GMAIL)

    app = visit("volume", language)

    assert app.button(key="watch").label == i18n.translate(
        language, "Read the Sent folder at {host}", host="imap.gmail.com"
    )


@pytest.mark.parametrize("form", [LOCAL, replace(GMAIL, password=Secret())], ids=["unknown provider", "no password"])
def test_a_sent_folder_that_cannot_be_read_is_not_offered(form: Form) -> None:
    stored(form)

    assert "watch" not in [button.key for button in visit("volume").button]


@EACH_LANGUAGE
def test_a_sent_folder_that_could_not_be_read_says_why(language: str) -> None:
    watched(stored(GMAIL), "imap_off", reply="NO [ALERT] Your account is not enabled for IMAP use")

    shown = texts(visit("volume", language))

    sentence = "{host} lets nobody read this mailbox: switch IMAP on in the mailbox's settings."
    assert plain(i18n.translate(language, sentence, host="imap.gmail.com")) in shown
    assert "not enabled for IMAP use" in shown


def test_a_watch_that_is_ended_counts_no_more_and_is_offered_again() -> None:
    watched(stored(GMAIL), "current")
    app = visit("volume")

    app.button(key="unwatch").click().run()

    assert count(tables.watches) == 0
    assert "watch" in [button.key for button in visit("volume").button]


def test_a_charts_words_for_those_who_hear_them_hold_no_marks_of_markdown() -> None:
    shop = replace(GMAIL, from_address="big_shop@gmail.com")
    setup = stored(shop)
    record(access.access(), envelope(shop, setup=setup), [Result("accepted")])
    app = visit("volume")

    app.button_group(key="view").set_value("from").run()

    assert [chart.proto.alt for chart in app.get("vega_lite_chart")] == ["The largest: big_shop@gmail.com, 1 · 100%"]


def test_mail_of_other_programs_is_not_called_unseen_where_the_sent_folder_is_read() -> None:
    setup = stored(GMAIL)
    watched(setup, "current")
    record(access.access(), envelope(GMAIL, setup=setup), [Result("accepted")])

    shown = texts(visit("volume"))

    assert "One To and one Cc are two recipients." in shown
    assert "is not seen here" not in shown


@pytest.mark.parametrize("before", [False, True])
def test_whether_the_inbox_is_read_for_mail_that_came_back_can_be_changed_later(before: bool) -> None:
    setup = stored(GMAIL)
    watched(setup, "current", bounces=before)
    app = visit("volume")

    app.toggle(key="look_inbox").set_value(not before).run()

    assert (found := watch.find(access.access(), setup))
    assert (found.bounces, app.toggle(key="look_inbox").value) == (not before, not before)


def test_a_try_that_makes_a_block_longer_is_held_until_it_is_wanted_all_the_same() -> None:
    yandex = Form("shop@yandex.ru", "smtp.yandex.com", 465, "ssl", "shop@yandex.ru", Secret("canary-password"))
    stored(yandex)
    refusal.learn(access.access(), yandex, zone=UTC)
    app = visit("setup")

    app.button(key="test").click().run()

    assert count(tables.checks) == 0
    assert "each try makes the block longer" in texts(app)
    assert app.button(key="anyway").label == "Test all the same"
