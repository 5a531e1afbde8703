"""What was sent in the last 24 hours, whichever limits there are."""

from datetime import UTC

import pytest

from core import clock
from core.accounts.access import access
from core.accounts.form import Form
from core.counting import elsewhere, headroom
from core.sending.reservation import Result, record
from tests.samples import GMAIL, SHOP, another_account, envelope, form

ZONE = UTC
YAHOO = form(GMAIL, host="smtp.mail.yahoo.com", port=465, encryption="ssl", username="shop@yahoo.com")


def last_day(sender: Form, unit: str = "recipients") -> int:
    """What the account sent by a form in the last 24 hours."""
    states = headroom.states(access(), sender, zone=ZONE)
    return headroom.last_day(access(), sender, unit, states, zone=ZONE)


@pytest.mark.parametrize("sender", [GMAIL, YAHOO, SHOP], ids=["rolling limit", "limit of the day", "no limit"])
@pytest.mark.parametrize(("unit", "sent"), [("recipients", 2), ("messages", 1)])
def test_it_is_counted_whatever_limits_are_known(sender: Form, unit: str, sent: int) -> None:
    record(access(), envelope(sender, "to", "cc"), [Result("accepted"), Result("accepted")])
    record(access(), envelope(sender, at=clock.now() - clock.DAY_MS - 1), [Result("accepted")])

    assert last_day(sender, unit) == sent


def test_neither_other_accounts_nor_what_is_sent_elsewhere_is_in_it() -> None:
    record(access(), envelope(GMAIL), [Result("accepted")])
    record(another_account(), envelope(GMAIL, "to", "cc"), [Result("accepted"), Result("accepted")])
    elsewhere.add(access(), GMAIL, 40)

    assert last_day(GMAIL) == 1
