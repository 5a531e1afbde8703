"""The views of the days, one at a time: a page with all of them, or with the table at once, is slow to stand there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

import streamlit as st

from core.accounts.setups import Setup
from core.charts.days import Bars
from core.counting.elsewhere import Entry
from core.counting.forecast import Forecast, TooLittle
from core.counting.usage import Hours
from pages.parts import alternatives, course, days, patterns, sentfolder, unseen
from pages.parts.choice import choice
from pages.parts.words import _


@dataclass(frozen=True, slots=True)
class Material:
    """What the page has read already: the setup and its quota, the days shown, what is known of today.

    `unit` is recipients or messages, `limits` what a day of each is held against.
    """

    setup: Setup
    quota: int | None
    bars: Bars
    unit: str
    limits: dict[str, int | None]
    entries: list[Entry]
    hours: list[Hours]
    moment: datetime
    forecast: Forecast | TooLittle

    @property
    def span(self) -> tuple[date, date]:
        """The first and the last day shown."""
        return self.bars.days[0].day, self.bars.days[-1].day


@st.fragment
def show(known: Material) -> None:
    """The choice of a view, and the chosen one."""
    words = {
        "days": _("Days"),
        "today": _("Today"),
        "hours": _("Hours of the week"),
        "from": _("From"),
        "domain": _("Recipient domain"),
        "source": _("Source"),
        "elsewhere": _("Sent elsewhere"),
        "numbers": _("The numbers"),
    }
    draw: dict[str, Callable[[Material], None]] = {
        "days": _days,
        "today": _today,
        "hours": _hours,
        "elsewhere": _unseen,
        "numbers": _numbers,
    }
    chosen = choice(_("Show"), words, key="view")
    draw.get(chosen, partial(_shared, dimension=chosen))(known)


def _days(known: Material) -> None:
    days.chart(known.bars, known.unit, known.limits[known.unit])


def _today(known: Material) -> None:
    course.chart(known.hours, known.moment, known.forecast, known.limits["recipients"])
    alternatives.show(known.setup, known.hours, known.forecast)


def _hours(known: Material) -> None:
    patterns.hours(known.quota, known.span)


def _shared(known: Material, dimension: str) -> None:
    patterns.shared(known.quota, known.span, dimension)


def _unseen(known: Material) -> None:
    sentfolder.show(known.setup)
    unseen.show(known.setup, known.entries)


def _numbers(known: Material) -> None:
    days.table(known.bars)
