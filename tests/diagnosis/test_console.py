"""`explain` on the command line: for people, and a JSON object a line for programs."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from core import cli, settings

KNOWN = "550 5.1.1 <a@b.example>: Recipient address rejected: User unknown"
STRANGE = "550 5.9.9 The flux is inverted"

pytestmark = pytest.mark.usefixtures("data_dir")


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts bytes on standard input."""

    def put(text: str | bytes) -> None:
        raw = text if isinstance(text, bytes) else text.encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))

    return put


@pytest.mark.parametrize(("text", "status"), [(KNOWN, 0), (STRANGE, 1), ("", 2), (" \n", 2)])
def test_the_exit_status_tells_whether_it_is_known(typed: Any, text: str, status: int) -> None:
    typed(text)

    assert cli.main(["explain"]) == status


def test_bytes_that_are_no_text_make_no_rule(typed: Any, capsys: pytest.CaptureFixture[str]) -> None:
    typed(bytes(range(256)) * 2)

    assert cli.main(["explain", "--language", "en"]) == 2
    assert capsys.readouterr() == ("", "This is no text: -\n")


def test_a_complaint_without_an_error_is_no_rule_to_fill_in(typed: Any, capsys: pytest.CaptureFixture[str]) -> None:
    typed("PHPMailer: SMTP connect() failed.")

    assert cli.main(["explain", "--language", "en"]) == 1
    said = capsys.readouterr().out
    assert "Which host, port and encryption does the program use?" in said
    assert "[[rule]]" not in said


def test_a_file_is_read_in_whatever_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "error.txt"
    file.write_bytes("535 Error: 请使用授权码登录".encode("gb18030"))

    assert cli.main(["explain", str(file)]) == 0


def test_a_person_reads_steps_the_line_and_what_else_fits(typed: Any, capsys: pytest.CaptureFixture[str]) -> None:
    typed("Error: Greeting never received")

    cli.main(["explain", "--language", "vi"])
    said = capsys.readouterr().out

    assert "\n1. " in said
    assert "    Error: Greeting never received" in said
    assert "(tls.plain_on_implicit_port)" in said
    assert "cổng nào" in said


def test_an_unknown_one_shows_the_rule_to_fill_in(typed: Any, capsys: pytest.CaptureFixture[str]) -> None:
    typed(STRANGE)

    cli.main(["explain", "--language", "en"])

    assert "[[rule]]" in capsys.readouterr().out


def test_a_line_in_is_a_line_out_and_nothing_is_lost(typed: Any, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [{"id": 7, "text": KNOWN}, {"id": "x", "text": STRANGE, "port": "587"}, {"id": 9, "text": 5}]
    typed("\n".join(map(json.dumps, lines)) + "\n\nno json\n[1]\n")

    status = cli.main(["explain", "--jsonl"])
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    assert [answer["id"] for answer in answers] == [7, "x", 9, None, None]
    assert [answer["cause"] for answer in answers] == ["recipient.unknown", *["unknown"] * 4]
    assert {"id", "cause", "also", "evidence", "title", "fixes"} <= answers[0].keys()
    assert ["error" in answer for answer in answers] == [False, False, True, True, True]
    assert status == 2


def test_json_tells_everything(typed: Any, capsys: pytest.CaptureFixture[str]) -> None:
    typed(KNOWN)

    cli.main(["explain", "--json", "--port", "587"])
    document = json.loads(capsys.readouterr().out)

    assert document["cause"] == "recipient.unknown"
    assert (document["code"], document["enhanced"], document["port"]) == (550, "5.1.1", 587)


@pytest.mark.parametrize("arguments", [["/no/such/file"], ["--encryption", "rot13"], ["--port", "0"], ["--port", "x"]])
def test_wrong_usage_is_told(typed: Any, arguments: list[str]) -> None:
    typed(KNOWN)

    try:
        status = cli.main(["explain", *arguments])
    except SystemExit as stopped:
        status = int(str(stopped.code))

    assert status == 2


def test_a_broken_file_of_ones_own_is_named_and_our_causes_hold(
    data_dir: Path, typed: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    (data_dir / "causes").mkdir()
    (data_dir / "causes" / "own.toml").write_text("[[rule]]\ncause = 'no.such'\n", encoding="utf8")
    settings.current.cache_clear()
    typed(KNOWN)

    assert cli.main(["explain", "--language", "en"]) == 0
    assert "own.toml" in capsys.readouterr().err
