"""A value that must not be shown."""

from __future__ import annotations


class Secret:
    """A password or token: hidden in `repr`, `str` and tracebacks until it is revealed."""

    __slots__ = ("_value",)

    def __init__(self, value: str = "") -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself, for the moment of use."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Secret(***)" if self._value else "Secret()"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written to disk or sent to another process")
