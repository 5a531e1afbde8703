"""The command line as other programs use it: JSON, exit status, and no secret anywhere."""

import argparse
import base64
import contextlib
import functools
import io
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from core import cli, clock, database, settings, sqlite
from core.accounts.access import access
from core.diagnosis import causes, terminal
from core.diagnosis.drill import Drill
from core.sending.reservation import Envelope, Recipient, Result, record
from tests import player
from tests.parts import program
from tests.samples import GMAIL, another_account, envelope

ROOT = Path(__file__).parents[1]
CANARY = player.FORM["password"]
LATE = {"sqlalchemy", "alembic", "pydantic", "cryptography", "dns", "babel", "pandas", "altair"}

WORKS = """\
! form username=
S: 220 mail.example ESMTP
C: EHLO *
S: 250-mail.example Hello [192.0.2.7]
S: 250 8BITMIME
C: MAIL FROM:*
S: 250 2.1.0 Ok
C: RCPT TO:*
S: 250 2.1.5 Ok
C: DATA
S: 354 Go on
C: <message>
S: 250 2.0.0 Queued
"""
ECHOES = """\
S: 220 mail.example ESMTP
C: EHLO *
S: 250-mail.example
S: 250 AUTH {mechanism}
C: AUTH *
S: 535-5.7.8 You said {password}
S: 535-5.7.8 in other words {encoded}
S: 535 5.7.8 or {plain}
"""

TEXT, NUMBER, TRUTH, LIST, OBJECT, NOTHING = str, int, bool, list, dict, type(None)
KEYS = {
    "verdict": TEXT,
    "cause": (TEXT, NOTHING),
    "stage": (TEXT, NOTHING),
    "field": (TEXT, NOTHING),
    "title": TEXT,
    "why": TEXT,
    "fixes": LIST,
    "evidence": (TEXT, NOTHING),
    "also": LIST,
    "steps": LIST,
    "scouts": LIST,
    "notes": LIST,
    "tls": (OBJECT, NOTHING),
    "capabilities": LIST,
    "domain": (OBJECT, NOTHING),
    "vantage": OBJECT,
    "retry": TEXT,
    "elapsed_ms": NUMBER,
    "language": TEXT,
    "settings": (OBJECT, NOTHING),
    "tested_at": (TEXT, NOTHING),
    "transcript": (TEXT, NOTHING),
    "addresses": LIST,
}
STEP_KEYS = {
    "stage": TEXT,
    "ok": TRUTH,
    "ms": NUMBER,
    "reply": (TEXT, NOTHING),
    "code": (NUMBER, NOTHING),
    "enhanced": (TEXT, NOTHING),
    "cause": (TEXT, NOTHING),
    "detail": (TEXT, NOTHING),
    "event": (TEXT, NOTHING),
}
DAY_KEYS = ["bcc", "cc", "day", "messages", "other", "recipients", "refused", "to"]

Done = subprocess.CompletedProcess[str]
Play = Callable[[str], Drill]


