"""When mail goes out, and to whom: the hours of the week, and break-downs of a span of days."""

from datetime import date, datetime

import streamlit as st

from core import i18n
from core.charts import shares, week
from core.counting import breakdown, export, usage
from core.i18n import N_
from pages.parts.person import me, mine
from pages.parts.words import _, language, number, thousands

Span = tuple[date, date]
BUSIEST = N_("The busiest hour: {day} from {hour}, recipients on average: {n}")
LARGEST = N_("The largest: {value}, {n}")


def hours(quota: int | None, span: Span) -> None:
    """How much is usually sent at each hour of the week."""
    days = usage.hourly(mine(), quota=quota, since=span[0], until=span[1], zone=me().zone)
    past = [day for day in days if day.day < datetime.now(me().zone).date()]  # today has hours to come
    days = past if any(any(day.recipients) for day in past) else days
    labels = week.Labels(_("Time of day"), _("Recipients on average"), i18n.weekdays(language()), thousands())
    data = week.frame(days, labels)
    if data.empty or not data.recipients.max():
        st.info(_("Nothing was sent on these days."), icon=":material/inbox:")
        return
    weekday, hour, most = week.busiest(data)
    words = {"day": weekday, "hour": f"{hour}:00", "n": number(most)}
    st.altair_chart(week.chart(data, labels), key="week", alt=_heard(BUSIEST, **words))
    st.caption(_(BUSIEST, **words))


def shared(quota: int | None, span: Span, dimension: str) -> None:
    """Recipients by From, by their domain, or by source."""
    found = breakdown.read(mine(), quota=quota, since=span[0], until=span[1], dimension=dimension)
    if not found:
        st.info(_("Nothing was sent on these days."), icon=":material/inbox:")
        return
    if dimension == "source":
        found = [(_(export.SOURCES.get(value, value)), amount) for value, amount in found]
    labels = shares.Labels(_("Recipients"), _("Others"), thousands())
    data = shares.frame(found, labels)
    words = _heard(LARGEST, value=data.value[0], n=data.label[0])
    st.altair_chart(shares.chart(data, labels), key=f"shares_{dimension}", alt=words)


def _heard(sentence: str, **values: object) -> str:
    """A chart's words for those who hear them: nothing reads those as Markdown."""
    return i18n.translate(language(), sentence, **values)
