"""Identifiers grow with time, whatever the clock does."""

import itertools
import time

import pytest

from core import ids

HOUR_NS = 3_600_000_000_000


def at(monkeypatch: pytest.MonkeyPatch, moment: int) -> None:
    """Sets the clock."""
    monkeypatch.setattr(time, "time_ns", lambda: moment)


def test_they_are_positive_and_fit_64_bits() -> None:
    assert 0 < ids.new() < 2**63


def test_they_grow_within_one_millisecond(monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, time.time_ns())

    made = [ids.new() for _ in range(5000)]  # more than the sequence of one millisecond holds

    assert all(earlier < later for earlier, later in itertools.pairwise(made))


def test_they_grow_when_the_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time_ns()
    before = ids.new()
    at(monkeypatch, now - 24 * HOUR_NS)

    after = [ids.new() for _ in range(3)]

    assert before < after[0] < after[1] < after[2]


def test_they_follow_the_clock_again_when_it_catches_up(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time_ns()
    at(monkeypatch, now - HOUR_NS)
    behind = ids.new()
    at(monkeypatch, now + 1_000_000_000)

    caught_up = ids.new()

    assert caught_up > behind
