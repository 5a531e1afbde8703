"""Root causes as data: which rule fits what happened, and the words for people.

`data/causes/*.toml` are the causes with what RFCs say of them, `data/rules/*.toml` the words of servers and programs.
Files in `<data directory>/causes/` are loaded on top: the same slug replaces, a rule of its own is added to its cause.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.diagnosis import rules
from core.diagnosis.rules import UNKNOWN, Fact, Rule, Said
from core.i18n import LANGUAGES, N_
from core.told import Told

OURS = Path(__file__).parents[2] / "data" / "causes"
WORDS = OURS.with_name("rules")

SLUG = re.compile(r"[a-z][a-z0-9]*\.[a-z][a-z0-9_]*")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
PLACEHOLDERS = {"host", "port", "encryption", "username", "from_address", "domain", "to", "code", "provider"}
KEYS = {"slug", "title", "why", "field", "acts", "retry", "seen_by", "fix", "rule"}
LISTS = ("provider", "about")  # of a fix
CHOICES = {
    "acts": ("you", "program", "host", "provider", "recipient"),
    "retry": ("now", "later", "never", "unsafe"),
    "seen_by": ("live", "text"),
}


class Broken(Told, ValueError):
    """A file of causes that cannot be used."""

    sentence = N_("The file of causes {file} cannot be used: {detail}")


@dataclass(frozen=True, slots=True)
class Fix:
    """One step of the way out; `set` maps fields of the form to values that a click can apply.

    With `provider` it is one for these providers' customers only; an empty name stands for all that no step names.
    `about` names fields that the words speak of: a check that knows better of these says so in place of the step.
    """

    text: Mapping[str, str]
    set: Mapping[str, Any] | None = None
    provider: tuple[str, ...] = ()
    about: tuple[str, ...] = ()

    @property
    def fields(self) -> frozenset[str]:
        """The fields that it is about."""
        return frozenset((*(self.set or ()), *self.about))


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

    def steps(self, provider: str | None) -> list[Fix]:
        """The fixes for a provider's customers; all of them where the provider is not known."""
        named = {name for fix in self.fixes for name in fix.provider}
        mine = provider if provider in named else UNKNOWN
        return [fix for fix in self.fixes if not (provider and fix.provider) or mine in fix.provider]


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that fits, and the words by which; empty where it has none."""

    cause: Cause
    rule: Rule
    phrase: str = ""

    @property
    def strength(self) -> tuple[int, int, int, int]:
        """How much it counts."""
        return self.rule.strength(self.phrase)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The cause found, the others that fit too, the rule that decided and the words that it found."""

    cause: Cause
    also: tuple[str, ...]
    rule: Rule
    phrase: str = ""


def judge(fact: Fact, causes: Mapping[str, Cause]) -> Judgement | None:
    """The cause whose most specific rule fits the fact, or None: then it is unknown, never guessed."""
    return decide(match for match in matches(fact, causes) if match.rule.suits(fact))


def matches(fact: Fact, causes: Mapping[str, Cause], said: Said | None = None) -> Iterator[Match]:
    """Every rule that fits the fact but for its context: provider, host, port and encryption."""
    said = said or Said(fact.words)
    for cause in causes.values():
        for rule in cause.rules:
            if (phrase := rule.says(fact, said)) is not None:
                yield Match(cause, rule, phrase)


def decide(fitting: Iterable[Match]) -> Judgement | None:
    """The strongest of the matches, beside what fits as well by signs of the same trust."""
    ordered = sorted(fitting, key=lambda match: match.strength, reverse=True)
    if not ordered:
        return None
    best = ordered[0]
    near = [match for match in ordered if match.rule.tier == best.rule.tier]
    also = dict.fromkeys((*best.rule.also, *(match.cause.slug for match in near)))
    also.pop(best.cause.slug, None)
    return Judgement(best.cause, tuple(also), best.rule, best.phrase)


def catalogue(own: Path | None = None) -> dict[str, Cause]:
    """Every cause by its slug: ours, then those of the directory `own`. Raises Broken."""
    return _with(_ours(), own) if own else _ours()


