"""Certificates for servers on loopback, good and broken ones, made anew for each run of the tests."""

import datetime
import ssl
import tempfile
import warnings
from functools import lru_cache
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

NAMES = ("127.0.0.1", "localhost")
LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


@lru_cache
def authority() -> trustme.CA:
    """The authority that clients in the tests trust."""
    return trustme.CA()


@lru_cache
def ca_file() -> str:
    """Its certificate as a file."""
    path = Path(tempfile.mkdtemp(prefix="mailgauge-ca-")) / "ca.pem"
    authority().cert_pem.write_to_path(path)
    return str(path)


@lru_cache
def server(kind: str) -> ssl.SSLContext:
    """A server's context: good, expired, self-signed, untrusted, wrong-name, old-protocol or no-cipher."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if kind == "self-signed":
        _self_sign(context)
        return context
    issued = {
        "expired": lambda: authority().issue_cert(*NAMES, not_after=LONG_AGO),
        "untrusted": lambda: trustme.CA().issue_cert(*NAMES),
        "wrong-name": lambda: authority().issue_cert("mail.other.example"),
    }.get(kind, lambda: authority().issue_cert(*NAMES))()
    issued.configure_cert(context)
    if kind == "old-protocol":
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    if kind == "no-cipher":
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("AES128-SHA")
    return context


def _self_sign(context: ssl.SSLContext) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(_loopback())])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    path = Path(tempfile.mkdtemp(prefix="mailgauge-cert-")) / "self.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    context.load_cert_chain(path)


def _loopback() -> object:
    import ipaddress

    return ipaddress.ip_address("127.0.0.1")
