"""Sends and days as files for spreadsheets, in the reader's language."""

import csv
import io
from datetime import UTC, date
from zoneinfo import ZoneInfo

import pytest

from core import clock, i18n
from core.accounts.access import access
from core.counting import export, log
from core.counting.log import Wanted
from core.counting.usage import Day
from core.sending.reservation import FOLLOWS, Envelope, Recipient, Result, record
from tests.samples import SHOP

NOW = 1_800_000_000_000  # 2027-01-15T08:00:00Z
HOSTILE = '550 "no"\r\n=cmd()\0'
LANGUAGES = pytest.mark.parametrize("language", i18n.LANGUAGES)


def sent(address: str = "anna@people.example", outcome: str = "accepted", reply: str = "250 2.0.0 Ok") -> None:
    """A send to one recipient."""
    record(access(), Envelope(SHOP, [Recipient(address)], "test", created_at=NOW), [Result(outcome, reply)])


def sheet(content: bytes) -> list[list[str]]:
    """A file as a program reads it, its header first."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def sends(*, language: str = "en", zone: str = "UTC", masked: bool = False, text: str = "") -> list[list[str]]:
    """The file of sends."""
    wanted = Wanted(text=text)
    return sheet(export.sends(access(), wanted, language=language, zone=ZoneInfo(zone), masked=masked))


def cell(name: str, row: int = 1, *, masked: bool = False, zone: str = "UTC") -> str:
    """One cell of the file of sends."""
    found = sends(masked=masked, zone=zone)
    return found[row][found[0].index(name)]


@LANGUAGES
def test_a_file_without_sends_has_the_same_header(language: str) -> None:
    empty = sends(language=language)
    sent()

    assert empty == sends(language=language)[:1]


def test_a_header_is_in_the_readers_language() -> None:
    assert sends(language="vi")[0] != sends(language="en")[0]


@pytest.mark.parametrize(
    ("zone", "time"), [("UTC", "2027-01-15 08:00:00"), ("Asia/Ho_Chi_Minh", "2027-01-15 15:00:00")]
)
def test_times_are_the_zones(zone: str, time: str) -> None:
    sent()

    assert cell("Time", zone=zone) == time


@pytest.mark.parametrize(("masked", "shown"), [(False, "anna@people.example"), (True, "a…@people.example")])
def test_addresses_are_hidden_where_asked(masked: bool, shown: str) -> None:
    sent()

    assert cell("Recipient", masked=masked) == shown


def test_a_hidden_address_is_nowhere_in_the_file() -> None:
    sent(outcome="refused", reply="550 5.1.1 <anna@people.example>: unknown")

    content = export.sends(access(), Wanted(), language="en", zone=UTC, masked=True)

    assert b"anna" not in content


def test_a_forgotten_recipient_is_told_as_such() -> None:
    sent()
    log.forget(access(), now=NOW + 400 * clock.DAY_MS)

    assert cell("Recipient") == "no longer kept"


def test_a_hostile_reply_stays_one_cell() -> None:
    sent(outcome="refused", reply=HOSTILE)

    assert (len(sends()), cell("Server's reply")) == (2, HOSTILE.replace("\0", "\\x00"))


def test_a_recipient_that_looks_like_a_formula_is_text() -> None:
    sent("=cmd()@people.example")

    assert cell("Recipient") == "'=cmd()@people.example"


def test_only_what_fits_is_in_the_file() -> None:
    sent("anna@people.example")
    sent("bob@people.example")

    assert len(sends(text="bob")) == 2


@LANGUAGES
@pytest.mark.parametrize("outcome", sorted({*FOLLOWS, *(name for after in FOLLOWS.values() for name in after)}))
def test_every_outcome_has_words(outcome: str, language: str) -> None:
    assert export.outcome(outcome, language)


def test_outcomes_differ_by_their_sign() -> None:
    assert len({sign for sign, _ in export.OUTCOMES.values()}) == len(export.OUTCOMES)


DAYS = [Day(date(2026, 6, 14), 2, 3, 2, 1, 1, 4), Day(date(2026, 6, 15))]


def test_days_are_told_by_kind() -> None:
    assert sheet(export.usage(DAYS, "en")) == [
        ["Day", "Recipients", "To", "Cc", "Bcc", "Other", "Messages", "Refused"],
        ["2026-06-14", "7", "3", "2", "1", "1", "2", "4"],
        ["2026-06-15", "0", "0", "0", "0", "0", "0", "0"],
    ]


@LANGUAGES
def test_days_have_as_many_columns_in_each_language(language: str) -> None:
    assert [len(row) for row in sheet(export.usage(DAYS, language))] == [8, 8, 8]
