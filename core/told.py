"""Failures that a person can do something about."""

from __future__ import annotations


class Told(Exception):
    """A failure with its sentence: `sentence` is to be translated, `values` fill its placeholders."""

    sentence: str

    def __init__(self, **values: object) -> None:
        super().__init__(*values.values())
        self.values = values

    def __str__(self) -> str:
        return self.sentence.format(**self.values)


class NotFound(Told, LookupError):
    """What was asked for by name or id is not there, or not this account's."""

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(**values)
        self.sentence = sentence
