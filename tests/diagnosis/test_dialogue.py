"""The files that say what a server with a fault does."""

import pytest

from core.diagnosis import certificates, dialogue
from core.diagnosis.dialogue import ACTS, Line
from core.told import NotFound


def test_what_is_said_is_kept_as_it_is_written() -> None:
    found = dialogue.parse("# why\nS: 220 mail.example  ESMTP \nC: EHLO *\n")

    assert found.script == (Line("S", "220 mail.example  ESMTP "), Line("C", "EHLO *"))


def test_the_form_takes_what_stands_in_quotes_and_what_is_empty() -> None:
    found = dialogue.parse("! form username= to='two words@shop.example'\n! drop")

    assert found.form == {"username": "", "to": "two words@shop.example"}


@pytest.mark.parametrize("line", ["! explode", "S 220 no colon", "220 nobody says this", "!drop", "! S"])
def test_a_line_that_is_none_is_told(line: str) -> None:
    with pytest.raises(ValueError, match=line.partition(" ")[0]):
        dialogue.parse(f"S: 220 mail.example\n{line}")


def test_a_dialogue_without_a_line_is_told() -> None:
    with pytest.raises(ValueError, match="needs a line"):
        dialogue.parse("# nothing but this\n! form username=\n")


def test_a_cause_without_a_dialogue_is_told() -> None:
    with pytest.raises(NotFound, match=r"auth\.nonsense"):
        dialogue.find("auth.nonsense")


def test_every_directive_is_played_in_a_dialogue_but_the_pause() -> None:
    played = {line.act for found in dialogue.catalogue().values() for line in found.script}

    assert set(ACTS) - played == {"pause"}


def test_every_kind_of_certificate_is_shown_in_a_dialogue() -> None:
    shown = {kind for found in dialogue.catalogue().values() for kind in found.certificates}

    assert shown == set(certificates.KINDS)
