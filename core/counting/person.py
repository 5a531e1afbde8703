"""One person's data: everything that is stored of an address, to be handed over or deleted. What was counted stays."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, Table, and_, cast, func, or_

from core import clock, spreadsheet, tables
from core.accounts.access import Access, Rows
from core.accounts.form import BLANKS, address_problem
from core.counting import breakdown
from core.counting.headroom import COUNTED
from core.told import NotFound

GONE = "…"  # what stands where the address stood
RUNS_MS = 3_600_000  # no check takes that long: one that is open still ended with its process
COLUMNS = ("kind", "send", "at", "from_address", "as", "outcome", "text")  # of the CSV


@dataclass(frozen=True, slots=True)
class Stored:
    """How much is stored of a person: mails to it, replies that name it, tests that do."""

    recipients: int
    replies: int
    checks: int

    @property
    def total(self) -> int:
        """All together; 0: nothing is stored."""
        return self.recipients + self.replies + self.checks


def preview(access: Access, address: str) -> Stored:
    """What is stored, and would go. Raises NotFound for what is no address."""
    with access.read() as rows:
        return _counted(_found(rows, _clean(address)))


def document(access: Access, address: str) -> dict[str, Any]:
    """Everything that is stored of an address, as JSON takes it; times are of ISO 8601. Raises NotFound."""
    wanted = _clean(address)
    with access.read() as rows:
        found = _found(rows, wanted)
        steps = {row.id: _steps(rows, row.id) for row in found["checks"]}
    return {
        "address": wanted,
        "recipients": [
            _send(row) | {"as": row.kind, "recipient": row.address, "outcome": row.told, "text": row.said or ""}
            for row in found["recipients"]
        ],
        "replies": [_send(row) | {"text": row.reply} for row in found["replies"]],
        "checks": [
            {"id": row.id, "at": _time(row.created_at), "form": row.form, "result": row.result, "steps": steps[row.id]}
            for row in found["checks"]
        ],
    }


def export(access: Access, address: str) -> bytes:
    """The same as CSV: a line for each piece, with what it is, when it was and what it says. Raises NotFound."""
    found = document(access, address)
    lines = []
    for kind in ("recipients", "replies"):
        lines += [[kind, *(str(row.get(name, "")) for name in COLUMNS[1:])] for row in found[kind]]
    for row in found["checks"]:
        text = json.dumps({name: row[name] for name in ("form", "result", "steps")}, ensure_ascii=False)
        lines.append(["checks", "", row["at"], row["form"].get("from_address", ""), "", "", text])
    return spreadsheet.write(COLUMNS, lines)


def delete(access: Access, address: str) -> Stored:
    """Deletes all that; what went. The numbers of each send stay, and with them usage. Raises NotFound.

    Of a recipient the row stays without its address, so that a send that is under way can end. The domain leaves the
    break-downs, too: one who was deleted counts among the others.
    """
    wanted = _clean(address)
    said = _pattern(wanted)
    with access.write() as rows:
        found = _found(rows, wanted)
        _unname(rows, wanted, found["recipients"])
        for row in found["recipients"]:
            _change(rows, tables.recipients, row, address="")
        for row in found["replies"]:
            table = tables.sends if row.position is None else tables.recipients
            _change(rows, table, row, reply=said.sub(GONE, row.reply))
        for row in found["checks"]:
            rows.run(rows.delete(tables.checks).where(tables.checks.c.id == row.id))
    return _counted(found)


def _clean(text: str) -> str:
    """An address as a person types it."""
    address = text.strip(BLANKS)
    if problem := address_problem("address", address):
        raise NotFound(problem.sentence, **problem.values)
    return address


def _found(rows: Rows, address: str) -> dict[str, list[Any]]:
    return {
        "recipients": _recipients(rows, address),
        "replies": _replies(rows, address, tables.sends) + _replies(rows, address, tables.recipients),
        "checks": _checks(rows, address),
    }


def _counted(found: Mapping[str, Sequence[Any]]) -> Stored:
    return Stored(**{name: len(rows) for name, rows in found.items()})


def _recipients(rows: Rows, address: str) -> list[Any]:
    """The mails to the person."""
    people = tables.recipients
    told = func.coalesce(people.c.outcome, tables.sends.c.outcome).label("told")
    said = tables.SAID.label("said")
    query = _of_people(rows, people.c.kind, people.c.address, told, said)
    return rows.all(query.where(func.lower(people.c.address) == address.lower()))


def _replies(rows: Rows, address: str, table: Table) -> list[Any]:
    """A server's replies that name the person: those of whole sends, or of single recipients."""
    reply = table.c.reply
    query = _of_people(rows, reply) if table is tables.recipients else _of_sends(rows, reply)
    found = rows.all(query.where(reply.icontains(address, autoescape=True)))
    return [row for row in found if _pattern(address).search(row.reply)]


