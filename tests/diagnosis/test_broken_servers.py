"""A real Postfix with a real Dovecot, broken on purpose in many ways: a check names each of them."""

import contextlib
import os
import signal
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from core.diagnosis.examination import Examination
from core.diagnosis.step import Step
from core.diagnosis.terms import Terms
from tests import forgetful, mailserver, nameserver
from tests.mailserver import MailServer, Service

pytestmark = pytest.mark.needs("postfix", "dovecot")

WRONG = "a short way to nowhere"
ELSEWHERE = "someone@elsewhere.test"
OPEN = {"encryption": "none"}  # a client that does not encrypt
NOBODY = {"username": "", "password": ""}  # a client that does not log in
ZONE = {"1.0.0.127.list.test": {"A": ["127.0.0.2"], "TXT": ['"listed, see https://list.test/127.0.0.1"']}}


@dataclass(frozen=True)
class Case:
    """A way to be broken: the cause to be named, Postfix's settings, and what the form says in place of what is right.

    `before` is how many checks go before, `held` whether another client holds a connection meanwhile.
    """

    cause: str | None
    settings: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    chroot: bool = False
    most: int | None = None
    before: int = 0
    held: bool = False
    patience: float = 10

    @property
    def service(self) -> Service:
        """Postfix's side of it."""
        return Service(self.settings, chroot=self.chroot, most=self.most)


def certified(name: str) -> dict[str, str]:
    """The setting for one of the certificates of `certify`."""
    return {"smtpd_tls_chain_files": f"$config_directory/{name}.pem"}


def ciphers(names: str) -> dict[str, str]:
    """The settings for these ciphers and no other."""
    return {"smtpd_tls_ciphers": "high", "tls_high_cipherlist": names}


def answering(action: str, key: str = "owner@shop.test") -> str:
    """A table with one entry."""
    return f"inline:{{ {{ {key} = {action} }} }}"


IMPLICIT = {"smtpd_tls_wrappermode": "yes"}
REFUSES_STRANGERS = {"smtpd_relay_restrictions": "permit_sasl_authenticated, reject_unauth_destination"}
OWNED = {"smtpd_sender_login_maps": "inline:{ { other@shop.test = other } { owner@shop.test = owner@shop.test } }"}

