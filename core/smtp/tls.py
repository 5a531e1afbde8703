"""TLS as our client speaks it: the same on every Python, and what it found."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import certifi

_DER = 2  # the interpreter's own number for it, before Python 3.13


@dataclass(frozen=True, slots=True)
class Session:
    """An encrypted connection: version, cipher, and what the server showed (DER), its own certificate first.

    `event` names why that certificate is not good, None where it was verified.
    """

    version: str
    cipher: str
    shown: tuple[bytes, ...] = ()
    event: str | None = None

    def document(self) -> dict[str, Any]:
        """The session as plain values for JSON."""
        from core.smtp import certificate

        chain = [one.document() for one in certificate.chain(self.shown)]
        leaf = chain[0] if chain else {"subject": "", "issuer": "", "names": [], "not_after": ""}
        return {
            "version": self.version,
            "cipher": self.cipher,
            **{name: leaf[name] for name in ("subject", "issuer", "names", "not_after")},
            "verified": self.event is None,
            "problem": self.event,
            "strict": not certificate.irregular(self.shown),
            "chain": chain,
        }


def context(ca_file: str | None = None) -> ssl.SSLContext:
    """A client's context: the system's and Mozilla's authorities and `ca_file`, host name checked, no strict X.509.

    Python 3.13 refuses what RFC 5280 forbids but mail servers still use; a check must not depend on the Python.
    """
    return _made(ca_file, Path(ca_file).stat().st_mtime_ns if ca_file else 0)


@lru_cache(maxsize=4)
def _made(ca_file: str | None, _stamp: int) -> ssl.SSLContext:
    """Made once: it takes a tenth of a second to read all the authorities."""
    made = ssl.create_default_context()
    made.verify_flags &= ~ssl.VERIFY_X509_STRICT
    made.load_verify_locations(certifi.where())
    if ca_file:
        made.load_verify_locations(ca_file)
    return made


def blind() -> ssl.SSLContext:
    """A context that verifies nothing: to look at what a port shows, or where the certificate itself is known."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    return made


def session(connection: ssl.SSLObject) -> Session:
    """What the handshake agreed on."""
    cipher = connection.cipher()
    return Session(connection.version() or "", cipher[0] if cipher else "", _shown(connection))


def _shown(connection: Any) -> tuple[bytes, ...]:
    """The certificates as the server sent them; `SSLObject` itself has a method for it since Python 3.13."""
    if hasattr(connection, "get_unverified_chain"):
        return tuple(connection.get_unverified_chain() or ())
    return tuple(one.public_bytes(_DER) for one in connection._sslobj.get_unverified_chain() or ())
