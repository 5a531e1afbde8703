"""Recipients per day against the limit."""

from datetime import datetime, timedelta

import pandas as pd
import streamlit as st

from core import charts
from core.accounts import setups
from core.counting import limits, quotas, usage
from core.counting.limits import State
from core.i18n import N_
from pages.parts.person import me, mine
from pages.parts.words import _, clock_time, language, number

DAYS = 30
KINDS = {"to": N_("To"), "cc": N_("Cc"), "bcc": N_("Bcc"), "other": N_("Other")}
UNITS = {"recipients": N_("recipients"), "messages": N_("messages")}


def answer(state: State | None, today: int) -> str:
    """What is used and what is left, in one sentence."""
    if state is None:
        return _("Recipients today: {n}. No limit is known: set yours in Settings", n=number(today))
    values = {"used": number(state.used), "amount": number(state.limit.amount), "left": number(state.remaining)}
    values["unit"] = _(UNITS[state.limit.unit])
    if state.limit.window == "rolling 24h":
        return _("{used} of {amount} {unit} used in the last 24 hours, {left} remain", **values)
    return _("{used} of {amount} {unit} used today, {left} remain", **values)


def source(state: State) -> str:
    """Who says so."""
    if state.limit.source == limits.OWN:
        return _("your own figure (Settings)")
    if state.limit.source == limits.PLATFORM:
        return _("set by the platform")
    return _("[the provider's page]({url})", url=state.limit.source).replace("\\", "")


found = setups.all(mine())
names = {setup.name: setup for setup in found}
active = next(setup for setup in found if setup.active)
zone = me().zone
today = datetime.now(zone).date()

title, detail = st.container(), st.container()
if len(names) > 1:
    st.selectbox(_("Setup"), list(names), index=list(names).index(active.name), key="setup", bind="query-params")
setup = names.get(st.session_state.get("setup", active.name), active)

with mine().read() as rows:
    quota = quotas.find(rows.connection, quotas.key(setup.form))
days = usage.daily(mine(), quota=quota, since=today - timedelta(days=DAYS - 1), until=today, zone=zone)
states = limits.states(mine(), setup.form, zone=zone)
state = next(iter(states), None)

title.title(answer(state, days[-1].recipients), anchor=False)
with detail:
    st.markdown(
        _(
            "Today, since midnight in {zone}: recipients {recipients}, messages {messages}.",
            zone=me().timezone or "UTC",
            recipients=number(days[-1].recipients),
            messages=number(days[-1].messages),
        )
    )
    for known in states:
        free = known.frees_at and known.used
        until = " " + _("The first are free again at {time}.", time=clock_time(known.frees_at)) if free else ""
        st.caption(
            _(
                "Limit: {amount} {unit} in {window}, {source}.",
                amount=number(known.limit.amount),
                unit=_(UNITS[known.limit.unit]),
                window=_(known.limit.window),
                source="@",
            ).replace("@", source(known))
            + until
        )

if not usage.ever(mine(), quota):
    st.info(
        _("Nothing was sent through this setup yet. Send a test on the page Email protocol: it counts here at once."),
        icon=":material/inbox:",
    )
    st.page_link("setup.py", label=_("Send a test"), icon=":material/send:")
else:
    amount = next((s.limit.amount for s in states if s.limit.unit == "recipients"), None)
    labels = charts.Labels(
        day=_("Day"),
        recipients=_("Recipients"),
        kind=_("Kind"),
        kinds={kind: _(name) for kind, name in KINDS.items()},
        limit=_("Limit {amount}", amount=number(amount)) if amount else "",
        over=_("over"),
        thousands="." if language() == "vi" else ",",
    )
    over = sum(day.recipients > amount for day in days) if amount else 0
    st.altair_chart(
        charts.daily(charts.frame(days, labels), limit=amount, labels=labels),
        key="daily",
        alt=_("Recipients per day over 30 days; {over} days over the limit", over=over),
    )
    st.subheader(_("The numbers"), anchor=False)
    table = pd.DataFrame([day.document() for day in reversed(days)])
    columns = {"day": _("Day"), "recipients": _("Recipients")} | {kind: _(name) for kind, name in KINDS.items()}
    columns |= {"messages": _("Messages"), "refused": _("Refused")}
    st.dataframe(table[list(columns)].rename(columns=columns), hide_index=True, key="days", alt=_("The numbers"))
    st.caption(
        _("One To and one Cc are two recipients. What other programs send with the same log-in is not seen here.")
    )