CASES = {
    # nothing is broken
    "good": Case(None),
    "good, SSL": Case(None, IMPLICIT, {"encryption": "ssl"}),
    "good, neither encrypted nor logged in": Case(None, REFUSES_STRANGERS, OPEN | NOBODY),
    # ports and encryption
    "STARTTLS is a must": Case("tls.required", {"smtpd_tls_security_level": "encrypt"}, OPEN | NOBODY),
    "STARTTLS is a must, with a log-in": Case("tls.required", {"smtpd_tls_security_level": "encrypt"}, OPEN),
    "a log-in only over TLS": Case("tls.required", {}, OPEN),
    "no STARTTLS": Case("tls.starttls_not_offered", {"smtpd_tls_security_level": "none"}),
    "SSL on the STARTTLS port": Case("tls.implicit_on_starttls_port", {}, {"encryption": "ssl"}),
    "plain on the SSL port": Case("tls.plain_on_implicit_port", IMPLICIT, OPEN, patience=1),
    "STARTTLS on the SSL port": Case("tls.plain_on_implicit_port", IMPLICIT, patience=1),
    "TLS 1.1 at most": Case(
        "tls.protocol_too_old",
        {"smtpd_tls_protocols": "!TLSv1.2, !TLSv1.3"} | ciphers("DEFAULT:@SECLEVEL=0"),
    ),
    "no cipher in common": Case("tls.handshake_failed", {"smtpd_tls_protocols": "!TLSv1.3"} | ciphers("AES128-SHA")),
    "its certificate is missing": Case("tls.handshake_failed", certified("missing")),
    "its TLS settings are broken": Case("server.temporary", {"smtpd_tls_protocols": "TLS"}),
    # certificates
    "expired": Case("tls.cert_expired", certified("expired")),
    "expired, SSL": Case("tls.cert_expired", IMPLICIT | certified("expired"), {"encryption": "ssl"}),
    "self-signed": Case("tls.cert_self_signed", certified("self-signed")),
    "signed by a stranger": Case("tls.cert_untrusted", certified("untrusted")),
    "another host's": Case("tls.cert_hostname_mismatch", certified("wrong-name")),
    # log-in
    "wrong password": Case("auth.bad_credentials", {}, {"password": WRONG}),
    "nobody's name": Case("auth.bad_credentials", {}, {"username": "nobody@shop.test"}),
    "log-in switched off": Case("auth.not_offered", {"smtpd_sasl_auth_enable": "no"}),
    "too many log-ins": Case("auth.too_many_attempts", {"smtpd_client_auth_rate_limit": "1"}, before=1),
    "the log-in service was never there": Case("session.dropped", {"smtpd_sasl_path": "private/missing"}),
    "log-in is a must": Case(
        "auth.required",
        OWNED | {"smtpd_sender_restrictions": "reject_sender_login_mismatch"},
        NOBODY,
    ),
    "log-in is a must for every recipient": Case("auth.required", {}, NOBODY),
    "log-in is a must for every client": Case(
        "auth.required", {"smtpd_client_restrictions": "permit_sasl_authenticated, reject"}, NOBODY
    ),
    # sender
    "another's address": Case(
        "sender.not_owned",
        OWNED | {"smtpd_sender_restrictions": "reject_sender_login_mismatch"},
        {"from_address": "other@shop.test"},
    ),
    "an address that is not allowed": Case(
        "sender.not_owned",
        {"smtpd_sender_restrictions": "check_sender_access " + answering("REJECT")},
    ),
    "the sender's domain is unknown": Case(
        "sender.domain_invalid",
        {"smtpd_sender_restrictions": "reject_unknown_sender_domain"},
        {"from_address": "owner@nowhere.test"},
        chroot=True,
    ),
    # recipient
    "unknown recipient": Case("recipient.unknown", {}, {"to": "nobody@shop.test"}),
    "relay denied": Case("recipient.relay_denied", REFUSES_STRANGERS, NOBODY | {"to": ELSEWHERE}),
    "greylisted": Case(
        "recipient.greylisted",
        {
            "smtpd_recipient_restrictions": "check_recipient_access "
            + answering("DEFER_IF_PERMIT Greylisted, try later")
        },
    ),
    "greylisted for five minutes": Case(
        "recipient.greylisted",
        {"smtpd_recipient_restrictions": "check_recipient_access " + answering("450 4.2.0 Greylisted, see RFC 6647")},
    ),
    "mailbox full": Case(
        "recipient.mailbox_full",
        {"smtpd_recipient_restrictions": "check_recipient_access " + answering("552 5.2.2 Mailbox is full")},
    ),
    "mailbox full for now": Case(
        "recipient.mailbox_full",
        {"smtpd_recipient_restrictions": "check_recipient_access " + answering("452 4.2.2 Mailbox is full")},
    ),
    "mailbox switched off": Case(
        "recipient.disabled",
        {"smtpd_recipient_restrictions": "check_recipient_access " + answering("550 5.2.1 Mailbox disabled")},
    ),
    "the recipient's domain is unknown": Case(
        "recipient.domain_not_found",
        {"smtpd_recipient_restrictions": "reject_unknown_recipient_domain"},
        {"to": ELSEWHERE},
        chroot=True,
    ),
    "a recipient that is not allowed": Case(
        "recipient.restricted",
        {"smtpd_recipient_restrictions": "check_recipient_access " + answering("REJECT")},
    ),
    # message
    "too large, as announced": Case("message.too_large", {"message_size_limit": "400"}),
    "too large, not announced": Case(
        "message.too_large", {"message_size_limit": "400", "smtpd_discard_ehlo_keywords": "size"}
    ),
    "a filter refuses": Case("message.rejected_as_spam", {"smtpd_milters": "unix:private/milter"}),
    "letters that it cannot take": Case(
        "message.needs_smtputf8", {"smtputf8_enable": "no"}, {"from_address": "bình@shop.test"}
    ),
    # how much, and from where
    "too many messages": Case("quota.rate_limit", {"smtpd_client_message_rate_limit": "1"}, before=1),
    "too many recipients": Case("quota.rate_limit", {"smtpd_client_recipient_rate_limit": "1"}, before=1),
    "too many connections": Case("server.busy", {"smtpd_client_connection_count_limit": "1"}, held=True),
    "too many connections a minute": Case("server.busy", {"smtpd_client_connection_rate_limit": "1"}, before=1),
    "every server process is busy": Case("greeting.timeout", most=1, held=True, patience=1),
    "blocklisted": Case("ip.blocklisted", {"smtpd_client_restrictions": "reject_rbl_client list.test"}, chroot=True),
    "no name for the address": Case("ip.no_ptr", {"smtpd_client_restrictions": "reject_unknown_client_hostname"}),
    "a greeting that is not allowed": Case("client.helo_invalid", {"smtpd_helo_restrictions": "reject"}),
    # the server's own trouble
    "disk full": Case("server.temporary", {"queue_minfree": "9000000000000000"}),
    "the filter is missing": Case("server.temporary", {"smtpd_milters": "unix:private/missing"}),
    "a policy service is missing": Case(
        "server.temporary", {"smtpd_recipient_restrictions": "check_policy_service unix:private/missing"}
    ),
    "a table is missing": Case(
        "server.temporary", {"smtpd_recipient_restrictions": "check_recipient_access texthash:/missing"}
    ),
    "everything later": Case("server.temporary", {"smtpd_recipient_restrictions": "defer"}),
}


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    """One Postfix with a port for each case, and what stands around it."""
    services = {name: case.service for name, case in CASES.items()}
    services["log-in stops"] = Service({"smtpd_sasl_path": "private/other"})
    here = f"127.{66 + os.getpid() % 100}.{os.getpid() // 256 % 256}.{os.getpid() % 256}"  # resolv.conf names no port
    with mailserver.running(services=services) as ready:
        (ready.home / "queue/etc/resolv.conf").write_text(f"nameserver {here}\n")
        certify(ready)
        with nameserver.serve(ZONE, at=(here, 53)), milter(ready.home / "queue/private/milter"):
            yield ready


