"""The sample account: a month that could have been, beside the own account and never in it."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from core import clock, database, sample, tables
from core.accounts import access as accounts
from core.accounts import account, setups
from core.accounts.access import Access, access
from core.counting import headroom, limits, log, quotas, usage
from core.counting.log import Wanted
from core.sending import reservation
from core.sending.reservation import Envelope, Result, record
from tests.samples import GMAIL, SHOP, envelope

ZONES = [
    "UTC",
    "Asia/Ho_Chi_Minh",
    "Asia/Kathmandu",
    "America/St_Johns",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Europe/Berlin",
    "Australia/Lord_Howe",
]
HOURS = [0, 3, 8, 9, 12, 17, 18, 23]
DAYS = [datetime(2026, 11, 16, tzinfo=UTC) + timedelta(days=n) for n in range(7)]  # from Monday to Sunday
SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")

Send = tuple[Envelope, Sequence[Result]]


def month(now: datetime) -> list[Send]:
    """Every send before a moment."""
    return list(sample.sends(now, 1))


def accepted(send: Send) -> int:
    """The recipients of a send that count."""
    return sum(result.outcome == "accepted" for result in send[1])


def per_day(now: datetime) -> dict[Any, int]:
    """Accepted recipients by local day."""
    days: Counter[Any] = Counter()
    for send in month(now):
        days[clock.local(send[0].created_at, now.tzinfo or UTC).date()] += accepted(send)
    return days


def fullest(sends: Sequence[Send]) -> int:
    """The most accepted recipients that any 24 hours hold."""
    most = held = start = 0
    ordered = sorted(sends, key=lambda send: send[0].created_at)
    for send in ordered:
        held += accepted(send)
        while ordered[start][0].created_at <= send[0].created_at - clock.DAY_MS:
            held -= accepted(ordered[start])
            start += 1
        most = max(most, held)
    return most


def evening(day: datetime, zone: ZoneInfo = SAIGON) -> datetime:
    """The end of a day in a zone."""
    return day.replace(hour=23, minute=30, tzinfo=zone)


def everything() -> dict[str, list[Any]]:
    """Every row of every table."""
    with database.read() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table)))) for table in tables.metadata.sorted_tables
        }


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few days in place of a month: what takes its time is to write them."""
    monkeypatch.setattr(sample, "DAYS", 2)


@pytest.fixture
def own() -> Access:
    """The own account, with a setup, a figure, a send and a check of its own."""
    mine = access()
    account.save(mine, timezone="Asia/Ho_Chi_Minh", language="vi")
    setup = setups.save(mine, GMAIL)
    limits.own(mine, GMAIL, 300)
    record(mine, envelope(GMAIL, "to", "cc", setup=setup), [Result("accepted"), Result("refused", "550 no")])
    with mine.write() as rows:
        rows.insert(tables.checks, {"id": 7, "source": "page", "created_at": clock.now(), "form": {}})
    return mine


