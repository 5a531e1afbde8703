"""Two checks side by side: what counts as a difference; and a check that is pasted may hold anything."""

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core import service
from core.diagnosis import differences
from tests.checked import BARE, EVERYTHING, HOSTILE, hostile

FRAME = Path(__file__).parents[2] / "pages" / "frame.py"
STRANGE = [None, True, -1, 1.5, 10**40, "x", "\ud800", [], [[]], {}, {"a": {}}, [None, 1, "x", {}], HOSTILE]
GREETINGS = [
    ("220 smtp.gmail.com ESMTP 41be03b00d2f7-b6ab8 - gsmtp", "220 smtp.gmail.com ESMTP d9443c01a7336-1b0ff - gsmtp"),
    (
        "220 mail.shop.example ESMTP Exim 4.96 Mon, 3 May 2026 10:00:00 +0700",
        "220 mail.shop.example ESMTP Exim 4.96 Sun, 22 Nov 2026 09:07:11 +0700",
    ),
    (
        "220 SG2PR01CA0123.outlook.office365.com Microsoft ESMTP MAIL Service ready at Mon, 3 May 2026 07:02:01 +0000",
        "220 TYZPR03MB001.outlook.office365.com Microsoft ESMTP MAIL Service ready at Tue, 14 Jul 2026 17:02:01 +0000",
    ),
    ("220 <7c2f9d1e@mail.shop.example> ready", "220 <91b2aa40@mail.shop.example> ready"),
]


def check(**changes: Any) -> dict[str, Any]:
    """A check with everything in it, but for some parts."""
    return copy.deepcopy(EVERYTHING) | changes


def attack() -> dict[str, Any]:
    """A check with hostile words everywhere, short enough to be read."""
    words: dict[str, Any] = json.loads(json.dumps(hostile()).replace("x" * 65_536, "x"))
    return words


def greeted(words: str) -> dict[str, Any]:
    """A check of a server that greets so."""
    return check(steps=[{"stage": "greeting", "ok": True, "ms": 1, "reply": words}])


