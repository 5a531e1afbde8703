"""Where a server is: its name, an address, a port."""

from __future__ import annotations

import ipaddress


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