@pytest.fixture
def play(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    """Plays dialogues until the test ends; their texts stay out of the data directory."""
    with contextlib.ExitStack() as stack:

        def start(script: str) -> Drill:
            path = tmp_path_factory.mktemp("play") / "dialogue.txt"
            path.write_text(script, encoding="utf8")
            return stack.enter_context(player.play(path))

        yield start


def spawn(*arguments: str, **variables: str) -> Done:
    """`python -m core` in English."""
    command = [sys.executable, "-m", "core", *arguments]
    environment = {"LC_ALL": "C.UTF-8"} | {k: v for k, v in os.environ.items() if k != "LC_ALL"} | variables
    run = functools.partial(subprocess.run, capture_output=True, text=True, check=False)
    return run(command, cwd=ROOT, env=environment, timeout=60)


def core(*arguments: str, **variables: str) -> Done:
    """The same without a process of its own, which costs a second; an exception goes on to the test."""
    out, err = io.StringIO(), io.StringIO()
    database.close()
    with pytest.MonkeyPatch.context() as environment, redirect_stdout(out), redirect_stderr(err):
        for name, value in ({"LC_ALL": "C.UTF-8"} | variables).items():
            environment.setenv(name, value)
        settings.current.cache_clear()
        try:
            status: Any = cli.main(arguments)
        except SystemExit as end:
            status = end.code
        finally:
            database.close()
    settings.current.cache_clear()
    return Done(arguments, status, out.getvalue(), err.getvalue())


def typed(server: Drill) -> list[str]:
    """The options that describe a server's form."""
    form = server.form
    options = ["--host", form["host"], "--port", form["port"], "--encryption", form["encryption"]]
    options += ["--from", form["from_address"], "--to", form["to"]]
    return options + (["--username", form["username"], "--password-env", "SHOP_PASSWORD"] if form["username"] else [])


def check(server: Drill, *more: str) -> tuple[int, dict[str, Any]]:
    """The exit status and the document of a check."""
    done = core("check", "--json", *typed(server), *more, SHOP_PASSWORD=CANARY)
    return done.returncode, json.loads(done.stdout)


def rows(data_dir: Path, query: str) -> list[Any]:
    """What the database holds."""
    with contextlib.closing(sqlite3.connect(data_dir / "mailgauge.db")) as connection:
        return connection.execute(query).fetchall()


def commands(parser: argparse.ArgumentParser, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command that does something, as it is typed."""
    inner = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not inner:
        yield path
    for action in inner:
        for name, child in action.choices.items():
            yield from commands(child, (*path, name))


class TestEveryCommand:
    """Promises that hold for each of them."""

    EACH = pytest.mark.parametrize("command", list(commands(cli.parser())), ids=" ".join)

    @EACH
    def test_it_explains_itself(self, command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as end:
            cli.main([*command, "--help"])

        assert end.value.code == 0
        assert "--json" in capsys.readouterr().out

    @EACH
    def test_it_refuses_what_it_does_not_know(self, command: tuple[str, ...]) -> None:
        with pytest.raises(SystemExit) as end:
            cli.main([*command, "--colour"])

        assert end.value.code == 2

    def test_those_of_this_version_are_there(self) -> None:
        wanted = {
            "check",
            "usage",
            "watch",
            "outbox",
            "setup list",
            "migrate",
            "backup",
            "backtest",
            "prune",
            "recount",
        }
        assert wanted <= set(map(" ".join, commands(cli.parser())))


SCRIPTS = {
    "works": WORKS,
    "refused": WORKS.replace("250 2.1.5 Ok", "550 5.1.1 User unknown"),
    "nobody": "! refuse\n! form username=\n",
}
Ends = dict[str, tuple[int, dict[str, Any]]]
EVERY_END = pytest.mark.parametrize("name", SCRIPTS)


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> Ends:
    """The exit status and the document of a check of each server, made once."""
    found = {}
    for name, script in SCRIPTS.items():
        path = tmp_path_factory.mktemp(name) / "dialogue.txt"
        path.write_text(script, encoding="utf8")
        with player.play(path) as server:
            done = spawn("check", "--json", *typed(server), MAILGAUGE_DATA_DIR=str(path.parent / "data"))
        found[name] = done.returncode, json.loads(done.stdout)
    return found


class TestCheck:
    """`check --json` against a server."""

    @pytest.mark.parametrize(
        ("name", "end"),
        [
            ("works", (0, "works", None, "data")),
            ("refused", (1, "fault", "recipient.unknown", "rcpt")),
            ("nobody", (1, "fault", "connect.refused", "connect")),
        ],
    )
    def test_its_status_says_whether_the_server_works(self, ends: Ends, name: str, end: tuple[Any, ...]) -> None:
        status, document = ends[name]

        assert (status, *(document[key] for key in ("verdict", "cause", "stage"))) == end

    @EVERY_END
    def test_the_document_has_the_promised_keys(self, ends: Ends, name: str) -> None:
        assert ends[name][1].keys() == KEYS.keys()

    @EVERY_END
    def test_the_document_has_the_promised_types(self, ends: Ends, name: str) -> None:
        assert [key for key, kind in KEYS.items() if not isinstance(ends[name][1][key], kind)] == []

    @EVERY_END
    def test_a_step_has_the_promised_keys(self, ends: Ends, name: str) -> None:
        assert [step for step in ends[name][1]["steps"] if step.keys() != STEP_KEYS.keys()] == []

    @EVERY_END
    def test_a_step_has_the_promised_types(self, ends: Ends, name: str) -> None:
        steps = ends[name][1]["steps"]

        wrong = [(step, key) for step in steps for key, kind in STEP_KEYS.items() if not isinstance(step[key], kind)]
        assert wrong == []

    def test_a_fix_has_the_promised_keys(self, ends: Ends) -> None:
        _, document = ends["nobody"]

        assert {tuple(sorted(fix)) for fix in document["fixes"]} == {("set", "text")}

    def test_the_steps_are_in_their_order(self, ends: Ends) -> None:
        _, document = ends["works"]

        stages = ["resolve", "connect", "greeting", "ehlo", "mail", "rcpt", "data", "quit"]
        assert [step["stage"] for step in document["steps"]] == stages

    def test_from_where_we_spoke_is_what_the_server_says(self, ends: Ends) -> None:
        _, document = ends["works"]

        assert document["vantage"]["address"] == "192.0.2.7"

    @pytest.mark.parametrize("language", ["vi", "en"])
    def test_its_words_are_in_the_language_that_is_asked_for(self, play: Play, language: str) -> None:
        _, document = check(play(SCRIPTS["nobody"]), "--language", language)

        words = causes.catalogue()["connect.refused"].title[language]
        assert document["language"] == language
        assert document["title"].startswith(words.partition("{")[0])

    def test_a_check_is_stored_with_its_send(self, play: Play, data_dir: Path) -> None:
        check(play(WORKS))

        assert rows(data_dir, "SELECT verdict FROM checks") == [("works",)]
        assert rows(data_dir, "SELECT outcome, to_count, source FROM sends") == [("accepted", 1, "test")]

    def test_without_sending_a_check_is_stored_and_no_send(self, play: Play, data_dir: Path) -> None:
        status, document = check(play(WORKS), "--no-send")

        assert (status, document["verdict"]) == (0, "works")
        assert (len(rows(data_dir, "SELECT id FROM checks")), rows(data_dir, "SELECT id FROM sends")) == (1, [])

    def test_without_sending_the_server_hears_no_data(self, play: Play) -> None:
        server = play(WORKS)

        check(server, "--no-send")

        assert [line for line in server.heard if line.startswith("DATA")] == []


SHOP = ["--host", "127.0.0.1", "--port", "25", "--from", "shop@shop.example", "--to", "owner@shop.example"]
WRONG = [
    pytest.param([], "--from: ", id="nothing"),
    pytest.param([*SHOP, "--port", "2526"], "--encryption: ", id="a port of no custom"),
    pytest.param([*SHOP, "--port", "70000"], "--port: ", id="port"),
    pytest.param([*SHOP, "--port", "9" * 5000], "--port: ", id="long port"),
    pytest.param([*SHOP, "--host", "smtp://mail.shop.example"], "--host: ", id="host"),
    pytest.param([*SHOP, "--from", "shop"], "--from: ", id="from"),
    pytest.param([*SHOP, "--to", "owner"], "--to: ", id="to"),
    pytest.param([*SHOP, "--to", "owner@shop.example\r\nDATA"], "--to: ", id="line break"),
    pytest.param(SHOP[:-2], "--to: ", id="no system address"),
    pytest.param([*SHOP, "--encryption", "tls"], "usage: ", id="encryption"),
    pytest.param([*SHOP, "--timeout", "0"], "usage: ", id="timeout"),
    pytest.param([*SHOP, "--username", "a"], "--password-env: A user name needs", id="password"),
    pytest.param(
        [*SHOP, "--username", "a", "--password-env", "SHOP_PASS"],
        "--password-env: The environment variable SHOP_PASS is",
        id="variable",
    ),
    pytest.param(["--setup", "nobody's"], "No setup is named", id="setup"),
]


@pytest.mark.parametrize(("arguments", "sentence"), WRONG)
def test_wrong_usage_is_status_2_and_a_sentence(arguments: list[str], sentence: str) -> None:
    done = core("check", *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(sentence)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("typed", [["--password", CANARY], [f"--password={CANARY}"], ["--pass", CANARY]])
def test_a_password_is_taken_from_no_command_line(typed: list[str]) -> None:
    done = core("check", *SHOP, "--username", "a", *typed)

    assert (done.returncode, done.stdout) == (2, "")
    if "--pass" not in typed:
        assert CANARY not in done.stderr
        assert "--password-env SMTP_PASSWORD" in done.stderr


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("usage --setup default --since 2026-13-01", "is no day"),
        ("usage --setup default --since 2026-05-02 --until 2026-05-01", "--since is later than --until"),
        ("usage --setup default --timezone Foo", "write one such as Asia/Ho_Chi_Minh"),
        ("usage --setup nobody", "No setup is named"),
        ("explain --provider foo", "no provider is known as foo"),
        ("explain /no/such/file", "cannot be read"),
        ("check --host a", "--from: "),
        ("outbox --listen here", "is no HOST:PORT"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence_and_as_json_where_that_is_asked_for(command: str, sentence: str) -> None:
    plain, machine = core(*command.split()), core(*command.split(), "--json")

    assert (plain.returncode, machine.returncode, plain.stdout, machine.stdout) == (2, 2, "", "")
    assert sentence in plain.stderr
    assert sentence in json.loads(machine.stderr)["error"]


def test_an_unreadable_file_of_authorities_is_told_without_a_traceback(play: Play) -> None:
    done = core("check", *typed(play("! tls good\n! form encryption=ssl username=\n")), "--ca-file", "/no/such/file")

    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the files of that machine are."""
    return tmp_path_factory.mktemp("outbox")


@pytest.fixture(scope="module")
def checked(home: Path) -> Done:
    """A check of it."""
    order = ("check", "--json", "--setup", "default", "--to", "owner@shop.example", "--text", "Xin chào")
    return spawn(*order, MAILGAUGE_DATA_DIR=str(home))


class TestTheOutbox:
    """The default setup of a fresh machine."""

    def test_it_works_at_once(self, checked: Done) -> None:
        assert (checked.returncode, json.loads(checked.stdout)["verdict"]) == (0, "works")

    @pytest.mark.usefixtures("checked")
    def test_its_mail_is_kept(self, home: Path) -> None:
        (kept,) = (home / "outbox" / "new").iterdir()

        assert b"Delivered-To: owner@shop.example" in kept.read_bytes()

    @pytest.mark.usefixtures("checked")
    def test_its_mail_is_counted(self, home: Path) -> None:
        usage = json.loads(core("usage", "--json", "--setup", "default", MAILGAUGE_DATA_DIR=str(home)).stdout)

        assert (usage["days"][-1]["recipients"], usage["days"][-1]["to"]) == (1, 1)

    @pytest.mark.usefixtures("checked")
    def test_its_state_is_shown(self, home: Path) -> None:
        document = json.loads(core("setup", "list", "--json", MAILGAUGE_DATA_DIR=str(home)).stdout)

        assert document == {
            "setups": [{"name": "default", "mode": "default", "active": True, "state": "works", "host": ""}]
        }


class TestUsage:
    """`usage --json`."""

    def test_it_has_the_promised_keys(self) -> None:
        document = json.loads(core("usage", "--json", "--setup", "default", MAILGAUGE_DEFAULT_DAILY_LIMIT="50").stdout)

        assert sorted(document) == ["days", "forecast", "limits", "setup", "timezone"]
        assert {tuple(sorted(day)) for day in document["days"]} == {tuple(DAY_KEYS)}
        assert [sorted(limit) for limit in document["limits"]] == [
            ["amount", "elsewhere", "frees_at", "others", "remaining", "source", "unit", "used", "window"]
        ]

    def test_it_has_the_days_that_are_asked_for(self) -> None:
        since, until = ("--since", "2026-02-27"), ("--until", "2026-03-01")

        document = json.loads(core("usage", "--json", "--setup", "default", *since, *until).stdout)

        assert [day["day"] for day in document["days"]] == ["2026-02-27", "2026-02-28", "2026-03-01"]

    @pytest.mark.parametrize(
        "wrong", [("--setup", "nobody's"), ("--timezone", "Mars"), ("--since", "yesterday")], ids=" ".join
    )
    def test_wrong_usage_is_status_2(self, wrong: tuple[str, str]) -> None:
        done = core("usage", "--setup", "default", *wrong)

        assert (done.returncode, done.stdout) == (2, "")
        assert "Traceback" not in done.stderr


def test_migrating_says_the_version() -> None:
    done = core("migrate", "--json")

    assert (done.returncode, sorted(json.loads(done.stdout))) == (0, ["version"])


class TestBackup:
    """`backup FILE`."""

    @pytest.fixture
    def target(self, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """Where the copy goes."""
        return tmp_path_factory.mktemp("copies") / "copy.db"

    def test_it_says_where_the_copy_is(self, target: Path) -> None:
        done = core("backup", "--json", str(target))

        assert (done.returncode, json.loads(done.stdout)) == (0, {"file": str(target)})
        assert target.exists()

    def test_it_says_where_the_key_is_that_belongs_to_it(self, target: Path, data_dir: Path) -> None:
        done = core("backup", str(target))

        assert str(data_dir / "secret.key") in done.stdout

    def test_it_never_prints_a_key_of_the_environment(self, target: Path) -> None:
        key = base64.urlsafe_b64encode(b"k" * 32).decode()

        done = core("backup", str(target), MAILGAUGE_SECRET_KEY=key)

        assert (done.returncode, key in done.stdout + done.stderr) == (0, False)

    @pytest.mark.parametrize("output", [[], ["--json"]], ids=["words", "json"])
    def test_a_place_that_cannot_be_written_is_status_2_and_a_sentence(self, target: Path, output: list[str]) -> None:
        done = core("backup", *output, str(target / "no" / "such" / "place"))

        assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
        assert "cannot be written" in done.stderr

    def test_without_a_place_it_is_wrong_usage(self) -> None:
        assert core("backup").returncode == 2


class TestPrune:
    """`prune`."""

    @pytest.fixture(autouse=True)
    def aged(self) -> None:
        """One recipient of today, and two that are past their time, one of them another account's."""
        now = clock.now()
        for mine, days in ((access(), 0), (access(), 91), (another_account(), 400)):
            record(mine, envelope(at=now - days * clock.DAY_MS), [Result("accepted")])
        database.close()

    def test_it_says_how_many_recipients_went(self) -> None:
        done = core("prune", "--json")

        assert (done.returncode, json.loads(done.stdout)) == (0, {"recipients": 2})

    def test_it_leaves_what_is_younger(self, data_dir: Path) -> None:
        core("prune")

        assert rows(data_dir, "SELECT count(*) FROM recipients") == [(1,)]

    def test_the_numbers_stay(self, data_dir: Path) -> None:
        core("prune")

        assert rows(data_dir, "SELECT count(*), sum(to_count) FROM sends") == [(3, 3)]

    def test_a_second_time_finds_nothing(self) -> None:
        core("prune")

        assert json.loads(core("prune", "--json").stdout) == {"recipients": 0}

    def test_it_says_so_in_words(self) -> None:
        done = core("prune")

        assert (done.returncode, done.stdout) == (0, "Recipients forgotten: 2\n")


def newer(file: Path) -> None:
    """A database of a version that is yet to come."""
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.executescript(
            "CREATE TABLE alembic_version (version_num); INSERT INTO alembic_version VALUES ('9999')"
        )


class TestBacktest:
    """`backtest --json`."""

    @pytest.fixture(scope="class")
    @classmethod
    def tried(cls) -> Done:
        """Businesses drawn by a seed."""
        return core("backtest", "--json", "--seed", "7")

    def test_it_has_the_promised_keys(self, tried: Done) -> None:
        document = json.loads(tried.stdout)

        assert sorted(document) == ["businesses", "days", "hours", "seed", "shapes"]
        assert {tuple(sorted(shape)) for shape in document["shapes"]} == {
            ("held", "missed", "rate", "ratio", "shape", "trials", "yesterday")
        }

    def test_it_tries_three_shapes_of_business(self, tried: Done) -> None:
        document = json.loads(tried.stdout)

        assert [shape["shape"] for shape in document["shapes"]] == ["invoicing", "shop", "office"]
        assert document["seed"] == 7

    def test_a_seed_that_is_no_number_is_status_2(self) -> None:
        assert core("backtest", "--seed", "-1").returncode == 2


BROKEN: dict[str, Callable[[Path], object]] = {
    "damaged": lambda file: file.write_bytes(b"no database" * 1000),
    "newer": newer,
    "directory": lambda file: file.mkdir(),
}


@pytest.mark.parametrize("command", ["setup list", "usage --setup default", "migrate", "backup {copy}", "prune"])
@pytest.mark.parametrize("name", BROKEN)
def test_a_database_that_cannot_be_used_is_one_sentence_and_status_2(
    data_dir: Path, tmp_path_factory: pytest.TempPathFactory, name: str, command: str
) -> None:
    BROKEN[name](data_dir / "mailgauge.db")

    done = core(*command.format(copy=tmp_path_factory.mktemp("copies") / "copy.db").split())

    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1), done.stderr


@pytest.mark.needs("setpriv")
class TestAnotherUser:
    """Who may not write gets a sentence."""

    @pytest.fixture
    def theirs(self) -> Iterator[Path]:
        """A data directory that everybody may read and only its owner write, with a database in it."""
        with tempfile.TemporaryDirectory(dir="/tmp") as directory:
            core("migrate", MAILGAUGE_DATA_DIR=directory)
            for path in (Path(directory), *Path(directory).iterdir()):
                path.chmod(0o755 if path.is_dir() else 0o644)
            yield Path(directory)

    @pytest.mark.parametrize("command", ["migrate", "setup list", "prune", "backup {copy}", "check --setup default"])
    def test_an_unwritable_directory_is_one_sentence_and_status_2(self, theirs: Path, command: str) -> None:
        done = nobody(*command.format(copy=theirs / "copy.db").split(), MAILGAUGE_DATA_DIR=str(theirs))

        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
        assert "Traceback" not in done.stderr

    @pytest.mark.parametrize("command", ["migrate", "setup list", "prune"])
    def test_a_directory_that_cannot_be_made_is_one_sentence_and_status_2(self, theirs: Path, command: str) -> None:
        done = nobody(*command.split(), MAILGAUGE_DATA_DIR=str(theirs / "data"))

        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr

    def test_a_directory_without_the_right_to_look_in_is_one_sentence_and_status_2(self, theirs: Path) -> None:
        theirs.chmod(0o700)

        done = nobody("setup", "list", MAILGAUGE_DATA_DIR=str(theirs))

        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr

    def test_nothing_in_it_is_changed(self, theirs: Path) -> None:
        before = {path.name: path.read_bytes() for path in theirs.iterdir()}

        nobody("prune", MAILGAUGE_DATA_DIR=str(theirs))

        assert {path.name: path.read_bytes() for path in theirs.iterdir()} == before


def nobody(*arguments: str, **variables: str) -> Done:
    """`python -m core` by a user who owns nothing."""
    order = [program("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups", sys.executable, "-B", "-m", "core"]
    environment = os.environ | {"LC_ALL": "C.UTF-8", "HOME": "/"} | variables
    run = functools.partial(subprocess.run, capture_output=True, text=True, check=False)
    return run([*order, *arguments], cwd=ROOT, env=environment, timeout=60)


class TestThePassword:
    """It opens the server and is seen nowhere."""

    @pytest.fixture(params=["PLAIN", "LOGIN"])
    def server(self, play: Play, request: pytest.FixtureRequest) -> Drill:
        """A server that says the password back, in every shape that it heard."""
        name = player.FORM["username"]
        plain = base64.b64encode(f"\0{name}\0{CANARY}".encode()).decode()
        encoded = base64.b64encode(CANARY.encode()).decode()
        script = ECHOES.format(mechanism=request.param, password=CANARY, encoded=encoded, plain=plain)
        return play(script.replace("C: AUTH *\n", "C: AUTH *\n" if request.param == "PLAIN" else LOGIN))

    @pytest.mark.parametrize("output", [[], ["--json"]], ids=["words", "json"])
    def test_it_is_not_printed(self, server: Drill, output: list[str]) -> None:
        done = core("check", *output, *typed(server), SHOP_PASSWORD=CANARY)

        assert "You said" in done.stdout
        assert shown(done.stdout.encode() + done.stderr.encode()) == []

    def test_it_is_in_no_file(self, server: Drill, data_dir: Path) -> None:
        core("check", *typed(server), SHOP_PASSWORD=CANARY)

        assert rows(data_dir, "SELECT cause FROM checks") == [("auth.bad_credentials",)]
        assert [path for path in data_dir.rglob("*") if path.is_file() and shown(path.read_bytes())] == []

    def test_it_did_reach_the_server(self, server: Drill) -> None:
        core("check", *typed(server), SHOP_PASSWORD=CANARY)

        assert shown("\n".join(server.heard).encode())


LOGIN = """\
C: AUTH LOGIN
S: 334 VXNlcm5hbWU6
C: *
S: 334 UGFzc3dvcmQ6
C: *
"""


def shown(content: bytes) -> list[bytes]:
    """The shapes of the password that stand somewhere: as it is, and within base64 at each of its three offsets."""
    shapes = [CANARY.encode()]
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + CANARY.encode())
        shapes.append(encoded[4 if offset else 0 : -4])
    return [shape for shape in shapes if shape in content]


@contextlib.contextmanager
def held(data_dir: Path) -> Iterator[None]:
    """Our program holds the database that others want to write."""
    core("migrate")
    with contextlib.closing(sqlite3.connect(data_dir / "mailgauge.db", isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield


def test_a_check_that_cannot_be_written_down_says_so_and_sends_nothing(
    play: Play, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.5)
    monkeypatch.setattr(terminal, "PATIENCE", 0.4)
    server = play(WORKS)

    with held(data_dir):
        done = core("check", *typed(server))

    assert done.returncode in (1, 2)
    assert "The database is busy" in done.stdout + done.stderr
    assert [line for line in server.heard if line.startswith("DATA")] == []


PROBE = """\
import os, sys, threading

class Probe:
    def find_spec(self, name, path=None, target=None):
        place = "ours" if threading.current_thread() is threading.main_thread() else "beside"
        os.write(1, f"import {name} {place}\\n".encode()) if "." not in name else None

sys.meta_path.insert(0, Probe())
"""


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What is printed and imported, in the order of time."""
    directory = tmp_path_factory.mktemp("probe")
    (directory / "sitecustomize.py").write_text(PROBE, encoding="utf8")
    (directory / "dialogue.txt").write_text(WORKS, encoding="utf8")
    with player.play(directory / "dialogue.txt") as server:
        places = {"PYTHONPATH": str(directory), "MAILGAUGE_DATA_DIR": str(directory / "data")}
        return spawn("check", *typed(server), **places).stdout


class TestTheFirstStage:
    """It is printed before anything is imported that takes long: libraries come while the server is waited for."""

    def test_nothing_that_takes_long_is_waited_for_before_it(self, printed: str) -> None:
        before = imports(printed.partition("✓")[0], "ours")

        assert "asyncio" in before
        assert before & LATE == set()

    def test_the_database_is_imported_beside_it(self, printed: str) -> None:
        assert "sqlalchemy" in imports(printed, "beside")

    def test_what_shows_pages_and_charts_is_not_imported_at_all(self, printed: str) -> None:
        assert imports(printed, "ours|beside") & {"streamlit", "pandas", "altair"} == set()


def imports(printed: str, place: str) -> set[str]:
    """The modules that were imported in our thread, or beside it."""
    return set(re.findall(rf"import (\w+) (?:{place})\n", printed))


@pytest.mark.parametrize("encoding", ["ascii"])
def test_a_terminal_that_lacks_a_letter_gets_its_number(play: Play, encoding: str) -> None:
    server = play(WORKS)

    done = spawn("check", *typed(server), "--no-send", "--language", "vi", PYTHONIOENCODING=encoding)

    assert "Traceback" not in done.stderr
    assert "\\u" in done.stdout


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DEFAULT_DAILY_LIMIT", "abc"),
        ("DEFAULT_SMTP_URL", "zzz"),
        ("DEFAULT_SMTP_URL", "smtp://host:99999"),
        ("DEFAULT_FROM", "nonsense"),
        ("NAMESERVERS", "zzz"),
        ("OUTBOX", "0.0.0.0:0"),
        ("DATABASE_URL", "postgresql://host/name"),
    ],
)
def test_a_setting_that_cannot_be_used_is_told_in_a_sentence(variable: str, value: str) -> None:
    done = core("setup", "list", **{f"MAILGAUGE_{variable}": value})

    assert done.returncode == 2
    assert f"MAILGAUGE_{variable}" in done.stderr
    assert "Traceback" not in done.stderr


def test_bytes_that_are_no_text_are_refused_in_a_sentence(play: Play) -> None:
    done = spawn("check", *typed(play(WORKS)), "--username", "\udcff", "--password-env", "NOTHING")

    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@contextlib.contextmanager
def drilling(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`outbox --json` until the block ends, which presses Ctrl-C."""
    order = [sys.executable, "-m", "core", "outbox", "--json", *arguments]
    with subprocess.Popen(order, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        try:
            yield running
        finally:
            running.send_signal(signal.SIGINT)


def announced(running: subprocess.Popen[str]) -> dict[str, Any]:
    """The document that a command that goes on running has printed."""
    text = ""
    for line in running.stdout or ():
        text += line
        if line == "}\n":
            break
    return json.loads(text)


BILL = {
    "scenario": TEXT,
    "title": TEXT,
    "plays": TRUTH,
    "host": TEXT,
    "port": NUMBER,
    "encryption": TEXT,
    "username": TEXT,
    "password": TEXT,
    "from_address": TEXT,
    "to": TEXT,
    "ca_file": (TEXT, NOTHING),
    "command": TEXT,
}


class TestTheDrill:
    """`outbox --scenario`."""

    @pytest.mark.parametrize(
        "cause",
        [
            "auth.app_password_required",
            "client.refuses_plain_auth",
            "connect.refused",
            "connect.unreachable",
            "dns.temporary_failure",
            "tls.cert_hostname_mismatch",
            "tls.plain_on_implicit_port",
        ],
    )
    def test_the_line_that_it_announces_names_the_cause(self, cause: str) -> None:
        with drilling("--scenario", cause) as running:
            line = announced(running)["command"]
            done = subprocess.run(
                ["sh", "-c", f"{line} --json"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
            )

        assert (done.returncode, json.loads(done.stdout)["cause"]) == (1, cause)

    def test_a_host_that_never_exists_is_told_where_none_can_be_played(self) -> None:
        done = core("outbox", "--scenario", "dns.host_not_found")

        assert done.returncode == 0
        assert "No server can play this fault" in done.stdout
        assert "--host smtp.shop.invalid" in done.stdout

    @pytest.mark.parametrize("cause", ["auth.required", "tls.cert_expired", "dns.host_not_found"])
    def test_its_document_has_the_promised_keys_and_types(self, cause: str) -> None:
        with drilling("--scenario", cause) as running:
            document = announced(running)

        assert document.keys() == BILL.keys()
        assert [key for key, kind in BILL.items() if not isinstance(document[key], kind)] == []

    def test_it_listens_where_it_is_told(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            free = other.getsockname()[1]

        with drilling("--scenario", "server.busy", "--listen", f"127.0.0.1:{free}") as running:
            assert announced(running)["port"] == free

    @pytest.mark.parametrize("more", [["--scenario", "server.busy"], []], ids=["drill", "outbox"])
    def test_a_port_that_is_taken_is_told(self, more: list[str]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            taken = other.getsockname()[1]
            with drilling(*more, "--listen", f"127.0.0.1:{taken}") as running:
                port = announced(running)["port"]
                running.terminate()
                assert running.stderr
                said = running.stderr.read()

        assert f"Port {taken} is taken" in said
        assert str(port) in said

    def test_ctrl_c_ends_it_without_a_word(self) -> None:
        with drilling("--scenario", "server.busy") as running:
            announced(running)

        assert (running.returncode, running.stdout and running.stdout.closed) == (130, True)

    @pytest.mark.parametrize("cause", ["auth.nonsense", "", "../causes/auth"])
    def test_one_that_is_not_there_is_one_sentence_and_status_2(self, cause: str) -> None:
        done = core("outbox", "--scenario", cause)

        assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
        assert "--scenario list" in done.stderr

    def test_others_cannot_reach_it(self) -> None:
        done = core("outbox", "--scenario", "server.busy", "--listen", "0.0.0.0:0")

        assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
        assert "on this machine only" in done.stderr

    @pytest.mark.parametrize("language", ["vi", "en"])
    def test_the_list_names_each_live_cause_in_the_language(self, language: str) -> None:
        done = core("outbox", "--scenario", "list", "--language", language)

        live = {slug: cause.title[language] for slug, cause in causes.catalogue().items() if cause.seen_by == "live"}
        assert dict(line.split(maxsplit=1) for line in done.stdout.splitlines()) == live

    def test_the_list_is_json_too(self) -> None:
        document = json.loads(core("outbox", "--scenario", "list", "--json").stdout)

        live = {slug for slug, cause in causes.catalogue().items() if cause.seen_by == "live"}
        assert {one["scenario"] for one in document["scenarios"]} == live


class TestPerson:
    """`person`."""

    @pytest.fixture(autouse=True)
    def known(self) -> None:
        """A send to somebody."""
        message = Envelope(GMAIL, [Recipient("ann@people.example")], "test")
        record(access(), message, [Result("refused", "550 <ann@people.example> unknown")])

    def test_export_is_a_table(self) -> None:
        done = core("person", "export", "ann@people.example")

        lines = done.stdout.lstrip("\ufeff").splitlines()
        assert (done.returncode, lines[0], len(lines)) == (0, "kind,send,at,from_address,as,outcome,text", 3)

    def test_export_is_a_document(self) -> None:
        document = json.loads(core("person", "export", "ann@people.example", "--json").stdout)

        assert (document["address"], document["recipients"][0]["outcome"]) == ("ann@people.example", "refused")

    def test_a_dry_run_deletes_nothing(self, data_dir: Path) -> None:
        done = core("person", "delete", "ann@people.example", "--dry-run", "--json")

        assert json.loads(done.stdout) == {"recipients": 1, "replies": 1, "checks": 0}
        assert rows(data_dir, "SELECT address FROM recipients") == [("ann@people.example",)]

    def test_delete_deletes_and_keeps_the_numbers(self, data_dir: Path) -> None:
        done = core("person", "delete", "ann@people.example", "--json")

        assert (done.returncode, json.loads(done.stdout)["recipients"]) == (0, 1)
        assert rows(data_dir, "SELECT address FROM recipients") == [("",)]
        assert rows(data_dir, "SELECT reply, refused_count FROM sends") == [("550 <…> unknown", 1)]

    @pytest.mark.parametrize("action", ["export", "delete"])
    def test_what_is_no_address_is_status_2_and_a_sentence(self, action: str) -> None:
        done = core("person", action, "ann")

        assert (done.returncode, "Traceback" in done.stderr) == (2, False)


def test_recount_says_how_many_figures_were_wrong(data_dir: Path) -> None:
    record(access(), Envelope(GMAIL, [Recipient("ann@people.example")], "test"), [Result("accepted")])
    with contextlib.closing(sqlite3.connect(data_dir / "mailgauge.db")) as other:
        other.execute('UPDATE usage SET "to" = 7')
        other.commit()

    assert [json.loads(core("recount", "--json").stdout) for _ in range(2)] == [{"wrong": 1}, {"wrong": 0}]