def facts(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """The facts that differ."""
    return [one.fact for one in differences.between(before, after)]


class TestBetween:
    """What differs."""

    def test_nothing_where_nothing_changed(self) -> None:
        assert facts(check(), check()) == []

    @pytest.mark.parametrize(("before", "after"), GREETINGS)
    def test_a_greeting_of_another_day_is_the_same(self, before: str, after: str) -> None:
        assert facts(greeted(before), greeted(after)) == []

    def test_a_greeting_of_another_program_is_not(self) -> None:
        before, after = greeted("220 mail.shop.example ESMTP Postfix"), greeted("220 mail.shop.example ESMTP Exim 4.96")

        assert facts(before, after) == ["Greeting"]

    def test_addresses_in_another_order_are_the_same(self) -> None:
        before, after = (
            check(steps=[{"stage": "resolve", "ok": True, "ms": 1, "detail": detail}])
            for detail in ("192.0.2.1, 192.0.2.2", "192.0.2.2, 192.0.2.1")
        )

        assert facts(before, after) == []

    def test_another_address_is_not(self) -> None:
        before, after = (
            check(steps=[{"stage": "resolve", "ok": True, "ms": 1, "detail": detail}])
            for detail in ("192.0.2.1", "192.0.2.2")
        )

        assert facts(before, after) == ["Addresses of the host"]

    def test_a_renewed_certificate_is_one(self) -> None:
        after = check()
        after["tls"]["not_after"] = "2027-03-14T08:36:54+00:00"
        after["tls"]["chain"][0]["fingerprint"] = "00" * 32

        (found,) = differences.between(check(), after)

        assert (found.fact, "2026-12-14" in found.before, "2027-03-14" in found.after) == ("Certificate", True, True)

    @pytest.mark.parametrize(
        ("name", "value", "fact"),
        [
            ("host", "smtp.shop.example", "Host"),
            ("port", 465, "Port"),
            ("encryption", "ssl", "Encryption"),
            ("username", "other@shop.example", "User name"),
            ("from_address", "other@shop.example", "From (email)"),
        ],
    )
    def test_each_setting_is_one(self, name: str, value: object, fact: str) -> None:
        after = check(settings=EVERYTHING["settings"] | {name: value})

        assert facts(check(), after) == [fact]

    def test_a_way_to_log_in_that_is_gone_is_one(self) -> None:
        after = check(capabilities=[*EVERYTHING["capabilities"][:1], "AUTH XOAUTH2", *EVERYTHING["capabilities"][2:]])

        assert facts(check(), after) == ["Ways to log in"]

    def test_what_one_of_them_does_not_know_is_none(self) -> None:
        assert (
            facts(check(), check(tls=None, vantage={}, settings=None, capabilities=[], steps=[], evidence=None)) == []
        )

    def test_a_check_without_anything_is_compared(self) -> None:
        assert facts(BARE, check()) == []


class TestWhatIsPasted:
    """A check that ran elsewhere, or anything else."""

    def test_a_check_is_read(self) -> None:
        found = differences.read(json.dumps(EVERYTHING))

        assert found
        assert facts(found, check()) == []

    def test_with_words_around_it(self) -> None:
        found = differences.read(f"$ python -m core check --json\n{json.dumps(EVERYTHING, indent=2)}\n$ ")

        assert found
        assert found["title"] == EVERYTHING["title"]

    @pytest.mark.parametrize(
        "text",
        [
            *("", "535 5.7.8 Error", "{", "}", "}{", "{}", "[]", "null", '{"verdict": "works"}', '{"verdict": []}'),
            *('{"verdict": "good", "steps": []}', '{"verdict": "works", "steps": {}}', "{1}", '{"a": ' * 5000 + "1"),
            *(
                '{"verdict": "works", "steps": ' + "[" * 100_000 + "]" * 100_000 + "}",
                "{\x00}",
                '{"a": ' + "9" * 9999 + "}",
            ),
            json.dumps({"verdict": "works", "steps": [], "title": "x" * 2_000_000}),
        ],
        ids=lambda text: text[:20] or "nothing",
    )
    def test_anything_else_is_not(self, text: str) -> None:
        assert differences.read(text) is None

    def test_a_value_of_another_kind_is_left_out(self) -> None:
        settings = {"host": ["x"], "port": "587", "username": 7}

        found = differences.read(json.dumps(check(settings=settings, title=["x"], steps=[7, "x", None, {"ok": "yes"}])))

        assert found
        assert (found["title"], found["settings"]["host"], found["settings"]["port"]) == ("", "", None)
        assert [(step["ok"], step["ms"], step["stage"]) for step in found["steps"]] == [(False, None, "")]

    @pytest.mark.parametrize("seed", range(40))
    def test_each_value_is_of_the_promised_kind(self, seed: int) -> None:
        document = _spoiled(copy.deepcopy(EVERYTHING), random.Random(seed))  # noqa: S311  # not for secrets

        found = differences.read(json.dumps(document | {"verdict": "works", "steps": document["steps"] or []}))

        assert found is None or not list(_misfits(found, differences.SHAPE))

    def test_nothing_in_it_is_obeyed_by_whoever_shows_it(self) -> None:
        found = differences.read(json.dumps(attack()))

        shown = json.dumps(found, ensure_ascii=False)
        assert found
        assert {"\u202e", "\x1b", "\ud800", "\u2028", "\x00"} & set(shown) == set()

    def test_it_is_bounded(self) -> None:
        document = check(steps=EVERYTHING["steps"] * 500, title="x" * 100_000)

        found = differences.read(json.dumps(document))

        assert found
        assert (len(found["steps"]), len(found["title"])) == (differences.MOST, differences.LONGEST_TEXT)

    def test_a_change_of_settings_in_it_is_never_taken_over(self) -> None:
        found = differences.read(json.dumps(EVERYTHING))

        assert found
        assert "fixes" not in found


def _spoiled(value: Any, dice: random.Random) -> Any:
    """A document, some of its values replaced by those of other kinds; its lists of steps stays a list."""
    match value:
        case dict():
            return {key: _spoiled(item, dice) if key == "steps" else _either(item, dice) for key, item in value.items()}
        case list():
            return [_either(item, dice) for item in value]
    return value


def _either(value: Any, dice: random.Random) -> Any:
    return dice.choice(STRANGE) if dice.random() < 0.25 else _spoiled(value, dice)


def _misfits(value: Any, kind: Any) -> Iterator[tuple[Any, Any]]:
    """What is not as a page may expect it: a part that is missing is empty."""
    if isinstance(kind, dict):
        if not isinstance(value, dict) or (value and value.keys() != kind.keys()):
            yield value, kind
        for name in value:
            yield from _misfits(value[name], kind[name])
    elif isinstance(kind, list):
        for one in value:
            yield from _misfits(one, kind[0])
    elif not (type(value) is kind or (kind is int and value is None)):
        yield value, kind


class TestOnThePage:
    """Diagnose shows a check that ran elsewhere."""

    @pytest.fixture(autouse=True)
    def core_up(self) -> Iterator[None]:
        service.start()
        yield
        service.stop()

    @pytest.mark.parametrize(
        "document",
        [EVERYTHING, BARE, attack(), *(_spoiled(EVERYTHING, random.Random(seed)) for seed in range(5))],  # noqa: S311
        ids=["everything", "bare", "hostile", *range(5)],
    )
    def test_it_is_shown(self, document: dict[str, Any]) -> None:
        app = AppTest.from_file(str(FRAME), default_timeout=30)
        app.session_state["pasted"] = json.dumps(document | {"verdict": "fault"})

        app.run()
        app.switch_page("diagnose.py").run()

        assert not app.exception
        assert "Beside a check from here" in [one.value for one in app.subheader]