@lru_cache
def _ours() -> dict[str, Cause]:
    return _with(_with({}, OURS), WORDS)


def _with(known: Mapping[str, Cause], directory: Path) -> dict[str, Cause]:
    """The causes, with those and the rules of a directory."""
    causes = dict(known)
    for path in sorted(directory.glob("*.toml")):
        try:
            _add(causes, tomllib.loads(path.read_text(encoding="utf8")))
        except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:  # people wrote these files
            raise Broken(file=path.name, detail=_sentence(error)) from error
    return causes


def _add(causes: dict[str, Cause], document: dict[str, Any]) -> None:
    if unknown := document.keys() - {"cause", "rule", "source"}:
        raise ValueError(f"{', '.join(sorted(unknown))} is unknown: a file holds [[cause]], [[rule]] and source")
    default = {name: document[name] for name in ("source",) if name in document}
    added = [_cause(entry, default) for entry in _tables(document, "cause")]
    causes.update({cause.slug: cause for cause in added})
    for entry in _tables(document, "rule"):
        slug = entry.get("cause")
        if slug not in causes:
            raise ValueError(f"there is no cause {slug}")
        cause = causes[slug]
        causes[slug] = replace(cause, rules=(*cause.rules, rules.read(entry, default)))


def _tables(document: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = document.get(name, [])
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise ValueError(f"{name} must be written as [[{name}]]")
    return found


def _cause(entry: dict[str, Any], default: Mapping[str, Any]) -> Cause:
    if unknown := entry.keys() - KEYS:
        raise ValueError(f"a cause has no {', '.join(sorted(unknown))}: known are {', '.join(sorted(KEYS))}")
    slug = entry.get("slug")
    if not isinstance(slug, str) or not SLUG.fullmatch(slug):
        raise ValueError(f"a cause needs a slug such as auth.bad_credentials, not {slug!r}")
    for name, choices in CHOICES.items():
        if entry.get(name, choices[0]) not in choices:
            raise ValueError(f"{slug}: {name} must be one of {', '.join(choices)}")
    own = {name: entry[name] for name in ("field", *CHOICES) if name in entry}
    return Cause(
        slug=slug,
        title=_words(slug, "title", entry.get("title")),
        why=_words(slug, "why", entry.get("why")),
        fixes=tuple(_fix(slug, fix) for fix in _tables(entry, "fix")),
        rules=tuple(rules.read(rule, default) for rule in _tables(entry, "rule")),
        **own,
    )


def _fix(slug: str, entry: dict[str, Any]) -> Fix:
    text = {name: words for name, words in entry.items() if name not in ("set", *LISTS)}
    if strange := [name for name in LISTS if not isinstance(entry.get(name, []), list)]:
        raise ValueError(f'{slug}: a fix\'s {strange[0]} must be a list, such as ["..."]')
    lists = {name: tuple(entry.get(name, ())) for name in LISTS}
    return Fix(_words(slug, "fix", text), entry.get("set"), **lists)


def _words(slug: str, name: str, words: object) -> Mapping[str, str]:
    """The words in every language. Raises ValueError where one is missing or a placeholder is none of ours."""
    if not isinstance(words, dict) or words.keys() != LANGUAGES.keys() or not all(words.values()):
        raise ValueError(f"{slug}: {name} needs words in {', '.join(LANGUAGES)}")
    for text in words.values():
        if strange := set(PLACEHOLDER.findall(text)) - PLACEHOLDERS:
            raise ValueError(
                f"{slug}: {{{strange.pop()}}} cannot be filled: known are {', '.join(sorted(PLACEHOLDERS))}"
            )
        if text.count("{") != text.count("}") or text.count("{") != len(PLACEHOLDER.findall(text)):
            raise ValueError(f"{slug}: {name} has a brace without its other half")
    return words


def _sentence(error: Exception) -> str:
    """What a library or we say of a broken file, in one line."""
    return " ".join(str(error).split()) or type(error).__name__
