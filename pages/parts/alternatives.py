"""What if: today without Cc, and today through another setup."""

from collections.abc import Sequence

import streamlit as st

from core.accounts import setups
from core.accounts.setups import Setup
from core.counting import alternatives, limits, quotas, usage
from core.counting.forecast import Forecast, TooLittle
from core.counting.usage import Day, Hours
from pages.parts.person import me, mine
from pages.parts.words import _, number

MOST = 4  # other setups that are told


def show(setup: Setup, hours: Sequence[Hours], found: Forecast | TooLittle) -> None:
    """A sentence for each way; where no forecast is possible, for what was sent so far."""
    days = [_day(each) for each in hours]
    so_far = days[-1].recipients
    expected = so_far if isinstance(found, TooLittle) else found.expected
    fewer = alternatives.without_cc(days, expected)
    figures = {
        "n": number(fewer.so_far),
        "end": number(fewer.expected),
        "so_far": number(so_far),
        "with": number(expected),
    }
    sentence = _(
        "Without Cc: recipients today {n} in place of {so_far}, by midnight {end} in place of {with}.", **figures
    )
    st.markdown(f":material/content_copy: {sentence}")
    own = quotas.key(setup.form)
    others = [other for other in setups.all(mine()) if quotas.key(other.form) != own]
    for other in others[:MOST]:
        st.markdown(f":material/swap_horiz: {_through(other, expected)}")


def _through(other: Setup, expected: int) -> str:
    """Today by another setup, on top of what went that way already."""
    today = me().today
    quota = quotas.of(mine(), other.form)
    already = usage.daily(mine(), quota=quota, since=today, until=today, zone=me().zone)[0].recipients
    found = alternatives.elsewhere(expected, limits.of(mine(), other.form), already=already)
    name = _("Default") if other.mode == "default" else other.name
    values = {"setup": name, "used": number(found.used)}
    if found.limit is None:
        return _("Through {setup}: recipients today {used}; no limit of it is known.", **values)
    values["amount"] = number(found.limit.amount)
    if found.fits:
        return _("Through {setup}: {used} of {amount} recipients today, that fits.", **values)
    return _("Through {setup}: {used} of {amount} recipients today, that is too many.", **values)


def _day(hours: Hours) -> Day:
    kinds = {kind: sum(getattr(hours, kind)) for kind in usage.KINDS}
    return Day(hours.day, **kinds)
