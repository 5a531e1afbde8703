"""Recipients of a day by From, by the domain of the recipient, by source; the largest by name, the rest together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date

from sqlalchemy import func

from core import clock, tables
from core.accounts import account
from core.accounts.access import Access, Rows

DIMENSIONS = ("from", "domain", "source")
NAMED = 100  # values of a day and dimension that are kept by name
OTHER = ""
NOBODY = "<>"  # the sender of a mail that wants no answer (RFC 5321 section 4.5.5)
Counts = Mapping[tuple[str, str], int]  # by dimension and value


def counts(from_address: str, source: str, addresses: list[str]) -> Counter[tuple[str, str]]:
    """What the counted recipients of one send add."""
    if not addresses:
        return Counter()
    found = Counter(("domain", domain(address)) for address in addresses)
    found["from", sender(from_address)] = found["source", source] = len(addresses)
    return found


def sender(from_address: str) -> str:
    """A From as break-downs name it."""
    return from_address.lower() or NOBODY


def domain(address: str) -> str:
    """The domain of a recipient as break-downs name it; one who was deleted is among the others."""
    return address.rpartition("@")[2].lower()[:320] or OTHER


def add(rows: Rows, quota: int, at: int, changes: Counts) -> None:
    """Adds to the day of a moment; within the send's own transaction."""
    day = ordinal(clock.local(at, account.zone_of(rows)).date())
    changed = [(dimension, value, amount) for (dimension, value), amount in changes.items() if amount]
    names = ("dimension", "value", "recipients")
    values = ({"quota_id": quota, "day": day} | dict(zip(names, each, strict=True)) for each in changed)
    rows.add(tables.breakdown, *values, counted=("recipients",))


def ordinal(day: date) -> int:
    """A day as it is stored: how many days after 1970-01-01."""
    return day.toordinal() - date(1970, 1, 1).toordinal()


def read(access: Access, *, quota: int | None, since: date, until: date, dimension: str) -> list[tuple[str, int]]:
    """Values with their recipients from `since` to `until` (both included), the largest first; OTHER is the rest."""
    table, total = tables.breakdown, func.sum(tables.breakdown.c.recipients)
    with access.read() as rows:
        query = rows.select(table, table.c.value, total).where(
            table.c.quota_id == quota, table.c.day.between(ordinal(since), ordinal(until))
        )
        query = query.where(table.c.dimension == dimension).group_by(table.c.value).having(total > 0)
        return [(value, amount) for value, amount in rows.all(query.order_by(total.desc(), table.c.value))]


def fold(access: Access, *, before: date) -> int:
    """Puts what is beyond the largest of each day before one together; how many values lost their name."""
    table = tables.breakdown
    key = (table.c.quota_id, table.c.day, table.c.dimension)
    folded = 0
    with access.write() as rows:
        crowded = rows.select(table, *key).where(table.c.day < ordinal(before), table.c.value != OTHER).group_by(*key)
        for row in rows.all(crowded.having(func.count() > NAMED)):
            same = [column == value for column, value in zip(key, row, strict=True)]
            named = rows.select(table, table.c.value, table.c.recipients).where(*same, table.c.value != OTHER)
            small = rows.all(named.order_by(table.c.recipients.desc(), table.c.value).offset(NAMED))
            for name, _ in small:
                rows.run(rows.delete(table).where(*same, table.c.value == name))
            rest = {"quota_id": row.quota_id, "day": row.day, "dimension": row.dimension, "value": OTHER}
            rows.add(table, rest | {"recipients": sum(amount for _, amount in small)}, counted=("recipients",))
            folded += len(small)
    return folded
