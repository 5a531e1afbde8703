"""What if: today without Cc, and today through another way to send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.accounts.providers import Limit
from core.counting.forecast import LEAVES
from core.counting.usage import Day


@dataclass(frozen=True, slots=True)
class WithoutCc:
    """Today's recipients if nobody got a copy: so far, and at midnight."""

    so_far: int
    expected: int


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What today would use of another way's daily limit, None where it has none that is known."""

    used: int
    limit: Limit | None

    @property
    def remaining(self) -> int | None:
        """What would be left of it, at least none."""
        return max(0, self.limit.amount - self.used) if self.limit else None

    @property
    def fits(self) -> bool | None:
        """Whether the day would fit."""
        return self.used <= self.limit.amount if self.limit else None


def without_cc(days: Sequence[Day], expected: int) -> WithoutCc:
    """What a day that is expected to end so would be without Cc; `days` are the last ones and, at their end, today.

    What is still to come has the share of Cc that all these days had.
    """
    today = days[-1]
    every = sum(day.recipients for day in days)
    share = sum(day.cc for day in days) / every if every else 0
    so_far = today.recipients - today.cc
    return WithoutCc(so_far, so_far + round(max(0, expected - today.recipients) * (1 - share)))


def elsewhere(expected: int, limits: Sequence[Limit], *, already: int = 0) -> Elsewhere:
    """A day that is expected to end so, sent another way on top of what already went that way since midnight.

    At midnight a rolling window of 24 hours holds just the day. Of several limits the least is told.
    """
    daily = [limit for limit in limits if limit.unit == "recipients" and limit.window in LEAVES]
    return Elsewhere(already + expected, min(daily, key=lambda limit: limit.amount, default=None))