class TestSends:
    """What was never sent."""

    NOW = evening(DAYS[2])

    def test_it_is_the_same_month_each_time(self) -> None:
        assert month(self.NOW) == month(self.NOW)

    @pytest.mark.parametrize("day", DAYS, ids=lambda day: f"{day:%a}")
    def test_it_fills_thirty_days(self, day: datetime) -> None:
        now = evening(day)

        days = sorted(per_day(now))

        assert days == [now.date() - timedelta(days=ago) for ago in reversed(range(30))]

    @pytest.mark.parametrize("zone", ZONES)
    @pytest.mark.parametrize("hour", HOURS)
    def test_none_is_in_the_future(self, zone: str, hour: int) -> None:
        now = DAYS[0].replace(hour=hour, minute=7, tzinfo=ZoneInfo(zone))

        assert max(send.created_at for send, _ in month(now)) < clock.stored(now)

    @pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
    @pytest.mark.parametrize("zone", ["Europe/Berlin", "Atlantic/Azores", "America/New_York"])
    @pytest.mark.parametrize("hour", HOURS)
    def test_none_is_in_the_future_where_clocks_change(self, day: str, zone: str, hour: int) -> None:
        now = datetime.fromisoformat(day).replace(hour=hour, minute=30, tzinfo=ZoneInfo(zone), fold=1)

        assert max(send.created_at for send, _ in month(now)) < clock.stored(now)

    @pytest.mark.parametrize("zone", ZONES)
    def test_they_go_out_in_business_hours(self, zone: str) -> None:
        now = evening(DAYS[2], ZoneInfo(zone))

        hours = {clock.local(send.created_at, ZoneInfo(zone)).hour for send, _ in month(now)}

        assert hours == set(range(8, 18))

    @pytest.mark.parametrize("day", DAYS, ids=lambda day: f"{day:%a}")
    def test_no_24_hours_hold_more_than_the_limit(self, day: datetime) -> None:
        sends = month(evening(day))

        assert fullest(sends) <= 500

    @pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
    def test_nor_do_they_where_a_day_has_23_or_25_hours(self, zone: str) -> None:
        moments = [datetime(2026, month, 20, 23, 30, tzinfo=ZoneInfo(zone)) for month in (3, 4, 10, 11)]

        assert max(fullest(month(now)) for now in moments) <= 500

    @pytest.mark.parametrize("day", DAYS, ids=lambda day: f"{day:%a}")
    def test_one_day_has_refusals_for_the_limit(self, day: datetime) -> None:
        now = evening(day)

        refused = {
            clock.local(send.created_at, SAIGON).date()
            for send, results in month(now)
            if any("limit exceeded" in (result.reply or "") for result in results)
        }

        assert len(refused) == 1

    def test_a_refusal_for_the_limit_has_googles_words(self) -> None:
        replies = Counter(result.reply for _, results in month(self.NOW) for result in results)

        assert replies["550 5.4.5 Daily user sending limit exceeded. gsmtp"] > 10

    def test_some_customers_address_is_wrong(self) -> None:
        replies = Counter(result.reply for _, results in month(self.NOW) for result in results)

        assert any(reply and reply.startswith("550-5.1.1") for reply in replies)

    @pytest.mark.parametrize("day", DAYS, ids=lambda day: f"{day:%a}")
    def test_busy_days_come_near_the_limit_and_one_meets_it(self, day: datetime) -> None:
        counts = sorted(per_day(evening(day)).values(), reverse=True)

        busy = [count for count in counts if count >= 300]
        assert (490 <= busy[0] <= 500, len(busy) >= 15) == (True, True)
        assert all(count < 490 for count in busy[1:])

    @pytest.mark.parametrize("day", DAYS, ids=lambda day: f"{day:%a}")
    def test_an_invoice_has_one_to_and_one_cc(self, day: datetime) -> None:
        kinds = {tuple(person.kind for person in send.recipients) for send, _ in month(evening(day))}

        assert kinds == {("to", "cc")}

    def test_nobody_in_it_can_exist(self) -> None:
        addresses = {person.address for send, _ in month(self.NOW) for person in send.recipients}

        assert {address.rpartition(".")[2] for address in addresses} == {"example"}

    def test_each_invoice_says_where_it_is_from(self) -> None:
        assert {(send.source, send.form.from_address) for send, _ in month(self.NOW)} == {("sample", sample.LOGIN)}


