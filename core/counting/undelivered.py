"""Who did not get mail, and why: refused recipients, those whose outcome nobody knows, and those never handed over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import Select, and_, exists, func, select

from core import clock, i18n, spreadsheet, tables
from core.accounts import providers
from core.accounts.access import Access, Rows
from core.counting import export
from core.counting.log import ADDRESS, PAGE, Entry
from core.diagnosis import checks
from core.diagnosis.explain import Explanation, explain
from core.i18n import N_

OUTCOMES = ("refused", "bounced", "unknown", "failed")
MANY = 2000  # entries that are grouped at a time
# queue identifiers and the like; a provider's own marks, such as [TSS04] or AUP#1500, are shorter and tell causes
IDENTIFIER = re.compile(r"(?<![\w.-])(?=[\w.-]*[A-Za-z])(?=(?:[\w.-]*\d){3})[\w.-]{12,}")
DOMAIN = re.compile(r"@[\w.-]+")  # of an address
LONGEST = 4000  # letters of a reply that are compared
SILENT = {  # outcomes that no server's words explain: what it is called, and what to do
    "unknown": (
        N_("Outcome unknown: the connection ended before the server's answer"),
        N_("The mail may have arrived. Ask the recipient before you send it again."),
    ),
    "failed": (
        N_("Not handed over: the connection failed before the mail was out"),
        N_("Send it again. If that fails, too, test the setup."),
    ),
    "bounced": (
        N_("Came back without a reason"),
        N_("Look into the mailbox of the sender: the report there may tell why."),
    ),
    "refused": (
        N_("Refused without a word"),
        N_("Test the setup: the test tells what the server says."),
    ),
}


@dataclass(frozen=True, slots=True)
class Lost:
    """One recipient that did not get one mail, and where that went."""

    entry: Entry
    host: str
    port: int | None
    encryption: str | None
    username: str


@dataclass(frozen=True, slots=True)
class Group:
    """Recipients who did not get mail for one cause (a slug, `unknown`, or empty where no server said anything)."""

    cause: str
    title: str
    fixes: tuple[str, ...]
    entries: tuple[Entry, ...]


def newest(access: Access) -> int | None:
    """When the last mail was sent that somebody did not get who is not forgotten yet."""
    sends, people = tables.sends.c, tables.recipients.c
    known = exists().where(people.account_id == sends.account_id, people.send_id == sends.id)
    with access.read() as rows:
        query = rows.select(tables.sends, func.max(sends.created_at)).where(tables.LOST, known)
        found: int | None = rows.first(query)[0]
        return found


def count(access: Access, *, since: date, until: date, zone: tzinfo) -> int:
    """How many recipients that were, both days included."""
    with access.read() as rows:
        query = _query(rows, since, until, zone).order_by(None)
        found: int = rows.connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
        return found


def find(access: Access, *, since: date, until: date, zone: tzinfo, most: int = MANY) -> list[Lost]:
    """The newest of them, the newest first; both days included."""
    with access.read() as rows:
        return [_lost(row) for row in rows.all(_query(rows, since, until, zone).limit(most))]


def groups(found: Sequence[Lost], language: str) -> list[Group]:
    """The recipients by cause, in a language; the cause of the most first. One text costs one explanation."""
    told = _told(found)
    by_cause: dict[str, list[Lost]] = {}
    for lost in found:
        by_cause.setdefault(_cause(told[_key(lost)], lost), []).append(lost)
    made = [_group(cause, same, told[_key(same[0])], language) for cause, same in by_cause.items()]
    return sorted(made, key=lambda group: -len(group.entries))


def file(access: Access, *, since: date, until: date, zone: tzinfo, language: str, masked: bool) -> bytes:
    """All of them as CSV, each with its cause and what to do; times in the zone."""
    _ = partial(i18n.translate, language)
    header = [_(name) for name in COLUMNS]
    with access.read() as rows:
        result = rows.connection.execute(_query(rows, since, until, zone).execution_options(yield_per=PAGE))
        found = [_lost(row) for row in result]
    return spreadsheet.write(header, _lines(found, language, zone, masked=masked))


COLUMNS = (
    N_("Time"),
    N_("Recipient"),
    N_("Outcome"),
    N_("Cause"),
    N_("What to do"),
    N_("Server's reply"),
    N_("From"),
    N_("Setup"),
)


def _lines(found: Sequence[Lost], language: str, zone: tzinfo, *, masked: bool) -> Iterator[list[object]]:
    told = _told(found)
    words: dict[str, Group] = {}
    for lost in found:
        explained = told[_key(lost)]
        cause = _cause(explained, lost)
        group = words.setdefault(cause, _group(cause, [], explained, language))
        entry = lost.entry.masked() if masked else lost.entry
        time = f"{clock.local(entry.at, zone):%Y-%m-%d %H:%M:%S}"
        outcome = export.outcome(entry.outcome, language)
        said = (group.title, " ".join(group.fixes), entry.reply, entry.from_address, entry.setup)
        yield [time, entry.recipient, outcome, *said]


def _told(found: Sequence[Lost]) -> dict[Any, Explanation | None]:
    """The explanation of each kind of reply, by the oldest of its kind: that stays the same while more come."""
    known = checks.known()
    oldest = {_key(lost): lost for lost in found}
    return {key: _explained(*_place(lost), lost.entry.reply, id(known)) for key, lost in oldest.items()}


@lru_cache(maxsize=2000)
def _explained(
    host: str, port: int | None, encryption: str | None, provider: str | None, reply: str, _known: int
) -> Explanation | None:
    """What a reply means; an explanation holds on to its causes, so no others get their number while it is kept."""
    if not reply.strip():
        return None
    known = checks.known()
    return explain(reply, host=host or None, port=port, encryption=encryption, provider=provider, known=known)


def _place(lost: Lost) -> tuple[str, int | None, str | None, str | None]:
    provider = providers.by_host(lost.host, lost.username)
    return lost.host, lost.port, lost.encryption, provider.id if provider else None


def _key(lost: Lost) -> tuple[Any, ...]:
    """What two refusals share that mean the same: all but the addresses and identifiers that a server puts in."""
    said, who = lost.entry.reply[:LONGEST], lost.entry.recipient
    said = DOMAIN.sub("@", ADDRESS.sub("@", said.replace(who, "@") if who else said))
    return (*_place(lost), IDENTIFIER.sub("#", said), lost.entry.outcome)


def _cause(explained: Explanation | None, lost: Lost) -> str:
    if explained and explained.cause:
        return explained.cause
    return "unknown" if explained and lost.entry.outcome in ("refused", "bounced") else f"silent {lost.entry.outcome}"


def _group(cause: str, found: Sequence[Lost], explained: Explanation | None, language: str) -> Group:
    entries = tuple(lost.entry for lost in found)
    kind, _, outcome = cause.partition(" ")
    if kind == "silent":
        title, fix = (i18n.translate(language, words) for words in SILENT[outcome])
        return Group("", title, (fix,), entries)
    words = explained.words(language) if explained else {}
    fixes = tuple(fix["text"] for fix in words["fixes"]) or (words["why"],)
    return Group(cause, words["title"], fixes, entries)


def _query(rows: Rows, since: date, until: date, zone: tzinfo) -> Select[Any]:
    sends, people, setups = tables.sends, tables.recipients, tables.setups
    mine = and_(people.c.account_id == sends.c.account_id, people.c.send_id == sends.c.id)
    used = and_(setups.c.account_id == sends.c.account_id, setups.c.id == sends.c.setup_id)
    outcome = func.coalesce(people.c.outcome, sends.c.outcome)
    told = {
        "outcome": outcome,
        "reply": func.coalesce(tables.SAID, ""),
        "setup": func.coalesce(setups.c.name, ""),
        "recipient": people.c.address,
        "username": func.coalesce(setups.c.username, ""),
    }
    sent = (sends.c.id, sends.c.created_at, sends.c.source, sends.c.from_address, sends.c.host)
    place = (people.c.kind, setups.c.port, setups.c.encryption)
    query = rows.select(sends, *sent, *place, *(column.label(name) for name, column in told.items()))
    query = query.select_from(sends.join(people, mine).outerjoin(setups, used))
    first = clock.stored(clock.midnight(since, zone))
    end = clock.stored(clock.midnight(until + timedelta(days=1), zone))
    query = query.where(tables.LOST, sends.c.created_at >= first, sends.c.created_at < end, outcome.in_(OUTCOMES))
    return query.order_by(sends.c.created_at.desc(), sends.c.id.desc(), people.c.position)


def _lost(row: Any) -> Lost:
    names = ("setup", "source", "from_address", "kind", "recipient", "outcome", "reply")
    entry = Entry(row.id, row.created_at, **{name: getattr(row, name) for name in names})
    return Lost(entry, row.host, row.port, row.encryption, row.username)
