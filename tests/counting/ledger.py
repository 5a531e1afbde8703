"""What was sent, counted again by hand: the model that counting is compared with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from core import clock
from core.accounts.form import Form
from core.accounts.providers import Limit, Provider, Server
from core.counting import quotas, windows

CHARGED = ("reserved", "accepted", "unknown")
QUARTER = timedelta(minutes=15)
WIDE = Provider(
    "wide",
    "Wide",
    "password",
    "address",
    (Server("smtp.wide.example", 587, "starttls"),),
    limits=(Limit("recipients", 100, "day", "test", "domain"), Limit("messages", 10, "hour", "test")),
)


@dataclass
class Sent:
    """One send as it was asked for, and what became of each recipient."""

    account: int
    form: Form
    at: int
    people: list[tuple[str, str]]  # kind and address
    outcomes: list[str]
    source: str = "test"
    setup: int | None = None
    id: int = 0
    forgotten: bool = False

    def charged(self) -> list[tuple[str, str]]:
        """The recipients that limits are charged with."""
        return [person for person, outcome in zip(self.people, self.outcomes, strict=True) if outcome in CHARGED]

    def counts(self) -> Counter[str]:
        """By kind, messages and refused."""
        found = Counter(kind for kind, _ in self.charged())
        found["messages"] = int(bool(found))
        found["refused"] = self.outcomes.count("refused")
        return found


def usage(sends: Iterable[Sent]) -> Counter[tuple[int, str, int, int, str]]:
    """By account, quota, quarter of an hour, setup, and what is counted."""
    found: Counter[tuple[int, str, int, int, str]] = Counter()
    for sent in sends:
        for key in quotas.keys(sent.form):
            for name, amount in sent.counts().items():
                found[sent.account, key, sent.at // 900_000, sent.setup or 0, name] += amount
    return +found


def broken_down(sends: Iterable[Sent], zone: tzinfo) -> Counter[tuple[int, str, int, str, str]]:
    """By account, quota, day, dimension and value."""
    found: Counter[tuple[int, str, int, str, str]] = Counter()
    for sent in sends:
        day = (clock.local(sent.at, zone).date() - date(1970, 1, 1)).days
        for key in quotas.keys(sent.form):
            for (_, address), outcome in zip(sent.people, sent.outcomes, strict=True):
                if outcome in CHARGED:
                    domain = address.rpartition("@")[2].lower()
                    for pair in (("from", sent.form.from_address), ("source", sent.source), ("domain", domain)):
                        found[sent.account, key, day, *pair] += 1
    return found


def begin(window: str, now: int, zone: tzinfo) -> int:
    """The first millisecond that counts, by walking back over quarters of an hour."""
    if window in windows.SLIDING:
        return now - windows.SLIDING[window] + 1
    here = datetime.fromtimestamp(now / 1000, UTC).replace(second=0, microsecond=0)
    here -= timedelta(minutes=here.minute % 15)
    while _same(window, here - QUARTER, now, zone):
        here -= timedelta(days=1) if _same(window, here - timedelta(days=1), now, zone) else QUARTER
    return round(here.timestamp() * 1000)


def _same(window: str, moment: datetime, now: int, zone: tzinfo) -> bool:
    """Whether a moment and now are of one hour, day or month there."""
    one, other = moment.astimezone(zone), clock.local(now, zone)
    if window == "hour":
        same_offset = one.utcoffset() == other.utcoffset()
        return same_offset and (one.date(), one.hour) == (other.date(), other.hour)
    return one.date() == other.date() if window == "day" else (one.year, one.month) == (other.year, other.month)


def used(sends: Sequence[Sent], asking: Sent, limit: Limit, zone: tzinfo) -> int:
    """What counts against a limit for one who wants to send: every send that is not older than its window."""
    key = quotas.key(asking.form, limit.scope)
    first = begin(limit.window, asking.at, ZoneInfo(limit.zone) if limit.zone else zone)
    mine = [sent for sent in sends if sent.at >= first and key in quotas.keys(sent.form)]
    if limit.scope == "account":
        mine = [sent for sent in mine if sent.account == asking.account]
    if limit.unit == "messages":
        return sum(bool(sent.charged()) for sent in mine)
    addresses = [(sent, address.lower()) for sent in mine for _, address in sent.charged()]
    if "external" in limit.unit:
        addresses = [(sent, to) for sent, to in addresses if _domain(to) != _domain(sent.form.from_address)]
    return len({to for _, to in addresses}) if "unique" in limit.unit else len(addresses)


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()