def certify(server: MailServer) -> None:
    """Certificates that are not good, where Postfix's settings name them."""
    authority, stranger, past = trustme.CA.from_pem(*known(server)), trustme.CA(), datetime.now(UTC) - timedelta(days=9)
    made = {
        "expired": authority.issue_cert(server.host, not_before=past - timedelta(days=9), not_after=past),
        "untrusted": stranger.issue_cert(server.host),
        "wrong-name": authority.issue_cert("mail.other.test"),
    }
    for name, one in made.items():
        one.private_key_and_cert_chain_pem.write_to_path(str(server.home / "etc" / f"{name}.pem"))
    itself = stranger.private_key_pem.bytes() + stranger.cert_pem.bytes()
    (server.home / "etc/self-signed.pem").write_bytes(itself)


def known(server: MailServer) -> tuple[bytes, bytes]:
    """The server's own authority."""
    return server.ca_file.read_bytes(), server.ca_key.read_bytes()


@contextlib.contextmanager
def milter(path: Path) -> Iterator[None]:
    """A mail filter, as Rspamd and SpamAssassin are ones, that refuses every message at its end."""
    unasked = 0x37F  # all of SMFIP_NO…: connect, helo, mail, rcpt, body, headers, end of headers, unknown, data

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while head := self.rfile.read(4):
                asked = self.rfile.read(struct.unpack(">I", head)[0])[:1]
                if asked == b"O":
                    self.answer(b"O" + struct.pack(">III", 6, 0, unasked))
                elif asked == b"E":
                    self.answer(b"y554 5.7.1 Spam message rejected\0")

        def answer(self, data: bytes) -> None:
            self.wfile.write(struct.pack(">I", len(data)) + data)

    with socketserver.ThreadingUnixStreamServer(str(path), Handler) as listener:
        path.chmod(0o666)
        threading.Thread(target=listener.serve_forever, args=(0.05,), daemon=True).start()
        yield
        listener.shutdown()


