"""Both languages are complete, in the sentences of the code and in the data."""

import re
import string
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from core import i18n

ROOT = Path(__file__).parents[1]
PO = ROOT / "data" / "locale" / "vi" / "LC_MESSAGES" / "mailgauge.po"


def sentences() -> set[str]:
    """Every sentence that the code marks."""
    found = set()
    for directory in ("core", "pages"):
        marked = extract_from_dir(ROOT / directory, [("**.py", "python")], keywords={"_": None, "N_": None})
        found |= {str(message) for _, _, message, _, _ in marked}
    return found


def placeholders(text: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_sentence_is_translated() -> None:
    assert sentences() - i18n.catalogue("vi").keys() == set()


def test_no_translation_is_left_over() -> None:
    assert i18n.catalogue("vi").keys() - sentences() == set()


def test_no_translation_is_a_guess() -> None:
    with PO.open("rb") as file:
        assert [message.id for message in read_po(file, "vi") if message.id and message.fuzzy] == []


@pytest.mark.parametrize("message", sorted(sentences()))
def test_a_translation_keeps_the_placeholders(message: str) -> None:
    assert placeholders(i18n.catalogue("vi").get(message, "")) == placeholders(message)


def test_sentences_are_not_hidden_in_f_strings() -> None:
    """The extractor of Python 3.11 does not look into them."""
    files = [*ROOT.glob("pages/**/*.py"), *ROOT.glob("core/**/*.py")]

    hidden = [
        path.name
        for path in files
        for line in path.read_text().splitlines()
        if re.search(r"""\bf["'].*\{_\(["']""", line)
    ]

    assert hidden == []


@pytest.mark.parametrize(("language", "written"), [("en", "12,345"), ("vi", "12.345")])
def test_a_number_has_the_thousands_mark_of_its_language(language: str, written: str) -> None:
    assert i18n.number(language, 12345) == written


@pytest.mark.parametrize(
    ("wishes", "language"),
    [(("vi-VN",), "vi"), (("en_US.UTF-8",), "en"), ((None, "", "vi"), "vi"), (("fr-FR",), "en"), ((), "en")],
)
def test_the_first_language_that_we_speak_is_picked(wishes: tuple[str | None, ...], language: str) -> None:
    assert i18n.pick(*wishes) == language
