"""Recipients per day against the limit."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import streamlit as st

from core.accounts import setups
from core.accounts.setups import Setup
from core.charts.days import Bars
from core.counting import elsewhere, forecast, headroom, quotas, usage, windows
from core.counting.headroom import State
from pages.parts import allowance, course, days, sample, sentfolder, unseen, views
from pages.parts.choice import choice
from pages.parts.person import me, mine
from pages.parts.views import Material
from pages.parts.words import FORMATS, _, language

DAYS = 30
OLDEST = 3 * 366  # days ago that a person can go back to


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


def daily_limit(states: Sequence[State], unit: str) -> int | None:
    """What a day's bar is held against: the smallest limit of the unit for a day."""
    daily = [each.limit for each in states if each.limit.unit == unit and each.limit.window in windows.DAILY]
    return min((limit.amount for limit in daily), default=None)


zone = me().zone
moment = datetime.now(zone)
today = moment.date()
top = st.container()
with st.container(horizontal=True):
    setup = chosen(setups.active(mine()))
    since, until = span(today)
    unit = choice(_("Count"), {"recipients": _("Recipients"), "messages": _("Messages")}, key="unit")

quota = quotas.of(mine(), setup.form)
shown = usage.daily(mine(), quota=quota, since=since, until=until, zone=zone)
now = shown[-1] if until == today else usage.daily(mine(), quota=quota, since=today, until=today, zone=zone)[0]
entries = elsewhere.entries(mine(), setup.form)
missed = elsewhere.daily(entries, since=since, until=today, zone=zone)
states = headroom.states(mine(), setup.form, zone=zone)

hours = forecast.known(mine(), quota, moment)
foretold = forecast.of(mine(), setup.form, states, zone=zone, days=hours)
ever = bool(entries) or usage.ever(mine(), quota)

with top:
    st.title(allowance.answer(headroom.tightest(states), now.recipients), anchor=False)
    last_day = headroom.last_day(mine(), setup.form, "recipients", states, zone=zone)
    allowance.figures(now.recipients, last_day, course.expected(foretold))
    if ever:
        st.markdown(course.told(foretold, moment))
    allowance.bars(states)
    unseen.refusals(entries)

if ever:
    daily = {name: daily_limit(states, name) for name in days.UNITS}
    views.show(Material(setup, quota, Bars(shown, missed), unit, daily, entries, hours, moment, foretold))
else:
    st.info(
        _("Nothing was sent through this setup yet. Send a test on the page Email protocol: it counts here at once."),
        icon=":material/inbox:",
    )
    st.page_link("setup.py", label=_("Send a test"), icon=":material/send:")
    sentfolder.show(setup)
    sample.offer()
    with st.expander(_("Sent elsewhere")):
        unseen.show(setup, entries)