def _checks(rows: Rows, address: str) -> list[Any]:
    """Tests that name the person in what was typed, in a step or in the result; one that runs is left to its end."""
    checks, steps = tables.checks, tables.steps
    plain = json.dumps(address)[1:-1]  # as JSON writes letters beyond ASCII

    def naming(column: Any) -> Any:
        return cast(column, String).icontains(plain, autoescape=True)

    within = rows.select(steps, steps.c.check_id).where(naming(steps.c.document))
    ended = checks.c.closed_at.is_not(None) | (checks.c.created_at < clock.now() - RUNS_MS)
    named = or_(naming(checks.c.form), naming(checks.c.result), checks.c.id.in_(within))
    found = rows.all(rows.select(checks).where(ended, named).order_by(checks.c.id))
    texts = {row.id: json.dumps([row.form, row.result, _steps(rows, row.id)], ensure_ascii=False) for row in found}
    return [row for row in found if _pattern(address).search(texts[row.id])]


def _steps(rows: Rows, check: int) -> list[Any]:
    table = tables.steps
    query = rows.select(table, table.c.document).where(table.c.check_id == check).order_by(table.c.position)
    return [row.document for row in rows.all(query)]


def _of_sends(rows: Rows, *columns: Any) -> Any:
    sends = tables.sends.c
    none = func.nullif(sends.id, sends.id).label("position")
    query = rows.select(tables.sends, sends.id, sends.created_at, sends.from_address, none, *columns)
    return query.order_by(sends.id)


def _of_people(rows: Rows, *columns: Any) -> Any:
    sends, people = tables.sends.c, tables.recipients
    same = and_(people.c.account_id == sends.account_id, people.c.send_id == sends.id)
    query = rows.select(people, sends.id, sends.created_at, sends.from_address, people.c.position, *columns)
    return query.select_from(people.join(tables.sends, same)).order_by(sends.id, people.c.position)


def _unname(rows: Rows, address: str, people: Sequence[Any]) -> None:
    """Takes the domain out of the break-downs, as often as the person was counted."""
    table, booked = tables.breakdown, tables.send_quotas
    domain = breakdown.domain(address)
    for row in people:
        change = {("domain", domain): -1, ("domain", breakdown.OTHER): 1} if row.told in COUNTED else {}
        for quota in rows.all(rows.select(booked, booked.c.quota_id).where(booked.c.send_id == row.id)):
            breakdown.add(rows, quota.quota_id, row.created_at, change)
    empty = (table.c.dimension == "domain", table.c.value == domain, table.c.recipients == 0)
    rows.run(rows.delete(table).where(*empty))


def _change(rows: Rows, table: Table, row: Any, **values: Any) -> None:
    """Changes the row of a send, or of a recipient."""
    if table is tables.sends:
        this = [table.c.id == row.id]
    else:
        this = [table.c.send_id == row.id, table.c.position == row.position]
    rows.run(rows.update(table).where(*this).values(values))


def _pattern(address: str) -> re.Pattern[str]:
    """The address in a text, and not as a part of a longer one."""
    return re.compile(rf"(?<![\w.+=-]){re.escape(address)}(?![\w-]|\.\w)", re.IGNORECASE)


def _send(row: Any) -> dict[str, Any]:
    return {"send": row.id, "at": _time(row.created_at), "from_address": row.from_address}


def _time(at: int) -> str:
    return clock.local(at).isoformat(timespec="seconds")
