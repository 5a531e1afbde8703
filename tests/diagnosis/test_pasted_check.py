"""A check that ran elsewhere: found in a pasted text, whatever is in it; and what differs from one of ours."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from core.diagnosis import causes, differences, report
from core.diagnosis.differences import between, read, told
from core.diagnosis.sections import sections
from core.diagnosis.verdict import ERROR, STATES
from core.diagnosis.wording import Wording
from core.i18n import LANGUAGES, translate
from tests.checked import BARE, EVERYTHING

WRONG: tuple[Any, ...] = (
    None,
    True,
    7,
    -1.5,
    1e300,
    float("nan"),
    "\ud800 x",
    [],
    [[]],
    [None, 3, {}],
    {},
    {"a": {"b": []}},
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where anything stands in a document."""
    if path:
        yield path
    for name, one in (
        value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    ):
        yield from places(one, (*path, name))


def put(document: Any, path: tuple[Any, ...], value: Any) -> str:
    """The document as JSON with another value in one place."""
    changed = copy.deepcopy(document)
    place = changed
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return json.dumps(changed)


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        ("", ""),
        ("PS C:\\Users\\shop> python -m core check\n", "\nPS C:\\Users\\shop> "),
        ('${debian_chroot:+} {x} {"level": 1} ', " } done {"),
    ],
)
def test_a_check_is_found_whatever_stands_around_it(before: str, behind: str) -> None:
    found = read(before + report.text(EVERYTHING) + behind)

    assert found is not None
    assert (found["cause"], found["evidence"]) == (EVERYTHING["cause"], EVERYTHING["evidence"])


@pytest.mark.parametrize("text", ["", "535 5.7.8 no", "{}", '{"verdict": "works"}', '{"verdict": "odd", "steps": []}'])
def test_another_text_is_no_check(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize("text", ["{" * 500_000, '{"a":' * 100_000, "x" * 10_000_000], ids=["braces", "deep", "long"])
def test_a_text_that_is_made_to_break_it_is_no_check(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
def test_a_value_of_a_wrong_kind_in_any_place_does_no_harm(wrong: Any) -> None:
    for path in places(EVERYTHING):
        found = read(put(EVERYTHING, path, wrong))
        if path[0] not in ("verdict", "steps"):
            assert found is not None, path
        for language in LANGUAGES if found else ():
            shown = told(found or {}, language, causes.catalogue())
            parts = list(sections(shown, Wording(language)))
            assert str((shown["title"], parts)).encode(), path
            assert between(shown, EVERYTHING) is not None, path


def test_a_check_from_elsewhere_is_told_in_the_readers_language() -> None:
    found = read(report.text(EVERYTHING))
    assert found is not None

    shown = told(found, "vi", causes.catalogue())

    assert shown["title"] == causes.catalogue()["auth.app_password_required"].title["vi"]
    assert shown["evidence"] == EVERYTHING["evidence"]


def test_a_fault_of_ours_elsewhere_is_told_in_the_readers_language() -> None:
    found = read(report.text(BARE))
    assert found is not None

    assert told(found, "vi", {})["title"] == translate("vi", ERROR)


@pytest.mark.parametrize(("own", "other"), [("en", "vi"), ("vi", "en")])
@pytest.mark.parametrize("state", STATES)
def test_what_a_check_elsewhere_came_to_is_told_in_the_readers_language(state: str, own: str, other: str) -> None:
    values = {"to": "owner@shop.example", "code": "MG-JTJ64H", "detail": "…"}
    title, why = STATES[state]
    words = {"title": translate(own, title), "why": translate(own, why, **values), "language": own}

    shown = told(BARE | words, other, {})

    assert (shown["title"], shown["why"]) == (translate(other, title), translate(other, why, **values))


def test_only_facts_that_both_know_and_that_differ_are_named() -> None:
    other = EVERYTHING | {"settings": EVERYTHING["settings"] | {"port": 465}, "vantage": {}}

    assert [(one.fact, one.before, one.after) for one in between(EVERYTHING, other)] == [("Port", "587", "465")]


def test_the_date_in_a_greeting_is_no_difference() -> None:
    steps = [{"stage": "greeting", "ok": True, "ms": 1, "reply": "220 mail.example ESMTP Sat, 21 Nov 2026 20:32:37"}]
    later = [steps[0] | {"reply": "220 mail.example ESMTP Sat, 21 Nov 2026 21:40:01"}]

    assert differences.between({"steps": steps}, {"steps": later}) == []


def test_signs_that_whoever_shows_it_would_obey_are_written_out() -> None:
    found = read(put(EVERYTHING, ("title",), "\u202etxt\u2028\x1b[2J"))

    assert found
    assert found["title"] == "\\x202etxt\\x2028\\x1b[2J"
