"""Where a server is: its name, an address, a port."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import unquote, urlsplit


def parse(text: str) -> tuple[str, int]:
    """HOST:PORT, such as 127.0.0.1:2525 or [::1]:0, in its parts. Raises ValueError with a sentence."""
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdigit() and len(port) <= 5) or int(port) > 65535:
        raise ValueError(f"“{text}” is no HOST:PORT, such as 127.0.0.1:2525")
    return host.strip("[]"), int(port)


def is_address(host: str) -> bool:
    """Whether a host is an IP address, not a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def to_ascii(name: str) -> str | None:
    """A host or domain name as DNS knows it, None for one that DNS cannot know (RFC 5890)."""
    try:
        return name.encode("idna").decode()
    except UnicodeError:
        return None


SCHEMES = {"smtps": ("ssl", 465), "smtp+starttls": ("starttls", 587), "smtp": ("none", 25)}


def server(address: str) -> dict[str, Any]:
    """Host, port, encryption, username and password of smtps://user:password@host:465 and its like.

    Raises ValueError with a sentence that does not repeat the address: it may hold a password.
    """
    try:
        url = urlsplit(address)
        encryption, usual = SCHEMES[url.scheme]
        port = url.port or usual
    except (ValueError, KeyError) as error:
        raise ValueError("write smtps://user:password@host:465, smtp+starttls://...:587 or smtp://...:25") from error
    if not url.hostname:
        raise ValueError("the host is missing, as in smtps://user:password@host:465")
    log_in = {"username": unquote(url.username or ""), "password": unquote(url.password or "")}
    return {"host": url.hostname, "port": port, "encryption": encryption} | log_in
