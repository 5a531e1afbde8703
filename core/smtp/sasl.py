"""Logging in: which mechanism, and what it sends (RFC 4954, RFC 4616)."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from core.smtp.reply import Reply

MECHANISMS = ("PLAIN", "LOGIN")  # in order of preference


def usable(offered: Sequence[str]) -> list[str]:
    """Those of our mechanisms that the server offers, the preferred one first."""
    return [mechanism for mechanism in MECHANISMS if mechanism in offered]


def unjudged(reply: Reply) -> bool:
    """Whether the server turned the mechanism down, not the password: 504, or 501 with 5.5.4 (RFC 4954 section 4)."""
    return reply.code == 504 or (reply.code == 501 and reply.enhanced == "5.5.4")


def encode(text: str) -> str:
    """Base64 of the text in UTF-8 (RFC 4616 section 2)."""
    return base64.b64encode(text.encode()).decode()


def plain(username: str, password: str) -> str:
    """PLAIN's one response."""
    return encode(f"\0{username}\0{password}")
