"""Root causes as data: which rule fits what happened, and the words for people.

`data/causes/*.toml` are ours; files in `<data directory>/causes/` are loaded on top, the same slug replaces.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

OURS = Path(__file__).parents[2] / "data" / "causes"

# what each condition of a rule is worth: the most specific rule wins
WORTH = {"words": 8, "event": 8, "enhanced": 6, "provider": 4, "port": 2, "encryption": 2, "codes": 2, "stage": 1}


@dataclass(frozen=True, slots=True)
class Fact:
    """What happened where: the ground that rules are matched on."""

    stage: str
    event: str | None = None
    code: int | None = None
    enhanced: str | None = None
    words: str = ""
    provider: str | None = None
    port: int | None = None
    encryption: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """Conditions that must all hold, each by any of its values. `source` tells where the wording is from."""

    conditions: Mapping[str, tuple[Any, ...]]
    source: str

    @property
    def worth(self) -> int:
        """How specific the rule is."""
        return sum(WORTH[name] for name in self.conditions)

    def fits(self, fact: Fact) -> bool:
        """Whether every condition holds."""
        return all(_holds(name, wanted, fact) for name, wanted in self.conditions.items())


@dataclass(frozen=True, slots=True)
class Fix:
    """One step of the way out; `set` maps fields of the form to values that a click can apply."""

    text: Mapping[str, str]
    set: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """A root cause, with its words by language."""

    slug: str
    title: Mapping[str, str]
    why: Mapping[str, str]
    fixes: tuple[Fix, ...]
    rules: tuple[Rule, ...] = ()
    field: str | None = None
    acts: str = "you"
    retry: str = "never"
    seen_by: str = "live"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The cause found, the others that fit too, and the rule that decided."""

    cause: Cause
    also: tuple[str, ...]
    rule: Rule


def judge(fact: Fact, causes: Mapping[str, Cause]) -> Judgement | None:
    """The cause whose most specific rule fits the fact, or None: then it is unknown, never guessed."""
    fitting = [(rule.worth, cause, rule) for cause in causes.values() for rule in cause.rules if rule.fits(fact)]
    if not fitting:
        return None
    fitting.sort(key=lambda entry: -entry[0])
    _, cause, rule = fitting[0]
    also = dict.fromkeys(other.slug for _, other, _ in fitting if other is not cause)
    return Judgement(cause, tuple(also), rule)


def catalogue(own: Path | None = None) -> dict[str, Cause]:
    """Every cause by its slug: ours, then those of the directory `own`."""
    return _ours() | (_read(own) if own else {})


@lru_cache
def _ours() -> dict[str, Cause]:
    return _read(OURS)


def _read(directory: Path) -> dict[str, Cause]:
    texts = (path.read_text(encoding="utf8") for path in sorted(directory.glob("*.toml")))
    causes = (_cause(entry) for text in texts for entry in tomllib.loads(text)["cause"])
    return {cause.slug: cause for cause in causes}


def _cause(entry: dict[str, Any]) -> Cause:
    rules = tuple(_rule(rule) for rule in entry.pop("rule", []))
    fixes = tuple(Fix({k: v for k, v in fix.items() if k != "set"}, fix.get("set")) for fix in entry.pop("fix"))
    return Cause(rules=rules, fixes=fixes, **entry)


def _rule(entry: dict[str, Any]) -> Rule:
    source = entry.pop("source")
    if unknown := entry.keys() - WORTH.keys():
        raise ValueError(f"a rule has no condition {', '.join(sorted(unknown))}: known are {', '.join(WORTH)}")
    if single := [name for name, values in entry.items() if not isinstance(values, list)]:
        raise ValueError(f'a rule\'s {", ".join(single)} must be a list, such as ["..."]')
    return Rule({name: tuple(values) for name, values in entry.items()}, source)


def _holds(name: str, wanted: tuple[Any, ...], fact: Fact) -> bool:
    if name == "words":
        said = " ".join(fact.words.lower().split())
        return any(word in said for word in wanted)
    if name == "codes":
        return fact.code in wanted
    return getattr(fact, name) in wanted
