"""Made-up businesses, each drawn from one of three shapes: what a forecast is tried on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from core.counting.usage import Hours

FIRST = date(2025, 1, 1)
WEEKEND = 5  # Saturday, as Python counts
DAY_OFF = 0.02  # the share of working days on which nobody works

Week = NDArray[np.float64]  # seven weekdays, or a weekday's 24 hours


def invoicing(chance: Generator, days: int) -> list[Hours]:
    """Invoices in office hours, each with its copies; two to four times as many around the end of a month."""
    week = np.append(chance.uniform(0.8, 1.2, 5), [chance.uniform(0.1, 0.5), chance.uniform(0, 0.05)])
    peak, copies = chance.uniform(2, 4), int(chance.integers(1, 4))
    opens, closes = int(chance.integers(7, 10)), int(chance.integers(17, 20))
    hours = _bell(opens, closes, chance.uniform(9, 16), chance.uniform(3, 8))
    hours[12] *= chance.uniform(0.2, 0.8)
    level, spread = chance.uniform(40, 300), chance.uniform(0.1, 0.3)

    def one(day: date) -> list[int]:
        due = (day + timedelta(days=2)).month != day.month or day.day == 1
        mean = level * week[day.weekday()] * (peak if due else 1) * chance.lognormal(0, spread)
        if day.weekday() < WEEKEND and chance.random() < DAY_OFF:
            mean = 0
        return [copies * int(n) for n in chance.poisson(mean * hours)]

    return _days(one, days)


def shop(chance: Generator, days: int) -> list[Hours]:
    """Orders in the evening and more at the week end; a promotion to many customers every week or two."""
    week = np.append(chance.uniform(0.8, 1.2, 5), chance.uniform(1.2, 2, 2))
    hours = 0.5 * _bell(7, 24, chance.uniform(19, 21.5), chance.uniform(1.5, 3)) + 0.5 * _bell(7, 24, 13, 6)
    level, spread = chance.uniform(60, 500), chance.uniform(0.15, 0.35)
    often, large = chance.uniform(0.05, 0.15), level * chance.uniform(0.3, 1.5)

    def one(day: date) -> list[int]:
        counts = chance.poisson(level * week[day.weekday()] * chance.lognormal(0, spread) * hours)
        if chance.random() < often:
            counts[chance.integers(9, 20)] += chance.poisson(large)
        return [int(n) for n in counts]

    return _days(one, days)


def office(chance: Generator, days: int) -> list[Hours]:
    """A few messages on working days, most to one to three people, some to everybody on a list."""
    week = np.append(chance.uniform(0.7, 1.3, 5), [chance.uniform(0.1, 0.5), chance.uniform(0, 0.05)])
    hours = _bell(8, 18, chance.uniform(9, 15), chance.uniform(3, 8))
    level, lists, longest = chance.uniform(3, 12), chance.uniform(0.03, 0.12), int(chance.integers(15, 50))

    def one(day: date) -> list[int]:
        if day.weekday() < WEEKEND and chance.random() < DAY_OFF:
            return [0] * 24
        sends = chance.poisson(level * week[day.weekday()] * hours)
        return [sum(_addressed(chance, lists, longest) for _ in range(n)) for n in sends]

    return _days(one, days)


SHAPES: dict[str, Callable[[Generator, int], list[Hours]]] = {"invoicing": invoicing, "shop": shop, "office": office}


def _addressed(chance: Generator, lists: float, longest: int) -> int:
    return int(chance.integers(10, longest + 1) if chance.random() < lists else chance.integers(1, 4))


def _bell(opens: int, closes: int, top: float, width: float) -> Week:
    """Shares of a day's mail by hour: most around `top`, none outside of the opening hours."""
    hours = np.arange(24) + 0.5
    open_at = (hours > opens) & (hours < closes)
    shares = np.where(open_at, np.exp(-0.5 * ((hours - top) / width) ** 2), 0)
    return np.asarray(shares / shares.sum())


def _days(one: Callable[[date], list[int]], days: int) -> list[Hours]:
    dates = (FIRST + timedelta(days=n) for n in range(days))
    return [Hours(day, to=tuple(one(day))) for day in dates]
