"""Two checks side by side: what counts as a difference, and how a pasted one is shown."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core import service
from core.diagnosis import differences
from tests.checked import BARE, EVERYTHING, hostile

FRAME = Path(__file__).parents[2] / "pages" / "frame.py"
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


class TestOnThePage:
    """Diagnose shows a check that ran elsewhere."""

    @pytest.fixture(autouse=True)
    def core_up(self) -> Iterator[None]:
        service.start()
        yield
        service.stop()

    @pytest.mark.parametrize(
        "document",
        [EVERYTHING, BARE, attack()],
        ids=["everything", "bare", "hostile"],
    )
    def test_it_is_shown(self, document: dict[str, Any]) -> None:
        app = AppTest.from_file(str(FRAME), default_timeout=30)
        app.session_state["pasted"] = json.dumps(document | {"verdict": "fault"})

        app.run()
        app.switch_page("diagnose.py").run()

        assert not app.exception
        assert "Beside a check from here" in [one.value for one in app.subheader]
