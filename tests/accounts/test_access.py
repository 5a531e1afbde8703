"""Whose rows: the own account, the sample, and one that is removed."""

from typing import Any

import pytest
from sqlalchemy import select

from core import clock, database, tables
from core.accounts import access as accounts
from core.accounts import account, setups
from core.accounts.access import Access, access
from core.counting import elsewhere, headroom, limits
from core.sending.reservation import Result, record, reserve
from tests.samples import GMAIL, SHOP, another_account, envelope

OWNED = [table for table in tables.metadata.sorted_tables if "account_id" in table.c]


def keys() -> list[str]:
    """The quotas that are there."""
    with database.read() as connection:
        return sorted(connection.execute(select(tables.quotas.c.key)).scalars())


def owners() -> set[int]:
    """The accounts that any row belongs to."""
    with database.read() as connection:
        return {number for table in OWNED for number in connection.execute(select(table.c.account_id)).scalars()}


def use(mine: Access, form: Any = GMAIL) -> None:
    """Something in every table."""
    setup = setups.save(mine, form)
    limits.own(mine, form, 100)
    record(mine, envelope(form, "to", "cc", setup=setup), [Result("accepted"), Result("refused")])
    number = reserve(mine, envelope(form))
    elsewhere.add(mine, form, 20)
    with mine.write() as rows:
        rows.insert(tables.checks, {"id": number, "source": "page", "created_at": clock.now(), "form": {}})
        rows.insert(tables.steps, {"check_id": number, "position": 0, "document": {}})
        rows.insert(tables.watches, {"setup_id": setup, "folders": {}, "state": "new", "created_at": clock.now()})


def test_the_only_users_account_is_the_oldest() -> None:
    mine = access()
    another_account()

    assert access() == mine


def test_an_account_is_found_by_its_name() -> None:
    other = another_account("other")

    assert access("other") == other


def test_an_account_that_is_not_there_is_told() -> None:
    with pytest.raises(LookupError, match="nobody's"):
        access("nobody's")


def test_a_database_without_accounts_is_told() -> None:
    accounts.remove(access())

    with pytest.raises(LookupError, match="put a backup"):
        access()


def test_a_sample_alone_is_no_account_to_work_with() -> None:
    mine = access()
    accounts.create(name="made up", sample=True)
    accounts.remove(mine)

    with pytest.raises(LookupError):
        access()


def test_everyone_is_each_account_once_and_the_sample_too() -> None:
    mine, other = access(), another_account()
    made_up = accounts.create(name="made up", sample=True)

    everyone = accounts.everyone()

    assert sorted(each.account_id for each in everyone) == sorted(each.account_id for each in (mine, other, made_up))


def test_a_new_account_has_its_values_and_the_usual_retention() -> None:
    made = account.load(accounts.create(name="new", language="vi"))

    assert (made.name, made.language, made.sample, made.retention_days) == ("new", "vi", False, 90)


class TestRemoved:
    """Everything of it goes, and nothing else."""

    def test_no_row_of_it_is_left(self) -> None:
        other = another_account()
        use(access(), SHOP)
        use(other)

        accounts.remove(other)

        assert other.account_id not in owners()

    def test_each_table_had_a_row_to_remove(self) -> None:
        other = another_account()
        use(other)

        with database.read() as connection:
            empty = [
                table.name
                for table in OWNED
                if not connection.execute(select(table).where(table.c.account_id == other.account_id)).first()
            ]

        assert empty == []

    def test_it_is_told_as_removed(self) -> None:
        other = another_account()

        accounts.remove(other)

        with pytest.raises(LookupError):
            account.load(other)

    def test_a_quota_that_only_it_used_goes(self) -> None:
        other = another_account()
        use(access(), SHOP)
        use(other, GMAIL)

        accounts.remove(other)

        assert [key for key in keys() if "gmail" in key] == []

    def test_a_quota_that_another_account_shares_stays(self) -> None:
        other = another_account()
        use(access(), GMAIL)
        use(other, GMAIL)
        before = keys()

        accounts.remove(other)

        assert keys() == before

    @pytest.mark.parametrize("sharing", ["a send", "a figure", "volume elsewhere"])
    def test_a_shared_quota_stays_whatever_shares_it(self, sharing: str) -> None:
        other = another_account()
        use(other, GMAIL)
        if sharing == "a send":
            reserve(access(), envelope(GMAIL))
        elif sharing == "a figure":
            limits.own(access(), GMAIL, 100)
        else:
            elsewhere.add(access(), GMAIL, 20)

        accounts.remove(other)

        assert len(keys()) == 1

    def test_what_another_account_sent_stays_counted(self) -> None:
        mine, other = access(), another_account()
        use(mine, GMAIL)
        use(other, GMAIL)

        accounts.remove(other)

        zone = account.load(mine).zone
        assert [state.used - state.elsewhere for state in headroom.states(mine, GMAIL, zone=zone)] == [2]

    def test_removing_it_twice_changes_nothing(self) -> None:
        other = another_account()
        use(access(), SHOP)

        for _ in range(2):
            accounts.remove(other)

        assert owners() == {access().account_id}
