"""Root causes are data: complete in both languages, with their source, and never guessed."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core import settings
from core.accounts.form import FIELDS
from core.diagnosis import causes, checks
from core.diagnosis.causes import Cause, Fact, judge
from core.i18n import LANGUAGES

CATALOGUE = causes.catalogue()
KNOWN = {"host", "port", "encryption", "username", "from_address", "domain", "to", "code", "provider"}
PLACEHOLDER = re.compile(r"\{([^}]*)\}")
OWN = """
[[cause]]
slug = "auth.bad_credentials"
title = { en = "Our own words", vi = "Lời của chúng tôi" }
why = { en = "Because.", vi = "Vì vậy." }
[[cause.fix]]
en = "Do this."
vi = "Hãy làm thế này."
[[cause.rule]]
CONDITION
source = "us"
"""

every_cause = pytest.mark.parametrize("cause", CATALOGUE.values(), ids=CATALOGUE)


def texts(cause: Cause) -> Iterator[dict[str, str]]:
    """Everything that a cause says to people, by language."""
    yield from map(dict, (cause.title, cause.why, *(fix.text for fix in cause.fixes)))


def lesson(data_dir: Path, condition: str) -> Path:
    """The directory in which this machine is taught its own rule for one cause."""
    directory = data_dir / "causes"
    directory.mkdir()
    (directory / "own.toml").write_text(OWN.replace("CONDITION", condition), encoding="utf8")
    settings.current.cache_clear()
    return directory


def taught(data_dir: Path, condition: str) -> dict[str, Cause]:
    """All causes, after this machine was taught its own rule for one."""
    lesson(data_dir, condition)
    return checks.known()


@every_cause
def test_a_cause_speaks_both_languages(cause: Cause) -> None:
    assert [words for words in texts(cause) if words.keys() != LANGUAGES.keys() or not all(words.values())] == []


@every_cause
def test_a_cause_is_not_left_in_english(cause: Cause) -> None:
    assert [words for words in texts(cause) if words["vi"] == words["en"]] == []


@every_cause
def test_a_cause_has_a_way_out(cause: Cause) -> None:
    assert cause.fixes


@every_cause
def test_a_cause_has_a_rule(cause: Cause) -> None:
    assert cause.rules


@every_cause
def test_every_rule_says_where_it_is_from(cause: Cause) -> None:
    assert [rule for rule in cause.rules if not rule.source.strip()] == []


@every_cause
def test_every_rule_has_a_condition(cause: Cause) -> None:
    assert [rule for rule in cause.rules if not any(rule.conditions.values())] == []


@every_cause
def test_a_rules_words_are_written_as_they_are_compared(cause: Cause) -> None:
    words = [word for rule in cause.rules for word in rule.conditions.get("words", ())]

    assert words == [" ".join(word.lower().split()) for word in words]


@every_cause
def test_a_cause_names_only_what_a_check_knows(cause: Cause) -> None:
    names = {name for words in texts(cause) for text in words.values() for name in PLACEHOLDER.findall(text)}

    assert names <= KNOWN


@every_cause
def test_a_cause_names_the_same_in_both_languages(cause: Cause) -> None:
    named = [[set(PLACEHOLDER.findall(text)) for text in words.values()] for words in texts(cause)]

    assert [names for names in named if names[0] != names[1]] == []


@every_cause
def test_a_cause_says_who_acts_and_when_to_try_again(cause: Cause) -> None:
    assert cause.acts in {"you", "provider", "recipient", "host", "program"}
    assert cause.retry in {"now", "later", "never", "unsafe"}


@every_cause
def test_a_cause_points_at_a_field_of_the_form(cause: Cause) -> None:
    assert cause.field in {None, "system_address", *FIELDS}


def test_no_slug_is_used_twice() -> None:
    text = "\n".join(path.read_text(encoding="utf8") for path in causes.OURS.glob("*.toml"))

    slugs = re.findall('^slug = "(.*)"', text, re.MULTILINE)

    assert sorted(slugs) == sorted(CATALOGUE)


def test_a_rule_of_this_machine_replaces_ours(data_dir: Path) -> None:
    known = taught(data_dir, 'words = ["no entry"]')

    found = judge(Fact("auth", code=535, words="No entry"), known)

    assert found
    assert found.cause.title["en"] == "Our own words"
    assert known.keys() == CATALOGUE.keys()


def test_a_replaced_cause_keeps_none_of_our_rules(data_dir: Path) -> None:
    known = taught(data_dir, 'words = ["no entry"]')

    found = judge(Fact("auth", code=535, words="5.7.8 bad"), known)

    assert found is None or found.cause.slug != "auth.bad_credentials"


def test_a_rule_with_an_unknown_condition_is_refused_with_a_sentence(data_dir: Path) -> None:
    with pytest.raises(ValueError, match=r"a rule has no condition colour: known are words, event"):
        causes.catalogue(lesson(data_dir, 'colour = ["red"]'))


def test_a_rule_whose_values_are_no_list_is_refused(data_dir: Path) -> None:
    with pytest.raises(ValueError, match="words"):
        causes.catalogue(lesson(data_dir, 'words = "no entry"'))


def test_a_lesson_counts_at_once(data_dir: Path) -> None:
    known = checks.known()

    assert taught(data_dir, 'words = ["no entry"]') != known


@pytest.mark.parametrize("text", ['colour = ["red"]', "words = ", "source = 1"])
def test_own_causes_that_are_broken_are_left_out(data_dir: Path, text: str) -> None:
    lesson(data_dir, text)

    assert checks.known() == CATALOGUE


@pytest.mark.parametrize(
    "fact",
    [
        Fact("resolve"),
        Fact("mail", code=599, words="Xyzzy"),
        Fact("rcpt", code=599, enhanced="5.99.99", words="Xyzzy"),
        Fact("auth", event="never heard of"),
        Fact("nowhere", code=200),
    ],
    ids=str,
)
def test_what_no_rule_knows_is_not_guessed(fact: Fact) -> None:
    assert judge(fact, CATALOGUE) is None


@pytest.mark.parametrize(
    ("fact", "slug"),
    [
        ({"code": 534, "words": "Application-specific password required"}, "auth.app_password_required"),
        ({"code": 535, "enhanced": "5.7.8", "words": "authentication failed"}, "auth.bad_credentials"),
    ],
)
def test_the_most_specific_rule_wins(fact: dict[str, Any], slug: str) -> None:
    found = judge(Fact("auth", **fact), CATALOGUE)

    assert found
    assert found.cause.slug == slug


@pytest.mark.parametrize(
    "said", ["TLS not available due to temporary reason", "TLS not available due to local problem"]
)
def test_encryption_that_is_offered_and_not_there_now_is_a_trouble_of_the_servers(said: str) -> None:
    found = judge(Fact("starttls", code=454, enhanced="4.7.0", words=said), CATALOGUE)

    assert found
    assert found.cause.slug == "server.temporary"


def test_what_fits_too_is_named_once_and_never_the_cause_itself() -> None:
    found = judge(Fact("auth", code=535, words="application-specific password required, bad username"), CATALOGUE)

    assert found
    assert len(set(found.also)) == len(found.also)
    assert found.cause.slug not in found.also
