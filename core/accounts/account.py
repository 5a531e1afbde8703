"""One customer: name, time zone, language, system address."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from importlib.resources import files

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError

from core import tables
from core.accounts.access import Access, Rows
from core.accounts.form import BLANKS, INVISIBLE, TOO_LONG, Problem, address_problem, unprintable
from core.i18n import LANGUAGES, N_
from core.prepared import Prepared
from core.told import NotFound

LONGEST_NAME = 200  # letters
_ZONE = Prepared(select(tables.accounts.c.timezone).where(tables.accounts.c.id == bindparam("mine")))


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it is stored; empty values were never set."""

    id: int
    name: str
    timezone: str
    language: str
    system_address: str
    retention_days: int
    sample: bool

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The time zone of its days; UTC until one is known."""
        return zoneinfo.ZoneInfo(self.timezone or "UTC")

    @property
    def today(self) -> date:
        """The day that it is there."""
        return datetime.now(self.zone).date()


def zone_of(rows: Rows) -> zoneinfo.ZoneInfo:
    """The time zone of an account's days, read within a transaction that is already open."""
    return zoneinfo.ZoneInfo(_ZONE(rows.connection, {"mine": rows.account_id}).fetchone()[0] or "UTC")


@lru_cache
def zones() -> tuple[str, ...]:
    """The names of all time zones, sorted, each under one name only."""
    return tuple(sorted(zoneinfo.available_timezones() - aliases().keys()))


@lru_cache
def aliases() -> dict[str, str]:
    """Old names of time zones that browsers still use, such as Asia/Saigon, and today's (tzdata's links)."""
    lines = (files("tzdata") / "zoneinfo" / "tzdata.zi").read_text(encoding="utf8").splitlines()
    links = (line.split() for line in lines if line.startswith("L "))
    return {alias: name for _, name, alias in links}


def load(access: Access) -> Account:
    """The account of an access."""
    with access.read() as rows:
        row = rows.first(rows.select(tables.accounts))
    if row is None:
        raise NotFound(N_("This account was removed."))
    texts = {name: getattr(row, name) or "" for name in ("name", "timezone", "language", "system_address")}
    return Account(row.id, retention_days=row.retention_days, sample=row.sample, **texts)


def save(access: Access, **values: str) -> list[Problem]:
    """Changes name, timezone, language or system_address; or says what is wrong, and changes nothing."""
    clean = {name: value.strip(BLANKS) for name, value in values.items()}
    problems = [problem for name, value in clean.items() if (problem := _check(name, value))]
    if not problems:
        try:
            with access.write() as rows:
                rows.run(rows.update(tables.accounts).values({name: value or None for name, value in clean.items()}))
        except IntegrityError:
            return [Problem("name", N_("Another account has this name."))]
    return problems


def keep(access: Access, days: int) -> None:
    """For how many days recipients' addresses are kept."""
    with access.write() as rows:
        rows.run(rows.update(tables.accounts).values(retention_days=days))


def adopt(access: Access, *, timezone: str | None) -> None:
    """Takes the browser's time zone as the account's until a person sets one."""
    name = aliases().get(timezone or "", timezone)
    if name in zones():
        with access.write() as rows:
            empty = tables.accounts.c.timezone.is_(None)
            rows.run(rows.update(tables.accounts).where(empty).values(timezone=name))


def _check(name: str, value: str) -> Problem | None:
    if name == "system_address" and value:
        return address_problem(name, value)
    if unprintable(value):
        return Problem(name, INVISIBLE)
    if len(value) > LONGEST_NAME:
        return Problem(name, TOO_LONG, {"most": LONGEST_NAME})
    if name == "name" and not value:
        return Problem(name, N_("Type a name for the account."))
    if name == "timezone" and value and value not in zones():
        return Problem(name, N_("“{value}” is no time zone: choose one from the list."), {"value": value})
    if name == "language" and value and value not in LANGUAGES:
        return Problem(name, N_("Choose one of the languages."))
    return None
