"""The log of sends: who sent how many to whom, and what the server said."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func

from core import tables
from core.accounts.access import Access


@dataclass(frozen=True, slots=True)
class Entry:
    """One recipient of one send; times are UTC milliseconds."""

    send: int
    at: int
    setup: str
    source: str
    from_address: str
    kind: str
    recipient: str
    outcome: str
    reply: str


def recent(access: Access, *, limit: int = 500) -> list[Entry]:
    """The newest entries of an account, the newest first."""
    sends, people, setups = tables.sends, tables.recipients, tables.setups
    joined = sends.outerjoin(
        people, (people.c.account_id == sends.c.account_id) & (people.c.send_id == sends.c.id)
    ).outerjoin(setups, (setups.c.account_id == sends.c.account_id) & (setups.c.id == sends.c.setup_id))
    with access.read() as rows:
        query = rows.select(
            sends,
            sends.c.id,
            sends.c.created_at,
            sends.c.source,
            sends.c.from_address,
            func.coalesce(setups.c.name, "").label("setup"),
            func.coalesce(people.c.kind, "").label("kind"),
            func.coalesce(people.c.address, "").label("address"),
            func.coalesce(people.c.outcome, sends.c.outcome).label("outcome"),
            func.coalesce(people.c.reply, sends.c.reply, "").label("reply"),
        )
        query = query.select_from(joined).order_by(sends.c.created_at.desc(), sends.c.id.desc(), people.c.position)
        found = rows.all(query.limit(limit))
    return [
        Entry(
            row.id,
            row.created_at,
            row.setup,
            row.source,
            row.from_address,
            row.kind,
            row.address,
            row.outcome,
            row.reply,
        )
        for row in found
    ]