def fields(server: MailServer, name: str, **changed: str) -> dict[str, str]:
    """What a person types for one of the services, but for what is changed."""
    right = {
        "host": server.host,
        "port": str(server.ports[name]),
        "encryption": "starttls",
        "username": server.username,
        "password": server.password,
        "from_address": server.address,
        "to": server.address,
    }
    return right | changed


def terms(server: MailServer, patience: float = 10, scouting: str = "never") -> Terms:
    """The authority is known; nobody waits long."""
    return Terms(min(patience, 5), patience, 20, 10, ca_file=str(server.ca_file), scouts=scouting)


@contextlib.contextmanager
def held(server: MailServer, name: str) -> Iterator[None]:
    """Another client's connection to a service, as long as the block lasts."""
    with socket.create_connection((server.host, server.ports[name]), timeout=10) as connection:
        assert connection.recv(512).startswith(b"220")
        yield


def told(examination: Examination, server: MailServer) -> str:
    """What to read where a cause is named wrongly."""
    return f"{examination.verdict}\n{examination.steps[-1:]}\n{examination.walk.transcript}\n{server.log[-2000:]}"


@pytest.mark.parametrize("name", CASES)
def test_a_broken_server_is_seen_through(server: MailServer, name: str) -> None:
    case = CASES[name]
    form = fields(server, name, **case.form)
    for _ in range(case.before):
        forgetful.examine(form, terms(server))

    with held(server, name) if case.held else contextlib.nullcontext():
        examination = forgetful.examine(form, terms(server, case.patience))

    verdict = "fault" if case.cause else "works"
    assert (examination.verdict.verdict, examination.verdict.cause) == (verdict, case.cause), told(examination, server)
    assert server.password not in str((examination.result, examination.steps))


def test_a_log_in_service_that_goes_away_meanwhile_is_named(server: MailServer) -> None:
    with mailserver.dovecot(server, "other") as dovecot:
        for _ in mailserver.until(20):
            if (server.home / "queue/private/other").is_socket():
                break

        def stop(_: Step | None, following: str | None) -> None:
            if following == "auth":
                for child in Path(f"/proc/{dovecot.pid}/task/{dovecot.pid}/children").read_text().split():
                    os.kill(int(child), signal.SIGKILL)
                dovecot.kill()
                dovecot.wait(10)

        examination = forgetful.examine(fields(server, "log-in stops"), terms(server), watch=stop)

    assert examination.verdict.cause == "auth.temporary", told(examination, server)


def test_a_port_where_nothing_listens_is_named(server: MailServer) -> None:
    form = fields(server, "good") | {"port": str(mailserver.free_port())}

    examination = forgetful.examine(form, terms(server))

    assert examination.verdict.cause == "connect.refused", told(examination, server)


@pytest.mark.parametrize(
    ("name", "encryption"), [("SSL on the STARTTLS port", "starttls"), ("STARTTLS on the SSL port", "ssl")]
)
def test_the_way_that_works_is_offered(server: MailServer, name: str, encryption: str) -> None:
    form = fields(server, name, **CASES[name].form)

    examination = forgetful.examine(form, terms(server, patience=1, scouting="auto"))

    offered = [offer["set"] for offer in examination.result["offers"]]
    assert {"port": server.ports[name], "encryption": encryption} in offered, told(examination, server)
