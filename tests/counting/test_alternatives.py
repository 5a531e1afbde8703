"""What today would be without Cc, or sent another way."""

from datetime import date, timedelta

from core.accounts.providers import Limit
from core.counting import alternatives
from core.counting.alternatives import Elsewhere, WithoutCc
from core.counting.usage import Day

TODAY = date(2026, 6, 17)
GMAIL = Limit("recipients", 500, "rolling 24h", "provider")


def test_without_cc_what_is_counted_is_the_rest() -> None:
    assert alternatives.without_cc([Day(TODAY, to=30, cc=20)], 50) == WithoutCc(so_far=30, expected=30)


def test_what_is_to_come_has_the_share_of_all_days() -> None:
    days = [Day(TODAY - timedelta(days=1), to=50, cc=50), Day(TODAY, to=50, cc=50)]

    assert alternatives.without_cc(days, 140) == WithoutCc(so_far=50, expected=70)


def test_bcc_is_no_cc() -> None:
    assert alternatives.without_cc([Day(TODAY, to=10, bcc=10, other=5)], 50).expected == 50


def test_a_day_before_its_first_mail_has_no_share() -> None:
    assert alternatives.without_cc([Day(TODAY)], 8) == WithoutCc(so_far=0, expected=8)


def test_another_way_has_its_own_limit() -> None:
    found = alternatives.elsewhere(420, [GMAIL], already=30)

    assert (found, found.remaining, found.fits) == (Elsewhere(450, GMAIL), 50, True)


def test_a_day_may_be_too_much_for_another_way() -> None:
    found = alternatives.elsewhere(600, [GMAIL])

    assert (found.remaining, found.fits) == (0, False)


def test_the_least_limit_of_recipients_a_day_is_told() -> None:
    others = [Limit("messages", 10, "day", "provider"), Limit("recipients", 300, "day", "provider")]

    found = alternatives.elsewhere(100, [GMAIL, *others])

    assert found.limit == others[1]


def test_another_way_without_a_limit_is_only_counted() -> None:
    found = alternatives.elsewhere(600, [])

    assert (found.used, found.limit, found.remaining, found.fits) == (600, None, None, None)
