"""Logging in: which mechanism, and what it sends (RFC 4954, RFC 4616)."""

from __future__ import annotations

import base64
from collections.abc import Sequence

MECHANISMS = ("PLAIN", "LOGIN")  # in order of preference


def choose(offered: Sequence[str]) -> str | None:
    """The first of our mechanisms that the server offers, or None."""
    return next((mechanism for mechanism in MECHANISMS if mechanism in offered), None)


def encode(text: str) -> str:
    """Base64 of the text in UTF-8 (RFC 4616 section 2)."""
    return base64.b64encode(text.encode()).decode()


def plain(username: str, password: str) -> str:
    """PLAIN's one response."""
    return encode(f"\0{username}\0{password}")
