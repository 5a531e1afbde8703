"""Recipients per day against the limit."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pandas as pd
import streamlit as st

from core import charts
from core.accounts import setups
from core.counting import limits, quotas, usage
from core.counting.limits import State
from core.counting.usage import Day
from core.i18n import N_
from pages.parts.person import me, mine
from pages.parts.words import KINDS, _, clock_time, day, language, link, number

DAYS = 30
UNITS = {"recipients": N_("recipients"), "messages": N_("messages")}
USED = {
    "rolling 24h": N_("{used} of {amount} {unit} used in the last 24 hours, {left} remain"),
    "day": N_("{used} of {amount} {unit} used today, {left} remain"),
}
USED_UP = {
    "rolling 24h": N_("Limit reached: {used} of {amount} {unit} used in the last 24 hours"),
    "day": N_("Limit reached: {used} of {amount} {unit} used today"),
}
NEARLY, NEAR, FULL = 0.8, ":orange[:material/warning:] ", ":red[:material/error:] "
SOURCES = {limits.OWN: N_("your own figure, from Settings"), limits.PLATFORM: N_("set by the platform")}


def answer(state: State | None, today: Day) -> str:
    """What is used and what is left, in one sentence."""
    if state is None:
        return _("Recipients today: {n}. No limit is known: set yours in Settings", n=number(today.recipients))
    figures = {"used": state.used, "amount": state.limit.amount, "left": state.remaining}
    words = {name: number(value) for name, value in figures.items()}
    near = NEAR if state.used > NEARLY * state.limit.amount else ""
    icon = FULL if state.remaining == 0 else near
    sentence = USED_UP if state.remaining == 0 else USED
    return icon + _(sentence[state.limit.window], unit=_(UNITS[state.limit.unit]), **words)


def detail(state: State) -> str:
    """Who sets the limit, and when something is free again."""
    limit = state.limit
    said = _(SOURCES[limit.source]) if limit.source in SOURCES else link(_("the provider says so"), limit.source)
    parts = [_("Limit: {amount} {unit}", amount=number(limit.amount), unit=_(UNITS[limit.unit])), said]
    if state.frees_at:
        parts.append(_("the first are free again at {time}", time=clock_time(state.frees_at)))
    return " · ".join(parts)


def chart(days: Sequence[Day], amount: int | None) -> None:
    """The picture, with its reading for those who do not see it."""
    labels = charts.Labels(
        day=_("Day"),
        recipients=_("Recipients"),
        kind=_("Kind"),
        kinds={kind: _(name) for kind, name in KINDS.items()},
        limit=_("Limit {amount}", amount=number(amount)) if amount else "",
        over=_("over"),
        thousands="." if language() == "vi" else ",",
    )
    over = sum(each.recipients > amount for each in days) if amount else 0
    words = _("Recipients per day over 30 days; days over the limit: {over}", over=over)
    picture = charts.daily(charts.frame(days, labels), limit=amount, labels=labels)
    st.altair_chart(picture, key="daily", alt=words)


def numbers(days: Sequence[Day]) -> None:
    """The same as a table, the newest day first."""
    newest = list(reversed(days))
    columns = {_("Day"): [day(each.day) for each in newest], _("Recipients"): [each.recipients for each in newest]}
    columns |= {_(name): [getattr(each, kind) for each in newest] for kind, name in KINDS.items()}
    columns |= {_("Messages"): [each.messages for each in newest], _("Refused"): [each.refused for each in newest]}
    st.subheader(_("The numbers"), anchor=False)
    st.dataframe(pd.DataFrame(columns), hide_index=True, key="days", alt=_("The numbers"))
    st.caption(
        _("One To and one Cc are two recipients. What other programs send with the same log-in is not seen here.")
    )


stored = {setup.name: setup for setup in setups.all(mine())}
active = setups.active(mine())
title, details = st.container(), st.container()
if len(stored) > 1:
    st.selectbox(_("Setup"), list(stored), index=list(stored).index(active.name), key="setup", bind="query-params")
setup = stored.get(st.session_state.get("setup", ""), active)

zone = me().zone
today = datetime.now(zone).date()
quota = quotas.of(mine(), setup.form)
days = usage.daily(mine(), quota=quota, since=today - timedelta(days=DAYS - 1), until=today, zone=zone)
states = limits.states(mine(), setup.form, zone=zone)

title.title(answer(states[0] if states else None, days[-1]), anchor=False)
counts = {"recipients": number(days[-1].recipients), "messages": number(days[-1].messages)}
details.markdown(
    _("Today, since midnight in {zone}: recipients {recipients}, messages {messages}.", zone=zone.key, **counts)
)
for state in states:
    details.caption(detail(state))

if usage.ever(mine(), quota):
    chart(days, next((state.limit.amount for state in states if state.limit.unit == "recipients"), None))
    numbers(days)
else:
    st.info(
        _("Nothing was sent through this setup yet. Send a test on the page Email protocol: it counts here at once."),
        icon=":material/inbox:",
    )
    st.page_link("setup.py", label=_("Send a test"), icon=":material/send:")
