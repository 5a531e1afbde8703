"""What the headers of a copy say, however a program wrote them."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import clock, ids
from core.counting import copies
from core.counting.copies import Copy

ARRIVED = datetime(2026, 6, 15, 12, 30, tzinfo=UTC)


def read(*lines: str, arrived: datetime | None = ARRIVED) -> Copy:
    """The copy with these headers."""
    return copies.read("\r\n".join([*lines, "", ""]).encode(), arrived)


def people(*lines: str) -> list[tuple[str, str]]:
    """Kind and address of each recipient."""
    return [(recipient.kind, recipient.address) for recipient in read(*lines).recipients]


def coded(charset: str, raw: bytes) -> str:
    """An encoded word (RFC 2047)."""
    return f"=?{charset}?B?{b64encode(raw).decode()}?="


FIELDS = {
    "one": ("a@x.test", ["a@x.test"]),
    "several": ("a@x.test, B <b@y.test>,c@z.test", ["a@x.test", "b@y.test", "c@z.test"]),
    "the same twice": ("a@x.test, a@x.test", ["a@x.test", "a@x.test"]),
    "folded": ("a@x.test,\r\n\tb@x.test", ["a@x.test", "b@x.test"]),
    "a comma in a name": ('"Smith, John" <john@x.test>', ["john@x.test"]),
    "an address in a name": ('"not@this.test" <but@this.test>', ["but@this.test"]),
    "a comment": ("a@x.test (Anna, not b@x.test)", ["a@x.test"]),
    "a group": ("Staff: a@x.test, b@x.test;, c@x.test", ["a@x.test", "b@x.test", "c@x.test"]),
    "nobody named": ("undisclosed-recipients:;", []),
    "empty": ("", []),
    "an encoded name": ("=?utf-8?B?Tmd1eeG7hW4sIEE=?= <a@x.test>", ["a@x.test"]),
    "an encoded field": ("=?utf-8?Q?a=40x=2Etest=2C_b=40x=2Etest?=", ["a@x.test", "b@x.test"]),
    "no such charset": ("=?klingon?Q?=ff=fe?= <a@x.test>", ["a@x.test"]),
    "letters of Vietnam": ("Nguyễn Ánh <ánh@cửahàng.test>", ["ánh@cửahàng.test"]),
    "semicolons": ("a@x.test; b@x.test", ["a@x.test", "b@x.test"]),
    "blanks": ("a@x.test b@x.test", ["a@x.test", "b@x.test"]),
    "an open quote": ('"Anna <a@x.test>, b@x.test', ["a@x.test", "b@x.test"]),
    "a quoted local part": ('"john smith"@x.test', ['"john smith"@x.test']),
    "no addresses at all": ("Anna, Bert and the others", []),
    "half a letter by its number": (coded("unicode_escape", b"\\ud800@b.c"), []),
    "half a letter in UTF-7": (coded("utf-7", b"+2AA-@b.c, a@x.test"), ["a@x.test"]),
    "no letter": (coded("utf-8", b"a\0@b.c, a@x.test"), ["a@x.test"]),
    "open comments": ("(" * 3000, []),
    "an address before open comments": (f"a@x.test, {'(' * 3000}", ["a@x.test"]),
    "longer than any address": (f"{'a' * 320}@x.test, b@x.test", ["b@x.test"]),
}


@pytest.mark.parametrize(("written", "meant"), FIELDS.values(), ids=FIELDS)
def test_a_field_names_its_addresses(written: str, meant: list[str]) -> None:
    assert people(f"To: {written}") == [("to", address) for address in meant]


def test_every_kind_counts_and_a_field_that_stands_there_twice_counts_twice() -> None:
    found = people("To: a@x.test", "TO: b@x.test", "Cc: c@x.test", "Bcc: d@x.test", "Reply-To: e@x.test")

    assert found == [("to", "a@x.test"), ("to", "b@x.test"), ("cc", "c@x.test"), ("bcc", "d@x.test")]


def test_its_time_is_its_arrival() -> None:
    assert read("Date: Mon, 1 Jan 2024 00:00:00 +0000").at == clock.stored(ARRIVED)


def test_where_the_arrival_is_unreadable_its_date_counts() -> None:
    found = read("Date: Mon, 15 Jun 2026 19:30:00 +0700", arrived=None)

    assert found.at == clock.stored(ARRIVED)


NEVER = f"Mon, 1 Jan 2024 00:00:00 +{'9' * 40}"


@pytest.mark.parametrize("date", ["yesterday", "Mon, 99 Foo 20000 99:99:99 +9999", "", "1 Jan 0001 00:00 +2359", NEVER])
def test_a_copy_is_never_of_the_future_nor_before_all_time(date: str) -> None:
    assert 0 <= read(f"Date: {date}", arrived=None).at <= clock.now()


def test_a_clock_that_goes_ahead_does_not_put_a_copy_where_no_window_looks() -> None:
    assert read(arrived=datetime(2199, 1, 1, tzinfo=UTC)).at <= clock.now()


def test_it_is_known_by_its_name_as_every_send_is() -> None:
    assert read("Message-ID:\r\n <1@shop.test>").digests == (ids.digest("<1@shop.test>"),)


def test_it_is_known_by_the_name_it_had_before_the_provider_gave_it_another() -> None:
    found = read("Message-ID: <g@mail.gmail.com>", "X-Google-Original-Message-ID: <1@shop.test>")

    assert found.digests == (ids.digest("<g@mail.gmail.com>"), ids.digest("<1@shop.test>"))


def test_without_a_name_it_is_known_by_all_else() -> None:
    one, same = read("To: a@x.test"), read("To: a@x.test")
    others = [read("To: b@x.test"), read("To: a@x.test", arrived=datetime(2026, 6, 15, 12, 31, tzinfo=UTC))]

    assert one.digests == same.digests
    assert all(one.digests != other.digests for other in others)


DATE = "Date: Mon, 15 Jun 2026 12:00:00 +0000"
AHEAD = datetime.now(UTC) + timedelta(days=400)


@pytest.mark.parametrize(
    ("lines", "first", "then"),
    [
        (["To: a@x.test", DATE], ARRIVED, ARRIVED + timedelta(hours=1)),  # moved to another folder, or restored
        (["To: a@x.test", DATE], ARRIVED, None),
        (["To: a@x.test", DATE], AHEAD, AHEAD),
        (["To: a@x.test"], AHEAD, AHEAD),
        (["To: a@x.test"], ARRIVED, ARRIVED.astimezone(timezone(timedelta(hours=7)))),
        (["To: a@x.test"], None, None),
    ],
)
def test_without_a_name_it_is_known_again_whenever_it_is_read(
    monkeypatch: pytest.MonkeyPatch, lines: list[str], first: datetime | None, then: datetime | None
) -> None:
    one = read(*lines, arrived=first)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + clock.DAY_MS)

    assert read(*lines, arrived=then).digests == one.digests


def test_without_a_name_its_date_tells_it_from_another() -> None:
    later = DATE.replace("12:00", "12:01")

    assert read("To: a@x.test", DATE).digests != read("To: a@x.test", later).digests


@given(st.binary(max_size=400))
def test_no_bytes_stop_it(raw: bytes) -> None:
    found = copies.read(b"To: " + raw, ARRIVED)

    assert all("@" in recipient.address for recipient in found.recipients)


def test_a_crowd_is_read_whole() -> None:
    crowd = ",\r\n ".join(f'"Khách hàng, số {number}" <{number}@crowd.test>' for number in range(2000))

    assert len(people(f"To: {crowd}")) == 2000
