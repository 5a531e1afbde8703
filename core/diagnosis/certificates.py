"""Certificates for the servers of a drill, good and broken ones, made anew for each drill."""

from __future__ import annotations

import ipaddress
import ssl
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from core.smtp.endpoint import is_address

HERE = ("localhost", "127.0.0.1", "::1")
DAYS = timedelta(days=30)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Signer:
    """Who vouches for a certificate."""

    name: x509.Name
    key: Key

    def pem(self) -> bytes:
        """Its own certificate, for a client that trusts it."""
        return _signed(self, self, made_out=_authority).public_bytes(Encoding.PEM)


@dataclass(frozen=True, slots=True)
class Kind:
    """How a server differs from a good one: who signed, for which names, until when, and its TLS."""

    signed_by: str = "authority"
    names: tuple[str, ...] = HERE
    expired: bool = False
    tls: Callable[[ssl.SSLContext], None] = lambda _: None


def _old(context: ssl.SSLContext) -> None:
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # that they are old is the point
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1


def _unshared(context: ssl.SSLContext) -> None:
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES128-SHA")  # for keys of RSA only, and ours is none


KINDS = {
    "good": Kind(),
    "expired": Kind(expired=True),
    "self-signed": Kind(signed_by="itself"),
    "untrusted": Kind(signed_by="stranger"),
    "wrong-name": Kind(names=("mail.other.example",)),
    "old-protocol": Kind(tls=_old),
    "no-cipher": Kind(tls=_unshared),
}


def signer(name: str = "Mailgauge drill") -> Signer:
    """An authority, or anybody else who signs."""
    return Signer(_named(name), ec.generate_private_key(ec.SECP256R1()))


def server(kind: str, authority: Signer) -> ssl.SSLContext:
    """The TLS of a server of one of KINDS, whose clients trust this authority. Raises KeyError for another kind."""
    wanted = KINDS[kind]
    owner = signer(wanted.names[0])
    vouching = {"authority": authority, "itself": owner, "stranger": signer("Mailgauge drill, unknown")}
    certificate = _signed(owner, vouching[wanted.signed_by], made_out=lambda made: _host(made, wanted))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secret = owner.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with tempfile.TemporaryDirectory(prefix="mailgauge-") as directory:  # Python reads keys from files only
        file = Path(directory) / "server.pem"
        file.write_bytes(secret + certificate.public_bytes(Encoding.PEM))
        context.load_cert_chain(file)
    wanted.tls(context)
    return context


Builder = x509.CertificateBuilder


def _signed(owner: Signer, by: Signer, *, made_out: Callable[[Builder], Builder]) -> x509.Certificate:
    """A certificate with the extensions that every one needs (RFC 5280 section 4.2.1)."""
    own, theirs = owner.key.public_key(), by.key.public_key()
    made = x509.CertificateBuilder(by.name, owner.name, own, x509.random_serial_number())
    made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(own), critical=False)
    made = made.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(theirs), critical=False)
    return made_out(made).sign(by.key, SHA256())


def _authority(made: Builder) -> Builder:
    now = datetime.now(UTC)
    made = made.not_valid_before(LONG_AGO - DAYS).not_valid_after(now + DAYS)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    uses = dict.fromkeys(("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"), False)
    uses |= dict.fromkeys(("key_agreement", "encipher_only", "decipher_only"), False)
    return made.add_extension(x509.KeyUsage(key_cert_sign=True, crl_sign=True, **uses), critical=True)


def _host(made: Builder, kind: Kind) -> Builder:
    end = LONG_AGO if kind.expired else datetime.now(UTC) + DAYS
    made = made.not_valid_before(end - 2 * DAYS).not_valid_after(end)
    return made.add_extension(x509.SubjectAlternativeName([_name(name) for name in kind.names]), critical=False)


def _name(name: str) -> x509.GeneralName:
    return x509.IPAddress(ipaddress.ip_address(name)) if is_address(name) else x509.DNSName(name)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
