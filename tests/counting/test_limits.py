"""What may still be sent, and when something is free again."""

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core import settings
from core.accounts.access import Access, access
from core.accounts.form import Form
from core.accounts.providers import Limit
from core.clock import DAY_MS, stored
from core.counting import headroom, limits, windows
from core.counting.headroom import State
from core.counting.limits import OWN, PLATFORM
from core.sending.reservation import Envelope, Held, Result, record, reserve, settle
from tests.samples import GMAIL, SHOP, another_account, envelope, form

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
YAHOO = Form("shop@yahoo.com", "smtp.mail.yahoo.com", 465, "ssl", "shop@yahoo.com")
SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")
ROLLING = Limit("recipients", 10, "rolling 24h", "test")
DAILY = Limit("recipients", 10, "day", "test")


def only(sender: Form = GMAIL, *, now: datetime = NOON, zone: ZoneInfo = SAIGON) -> State:
    """The one limit of a form, as the only user sees it."""
    (found,) = headroom.states(access(), sender, zone=zone, now=stored(now))
    return found


def under(limit: Limit, now: int, zone: ZoneInfo = SAIGON) -> State:
    """How far a limit of the shop's quota is used."""
    with access().read() as rows:
        return headroom.state(rows, SHOP, limit, zone=zone, now=now)


def daily(sender: Form = GMAIL) -> list[Limit]:
    """The limits of a form for a day."""
    return [limit for limit in limits.of(access(), sender) if limit.window in windows.DAILY]


def used(sender: Form = GMAIL) -> int:
    """Recipients that count against a form's limit at noon."""
    return only(sender).used


@pytest.mark.parametrize(("age", "counts"), [(0, 1), (DAY_MS - 1, 1), (DAY_MS, 0), (DAY_MS + 1, 0)])
def test_a_send_leaves_the_window_after_24_hours_to_the_millisecond(age: int, counts: int) -> None:
    sent = stored(NOON)
    reserve(access(), envelope(at=sent))

    state = under(ROLLING, now=sent + age)

    assert state.used == counts


def test_something_is_free_when_the_oldest_counted_send_leaves() -> None:
    for hours in (30, 20, 2):
        reserve(access(), envelope(GMAIL, at=NOON - timedelta(hours=hours)))

    assert only().frees_at == NOON + timedelta(hours=4)


def test_at_that_moment_it_is_free() -> None:
    reserve(access(), envelope(at=NOON))
    frees_at = under(ROLLING, now=stored(NOON)).frees_at

    assert frees_at
    assert [under(ROLLING, now=stored(frees_at) - before).used for before in (1, 0)] == [1, 0]


def test_it_is_told_in_the_accounts_zone() -> None:
    reserve(access(), envelope(GMAIL, at=NOON))

    assert str(only().frees_at) == "2026-06-16 19:00:00+07:00"


@pytest.mark.parametrize("sender", [GMAIL, YAHOO], ids=["rolling", "day"])
def test_nothing_has_to_become_free_while_nothing_is_used(sender: Form) -> None:
    assert only(sender).frees_at is None


@pytest.mark.parametrize(
    ("sent", "counts"),
    [("2026-06-14T23:59:59.999", 0), ("2026-06-15T00:00:00", 1), ("2026-06-15T18:59:59", 1)],
)
def test_a_day_begins_at_the_accounts_midnight(sent: str, counts: int) -> None:
    reserve(access(), envelope(YAHOO, at=datetime.fromisoformat(sent).replace(tzinfo=SAIGON)))

    assert used(YAHOO) == counts


def test_a_day_frees_at_the_next_midnight() -> None:
    reserve(access(), envelope(YAHOO, at=NOON))

    assert str(only(YAHOO).frees_at) == "2026-06-16 00:00:00+07:00"


@pytest.mark.parametrize(
    "sent",
    ["2026-10-24T23:30+00:00", "2026-10-25T00:30+00:00", "2026-10-25T01:30+00:00", "2026-10-25T03:30+00:00"],
)
@pytest.mark.parametrize("now", ["2026-10-25T01:45+00:00", "2026-10-25T04:00+00:00"])
def test_a_day_with_two_midnights_begins_at_the_first(sent: str, now: str) -> None:
    azores = ZoneInfo("Atlantic/Azores")
    at, moment = (datetime.fromisoformat(text) for text in (sent, now))
    reserve(access(), envelope(at=at))

    state = under(DAILY, now=stored(moment), zone=azores)

    assert state.used == int(at >= datetime(2026, 10, 25, tzinfo=azores))


