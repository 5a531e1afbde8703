"""Rules: what must hold for a cause, how far each kind of sign is trusted, and which of several rules wins.

The order of trust: what happened to our own socket, the provider's own token, an enhanced code with one meaning, the
server's words, a bare code, and the client library's wrapper line last, since it misleads most.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

# from the least to the most trusted; `tier` of a rule, or by its conditions (see `_tier`)
TIERS = ("wrapper", "code", "words", "status", "token", "event")

# what each condition of a rule is worth within its tier: the most specific rule wins
WORTH = {
    "words": 8,
    "event": 8,
    "enhanced": 6,
    "provider": 4,
    "host": 4,
    "port": 2,
    "encryption": 2,
    "codes": 2,
    "stage": 1,
    "without": 1,
}
CONTEXT = ("provider", "host", "port", "encryption")
WEIGHTY = ("event", "words", "enhanced", *CONTEXT)
PUBLIC = "public"  # as a provider: any that everybody knows, such as Gmail
UNKNOWN = ""  # as a value of the context: not known
GAP = "…"  # in words: anything, in this order
WORD = re.compile("[a-z0-9]")  # of plain letters only: Chinese sets no blanks between words
START = 4  # letters by which phrases are ruled out
REACH = 160  # letters that a gap may span


@dataclass(frozen=True, slots=True)
class Fact:
    """What happened where: the ground that rules are matched on."""

    stage: str | None
    event: str | None = None
    code: int | None = None
    enhanced: str | None = None
    words: str = ""
    provider: str | None = None
    port: int | None = None
    encryption: str | None = None
    host: str | None = None
    public: bool = False


Phrase = tuple[str, str]  # how it starts, so that most are ruled out at a glance, and the whole


@dataclass(frozen=True, slots=True)
class Rule:
    """Conditions that must all hold, each by any of its values. `source` tells where the wording is from."""

    conditions: Mapping[str, tuple[Any, ...]]
    source: str
    tier: str = "words"
    also: tuple[str, ...] = ()
    weight: int = field(init=False)
    worth: int = field(init=False)
    wanted: tuple[Phrase, ...] = field(init=False)
    barred: tuple[Phrase, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "wanted", _phrases(self.conditions.get("words", ())))
        object.__setattr__(self, "barred", _phrases(self.conditions.get("without", ())))
        object.__setattr__(self, "worth", sum(WORTH[name] for name in self.conditions))
        object.__setattr__(self, "weight", sum(WORTH[name] for name in self.conditions if name in WEIGHTY))

    @property
    def context(self) -> dict[str, tuple[Any, ...]]:
        """The conditions on provider, host, port and encryption, which a text may leave out."""
        return {name: wanted for name, wanted in self.conditions.items() if name in CONTEXT}

    def strength(self, phrase: str) -> tuple[int, int, int, int]:
        """How much this rule counts where `phrase` is what it found: tier, conditions, length of the words."""
        return TIERS.index(self.tier), self.weight, len(phrase), self.worth

    def says(self, fact: Fact, said: Said) -> str | None:
        """The words found where everything but the context holds; empty for a rule without words, None otherwise."""
        for name, wanted in self.conditions.items():
            if name in PLAIN and getattr(fact, PLAIN[name]) not in wanted:
                return None
        phrase = said.first(self.wanted) if self.wanted else ""
        return None if phrase is None or said.first(self.barred) else phrase

    def suits(self, fact: Fact) -> bool:
        """Whether provider, host, port and encryption are such as the rule wants."""
        return all(CONTEXTUAL[name](fact, wanted) for name, wanted in self.context.items())


class Said:
    """Words as they are compared: lower case, blanks folded; each phrase is looked for once."""

    def __init__(self, words: str) -> None:
        self.text = fold(words)
        self._found: dict[str, bool] = {}
        self._starts = {"", *(self.text[at : at + START] for at in range(len(self.text)))}

    def first(self, phrases: Iterable[Phrase]) -> str | None:
        """The longest of the phrases that is there."""
        there = (phrase for start, phrase in phrases if start in self._starts and self.has(phrase))
        return max(there, key=len, default=None)

    def has(self, phrase: str) -> bool:
        """Whether the phrase is there as words of its own, see `find`."""
        if phrase not in self._found:
            self._found[phrase] = self._look(phrase)
        return self._found[phrase]

    def _look(self, phrase: str) -> bool:
        head, *rest = phrase.split(GAP) if GAP in phrase else (phrase,)
        at = find(self.text, head.strip())
        if at < 0 or not rest:
            return at >= 0
        while at >= 0:  # each start of the first part is tried once, and no further than the gaps reach
            if self._follows(at + len(head.strip()), rest):
                return True
            at = find(self.text, head.strip(), at + 1)
        return False

    def _follows(self, at: int, rest: list[str]) -> bool:
        for part in map(str.strip, rest):
            found = find(self.text, part, at, at + REACH + len(part))
            if found < 0:
                return False
            at = found + len(part)
        return True


def _phrases(words: Iterable[str]) -> tuple[Phrase, ...]:
    heads = ((word.partition(GAP)[0].strip(), word) for word in words)
    return tuple((head[:START] if len(head) >= START else "", word) for head, word in heads)


def fold(text: str) -> str:
    """Lower case, every run of blanks one blank."""
    return " ".join(text.lower().split())


def find(text: str, phrase: str, since: int = 0, until: int | None = None) -> int:
    """Where the phrase begins a word and cuts no number short: 5.7.8 is not in 5.7.80. -1 if nowhere."""
    at = text.find(phrase, since, until)
    while at >= 0 and _cuts(text, at, at + len(phrase)):
        at = text.find(phrase, at + 1, until)
    return at


def _cuts(text: str, start: int, end: int) -> bool:
    before = start > 0 and WORD.match(text[start]) and WORD.match(text[start - 1])
    return bool(before) or (text[end - 1].isdigit() and end < len(text) and text[end].isdigit())


PLAIN = {"stage": "stage", "event": "event", "codes": "code", "enhanced": "enhanced"}


def _provider(fact: Fact, wanted: tuple[Any, ...]) -> bool:
    return (fact.provider or UNKNOWN) in wanted or (PUBLIC in wanted and fact.public)


def _host(fact: Fact, wanted: tuple[Any, ...]) -> bool:
    name = (fact.host or UNKNOWN).lower()
    return any(name == value or (value.startswith(".") and name.endswith(value)) for value in wanted)


CONTEXTUAL: dict[str, Callable[[Fact, tuple[Any, ...]], bool]] = {
    "provider": _provider,
    "host": _host,
    "port": lambda fact, wanted: (fact.port or UNKNOWN) in wanted,
    "encryption": lambda fact, wanted: (fact.encryption or UNKNOWN) in wanted,
}


def read(entry: Mapping[str, Any], default: Mapping[str, Any]) -> Rule:
    """A rule as TOML has it. Raises ValueError with a sentence on what is wrong."""
    values = {**default, **entry}
    if not isinstance(values.get("source"), str) or not values["source"].strip():
        raise ValueError('a rule must say where its wording is from: source = "..."')
    conditions = {name: value for name, value in entry.items() if name not in ("source", "tier", "also", "cause")}
    _check(conditions)
    tier = values.get("tier") or _tier(conditions)
    if tier not in TIERS:
        raise ValueError(f"a rule's tier must be one of {', '.join(TIERS)}, not {tier}")
    folded = {name: tuple(value) for name, value in conditions.items()}
    return Rule(folded, values["source"], tier, tuple(entry.get("also", ())))


def _check(conditions: Mapping[str, Any]) -> None:
    if unknown := conditions.keys() - WORTH.keys():
        raise ValueError(f"a rule has no condition {', '.join(sorted(unknown))}: known are {', '.join(WORTH)}")
    if single := [name for name, values in conditions.items() if not isinstance(values, list) or not values]:
        raise ValueError(f'a rule\'s {", ".join(single)} must be a list, such as ["..."]')
    if not conditions.keys() - {"without"}:
        raise ValueError('a rule must have a condition, such as words = ["no such user"]')
    for name, kind in (("codes", int), ("words", str), ("without", str), ("enhanced", str)):
        if strange := [value for value in conditions.get(name, ()) if not isinstance(value, kind) or not value]:
            raise ValueError(f"a rule's {name} cannot be {strange[0]!r}")
    for word in (*conditions.get("words", ()), *conditions.get("without", ())):
        if word != fold(word):
            raise ValueError(f'a rule\'s words are compared in lower case and with single blanks: write "{fold(word)}"')


def _tier(conditions: Mapping[str, Any]) -> str:
    """What a rule is trusted by, where it does not say so itself."""
    if "event" in conditions:
        return "event"
    return "words" if "words" in conditions else "status" if "enhanced" in conditions else "code"
