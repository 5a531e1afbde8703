"""What a provider's own “limit exceeded” teaches: that more was sent than Mailgauge saw, and when to try again."""

from __future__ import annotations

from datetime import datetime, tzinfo

from core import clock
from core.accounts import providers
from core.accounts.access import Access
from core.accounts.form import Form
from core.counting import elsewhere, headroom, windows
from core.counting.elsewhere import REFUSAL

CAUSE = "quota.daily_limit"


def learn(access: Access, form: Form, *, zone: tzinfo, now: int | None = None) -> int | None:
    """Adds what must have been sent elsewhere where a provider says that a day's limit is reached; the entry.

    None where no limit of a day is known. It may be 0: all that was sent is known.
    """
    moment = clock.now() if now is None else now
    known = headroom.states(access, form, zone=zone, now=moment)
    day = [each for each in known if each.limit.window in windows.DAILY]
    reached = headroom.tightest(each for each in day if each.limit.unit not in headroom.FROM_THE_LOG)
    if reached is None:
        return None
    limit = reached.limit
    return elsewhere.add(access, form, reached.remaining, kind=REFUSAL, unit=limit.unit, at=moment)


def hold(access: Access, form: Form, *, zone: tzinfo, now: int | None = None) -> datetime | None:
    """Until when it is better not to try, with a provider where each try makes the block longer; else None."""
    provider = providers.by_host(form.host, form.username) if form.mode == "smtp" else None
    if not provider or not provider.retry_prolongs:
        return None
    moment = clock.now() if now is None else now
    since = moment - clock.DAY_MS
    last = [entry.at for entry in elsewhere.entries(access, form, since=since) if entry.kind == REFUSAL]
    return clock.local(max(last) + clock.DAY_MS, zone) if last else None