def test_a_provider_without_a_figure_has_no_limit() -> None:
    assert limits.of(access(), SHOP) == []


def test_a_providers_figure_says_where_it_is_from() -> None:
    state = only()

    assert (state.limit.amount, state.limit.window) == (500, "rolling 24h")
    assert state.limit.source.startswith("https://")


def test_the_own_figure_replaces_the_providers() -> None:
    limits.own(access(), GMAIL, 300)

    assert [(limit.amount, limit.source) for limit in daily()] == [(300, OWN)]


def test_the_own_figure_of_recipients_leaves_the_limit_of_messages() -> None:
    workspace = form(GMAIL, username="shop@shop.example")

    limits.own(access(), workspace, 300)

    figures = {(limit.unit, limit.window): limit.amount for limit in limits.of(access(), workspace)}
    assert figures["recipients", "rolling 24h"] == 300
    assert figures["messages", "rolling 24h"] == 2000


def test_a_second_figure_replaces_the_first() -> None:
    for amount in (300, 200):
        limits.own(access(), GMAIL, amount)

    assert [limit.amount for limit in daily()] == [200]


def test_without_an_own_figure_the_providers_counts_again() -> None:
    limits.own(access(), GMAIL, 300)

    limits.own(access(), GMAIL, None)

    assert only().limit.amount == 500


def test_the_own_figure_is_one_accounts_only() -> None:
    limits.own(another_account(), GMAIL, 300)

    assert only().limit.amount == 500


def test_the_platform_limits_each_account_of_its_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILGAUGE_DEFAULT_DAILY_LIMIT", "50")
    settings.current.cache_clear()

    found = limits.of(access(), form(SHOP, mode="default"))

    assert [(limit.amount, limit.source) for limit in found] == [(50, PLATFORM)]


@pytest.mark.parametrize(
    ("sender", "shares"),
    [
        (form(GMAIL, port=465, encryption="ssl"), True),
        (form(GMAIL, username="SHOP@Gmail.com"), True),
        (form(GMAIL, from_address="orders@gmail.com"), True),
        (form(GMAIL, username="other@gmail.com"), False),
        (form(GMAIL, host="smtp.mail.yahoo.com"), False),
    ],
)
def test_a_quota_is_the_log_in_at_a_provider(sender: Form, shares: bool) -> None:
    reserve(access(), envelope(sender, at=NOON))

    assert used() == int(shares)


def test_a_quota_counts_over_all_accounts_that_use_it() -> None:
    reserve(another_account(), envelope(GMAIL, "to", "cc", at=NOON))
    reserve(access(), envelope(GMAIL, at=NOON))

    assert used() == 3


def test_a_messages_limit_counts_messages() -> None:
    workspace = form(GMAIL, username="shop@shop.example")
    reserve(access(), envelope(workspace, "to", "cc", "bcc", at=NOON))

    found = headroom.states(access(), workspace, zone=SAIGON, now=stored(NOON))

    used = {state.limit.unit: state.used for state in found}
    assert (used["recipients"], used["messages"]) == (3, 1)


@pytest.mark.parametrize(("outcome", "counts"), [("accepted", 1), ("unknown", 1), ("refused", 0), ("failed", 0)])
def test_a_settled_recipient_counts_by_its_outcome(outcome: str, counts: int) -> None:
    send = reserve(access(), envelope(GMAIL, at=NOON))

    settle(access(), send, [Result(outcome)])

    assert used() == counts


@pytest.mark.parametrize(("outcome", "frees"), [("refused", None), ("accepted", NOON + timedelta(days=1))])
def test_what_does_not_count_does_not_become_free(outcome: str, frees: datetime | None) -> None:
    record(access(), envelope(GMAIL, at=NOON), [Result(outcome)])

    assert only().frees_at == frees


def test_a_limit_that_is_passed_leaves_nothing_and_no_less() -> None:
    limits.own(access(), GMAIL, 1)
    reserve(access(), envelope(GMAIL, "to", "to", "to", at=NOON))

    assert only().remaining == 0


