"""The test mail: no value of a form becomes a header of its own."""

import dataclasses
from email import policy
from email.parser import BytesParser

import pytest

from core.accounts import form as forms
from core.diagnosis import letter
from tests.samples import SHOP

SPLITTING = "=?utf-8?q?=0d=0aBcc=3a_x=40y.vn=0d=0aSubject=3a_owned?="


def headers(mail: letter.Letter) -> list[str]:
    """The names of a mail's headers as a server reads them."""
    return [name.lower() for name, _ in BytesParser(policy=policy.compat32).parsebytes(mail.content).items()]


@pytest.mark.parametrize("field", ["from_name", "from_address", "username"])
def test_an_encoded_word_is_not_taken(field: str) -> None:
    fields = {"from_address": "a@shop.vn", "host": "mail.shop.vn", "port": "587", "encryption": "starttls"}

    form, problems = forms.parse(fields | {field: f"{SPLITTING}@shop.vn" if "name" not in field else SPLITTING})

    assert form is None
    assert [problem.field for problem in problems] == [field]


def test_an_encoded_word_is_no_recipient() -> None:
    assert forms.address_problem("to", f"{SPLITTING}@shop.vn") is not None


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_value_that_was_stored_before_adds_no_header(language: str) -> None:
    form = dataclasses.replace(SHOP, from_name=SPLITTING)

    try:
        found = headers(letter.write(form, to="owner@shop.example", language=language))
    except ValueError:  # refused: as good
        found = []

    assert "bcc" not in found
    assert found.count("subject") <= 1


def test_a_name_with_accents_arrives_as_it_was_typed() -> None:
    form = dataclasses.replace(SHOP, from_name="Tiệm Bánh “Hoa Sữa”")

    mail = BytesParser(policy=policy.default).parsebytes(letter.write(form, to="owner@shop.example").content)

    assert mail["From"].addresses[0].display_name == "Tiệm Bánh “Hoa Sữa”"


def test_the_code_stands_in_the_subject_and_in_the_text() -> None:
    mail = letter.write(SHOP, to="owner@shop.example", text="Xin chào")

    message = BytesParser(policy=policy.default).parsebytes(mail.content)

    assert mail.code in message["Subject"]
    assert "Xin chào" in message.get_content()
    assert mail.code in message.get_content()
