"""Rules follow one order of trust, cut no number short and are refused with a sentence where they are broken."""

from pathlib import Path

import pytest

from core.diagnosis import causes, rules
from core.diagnosis.causes import judge
from core.diagnosis.rules import TIERS, Fact, Said

KNOWN = causes.catalogue()
CAUSE = """
[[cause]]
slug = "auth.ours"
title = { en = "Ours", vi = "Của ta" }
why = { en = "Because.", vi = "Vì vậy." }
[[cause.fix]]
en = "Do."
vi = "Làm."
"""


def said(words: str, phrase: str) -> bool:
    """Whether a phrase is found in words."""
    return Said(words).has(phrase)


def test_every_rule_is_of_a_tier() -> None:
    assert {rule.tier for cause in KNOWN.values() for rule in cause.rules} <= set(TIERS)


def test_what_a_rule_names_beside_its_cause_exists() -> None:
    assert {slug for cause in KNOWN.values() for rule in cause.rules for slug in rule.also} <= KNOWN.keys()


def test_no_rule_quotes_a_whole_reply() -> None:
    """A rule is worth having when a second text would match it too."""
    words = [word for cause in KNOWN.values() for rule in cause.rules for word in rule.conditions.get("words", ())]

    assert [word for word in words if len(word) > 90] == []


@pytest.mark.parametrize(
    ("words", "phrase", "found"),
    [
        ("535 5.7.80 no", "5.7.8", False),
        ("535 5.7.8 no", "5.7.8", True),
        ("15.7.8", "5.7.8", False),
        ("No  Such\nUser", "no such user", True),
        ("a geoffrey", "eof", False),
        ("请使用授权码登录", "授权码", True),
        ("domain of sender a@b.example does not exist", "domain of sender … does not exist", True),
        ("does not exist: domain of sender", "domain of sender … does not exist", False),
        ("domain" + " x" * 40 + " gone", "domain … gone", False),
        ("the username is odd", "user", False),
        ("Throttling failure", "throttl", False),
        ("Throttling failure", "throttl*", True),
        ("bad SPF records", "spf record", True),
        ("bad SPF recordings", "spf record", False),
        ("users", "user", False),
        ("#BL000010", "#bl0000*", True),
        ("the ip was seen. this user is blocked", "ip … blocked", False),
        ("the ip 192.0.2.1 is blocked", "ip … blocked", True),
        ("the ip" + rules.BREAK + "user blocked", "ip … blocked", False),
        ("no such" + rules.BREAK + "user", "no such user", True),
    ],
)
def test_words_are_found_whole_and_in_their_order(words: str, phrase: str, found: bool) -> None:
    assert said(words, phrase) is found


def test_a_providers_own_token_counts_before_the_servers_words() -> None:
    found = judge(Fact(None, code=550, words="user unknown [tss04] no such user here"), KNOWN)

    assert found
    assert found.cause.slug == "quota.rate_limit"
    assert found.rule.tier == "token"


def test_the_servers_words_count_before_the_bare_code() -> None:
    found = judge(Fact("auth", code=535, words="too many failed login attempts"), KNOWN)

    assert found
    assert found.cause.slug == "auth.too_many_attempts"


def test_a_known_cause_learns_a_rule_without_being_written_again(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        '[[rule]]\ncause = "auth.required"\nwords = ["xyzzy"]\nsource = "us"\n', encoding="utf8"
    )

    known = causes.catalogue(tmp_path)
    found = judge(Fact(None, words="Xyzzy!"), known)

    assert found
    assert found.cause.slug == "auth.required"
    assert len(known["auth.required"].rules) == len(KNOWN["auth.required"].rules) + 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[[rule]]\ncause = "no.such"\nwords = ["x"]\nsource = "us"', "there is no cause no.such"),
        ('[[rule]]\ncause = "auth.required"\nwords = ["x"]', "where its wording is from"),
        ('[[rule]]\ncause = "auth.required"\nwords = "x"\nsource = "us"', "must be a list"),
        ('[[rule]]\ncause = "auth.required"\nwords = ["No Such"]\nsource = "us"', 'write "no such"'),
        ('[[rule]]\ncause = "auth.required"\ncodes = ["550"]\nsource = "us"', "codes cannot be '550'"),
        ('[[rule]]\ncause = "auth.required"\nsource = "us"', "must have a condition"),
        ('[[rule]]\ncause = "auth.required"\ntier = "gut"\nwords = ["x"]\nsource = "us"', "tier must be one of"),
        ("rule = 1", "written as"),
        ("colour = 1", "colour is unknown"),
        (CAUSE.replace('"Ours", vi = "Của ta"', '"Ours"'), "title needs words in vi, en"),
        (CAUSE.replace("Because.", "Because {colour}."), "{colour} cannot be filled"),
        (CAUSE.replace("Because.", "Because {host."), "a brace without its other half"),
        (CAUSE.replace("auth.ours", "Ours"), "needs a slug"),
        (CAUSE.replace('slug = "auth.ours"', 'slug = "auth.ours"\nretry = "soon"'), "retry must be one of"),
        (CAUSE.replace('slug = "auth.ours"', 'slug = "auth.ours"\ncolour = "red"'), "a cause has no colour"),
        ("[[", "Invalid"),
    ],
)
def test_a_broken_file_is_named_with_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "own.toml").write_text(text, encoding="utf8")

    with pytest.raises(causes.Broken) as caught:
        causes.catalogue(tmp_path)

    assert caught.value.values["file"] == "own.toml"
    assert sentence in str(caught.value.values["detail"])


def test_the_order_of_trust_is_one_table() -> None:
    assert rules.TIERS == ("wrapper", "code", "words", "status", "token", "event")
