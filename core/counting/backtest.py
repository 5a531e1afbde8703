"""The forecast tried on made-up businesses, beside the two that anybody makes without a program."""

from __future__ import annotations

import argparse
import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

import numpy as np

from core.counting import businesses
from core.counting.forecast import WEEKS, Forecast, forecast
from core.counting.usage import NONE, Hours
from core.i18n import N_, translate

KNOWN = WEEKS * 7  # days before the first one that is forecast
TRIED = 30  # days of each business that are forecast
AT = (9, 11, 13, 15)  # o'clock: later, the day of two of the shapes is over
BUSINESSES = 20  # of each shape
NAIVE = ("yesterday", "rate")
SHAPES = {"invoicing": N_("An invoicing service"), "shop": N_("A shop"), "office": N_("A small office")}
LINE = N_(
    "{shape}: half of the forecasts miss the day's end by at most {missed} recipients (yesterday's total: {yesterday}, "
    "the rate so far: {rate}; ratio to the better one: {ratio}); the share of ranges that hold: {held}"
)


@dataclass(frozen=True, slots=True)
class Trial:
    """One forecast: by how many recipients it and the naive ones missed the day's end; whether its range held."""

    hour: int
    missed: int
    yesterday: int
    rate: int
    held: bool


@dataclass(frozen=True, slots=True)
class Score:
    """What trials come to: median errors in recipients, and the share of ranges that held."""

    trials: int
    missed: float
    yesterday: float
    rate: float
    held: float

    @property
    def ratio(self) -> float:
        """The error over that of the better naive forecast; under 1 is better than both."""
        return self.missed / (min(self.yesterday, self.rate) or 1)


def every(
    shape: str, seed: int, *, number: int = BUSINESSES, tried: int = TRIED, at: Sequence[int] = AT
) -> list[Trial]:
    """The forecasts of so many businesses of a shape, each for so many days at these hours."""
    return [trial for n in range(number) for trial in trials(shape, (seed, n), tried=tried, at=at)]


def trials(
    shape: str, seed: int | Sequence[int], *, known: int = KNOWN, tried: int = TRIED, at: Sequence[int] = AT
) -> list[Trial]:
    """Every forecast of one business, drawn from a shape by a seed; where none is due (Sundays) there is no trial."""
    days = businesses.SHAPES[shape](generator(seed), known + tried)
    return [trial for n in range(known, known + tried) for trial in _day(days[n - known : n], days[n], at)]


def generator(seed: int | Sequence[int]) -> np.random.Generator:
    """What a business is drawn from."""
    return np.random.default_rng(seed)


def score(found: Sequence[Trial]) -> Score:
    """The score of some trials, at least one."""
    missed, yesterday, rate = (median(getattr(trial, name) for trial in found) for name in ("missed", *NAIVE))
    return Score(len(found), missed, yesterday, rate, sum(trial.held for trial in found) / len(found))


def _day(history: Sequence[Hours], day: Hours, at: Sequence[int]) -> Iterator[Trial]:
    end, yesterday = sum(day.recipients), sum(history[-1].recipients)
    for hour in at:
        so_far = Hours(day.day, to=(*day.recipients[:hour], *NONE[hour:]))
        ours = forecast(history, so_far, datetime(day.day.year, day.day.month, day.day.day, hour, tzinfo=UTC))
        rate = round(sum(so_far.recipients) * 24 / hour)
        if isinstance(ours, Forecast) and ours.high:  # a day that is empty and expected to stay so proves nothing
            held = ours.low <= end <= ours.high
            yield Trial(hour, abs(ours.expected - end), abs(yesterday - end), abs(rate - end), held)


def run(options: argparse.Namespace) -> int:
    """Tries as many businesses of each shape as BUSINESSES and prints the scores; the exit status."""
    seed = secrets.randbelow(10**9) if options.seed is None else options.seed
    scores = {shape: score(every(shape, seed)) for shape in businesses.SHAPES}
    if options.json:
        setting = {"seed": seed, "businesses": BUSINESSES, "days": TRIED, "hours": AT}
        print(json.dumps(setting | {"shapes": [_document(shape, found) for shape, found in scores.items()]}, indent=2))
        return 0
    words = N_("Seed {seed}. Of each shape: businesses {businesses}, days of each {days}, forecasts a day {hours}")
    figures = {"seed": seed, "businesses": BUSINESSES, "days": TRIED, "hours": len(AT)}
    print(translate(options.language, words, **figures))
    for shape, found in scores.items():
        name = translate(options.language, SHAPES[shape])
        print(translate(options.language, LINE, shape=name, **{key: round(n, 2) for key, n in _figures(found).items()}))
    return 0


def _document(shape: str, found: Score) -> dict[str, object]:
    return {"shape": shape, "trials": found.trials, **{name: round(n, 3) for name, n in _figures(found).items()}}


def _figures(found: Score) -> dict[str, float]:
    names = ("missed", *NAIVE, "ratio", "held")
    return {name: getattr(found, name) for name in names}
