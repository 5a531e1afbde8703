"""Reserve before DATA, settle after the reply: the row on disk is the log, and what it counts is never lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from sqlalchemy import Row, update

from core import clock, ids, tables
from core.accounts import account
from core.accounts.access import Access, Rows
from core.accounts.form import Form
from core.counting import breakdown, headroom, limits, quotas, usage, windows
from core.counting.headroom import COUNTED, State
from core.i18n import N_
from core.told import NotFound

LEASE_MS = 15 * 60_000  # longer than any conversation about a message: what is older lost its process

# an outcome and those that may follow it; `accepted`, `refused` and `failed` are final
FOLLOWS = {"reserved": {"accepted", "refused", "failed", "unknown"}, "unknown": {"accepted", "refused", "failed"}}


@dataclass(frozen=True, slots=True)
class Recipient:
    """One recipient of a message: `kind` is to, cc, bcc or other."""

    address: str
    kind: str = "to"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one recipient."""

    outcome: str
    reply: str | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message about to be sent: by which form, from whom, to whom.

    `sender` is its From where that is not the form's, `digest` tells it again where it has no Message-ID.
    """

    form: Form
    recipients: Sequence[Recipient]
    source: str
    setup: int | None = None
    check: int | None = None
    message_id: str | None = None
    created_at: int = field(default_factory=clock.now)
    sender: str = ""
    digest: int | None = None


class Held(Exception):
    """A limit has no room for the recipients; `state` tells how far it is used."""

    def __init__(self, state: State) -> None:
        super().__init__(f"{state.used} of {state.limit.amount} {state.limit.unit} used")
        self.state = state


def reserve(access: Access, envelope: Envelope, *, hold: bool = False) -> int:
    """Writes a send and counts its recipients; the send's identifier, on disk when this returns.

    The write lock comes before the first count, so two processes never share the last free place.
    With `hold`, raises Held where a limit would be passed; nothing is written then.
    """
    zone = account.load(access).zone if hold else None
    with access.write() as rows:
        if zone:
            _room(rows, envelope, zone)
        return write(rows, envelope, [Result("reserved")] * len(envelope.recipients))


def record(access: Access, envelope: Envelope, results: Sequence[Result]) -> int:
    """Writes a send whose end is already known, one that was refused before DATA."""
    return record_all(access, [(envelope, results)])[0]


def record_all(access: Access, ended: Sequence[tuple[Envelope, Sequence[Result]]]) -> list[int]:
    """Writes many sends whose end is already known, all or none."""
    with access.write() as rows:
        return [write(rows, envelope, results) for envelope, results in ended]


def write(rows: Rows, envelope: Envelope, results: Sequence[Result]) -> int:
    """Writes a send and counts it, within a transaction that is already open; its identifier."""
    send, counts, at = ids.new(), _counts(envelope.recipients, results), envelope.created_at
    sender, digest = envelope.sender or envelope.form.from_address, envelope.digest
    if digest is None and envelope.message_id:
        digest = ids.digest(envelope.message_id)
    whole = _whole(results)
    reply = next((result.reply for result in results if result.reply and result.outcome == whole), None)
    rows.append(
        tables.sends,
        {
            "id": send,
            "setup_id": envelope.setup,
            "check_id": envelope.check,
            "source": envelope.source,
            "digest": digest,
            "from_address": sender,
            "host": envelope.form.host,
            "outcome": whole,
            "reply": reply,
            "created_at": at,
            "bounced_count": 0,
            **_columns(counts),
        },
    )
    rows.append(tables.recipients, *_recipients(send, envelope.recipients, results, Result(whole, reply)))
    booked = sum(counts[kind] for kind in usage.KINDS)
    named = breakdown.counts(sender, envelope.source, _counted(envelope.recipients, results))
    for quota in quotas.ensure(rows.connection, envelope.form):
        rows.append(tables.send_quotas, {"send_id": send, "quota_id": quota, "created_at": at, "recipients": booked})
        usage.add(rows, quota=quota, setup=envelope.setup, at=at, counts=counts)
        breakdown.add(rows, quota, at, named)
    return send


def settle(access: Access, send: int, results: Sequence[Result], reply: str | None = None) -> None:
    """Writes what became of each recipient, in the order of the envelope, and counts what was refused no longer.

    Settling twice the same way changes nothing. Raises ValueError for a step back, NotFound.
    """
    with access.write() as rows:
        row = rows.first(rows.select(tables.sends).where(tables.sends.c.id == send))
        if row is None:
            raise NotFound(N_("This send is not in the log."))
        outcome = _whole(results)
        if row.outcome == outcome:
            return
        if outcome not in FOLLOWS.get(row.outcome, set()):
            raise ValueError(f"a send that is {row.outcome} cannot become {outcome}")
        _settle(rows, row, outcome, results, reply)


def bounce(rows: Rows, digest: int, address: str, reply: str) -> bool:
    """Marks a recipient of an accepted send as one whose mail came back; whether there was one.

    The provider took the message and counted it, so do we: only the recipient's outcome and reply change, and neither
    the send's numbers nor the usage. Where nobody of that address is there, mail to one person was forwarded.
    """
    sent, people = tables.sends.c, tables.recipients.c
    row = rows.first(rows.select(tables.sends).where(sent.digest == digest, sent.outcome == "accepted"))
    if row is None:
        return False
    found = rows.all(rows.select(tables.recipients).where(people.send_id == row.id))
    same = [person for person in found if person.address.lower() == address.lower()] or found[: len(found) == 1]
    places = [person.position for person in same if person.outcome is None]
    mine = (people.send_id == row.id, people.position.in_(places))
    marked = rows.run(rows.update(tables.recipients).where(*mine).values(outcome="bounced", reply=reply))
    more = {"bounced_count": sent.bounced_count + marked}
    rows.run(rows.update(tables.sends).where(sent.id == row.id).values(more))
    return marked > 0


def adopt(rows: Rows, check: int, *, setup: int) -> None:
    """Gives what a check of unsaved values sent to the setup that the values were stored as."""
    table = tables.sends.c
    for row in rows.all(rows.select(tables.sends).where(table.check_id == check, table.setup_id.is_(None))):
        booked = tables.send_quotas
        for quota in rows.all(rows.select(booked).where(booked.c.send_id == row.id)):
            usage.move(rows, quota=quota.quota_id, setup=setup, at=row.created_at, counts=_before(row))
        rows.run(rows.update(tables.sends).where(table.id == row.id).values(setup_id=setup))


def repair(access: Access, *, now: int | None = None) -> int:
    """Marks what a crash left in flight as `unknown`, still counted as used; how many sends that were."""
    before = (clock.now() if now is None else now) - LEASE_MS
    table = tables.sends.c
    with access.write() as rows:
        query = rows.select(tables.sends, table.id).where(tables.IN_FLIGHT, table.created_at < before)
        orphans = [row.id for row in rows.all(query)]
        rows.run(rows.update(tables.sends).where(table.id.in_(orphans)).values(outcome="unknown"))
    return len(orphans)


def _settle(rows: Rows, row: Row[Any], outcome: str, results: Sequence[Result], reply: str | None) -> None:
    where = tables.recipients.c.send_id == row.id
    order = tables.recipients.c.position
    stored = rows.all(rows.select(tables.recipients).where(where).order_by(order))
    people = [Recipient(person.address, person.kind) for person in stored]
    before = [Result(person.outcome or row.outcome) for person in stored]
    counts = _counts(people, results)
    change = {name: counts[name] - amount for name, amount in _before(row).items()}
    for person, values in zip(stored, _recipients(row.id, people, results, Result(outcome, reply)), strict=True):
        said = {name: values[name] for name in ("outcome", "reply")}
        if said != {"outcome": person.outcome, "reply": person.reply}:
            rows.run(rows.update(tables.recipients).where(where, order == person.position).values(said))
    ended: dict[str, Any] = {"outcome": outcome, "reply": reply, **_columns(counts)}
    rows.run(rows.update(tables.sends).where(tables.sends.c.id == row.id).values(ended))
    if any(change.values()):
        _recount(rows, row, change, sum(counts[kind] for kind in usage.KINDS))
    named = breakdown.counts(row.from_address, row.source, _counted(people, results))
    named.subtract(breakdown.counts(row.from_address, row.source, _counted(people, before)))
    for quota in _booked(rows, row.id):
        breakdown.add(rows, quota, row.created_at, named)


def _recount(rows: Rows, row: Row[Any], change: dict[str, int], total: int) -> None:
    """Counts a send anew at each of its quotas."""
    booked = tables.send_quotas
    for quota in _booked(rows, row.id):
        usage.add(rows, quota=quota, setup=row.setup_id, at=row.created_at, counts=change)
    mine = (booked.c.account_id == rows.account_id, booked.c.send_id == row.id)
    rows.connection.execute(update(booked).where(*mine).values(recipients=total))


def _booked(rows: Rows, send: int) -> list[int]:
    """The quotas that a send counts against."""
    booked = tables.send_quotas
    return [row.quota_id for row in rows.all(rows.select(booked, booked.c.quota_id).where(booked.c.send_id == send))]


def _room(rows: Rows, envelope: Envelope, zone: tzinfo) -> None:
    addresses = [recipient.address.lower() for recipient in envelope.recipients]
    outside = [address for address in addresses if not address.endswith(f"@{_domain(envelope.form.from_address)}")]
    needed = {"recipients": len(addresses), "messages": 1, "external": len(outside)}
    needed |= {"unique": len(set(addresses)), "unique external": len(set(outside))}
    for limit in limits.of_rows(rows, envelope.form):
        state = State(limit, 0, None)
        if limit.window != windows.MESSAGE:
            state = headroom.state(rows, envelope.form, limit, zone=zone, now=envelope.created_at)
        if needed[limit.unit] > state.remaining:
            raise Held(state)


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


def _whole(results: Sequence[Result]) -> str:
    """The outcome of a send: accepted as soon as one recipient is."""
    outcomes = {result.outcome for result in results}
    return next(name for name in ("reserved", "accepted", "unknown", "refused", "failed") if name in outcomes)


def _counts(recipients: Sequence[Recipient], results: Sequence[Result]) -> dict[str, int]:
    counted = Counter(r.kind for r, result in zip(recipients, results, strict=True) if result.outcome in COUNTED)
    refused = sum(result.outcome == "refused" for result in results)
    return {kind: counted[kind] for kind in usage.KINDS} | {"messages": int(bool(counted)), "refused": refused}


def _counted(recipients: Sequence[Recipient], results: Sequence[Result]) -> list[str]:
    """The addresses that limits are charged with."""
    return [r.address for r, result in zip(recipients, results, strict=True) if result.outcome in COUNTED]


def _before(row: Row[Any]) -> dict[str, int]:
    counts = {kind: getattr(row, f"{kind}_count") for kind in usage.KINDS}
    return counts | {"messages": int(any(counts.values())), "refused": row.refused_count}


def _columns(counts: dict[str, int]) -> dict[str, int]:
    return {f"{name}_count": counts[name] for name in (*usage.KINDS, "refused")}


def _recipients(
    send: int, recipients: Sequence[Recipient], results: Sequence[Result], whole: Result
) -> list[dict[str, object]]:
    """The rows of recipients; an outcome or a reply that is the whole send's takes no room."""
    rows: list[dict[str, object]] = []
    for i, (person, result) in enumerate(zip(recipients, results, strict=True)):
        outcome = result.outcome if result.outcome != whole.outcome else None
        reply = result.reply if outcome or result.reply != whole.reply else None
        values = {"kind": person.kind, "address": person.address, "outcome": outcome, "reply": reply}
        rows.append({"send_id": send, "position": i, **values})
    return rows
