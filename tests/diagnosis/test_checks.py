"""Checks that were stored: what came before one, and when it last worked."""

import shlex
from collections.abc import Iterator
from datetime import UTC

import pytest
from sqlalchemy import event

from core import cli, clock, database, ids, tables
from core.accounts import form as forms
from core.accounts.access import access
from core.diagnosis import checks, letter, report
from core.diagnosis.checks import Check
from core.diagnosis.journal import Journal
from core.diagnosis.step import Step

HOST = "smtp.shop.example"
FORM = {"mode": "smtp", "host": HOST, "port": 587, "encryption": "none", "username": "", "from_address": "a@b.example"}

ALLOWED: dict[str, object] = {
    "host": "mail.shop.example",
    "port": "587",
    "encryption": "none",
    "username": "shop",
    "password": "made-up",
    "from_address": "shop@shop.example",
    "allow_plaintext": True,
    "trust": "ab" * 32,
}


def store(state: str, *, host: str = HOST, source: str = "page", setup: int | None = None) -> Check:
    """A check that came to an end, with two steps."""
    number, verdict = ids.new(), "works" if state == "works" else "unknown"
    row = {"id": number, "setup_id": setup, "source": source, "form": FORM | {"host": host}, "verdict": verdict}
    row |= {"created_at": clock.now(), "stage_since": clock.now()}
    row["result"] = {"verdict": {"verdict": verdict, "state": state, "also": []}}
    with access().write() as rows:
        rows.insert(tables.checks, row)
        for position, stage in enumerate(("connect", "greeting")):
            document = Step(stage, ok=True, ms=1).document()
            rows.insert(tables.steps, {"check_id": number, "position": position, "document": document})
    return checks.load(access(), number)


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """What the database was asked."""
    asked: list[str] = []

    def hear(*said: object) -> None:
        asked.append(str(said[2]))

    event.listen(database.engine(), "before_cursor_execute", hear)
    yield asked
    event.remove(database.engine(), "before_cursor_execute", hear)


def test_the_last_that_worked_is_found_however_many_failed_since() -> None:
    good = store("works")
    for _ in range(30):
        last = store("unknown")

    assert checks.last_good(access(), last) == good


def test_what_never_worked_has_no_last_that_worked() -> None:
    store("unknown")

    assert checks.last_good(access(), store("works")) is None


def test_a_history_is_what_came_before_the_newest_first() -> None:
    past = [store("unknown"), store("works")]
    now = store("unknown")
    store("unknown")

    assert checks.history(access(), now) == past[::-1]


def test_a_history_is_of_one_host_and_no_drill() -> None:
    store("works", host="other.example")
    store("works", source="drill")

    assert checks.history(access(), store("unknown")) == []


def test_a_history_is_of_one_setup_whatever_its_host() -> None:
    moved = store("works", host="other.example", setup=1)
    store("works", setup=2)

    assert checks.history(access(), store("unknown", setup=1)) == [moved]


def test_a_long_history_is_cut() -> None:
    past = [store("unknown") for _ in range(checks.IN_SIGHT + 1)]

    assert checks.history(access(), store("unknown")) == past[:0:-1]


def test_a_history_takes_as_many_statements_as_one_check(statements: list[str]) -> None:
    for _ in range(5):
        last = store("unknown")
    statements.clear()

    checks.history(access(), last)
    taken = len(statements)
    checks.load(access(), last.id)

    assert len(statements) == 2 * taken


class TestWhatAPersonAllowed:
    """It belongs to what was tested, here and elsewhere."""

    @pytest.fixture
    def check(self) -> Check:
        """A check that has begun."""
        form, problems = forms.parse(ALLOWED)
        assert form, problems
        journal = Journal(ids.new(), form, letter.write(form, to="owner@shop.example"), access=access())
        journal.open().result()
        return checks.load(access(), journal.check)

    def test_the_test_for_another_machine_is_allowed_the_same(self, check: Check) -> None:
        line = shlex.split(report.command(check))

        options = cli.parser().parse_args(line[line.index("check") :])

        assert (options.allow_plaintext, options.trust_fingerprint) == (True, ALLOWED["trust"])

    def test_the_test_for_another_machine_is_allowed_no_more(self, check: Check) -> None:
        check.form["allow_plaintext"] = False

        assert "--allow-plaintext" not in report.command(check)

    def test_a_report_says_what_was_allowed(self, check: Check) -> None:
        with access().write() as rows:
            over = {"verdict": {"verdict": "works", "state": "works", "also": []}}
            rows.run(rows.update(tables.checks).values(verdict="works", result=over))

        document = report.of(checks.load(access(), check.id), "en", UTC)

        assert document["settings"].items() >= {"allow_plaintext": True, "trust": ALLOWED["trust"]}.items()
        assert "Password may go unencrypted: yes" in report.markdown(document, "en")
