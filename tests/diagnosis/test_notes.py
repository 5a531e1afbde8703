"""Findings that are no fault have words in both languages."""

import re

import pytest

from core.diagnosis import notes
from core.i18n import LANGUAGES
from core.settings import ROOT

NOTE = """
[[note]]
slug = "note.unencrypted"
title = { en = "Mail to {host} is open", vi = "Thư gửi đến {host} không được mã hóa" }
why = { en = "Anybody can read it.", vi = "Ai cũng đọc được." }
"""


def test_every_note_of_the_code_has_its_words() -> None:
    source = "".join(path.read_text() for path in (ROOT / "core").rglob("*.py"))
    named = set(re.findall(r'"(note\.[a-z0-9_]+)"', source)) | {
        f"note.{slug}" for slug in re.findall(r'(?:problem=|_note\()"([a-z0-9_]+)"', source)
    }

    assert len(named) > 10
    assert named - notes.catalogue().keys() == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_values_are_filled_in_as_the_language_writes_them(language: str) -> None:
    note = {"note": "note.certificate_ends", "values": {"until": "2030-05-03", "days": 1200}}

    said = notes.words(note, language)

    written = {"en": ("May", "1,200"), "vi": ("thg 5", "1.200")}[language]
    assert (written[0] in said["title"], written[1] in said["why"]) == (True, True)
    assert said["until"] == "2030-05-03"


@pytest.mark.parametrize(("language", "words"), [("en", "There is no way"), ("vi", "đường")])
def test_an_event_is_told_in_words(language: str, words: str) -> None:
    note = {"note": "note.address_failed", "values": {"address": "2001:db8::1", "event": "unreachable"}}

    said = notes.words(note, language)

    assert "2001:db8::1" in said["title"]
    assert words in said["why"]


def test_a_value_with_braces_stays_as_it_is() -> None:
    note = {"note": "note.spf_invalid", "values": {"domain": "shop.example", "detail": "%{i} {domain}"}}

    said = notes.words(note, "en")

    assert said["why"].endswith("%{i} {domain}")


def test_a_value_that_nobody_gave_leaves_a_gap() -> None:
    said = notes.words({"note": "note.tls_weak"}, "en")

    assert said == {
        "cause": "note.tls_weak",
        "title": "The encryption is out of date: …",
        "why": "The server agreed on … with …, which no longer counts as safe. "
        "Its administrator should allow TLS 1.2 or 1.3.",
        "until": None,
    }


def test_a_note_of_another_version_is_told_by_its_slug() -> None:
    said = notes.words({"note": "note.of_next_year", "values": {}}, "vi")

    assert said == {"cause": "note.of_next_year", "title": "note.of_next_year", "why": "", "until": None}


@pytest.mark.parametrize(
    "broken",
    [
        NOTE + NOTE,
        NOTE.replace("note.unencrypted", "unencrypted"),
        NOTE.replace(', vi = "Ai cũng đọc được."', ""),
        NOTE.replace("đến {host}", "đến máy chủ"),
        NOTE.replace("why", "reason"),
        "[[note",
    ],
)
def test_a_file_of_notes_that_cannot_be_used_is_refused(broken: str) -> None:
    with pytest.raises(ValueError, match=r"note|Expected"):
        notes.read(broken)
