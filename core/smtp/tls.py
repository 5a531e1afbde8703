"""TLS as our client speaks it: the same on every Python, and what it found."""

from __future__ import annotations

import ssl
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import certifi


@dataclass(frozen=True, slots=True)
class Session:
    """An encrypted connection: version, cipher, and the server's verified certificate."""

    version: str
    cipher: str
    subject: str
    issuer: str
    names: tuple[str, ...]
    not_after: str

    def document(self) -> dict[str, object]:
        """The session as plain values for JSON."""
        return asdict(self) | {"names": list(self.names)}


def context(ca_file: str | None = None) -> ssl.SSLContext:
    """A client's context: the system's and Mozilla's authorities and `ca_file`, host name checked, no strict X.509.

    Python 3.13 refuses what RFC 5280 forbids but mail servers still use; a check must not depend on the Python.
    """
    made = ssl.create_default_context()
    made.verify_flags &= ~ssl.VERIFY_X509_STRICT
    made.load_verify_locations(certifi.where())
    if ca_file:
        made.load_verify_locations(ca_file)
    return made


def blind() -> ssl.SSLContext:
    """A context that verifies nothing: only to learn whether a port speaks TLS, never to send anything."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    return made


def session(connection: ssl.SSLObject) -> Session:
    """What the handshake agreed on."""
    certificate: dict[str, Any] = dict(connection.getpeercert() or {})
    cipher = connection.cipher()
    return Session(
        version=connection.version() or "",
        cipher=cipher[0] if cipher else "",
        subject=_name(certificate.get("subject", ())),
        issuer=_name(certificate.get("issuer", ())),
        names=tuple(value for _, value in certificate.get("subjectAltName", ())),
        not_after=_date(certificate.get("notAfter")),
    )


def _name(parts: Any) -> str:
    """The common name of a subject or issuer, else its organisation."""
    values = {key: value for part in parts for key, value in part}
    return str(values.get("commonName") or values.get("organizationName") or "")


def _date(text: str | None) -> str:
    """A certificate's time as ISO 8601 in UTC."""
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC).isoformat() if text else ""
