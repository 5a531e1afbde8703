"""CSV that spreadsheet programs open right: UTF-8 that they recognise, no cell a formula, no text lost."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import spreadsheet

# what makes a cell a formula (https://owasp.org/www-community/attacks/CSV_Injection), and the sign that makes it text
SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
TEXT = "'"

MARKED = st.builds("".join, st.tuples(st.sampled_from(["", " ", "  "]), st.sampled_from(SIGNS), st.text()))
ANY = st.text() | MARKED
REPLIES = [
    '550 5.1.1 <a@b.example>: "User unknown", they say',
    "550-5.1.1 first line\r\n550 5.1.1 second line",
    "550 one\nof\rmany\r\n\r\nlines",
    "550 \0 nothing \0",
    "550 tab\tand; semicolon, and comma",
    '"',
    "",
]


def written(*rows: list[object]) -> list[list[str]]:
    """What a program reads of a table of these rows, the header left out."""
    content = spreadsheet.write(["Header"] * len(rows[0]), rows).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content, newline="")))[1:]


def shown(text: str) -> str:
    """A text as a cell shows it."""
    ((cell,),) = written([text])
    return cell


def test_it_begins_with_the_mark_of_utf_8() -> None:
    content = spreadsheet.write(["Thời gian"], [["Đã nhận"]])

    assert content == b"\xef\xbb\xbf" + "Thời gian\r\nĐã nhận\r\n".encode()


def test_the_mark_stands_once() -> None:
    content = spreadsheet.write(["Time"], [["now"]] * 3)

    assert content.count(b"\xef\xbb\xbf") == 1


def test_a_table_without_rows_has_its_header() -> None:
    assert spreadsheet.write(["Time", "Kind"], []).decode("utf-8-sig") == "Time,Kind\r\n"


@given(ANY)
def test_no_cell_begins_a_formula(text: str) -> None:
    assert not shown(text).lstrip(" ").startswith(SIGNS)


@pytest.mark.parametrize("sign", SIGNS, ids=ascii)
@pytest.mark.parametrize("before", ["", " ", "   "], ids=len)
def test_what_would_be_run_is_marked_as_text(sign: str, before: str) -> None:
    text = f'{before}{sign}cmd|" /C calc"!A0'

    assert shown(text) == TEXT + text


@pytest.mark.parametrize("text", ["shop@shop.example", "250 2.0.0 Ok", "a=b", "1-2", "Đã nhận", "'tis"])
def test_any_other_text_is_not_marked(text: str) -> None:
    assert shown(text) == text


@pytest.mark.parametrize("number", [0, 412, -3, 0.5, -0.5], ids=str)
def test_numbers_stay_numbers(number: float) -> None:
    assert written([number]) == [[str(number)]]


@given(ANY)
def test_a_text_comes_back_but_for_the_mark(text: str) -> None:
    plain = text.replace("\0", "\\x00")

    assert shown(text) in (plain, TEXT + plain)


@given(st.lists(st.tuples(ANY, st.integers(), ANY).map(list), min_size=1, max_size=5))
def test_every_row_stays_one_row_of_as_many_cells(rows: list[list[object]]) -> None:
    assert [len(row) for row in written(*rows)] == [3] * len(rows)


@pytest.mark.parametrize("reply", REPLIES, ids=ascii)
def test_a_servers_reply_stays_in_its_row(reply: str) -> None:
    rows = written(["before", reply, "after"], ["next", "", "last"])

    assert rows == [["before", reply.replace("\0", "\\x00"), "after"], ["next", "", "last"]]


def test_no_sign_that_ends_a_file_is_written() -> None:
    assert b"\0" not in spreadsheet.write(["Reply"], [["550 \0"], ["\0=1"]])
