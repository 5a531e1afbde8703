"""What was sent in the last 24 hours, whichever limits there are."""

from datetime import UTC

import pytest

from core import clock
from core.accounts.access import access
from core.accounts.form import Form
from core.accounts.providers import Limit
from core.counting import elsewhere, headroom, person
from core.sending.reservation import Envelope, Recipient, Result, record
from tests.samples import GMAIL, SHOP, another_account, envelope, form

ZONE = UTC
YAHOO = form(GMAIL, host="smtp.mail.yahoo.com", port=465, encryption="ssl", username="shop@yahoo.com")


def last_day(sender: Form, unit: str = "recipients") -> int:
    """What the account sent by a form in the last 24 hours."""
    states = headroom.states(access(), sender, zone=ZONE)
    return headroom.last_day(access(), sender, unit, states, zone=ZONE)


def used(unit: str) -> int:
    """What the last 24 hours are charged with in a unit that only addresses tell."""
    with access().read() as rows:
        limit = Limit(unit, 100, "rolling 24h", "")
        return headroom.state(rows, GMAIL, limit, zone=ZONE, now=clock.now()).used


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


@pytest.mark.parametrize(("unit", "before"), [("unique", 3), ("external", 0), ("unique external", 0)])
def test_deleting_the_address_of_somebody_within_changes_no_limit(unit: str, before: int) -> None:
    names = [f"{name}@gmail.com" for name in ("ann", "bob", "eve")]
    record(access(), Envelope(GMAIL, [Recipient(name) for name in names], "test"), [Result("accepted")] * 3)
    assert used(unit) == before

    for name in names[:2]:
        person.delete(access(), name)

    assert used(unit) == before


def test_whose_address_was_deleted_is_one_more_of_the_different_ones_in_each_mail() -> None:
    for _ in range(2):
        record(access(), Envelope(GMAIL, [Recipient("ann@gmail.com")], "test"), [Result("accepted")])

    person.delete(access(), "ann@gmail.com")

    assert used("unique") == 2
