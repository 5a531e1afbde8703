"""Accounts, forms and envelopes that tests start from."""

import dataclasses
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from core import clock, database, ids, tables
from core.accounts.access import Access
from core.accounts.form import Form
from core.secret import Secret
from core.sending.reservation import Envelope, Recipient

CANARY = "canary-7f3a-password"
SHOP = Form("shop@shop.example", "mail.shop.example", 587, "starttls", "shop@shop.example")
GMAIL = Form("shop@gmail.com", "smtp.gmail.com", 587, "starttls", "shop@gmail.com")

form: Callable[..., Form] = dataclasses.replace


def typed(base: Form = SHOP) -> Form:
    """A form with the canary as its password."""
    return form(base, password=Secret(CANARY))


def envelope(sender: Form = SHOP, *kinds: str, at: datetime | int | None = None, **values: Any) -> Envelope:
    """A message to one recipient of each kind, to one To where none is named; at a moment, else now."""
    people = [Recipient(f"{number}@people.example", kind) for number, kind in enumerate(kinds or ("to",))]
    moment = clock.stored(at) if isinstance(at, datetime) else at
    times = {} if moment is None else {"created_at": moment}
    return Envelope(sender, people, "test", **times, **values)


def another_account(name: str = "another") -> Access:
    """The right to a second account."""
    with database.write() as connection:
        number = ids.new()
        connection.execute(insert(tables.accounts).values(id=number, name=name, created_at=clock.now()))
    return Access(number)
