"""What can break below SMTP, each with one name, told by one table."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager


class Fault(Exception):
    """The conversation broke: `event` names how, `detail` is the library's or the server's own words."""

    def __init__(self, event: str, detail: str = "") -> None:
        super().__init__(event, detail)
        self.event = event
        self.detail = detail


# getaddrinfo's errors that say "no such name"; every other one is the resolver's (RFC 3493 section 6.1)
NO_SUCH_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}

ERRNO = {
    errno.ECONNREFUSED: "refused",
    errno.ETIMEDOUT: "timed_out",
    errno.ENETUNREACH: "unreachable",
    errno.EHOSTUNREACH: "unreachable",
    errno.ENETDOWN: "unreachable",
    errno.EADDRNOTAVAIL: "unreachable",
    errno.EACCES: "unreachable",
    errno.EPERM: "unreachable",
}

OURS = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)  # what this machine lacks tells nothing of a server

# OpenSSL's reasons, by a part of their name; the first that fits counts
TLS_REASONS = (
    ("WRONG_VERSION_NUMBER", "wrong_version"),
    ("UNKNOWN_PROTOCOL", "wrong_version"),
    ("HTTP_REQUEST", "wrong_version"),
    ("PACKET_LENGTH_TOO_LONG", "wrong_version"),
    ("RECORD_LAYER_FAILURE", "wrong_version"),
    ("UNSUPPORTED_PROTOCOL", "protocol_too_old"),
    ("PROTOCOL_VERSION", "protocol_too_old"),
    ("NO_PROTOCOLS_AVAILABLE", "protocol_too_old"),
    ("KEY_TOO_SMALL", "weak_crypto"),
    ("MD_TOO_WEAK", "weak_crypto"),
)

# X509_V_ERR_*: https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/
VERIFY_CODES = {
    9: "cert_expired",
    10: "cert_expired",
    18: "cert_self_signed",
    19: "cert_self_signed",
    20: "cert_untrusted",
    21: "cert_untrusted",
    62: "cert_hostname",
    64: "cert_hostname",
    66: "weak_crypto",
    67: "weak_crypto",
    68: "weak_crypto",
}


def name(error: BaseException, *, connecting: bool = False) -> str:
    """The event that a library's error stands for."""
    match error:
        case socket.gaierror():
            return "host_not_found" if error.errno in NO_SUCH_NAME else "resolver_failed"
        case UnicodeError():
            return "host_not_found"
        case ssl.SSLCertVerificationError():
            return VERIFY_CODES.get(error.verify_code, "cert_invalid")
        case ssl.SSLError():
            reason = error.reason or ""
            return next((event for part, event in TLS_REASONS if part in reason), "handshake_failed")
        case TimeoutError():
            return "timed_out" if connecting else "silent"
        case OSError() if connecting:
            return ERRNO.get(error.errno or 0, "unreachable")
        case _:
            return "closed"


@contextmanager
def named(*, connecting: bool = False) -> Iterator[None]:
    """Turns errors of sockets and TLS into a Fault; what is a fault of ours stays what it is."""
    try:
        yield
    except (OSError, EOFError, UnicodeError) as error:
        if type(error) is OSError and error.errno in OURS:
            raise
        raise Fault(name(error, connecting=connecting), _words(error)) from error


def _words(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return str(error.verify_message)
    if isinstance(error, ssl.SSLError):
        return error.reason or str(error)
    return getattr(error, "strerror", None) or str(error)
