"""What may be sent: the limits of a form, from its provider, its platform, or its contract."""

from __future__ import annotations

import re

from core import settings, tables
from core.accounts import providers
from core.accounts.access import Access, Rows
from core.accounts.form import Form
from core.accounts.providers import Limit
from core.counting import quotas, windows
from core.i18n import N_

OWN = "own"
PLATFORM = "platform"
UNITS = {
    "recipients": N_("recipients"),
    "messages": N_("messages"),
    "external": N_("external recipients"),
    "unique": N_("different recipients"),
    "unique external": N_("different external recipients"),
}
NUMBER = re.compile(r"[0-9]{1,3}(\.[0-9]{3})+|[0-9]{1,3}(,[0-9]{3})+|[0-9]+")
MOST = 100_000_000  # recipients that a contract may allow


def of(access: Access, form: Form) -> list[Limit]:
    """The limits of a form: the account's own figure replaces the plan's of the same unit and a like window."""
    with access.read() as rows:
        return of_rows(rows, form)


def of_rows(rows: Rows, form: Form) -> list[Limit]:
    """The limits of a form, read within a transaction that is already open."""
    quota = quotas.find(rows.connection, quotas.key(form))
    figures = rows.all(rows.select(tables.limits).where(tables.limits.c.quota_id == quota))
    mine = [Limit(row.unit, row.amount, row.window, OWN) for row in figures]
    replaced = {_like(limit) for limit in mine}
    return mine + [limit for limit in plan(form) if _like(limit) not in replaced]


def own(access: Access, form: Form, amount: int | None) -> None:
    """Sets the account's own figure of recipients a day (rolling 24 h), or removes it."""
    with access.write() as rows:
        quota = quotas.ensure(rows.connection, form)[0]
        mine = tables.limits.c
        rows.run(rows.delete(tables.limits).where(mine.quota_id == quota, mine.unit == "recipients"))
        if amount:
            values = {"quota_id": quota, "unit": "recipients", "window": "rolling 24h", "amount": amount}
            rows.insert(tables.limits, values)


def parse(text: str) -> int | None:
    """A figure as a person types it, with or without thousands marks; None for an empty one. Raises ValueError."""
    typed = "".join(text.split())
    if not typed:
        return None
    digits = re.sub("[.,]", "", typed).lstrip("0")
    if not NUMBER.fullmatch(typed) or not 0 < len(digits) <= len(str(MOST)) or int(digits) > MOST:
        raise ValueError(f"type a number from 1 to {MOST}")
    return int(digits)


def plan(form: Form) -> list[Limit]:
    """The limits that the platform or the provider sets."""
    if form.mode == "default":
        here = settings.current()
        scopes = {"account": here.default_daily_limit, "platform": here.default_total_limit}
        found = [(scope, amount) for scope, amount in scopes.items() if amount]
        return [Limit("recipients", amount, "rolling 24h", PLATFORM, scope) for scope, amount in found]
    provider = providers.by_host(form.host, form.username)
    return list(provider.limits) if provider else []


def _like(limit: Limit) -> tuple[str, str]:
    """What one figure says in place of another: a sliding day and a calendar day are alike."""
    return limit.unit, windows.DAILY[0] if limit.window in windows.DAILY else limit.window
