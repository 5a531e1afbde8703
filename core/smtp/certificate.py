"""A server's certificates, read from what it showed: names, issuer, dates, key."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # slow to import, and only needed once a handshake is over
    from cryptography import x509


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate. Dates are ISO 8601 in UTC, `fingerprint` is SHA-256 in hexadecimal digits."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: str
    not_after: str
    fingerprint: str
    key: str

    def document(self) -> dict[str, Any]:
        """The certificate as plain values for JSON."""
        return asdict(self) | {"names": list(self.names)}


def fingerprint(der: bytes) -> str:
    """What a certificate is recognised by: SHA-256 in hexadecimal digits."""
    return hashlib.sha256(der).hexdigest()


def chain(shown: Iterable[bytes]) -> list[Certificate]:
    """What a server showed (DER), its own certificate first; what cannot be read is left out."""
    found = []
    for der in shown:
        try:
            with _readable():
                found.append(_read(der))
        except ValueError:  # a server may show any bytes
            continue
    return found


def irregular(shown: Sequence[bytes]) -> bool:
    """Whether Python 3.13 and newer would refuse the chain by their strict rules, which older ones do not know.

    The commonest of OpenSSL's X509_V_FLAG_X509_STRICT: RFC 5280 sections 4.2.1.1, 4.2.1.2 and 4.2.1.9.
    """
    from cryptography import x509

    try:
        with _readable():
            return any(_breaks_rfc5280(x509.load_der_x509_certificate(der)) for der in shown)
    except ValueError:
        return True


@contextmanager
def _readable() -> Iterator[None]:
    """Turns the library's errors that are none into ValueError: another version, an extension twice, strange names."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    strange = (x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType, UnsupportedAlgorithm)
    try:
        yield
    except strange as error:
        raise ValueError(str(error)) from error


def _breaks_rfc5280(found: x509.Certificate) -> bool:
    from cryptography import x509

    kinds = {extension.oid: extension for extension in found.extensions}
    own = found.issuer == found.subject
    basic = kinds.get(x509.BasicConstraints.oid)
    is_authority = bool(basic and basic.value.ca)
    if not own and x509.AuthorityKeyIdentifier.oid not in kinds:
        return True
    return is_authority and (not (basic and basic.critical) or x509.SubjectKeyIdentifier.oid not in kinds)


def _read(der: bytes) -> Certificate:
    from cryptography import x509

    found = x509.load_der_x509_certificate(der)
    return Certificate(
        subject=_name(found.subject),
        issuer=_name(found.issuer),
        names=_names(found),
        not_before=found.not_valid_before_utc.isoformat(),
        not_after=found.not_valid_after_utc.isoformat(),
        fingerprint=fingerprint(der),
        key=_key(found),
    )


def _name(name: x509.Name) -> str:
    """The common name of a subject or issuer, with its organisation where that says more."""
    from cryptography.x509.oid import NameOID

    parts = [found[0].value for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME) if (found := _of(name, oid))]
    return ", ".join(dict.fromkeys(map(str, parts)))


def _of(name: x509.Name, oid: x509.ObjectIdentifier) -> list[x509.NameAttribute[str | bytes]]:
    return list(name.get_attributes_for_oid(oid))


def _names(found: x509.Certificate) -> tuple[str, ...]:
    """The hosts that it is made out to."""
    from cryptography import x509

    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    addresses = map(str, names.get_values_for_type(x509.IPAddress))
    return (*names.get_values_for_type(x509.DNSName), *addresses)


def _key(found: x509.Certificate) -> str:
    """Kind and size of its key, such as RSA 2048."""
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        key = found.public_key()
    except (UnsupportedAlgorithm, ValueError):
        return ""
    kind = type(key).__name__.lstrip("_").removesuffix("PublicKey")
    return f"{kind} {size}" if (size := getattr(key, "key_size", None)) else kind
