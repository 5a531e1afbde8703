"""What a provider's own “limit exceeded” teaches: that more was sent than Mailgauge saw, and when to try again."""

from __future__ import annotations

from datetime import datetime, tzinfo

from core import clock, ids, tables
from core.accounts import providers
from core.accounts.access import Access
from core.accounts.form import Form
from core.counting import elsewhere, headroom, quotas, windows
from core.counting.elsewhere import REFUSAL

CAUSE = "quota.daily_limit"


def learn(access: Access, form: Form, *, zone: tzinfo, now: int | None = None) -> int | None:
    """Adds what must have been sent elsewhere where a provider says that a day's limit is reached: how much that is.

    None where no limit of a day is known. Where nothing is missing, an entry of 0 says when it was told, if with this
    provider that matters.
    """
    moment, table = clock.now() if now is None else now, tables.elsewhere
    with access.write() as rows:  # two refusals at once must not teach the same twice
        known = headroom.of_rows(rows, form, zone=zone, now=moment)
        day = [each for each in known if each.limit.window in windows.DAILY]
        reached = headroom.tightest(each for each in day if each.limit.unit not in headroom.FROM_THE_LOG)
        if reached is None:
            return None
        missing = reached.remaining
        quota = quotas.ensure(rows.connection, form)[0]
        mine = (table.c.quota_id == quota, table.c.kind == REFUSAL)
        rows.run(rows.delete(table).where(*mine, table.c.amount == 0))
        if missing or _prolongs(form):
            values = {"id": ids.new(), "quota_id": quota, "kind": REFUSAL, "unit": reached.limit.unit}
            rows.insert(table, values | {"amount": missing, "at": moment})
        return missing


def hold(access: Access, form: Form, *, zone: tzinfo, now: int | None = None) -> datetime | None:
    """Until when it is better not to try, with a provider where each try makes the block longer; else None."""
    if not _prolongs(form):
        return None
    moment = clock.now() if now is None else now
    since = moment - clock.DAY_MS
    last = [entry.at for entry in elsewhere.entries(access, form, since=since) if entry.kind == REFUSAL]
    return clock.local(max(last) + clock.DAY_MS, zone) if last else None


def _prolongs(form: Form) -> bool:
    provider = providers.by_host(form.host, form.username) if form.mode == "smtp" else None
    return bool(provider and provider.retry_prolongs)
