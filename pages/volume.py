"""Recipients per day against the limit."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial

import pandas as pd
import streamlit as st

from core import charts
from core.accounts import setups
from core.accounts.setups import Setup
from core.counting import export, headroom, limits, quotas, usage
from core.counting.headroom import State
from core.counting.usage import Day
from core.i18n import N_
from pages.parts import sample
from pages.parts.person import me, mine
from pages.parts.words import _, clock_time, day, language, link, number

DAYS = 30
OLDEST = 3 * 366  # days ago that a person can go back to
FORMATS = {"vi": "DD/MM/YYYY", "en": "YYYY-MM-DD"}  # Streamlit has no names of months but English ones
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
    sentence = headroom.USED_UP if state.remaining == 0 else headroom.USED
    return icon + _(sentence[state.limit.window], unit=_(limits.UNITS[state.limit.unit]), **words)


def detail(state: State) -> str:
    """Who sets the limit, and when something is free again."""
    limit = state.limit
    said = _(SOURCES[limit.source]) if limit.source in SOURCES else link(_("the provider says so"), limit.source)
    parts = [_("Limit: {amount} {unit}", amount=number(limit.amount), unit=_(limits.UNITS[limit.unit])), said]
    if state.frees_at:
        parts.append(_("the first are free again at {time}", time=clock_time(state.frees_at)))
    return " · ".join(parts)


def chart(days: Sequence[Day], amount: int | None) -> None:
    """The picture, with its reading for those who do not see it."""
    labels = charts.Labels(
        day=_("Day"),
        recipients=_("Recipients"),
        kind=_("Kind"),
        kinds={kind: _(name) for kind, name in export.KINDS.items()},
        limit=_("Limit {amount}", amount=number(amount)) if amount else "",
        over=_("over"),
        thousands="." if language() == "vi" else ",",
    )
    over = sum(each.recipients > amount for each in days) if amount else 0
    words = _("Recipients per day, days shown: {days}; days over the limit: {over}", days=len(days), over=over)
    picture = charts.daily(charts.frame(days, labels), limit=amount, labels=labels)
    st.altair_chart(picture, key="daily", alt=words)


def numbers(days: Sequence[Day]) -> None:
    """The same as a table, the newest day first, and as a file."""
    newest = list(reversed(days))
    columns = export.table(newest, language()) | {_("Day"): [day(each.day) for each in newest]}
    st.subheader(_("The numbers"), anchor=False)
    st.dataframe(pd.DataFrame(columns), hide_index=True, key="days", alt=_("The numbers"))
    st.download_button(
        _("Download as CSV"),
        partial(export.usage, days, language()),
        file_name=f"mailgauge-volume-{days[0].day}-{days[-1].day}.csv",
        mime="text/csv",
        icon=":material/download:",
        key="csv",
        on_click="ignore",
    )
    st.caption(
        _("One To and one Cc are two recipients. What other programs send with the same log-in is not seen here.")
    )


def chosen(active: Setup) -> Setup:
    """The setup to look at: the active one, until a person chooses another."""
    stored = {setup.name: setup for setup in setups.all(mine())}
    names = list(stored)
    if len(names) == 1:
        return active
    name = st.selectbox(_("Setup"), names, index=names.index(active.name), key="setup", bind="query-params")
    return stored.get(name, active)


def span(today: date) -> tuple[date, date]:
    """The first and the last day to show; while a person has picked only one of them, the usual ones."""
    first = today - timedelta(days=DAYS - 1)
    picked = st.date_input(
        _("From day to day"),
        (first, today),
        min_value=today - timedelta(days=OLDEST),
        max_value=today,
        format=FORMATS[language()],
        key="days_shown",
        bind="query-params",
    )
    return (min(picked), max(picked)) if len(picked) == 2 else (first, today)


zone = me().zone
today = datetime.now(zone).date()
title, details = st.container(), st.container()
with st.container(horizontal=True):
    setup = chosen(setups.active(mine()))
    since, until = span(today)

quota = quotas.of(mine(), setup.form)
days = usage.daily(mine(), quota=quota, since=since, until=until, zone=zone)
now = usage.daily(mine(), quota=quota, since=today, until=today, zone=zone)[0]
states = headroom.states(mine(), setup.form, zone=zone)

title.title(answer(states[0] if states else None, now), anchor=False)
counts = {"recipients": number(now.recipients), "messages": number(now.messages)}
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
    sample.offer()
