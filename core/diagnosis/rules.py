"""Rules: what must hold for a cause, how far each kind of sign is trusted, and which of several rules wins.

The order of trust: what happened to our own socket, the provider's own token, an enhanced code with one meaning, the
server's words, a bare code, and the client library's wrapper line last, since it misleads most.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
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
    "login": 2,
    "stage": 1,
    "without": 1,
}
CONTEXT = ("provider", "host", "port", "encryption")
CONNECTION = ("port", "encryption")  # what rules a cause out; whose server it is only makes one likelier
WEIGHTY = ("event", "words", "enhanced", "login", *CONTEXT)
PUBLIC = "public"  # as a provider: any that everybody knows, such as Gmail
UNKNOWN = ""  # as a value of the context: not known
GAP = "…"  # in words: anything of the same sentence, in this order
OPEN = "*"  # in words, behind a part: the word may go on, as in throttl*
BREAK = "\0"  # in a text: a line that ends what was said before
WORD = re.compile("[a-z0-9]")  # of plain letters only: Chinese sets no blanks between words
SENTENCE = re.compile(r"[a-z0-9)\]>'\"]{2}[.!?] (?![a-z]{1,2}\. )")  # where a sentence ends, and a gap with it
START = 4  # letters by which phrases are ruled out
REACH = 60  # letters that a gap may span


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
    login: str | None = None  # "skipped" where the server offers one and none was made, else not told


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
        object.__setattr__(self, "wanted", phrases(self.conditions.get("words", ())))
        object.__setattr__(self, "barred", phrases(self.conditions.get("without", ())))
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

    def may_suit(self, fact: Fact) -> bool:
        """Whether port and encryption, as far as they are known, leave it open that the rule suits."""
        known = [name for name in CONNECTION if getattr(fact, name) and name in self.conditions]
        return all(CONTEXTUAL[name](fact, self.conditions[name]) for name in known)


class Said:
    """Words as they are compared: lower case, blanks folded; each phrase is looked for once."""

    def __init__(self, words: str) -> None:
        lines = [line for line in map(fold, words.split(BREAK)) if line]
        self.text = " ".join(lines)
        self._breaks = list(accumulate(len(line) + 1 for line in lines))
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
            if self._follows(at + len(head.strip().rstrip(OPEN)), rest):
                return True
            at = find(self.text, head.strip(), at + 1)
        return False

    def _follows(self, at: int, rest: list[str]) -> bool:
        for part in map(str.strip, rest):
            found = find(self.text, part, at, at + REACH + len(part))
            if found < 0 or self._ends(at, found):
                return False
            at = found + len(part.rstrip(OPEN))
        return True

    def _ends(self, start: int, end: int) -> bool:
        """Whether a sentence or a statement ends between two places."""
        after = bisect_right(self._breaks, start)
        return (after < len(self._breaks) and self._breaks[after] <= end) or bool(
            SENTENCE.search(self.text, max(0, start - 2), end)
        )


def phrases(words: Iterable[str]) -> tuple[Phrase, ...]:
    """Words as a rule has them, made ready for `Said.first`."""
    heads = ((word.partition(GAP)[0].strip().rstrip(OPEN), word) for word in words)
    return tuple((head[:START] if len(head) >= START else "", word) for head, word in heads)


def fold(text: str) -> str:
    """Lower case, every run of blanks one blank."""
    return " ".join(text.lower().split())


def find(text: str, phrase: str, since: int = 0, until: int | None = None) -> int:
    """Where the phrase stands as whole words: 5.7.8 is not in 5.7.80, nor user in username. -1 if nowhere.

    Behind OPEN the last word may go on, and several words may end in a plural's s.
    """
    wanted = phrase.rstrip(OPEN)
    ends = wanted != phrase, " " in wanted
    at = text.find(wanted, since, until)
    while at >= 0 and (_inside(text, at) or not _ended(text, at + len(wanted), *ends)):
        at = text.find(wanted, at + 1, until)
    return at


def _ended(text: str, end: int, is_open: bool, has_plural: bool) -> bool:
    if is_open or not _inside(text, end):
        return True
    return has_plural and text[end] == "s" and text[end - 1].isalpha() and not _inside(text, end + 1)


def _inside(text: str, at: int) -> bool:
    """Whether a word goes on at this place."""
    return 0 < at < len(text) and bool(WORD.match(text[at]) and WORD.match(text[at - 1]))


PLAIN = {"stage": "stage", "event": "event", "codes": "code", "enhanced": "enhanced", "login": "login"}


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