@pytest.mark.usefixtures("brief")
class TestLoaded:
    """The account that it becomes."""

    def test_there_is_none_until_it_is_loaded(self) -> None:
        assert accounts.sample() is None

    def test_it_is_marked_as_a_sample(self, own: Access) -> None:
        assert account.load(sample.load(own)).sample

    def test_it_is_loaded_once(self, own: Access) -> None:
        first = sample.load(own)
        before = everything()

        again = sample.load(own)

        assert (again, everything() == before) == (first, True)

    def test_it_is_never_the_own_account(self, own: Access) -> None:
        sample.load(own)

        assert access() == own

    def test_it_is_not_reached_by_its_name(self, own: Access) -> None:
        sample.load(own)

        with pytest.raises(LookupError):
            access(sample.NAME)

    def test_it_speaks_and_counts_as_the_own_account_does(self, own: Access) -> None:
        loaded = account.load(sample.load(own))

        assert (loaded.language, loaded.timezone) == ("vi", "Asia/Ho_Chi_Minh")

    def test_it_takes_an_account_that_has_no_zone_yet(self) -> None:
        loaded = account.load(sample.load(access()))

        assert (loaded.language, loaded.timezone) == ("", "")

    def test_its_setup_is_active_and_was_never_tested(self, own: Access) -> None:
        setup = setups.active(sample.load(own))

        assert (setup.form.username, setup.state) == (sample.LOGIN, "untested")

    def test_its_setup_has_no_password(self, own: Access) -> None:
        assert not setups.active(sample.load(own)).has_secret

    def test_its_days_are_counted_as_any_account_s(self, own: Access) -> None:
        loaded = sample.load(own)
        quota, today = quotas.of(loaded, sample.FORM), clock.local(clock.now(), SAIGON).date()

        days = usage.daily(loaded, quota=quota, since=today - timedelta(days=29), until=today, zone=SAIGON)

        assert sum(day.recipients for day in days) == log.count(loaded, Wanted(outcomes=["accepted"])) > 50

    def test_nothing_of_it_is_forgotten(self, own: Access) -> None:
        loaded = sample.load(own)

        assert log.forget(loaded) == 0

    @pytest.mark.parametrize("names", [["Sample account"], ["Sample account", "Sample account 2"]], ids=len)
    def test_own_accounts_of_its_name_do_not_hinder(self, own: Access, names: list[str]) -> None:
        account.save(own, name=names[0])
        for name in names[1:]:
            accounts.create(name=name)

        loaded = account.load(sample.load(own))

        assert (loaded.sample, loaded.name in names) == (True, False)

    def test_it_leaves_the_own_rows_untouched(self, own: Access) -> None:
        before = everything()

        sample.load(own)

        after = everything()
        assert [name for name, rows in before.items() if not set(rows) <= set(after[name])] == []

    def test_it_is_not_charged_to_an_own_log_in(self, own: Access) -> None:
        before = headroom.states(own, GMAIL, zone=SAIGON)

        sample.load(own)

        assert headroom.states(own, GMAIL, zone=SAIGON) == before

    def test_without_its_setup_it_sends_by_the_default_one(self, own: Access) -> None:
        loaded = sample.load(own)

        setups.remove(loaded, setups.active(loaded).id)

        assert setups.active(loaded).mode == "default"

    def test_two_tabs_that_load_it_share_one(self, own: Access) -> None:
        with ThreadPoolExecutor(4) as tabs:
            loaded = list(tabs.map(lambda _: sample.load(own), range(4)))

        assert len(set(loaded)) == 1

    def test_a_load_that_breaks_off_leaves_nothing(self, own: Access, monkeypatch: pytest.MonkeyPatch) -> None:
        before = everything()

        with monkeypatch.context() as broken:
            broken.setattr(sample, "record_all", fail)
            with pytest.raises(database.DatabaseError):
                sample.load(own)

        assert everything() == before


def fail(*_: object) -> None:
    """A disk that is full."""
    raise database.DatabaseError("full", "the file")


@pytest.mark.usefixtures("brief")
class TestRemoved:
    """It goes as it came."""

    def test_the_database_is_as_it_was_before(self, own: Access) -> None:
        before = everything()
        sample.load(own)

        sample.remove()

        assert everything() == before

    def test_what_was_done_in_it_goes_as_well(self, own: Access) -> None:
        before = everything()
        loaded = sample.load(own)
        setup = setups.save(loaded, SHOP)
        setups.activate(loaded, setup)
        limits.own(loaded, SHOP, 100)
        reservation.reserve(loaded, envelope(SHOP, setup=setup))
        with loaded.write() as rows:
            rows.insert(tables.checks, {"id": 8, "source": "page", "created_at": clock.now(), "form": {}})
            rows.insert(tables.steps, {"check_id": 8, "position": 0, "document": {}})

        sample.remove()

        assert everything() == before

    def test_removing_none_changes_nothing(self, own: Access) -> None:
        before = everything()

        sample.remove()

        assert everything() == before

    def test_it_can_be_loaded_again(self, own: Access) -> None:
        first = sample.load(own)
        sample.remove()

        again = sample.load(own)

        assert (accounts.sample(), again != first) == (again, True)


def test_a_whole_month_goes_into_the_log(own: Access) -> None:
    loaded = sample.load(own)

    assert log.count(loaded, Wanted()) == 2 * len(month(clock.local(clock.now(), SAIGON)))
