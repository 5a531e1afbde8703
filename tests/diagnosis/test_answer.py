"""A customer gets a polite message with numbered steps; an unknown error becomes a rule and a report."""

from pathlib import Path

import pytest

from core.diagnosis import answer, causes, clients, lesson
from core.diagnosis.explain import explain
from core.i18n import LANGUAGES

REFUSED = "535-5.7.8 Username and Password not accepted. p=BadCredentials - gsmtp"
STRANGE = "550 5.9.9 The flux of <a@shop.example> [192.0.2.7] is inverted, id 4f2a77c1 see https://x.example/1"


@pytest.mark.parametrize(("language", "greeting"), [("vi", "Chào anh/chị,"), ("en", "Hello,")])
def test_a_customer_is_greeted_in_the_own_language(language: str, greeting: str) -> None:
    found = explain(REFUSED)

    message = answer.write(found.words(language), language=language, evidence=found.evidence)

    assert message.startswith(greeting)
    assert "\n1. " in message
    assert found.evidence in message


def test_a_customer_is_addressed_with_respect() -> None:
    for slug, cause in causes.catalogue().items():
        words = {"title": cause.title["vi"], "why": cause.why["vi"], "acts": cause.acts, "question": None}
        fixes = [{"text": fix.text["vi"].replace("{", "").replace("}", "")} for fix in cause.fixes]

        message = answer.write(words | {"fixes": fixes}, language="vi")

        assert " bạn " not in f" {message} ".lower(), slug


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_error_is_not_explained_to_a_customer(language: str) -> None:
    found = explain(STRANGE)

    message = answer.write(found.words(language), language=language, evidence=found.evidence)

    assert "1." not in message.replace(found.evidence, "")


def test_the_lines_of_the_customers_program_are_in_the_message() -> None:
    lines = clients.lines("laravel", host="mail.shop.example", port=587, encryption="starttls")

    assert "    MAIL_PORT=587" in answer.write(explain(REFUSED).words("en"), language="en", lines=lines)


def test_a_lesson_makes_the_unknown_known(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(lesson.rule(explain(STRANGE), cause="auth.temporary"), encoding="utf8")

    known = causes.catalogue(tmp_path)

    assert explain(STRANGE).cause is None
    assert explain(STRANGE, known=known).cause == "auth.temporary"
    assert explain(STRANGE.replace("a@shop.example", "b@c.example"), known=known).cause == "auth.temporary"


def test_a_lesson_names_nobody() -> None:
    words = lesson.words(STRANGE)

    assert not any(part in words for part in ("shop", "192.0.2.7", "4f2a", "https"))


def test_a_report_names_nobody() -> None:
    report = lesson.report(explain(STRANGE), STRANGE)

    assert "a@shop" not in report
    assert "192.0.2.7" not in report
    assert "The flux of" in report


def test_a_message_ends_with_whose_it_is_where_that_is_known() -> None:
    words = explain(REFUSED).words("vi")

    assert answer.write(words, language="vi").endswith("Trân trọng\n")
    assert answer.write(words, language="vi", name="Cửa hàng").endswith("Trân trọng,\nCửa hàng\n")
