"""What a person typed becomes a form, or a sentence at the right field."""

import dataclasses
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import i18n
from core.accounts import form as forms
from core.accounts.form import FIELDS, contradiction, parse, proposed

GOOD = {
    "from_address": "shop@shop.example",
    "from_name": "Shop",
    "host": "mail.shop.example",
    "username": "shop",
    "password": "pass word",
    "port": "587",
    "encryption": "starttls",
}

BAD = [
    ("port", ""),
    ("port", "0"),
    ("port", "00"),
    ("port", "65536"),
    ("port", "70000"),
    ("port", "-25"),
    ("port", "587.0"),
    ("port", "5 87"),
    ("port", "smtp"),
    ("port", "٥٨٧"),
    ("port", "²"),
    ("port", "9" * 5000),
    ("from_address", ""),
    ("from_address", "shop"),
    ("from_address", "shop.example"),
    ("from_address", "@shop.example"),
    ("from_address", "shop@"),
    ("from_address", "a@b@shop.example"),
    ("from_address", "shop @shop.example"),
    ("from_address", "shop@shop.example."),
    ("from_address", "Shop <shop@shop.example>"),
    ("from_address", "a@shop.example,b@shop.example"),
    ("host", ""),
    ("host", "."),
    ("host", "[]"),
    ("host", "https://mail.shop.example"),
    ("host", "smtp://mail.shop.example:25"),
    ("host", "mail.shop.example:587"),
    ("host", "[::1]:25"),
    ("host", "mail shop.example"),
    ("host", "mail\u00a0shop.example"),
    ("host", "mail.shop.example/smtp"),
    ("host", "mail..shop.example"),
    ("host", "-mail.shop.example"),
    ("host", "shop@shop.example"),
    ("host", "m" * 64 + ".example"),
    ("host", "m." * 127 + "example"),
    ("encryption", ""),
    ("encryption", "tls"),
]
BROKEN = [(field, f"a{sign}b") for field in FIELDS for sign in "\r\n\0\x07\x85"]

anything = st.text(st.characters(exclude_categories=()))  # surrogates, too
near_miss = st.builds(str.__add__, st.sampled_from([*GOOD.values(), "[::1]", "465", "a.", "xn--"]), anything)
typed = st.fixed_dictionaries({name: st.one_of(anything, near_miss, st.just(value)) for name, value in GOOD.items()})


def problem_fields(fields: dict[str, str]) -> list[str]:
    """The fields that parsing complains about."""
    return [problem.field for problem in parse(fields)[1]]


@pytest.mark.parametrize("blank", [" ", "\t", "\r\n", "\u00a0", "\u200b", "\u200d", "\u2060", "\ufeff", "\u3000"])
@pytest.mark.parametrize("field", FIELDS)
def test_blanks_around_a_value_go(field: str, blank: str) -> None:
    padded = GOOD | {field: f"{blank}{GOOD[field]}{blank}"}

    form, _ = parse(padded)

    assert form == parse(GOOD)[0]


@pytest.mark.parametrize("blank", ["\u2003", "\u2009", "\u202f", "\u200e", "\u202a"])
def test_any_letter_without_ink_around_a_value_goes(blank: str) -> None:
    padded = GOOD | {"password": f"{blank}secret{blank}"}

    form, _ = parse(padded)

    assert form
    assert form.password.reveal() == "secret"


def test_blanks_within_a_password_stay() -> None:
    form, _ = parse(GOOD | {"password": "abcd efgh\u00a0ijkl"})

    assert form
    assert form.password.reveal() == "abcd efgh\u00a0ijkl"


@pytest.mark.parametrize(("field", "value"), BAD + BROKEN)
def test_a_bad_value_is_told_at_its_field(field: str, value: str) -> None:
    fields = GOOD | {field: value}

    assert problem_fields(fields) == [field]


def test_a_port_with_many_zeros_is_no_way_past_the_highest_port() -> None:
    form, _ = parse(GOOD | {"port": "000000001234567"})

    assert form is None


def test_every_empty_field_that_is_needed_is_told_at_once() -> None:
    assert problem_fields({}) == ["from_address", "host", "port", "encryption"]


@pytest.mark.parametrize(("field", "value"), BAD + BROKEN)
def test_a_problem_makes_a_whole_sentence(field: str, value: str) -> None:
    (problem,) = parse(GOOD | {field: value})[1]

    sentence = i18n.translate("en", problem.sentence, **problem.values)

    assert sentence.endswith(".")
    assert not set("{}") & set(sentence.replace(value, ""))


def test_every_sentence_about_a_field_is_vietnamese_too() -> None:
    sentences = {problem.sentence for field, value in BAD + BROKEN for problem in parse(GOOD | {field: value})[1]}
    sentences |= {*forms.EMPTY.values(), *forms.ENCRYPTION_NAMES.values()}
    sentences |= {problem.sentence for problem in [contradiction("465", "starttls")] if problem}

    assert sentences - i18n.catalogue("vi").keys() == set()


@settings(deadline=None, max_examples=300)
@given(typed)
def test_parsing_never_raises_and_leaves_no_control_character(fields: dict[str, str]) -> None:
    form, problems = parse(fields)

    values = [*map(str, dataclasses.asdict(dataclasses.replace(form, password=None)).values())] if form else []  # type: ignore[arg-type]
    values += [form.password.reveal()] if form else []
    assert bool(form) != bool(problems)
    assert not [value for value in values if any(unicodedata.category(letter) == "Cc" for letter in value)]


@pytest.mark.parametrize(
    ("typed_host", "host"),
    [
        ("SMTP.Shop.Example.", "smtp.shop.example"),
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("[::1]", "::1"),
        ("thư.shop.example", "thư.shop.example"),
        ("mail_1.shop.example", "mail_1.shop.example"),
    ],
)
def test_a_host_is_kept_the_way_dns_looks_for_it(typed_host: str, host: str) -> None:
    form, _ = parse(GOOD | {"host": typed_host})

    assert form
    assert form.host == host


@pytest.mark.parametrize(
    ("port", "encryption", "contradicts"),
    [
        ("465", "starttls", True),
        ("465", "none", True),
        ("587", "ssl", True),
        ("587", "none", True),
        ("2587", "ssl", True),
        ("465", "ssl", False),
        ("587", "starttls", False),
        ("25", "none", False),
        ("25", "starttls", False),
        ("25", "ssl", False),
        ("2525", "none", False),
        ("2525", "starttls", False),
        ("2525", "ssl", False),
        ("", "ssl", False),
        ("port", "ssl", False),
        ("²", "ssl", False),
    ],
)
def test_a_port_and_an_encryption_contradict(port: str, encryption: str, contradicts: bool) -> None:
    problem = contradiction(port, encryption)

    assert bool(problem) is contradicts


@pytest.mark.parametrize("port", ["9" * 5000, "0" * 5000, "-1", "70000"])
def test_a_port_of_no_custom_proposes_nothing(port: str) -> None:
    assert proposed(port) is None
