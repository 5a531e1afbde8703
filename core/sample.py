"""The sample account: a made-up month of an invoicing business near Gmail's limit, to look around in.

Nothing in it was ever sent. Its log-in cannot exist: Gmail knows no underscore in a user name.
"""

from __future__ import annotations

import contextlib
import random
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from core import clock
from core.accounts import access, account, setups
from core.accounts.access import Access
from core.accounts.form import Form
from core.sending.reservation import Envelope, Recipient, Result, record_all
from core.told import NotFound

LOGIN = "sample_shop@gmail.com"
FORM = Form(LOGIN, "smtp.gmail.com", 587, "starttls", LOGIN, from_name="Sample shop")
NAME = "Sample account"
DAYS = 30
LIMIT = 500  # recipients in 24 hours (https://support.google.com/mail/answer/22839)
OPEN, CLOSED = 8, 18  # o'clock: invoices go out in between
WEEK = ((176, 226),) * 5 + ((52, 90), (6, 16))  # the least and the most invoices of a day, from today backwards
BAD_DAY = 8  # so many days ago: a promotion on top of the invoices
PROMOTION = 110
PLACES = Counter(customers=5, tea=3, tailor=2, builder=2, clinic=1)  # customers' domains, and how often
STRANGERS = 0.012  # the share of customers whose address is wrong

ACCEPTED = Result("accepted", "250 2.0.0 OK gsmtp")
WRONG = Result("refused", "550-5.1.1 The email account that you tried to reach does not exist.")
OVER = Result("refused", "550 5.4.5 Daily user sending limit exceeded. gsmtp")


def load(own: Access) -> Access:
    """Makes the sample account in the language and time zone of another one; the one that is there if there is."""
    like = account.load(own)
    values = {"language": like.language or None, "timezone": like.timezone or None}
    while not (found := access.sample()):
        try:
            made = access.create(name=_free_name(), sample=True, system_address="owner@shop.example", **values)
        except IntegrityError:  # somebody else just loaded it
            continue
        with contextlib.ExitStack() as undo:
            undo.callback(access.remove, made)
            fill(made, clock.local(clock.now(), like.zone))
            undo.pop_all()
    return found


def fill(made: Access, now: datetime) -> None:
    """Gives an account the month before a moment, and the setup that it went through."""
    number = setups.save(made, FORM)
    setups.activate(made, number)
    record_all(made, list(sends(now, number)))


def remove() -> None:
    """Removes the sample account whole."""
    while found := access.sample():
        access.remove(found)


def sends(now: datetime, setup: int) -> Iterator[tuple[Envelope, Sequence[Result]]]:
    """Every send of the month before a moment, each invoice to a customer and, as Cc, to the own accountant."""
    chance = random.Random(DAYS)  # noqa: S311 - it makes figures up, and the same ones each time
    accepted: deque[int] = deque()  # of the last 24 hours, the oldest first
    for ago in reversed(range(DAYS)):
        number = chance.randint(*WEEK[ago % 7]) + (PROMOTION if ago == BAD_DAY else 0)
        for at in _times(chance, now - timedelta(days=ago), number):
            while accepted and accepted[0] <= at - clock.DAY_MS:
                accepted.popleft()
            results = _results(chance, LIMIT - len(accepted))
            accepted.extend(at for result in results if result.outcome == "accepted")
            if at < clock.stored(now):
                yield _envelope(chance, at, setup), results


def _times(chance: random.Random, day: datetime, number: int) -> list[int]:
    start = clock.stored(day.replace(hour=OPEN, minute=0, second=0, microsecond=0))
    return sorted(start + 1000 * chance.randrange((CLOSED - OPEN) * 3600) for _ in range(number))


def _results(chance: random.Random, left: int) -> Sequence[Result]:
    if left < 2:
        return OVER, OVER
    return (WRONG if chance.random() < STRANGERS else ACCEPTED), ACCEPTED


def _envelope(chance: random.Random, at: int, setup: int) -> Envelope:
    number = chance.randrange(900)
    place = list(PLACES.elements())[number % PLACES.total()]
    people = (Recipient(f"customer{number}@{place}.example"), Recipient("books@shop.example", "cc"))
    return Envelope(FORM, people, "sample", setup=setup, created_at=at)


def _free_name() -> str:
    names = [NAME, *(f"{NAME} {n}" for n in range(2, 100))]
    return next(name for name in names if not _taken(name))


def _taken(name: str) -> bool:
    try:
        access.access(name)
    except NotFound:
        return False
    return True