@pytest.mark.parametrize("reach", [pytest.param(access, id="own"), pytest.param(another_account, id="another")])
def test_a_hold_counts_what_any_account_used(reach: object) -> None:
    limits.own(access(), GMAIL, 2)
    reserve(account_of(reach), envelope(GMAIL, "to", at=NOON))

    with pytest.raises(Held) as held:
        hold(envelope(GMAIL, "to", "cc", at=NOON))

    assert held.value.state.used == 1


def test_the_last_free_place_is_given() -> None:
    limits.own(access(), GMAIL, 2)
    reserve(access(), envelope(GMAIL, at=NOON))

    hold(envelope(GMAIL, at=NOON))

    assert only().remaining == 0


def test_a_hold_writes_nothing() -> None:
    limits.own(access(), GMAIL, 1)

    with pytest.raises(Held):
        hold(envelope(GMAIL, "to", "cc", at=NOON))

    assert used() == 0


def account_of(reach: object) -> Access:
    """The account that a parameter stands for."""
    return reach()  # type: ignore[operator,no-any-return]


def hold(message: Envelope) -> int:
    """A reservation under the guard."""
    return reserve(access(), message, hold=True)


HOUR = timedelta(hours=1)


@pytest.mark.parametrize("limit", [ROLLING, DAILY], ids=["rolling", "day"])
@pytest.mark.parametrize("back", [timedelta(seconds=1), HOUR, 5 * HOUR], ids=str)
def test_what_was_sent_before_the_clock_was_set_back_still_counts(limit: Limit, back: timedelta) -> None:
    reserve(access(), envelope(at=NOON))

    state = under(limit, now=stored(NOON - back))

    assert state.used == 1


@pytest.mark.parametrize("limit", [ROLLING, DAILY], ids=["rolling", "day"])
def test_after_the_clock_was_set_back_both_sides_count(limit: Limit) -> None:
    reserve(access(), envelope(at=NOON))
    reserve(access(), envelope(at=NOON - HOUR))

    state = under(limit, now=stored(NOON - HOUR))

    assert state.used == 2


def test_the_guard_holds_after_the_clock_was_set_back() -> None:
    limits.own(access(), GMAIL, 1)
    reserve(access(), envelope(GMAIL, at=NOON))

    with pytest.raises(Held):
        hold(envelope(GMAIL, at=NOON - HOUR))


def test_an_identifier_made_after_the_clock_was_set_back_is_greater(monkeypatch: pytest.MonkeyPatch) -> None:
    before, now = reserve(access(), envelope(at=NOON)), time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now - DAY_MS * 1_000_000)

    after = reserve(access(), envelope(at=NOON))

    assert after > before


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("500", 500),
        (" 500 ", 500),
        ("2,000", 2000),
        ("2.000", 2000),
        ("2 000", 2000),
        ("2\u00a0000", 2000),
        ("1.000.000", 1_000_000),
        ("007", 7),
        (str(limits.MOST), limits.MOST),
    ],
)
def test_a_figure_is_read_with_and_without_thousands_marks(text: str, amount: int) -> None:
    assert limits.parse(text) == amount


@pytest.mark.parametrize("text", ["", " ", "\u00a0\t"])
def test_an_empty_figure_is_none(text: str) -> None:
    assert limits.parse(text) is None


@pytest.mark.parametrize(
    "text",
    ["0", "-5", "+5", "abc", "5a", "٥٠٠", "²", "½", "1e3", "0x10", "500 a day", "\0", str(limits.MOST + 1), "9" * 5000],
    ids=lambda text: ascii(text[:12]),
)
def test_what_is_no_figure_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="type a number"):
        limits.parse(text)


@pytest.mark.parametrize("text", ["0000000000500", "0" * 20 + "500"], ids=len)
def test_zeros_in_front_change_nothing(text: str) -> None:
    assert limits.parse(text) == 500


@pytest.mark.parametrize("text", ["100000000000", "99999999999", "00" + "1" * 12])
def test_a_figure_beyond_the_most_is_refused_however_it_begins(text: str) -> None:
    with pytest.raises(ValueError, match="type a number"):
        limits.parse(text)


@pytest.mark.parametrize("text", ["1,5", "2.5", "1.2.3", ",", ".", "..."])
def test_a_fraction_is_no_figure(text: str) -> None:
    with pytest.raises(ValueError, match="type a number"):
        limits.parse(text)
