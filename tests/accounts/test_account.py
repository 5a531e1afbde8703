"""One customer: its name, time zone, language and system address."""

import zoneinfo

import pytest

from core import i18n
from core.accounts import account
from core.accounts.access import access
from tests.samples import another_account

GOOD = {"name": "Shop", "timezone": "Asia/Ho_Chi_Minh", "language": "vi", "system_address": "owner@shop.example"}
BAD = [
    ("name", ""),
    ("name", " \u00a0"),
    ("name", "Shop\r\nBcc: all@shop.example"),
    ("name", "Shop\0"),
    ("timezone", "Asia/Atlantis"),
    ("timezone", "+07:00"),
    ("timezone", "Asia/Ho_Chi_Minh\0"),
    ("language", "fr"),
    ("system_address", "owner"),
    ("system_address", "owner@"),
    ("system_address", "owner@shop.example\r\nRCPT TO:<all@shop.example>"),
    ("system_address", "owner\0@shop.example"),
]


def stored() -> dict[str, str]:
    """What the account has."""
    mine = account.load(access())
    return {name: getattr(mine, name) for name in GOOD}


def test_a_fresh_account_has_a_name_only() -> None:
    assert stored() == {"name": "default", "timezone": "", "language": "", "system_address": ""}


def test_days_are_utc_until_a_time_zone_is_known() -> None:
    assert str(account.load(access()).zone) == "UTC"


def test_what_is_saved_comes_back() -> None:
    problems = account.save(access(), **GOOD)

    assert problems == []
    assert stored() == GOOD


def test_what_is_not_named_stays() -> None:
    account.save(access(), **GOOD)

    account.save(access(), language="en")

    assert stored() == GOOD | {"language": "en"}


def test_blanks_around_a_value_go() -> None:
    account.save(access(), system_address=" \u00a0owner@shop.example\u200b\n")

    assert stored()["system_address"] == "owner@shop.example"


@pytest.mark.parametrize("field", ["timezone", "language", "system_address"])
def test_a_value_can_be_taken_back(field: str) -> None:
    account.save(access(), **GOOD)

    account.save(access(), **{field: ""})

    assert stored()[field] == ""


@pytest.mark.parametrize(("field", "value"), BAD)
def test_a_bad_value_is_told_at_its_field(field: str, value: str) -> None:
    problems = account.save(access(), **{field: value})

    assert [problem.field for problem in problems] == [field]


@pytest.mark.parametrize(("field", "value"), [("language", "fr"), ("system_address", "owner")])
def test_one_bad_value_keeps_all_from_being_saved(field: str, value: str) -> None:
    before = stored()

    account.save(access(), **GOOD | {field: value})

    assert stored() == before


def test_every_sentence_about_an_account_is_vietnamese_too() -> None:
    sentences = {problem.sentence for field, value in BAD for problem in account.save(access(), **{field: value})}

    assert sentences - i18n.catalogue("vi").keys() == set()


def test_saving_leaves_other_accounts_alone() -> None:
    other = another_account("theirs")

    account.save(access(), **GOOD)

    assert account.load(other).name == "theirs"


def test_the_browsers_time_zone_is_taken_while_none_is_set() -> None:
    account.adopt(access(), timezone="Asia/Kathmandu")

    assert stored()["timezone"] == "Asia/Kathmandu"


def test_the_browsers_time_zone_never_replaces_one_that_is_set() -> None:
    account.save(access(), timezone="Asia/Ho_Chi_Minh")

    account.adopt(access(), timezone="Europe/Berlin")

    assert stored()["timezone"] == "Asia/Ho_Chi_Minh"


@pytest.mark.parametrize(
    ("old", "name"),
    [
        ("Asia/Saigon", "Asia/Ho_Chi_Minh"),
        ("Asia/Katmandu", "Asia/Kathmandu"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("US/Eastern", "America/New_York"),
        ("UTC", "Etc/UTC"),
    ],
)
def test_a_browsers_old_name_of_a_time_zone_becomes_todays(old: str, name: str) -> None:
    account.adopt(access(), timezone=old)

    assert stored()["timezone"] == name


@pytest.mark.parametrize("nonsense", [None, "", "Mars/Olympus", "Etc/Unknown", "../../etc/passwd"])
def test_a_time_zone_that_nobody_knows_is_not_taken(nonsense: str | None) -> None:
    account.adopt(access(), timezone=nonsense)

    assert stored()["timezone"] == ""


def test_every_old_name_leads_to_a_zone_in_the_list() -> None:
    assert set(account.aliases().values()) <= set(account.zones())


def test_every_zone_in_the_list_can_be_used() -> None:
    assert all(zoneinfo.ZoneInfo(name) for name in account.zones())


def test_a_name_that_another_account_has_is_told_at_its_field() -> None:
    another_account("theirs")

    problems = account.save(access(), name="theirs", language="vi")

    assert [problem.field for problem in problems] == ["name"]
    assert stored()["language"] == ""


def test_the_own_name_may_be_saved_again() -> None:
    account.save(access(), **GOOD)

    assert account.save(access(), name=GOOD["name"]) == []


@pytest.mark.parametrize(("letters", "problems"), [(200, []), (201, ["name"]), (100_000, ["name"])])
def test_a_name_has_at_most_200_letters(letters: int, problems: list[str]) -> None:
    found = account.save(access(), name="ạ" * letters)

    assert [problem.field for problem in found] == problems


def test_recipients_are_kept_as_long_as_is_said() -> None:
    account.keep(access(), 7)

    assert account.load(access()).retention_days == 7


def test_how_long_one_account_keeps_them_is_its_own() -> None:
    other = another_account()

    account.keep(access(), 7)

    assert account.load(other).retention_days == 90
