"""The real mail server takes mail after a log-in, and nothing else."""

import subprocess

import pytest

from tests import parts
from tests.mailserver import MailServer

pytestmark = pytest.mark.needs("postfix", "dovecot", "swaks")

STARTTLS = "--tls"
SSL = "--tls-on-connect"


def swaks(server: MailServer, encryption: str, *more: str) -> subprocess.CompletedProcess[str]:
    """What swaks said and how it ended; of two equal options it takes the later."""
    port = server.ssl_port if encryption == SSL else server.starttls_port
    order = [parts.program("swaks"), "--server", server.host, "--port", str(port), "--helo", "client.test"]
    order += [encryption, "--tls-verify", "--tls-ca-path", str(server.ca_file), "--timeout", "20"]
    order += ["--from", server.address, "--to", server.address, *more]
    return run(order)


def run(order: list[str]) -> subprocess.CompletedProcess[str]:
    """What a program said and how it ended."""
    return subprocess.run(order, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)


def login(server: MailServer, password: str | None = None) -> list[str]:
    """The options that make swaks log in."""
    return ["--auth", "PLAIN", "--auth-user", server.username, "--auth-password", password or server.password]


@pytest.mark.parametrize("encryption", [STARTTLS, SSL])
def test_a_message_sent_after_a_login_lies_in_the_mailbox(mailserver: MailServer, encryption: str) -> None:
    subject = f"Hóa đơn {encryption}"
    message = ["--header", f"Subject: {subject}", "--add-header", "Content-Type: text/plain; charset=utf-8"]

    talk = swaks(mailserver, encryption, *login(mailserver), *message, "--body", "Xin chào")

    assert talk.returncode == 0, talk.stdout + talk.stderr
    assert "235 2.7.0" in talk.stdout
    assert mailserver.wait_for(subject).get_content().strip() == "Xin chào"


@pytest.mark.parametrize("encryption", [STARTTLS, SSL])
def test_a_wrong_password_gets_535(mailserver: MailServer, encryption: str) -> None:
    talk = swaks(mailserver, encryption, *login(mailserver, "wrong"))

    assert "535 5.7.8" in talk.stdout, talk.stdout + talk.stderr


def test_a_client_without_login_may_not_send(mailserver: MailServer) -> None:
    talk = swaks(mailserver, STARTTLS)

    assert "554 5.7.1" in talk.stdout, talk.stdout + talk.stderr


def test_login_is_not_offered_before_encryption(mailserver: MailServer) -> None:
    order = [parts.program("swaks"), "--server", mailserver.host, "--port", str(mailserver.starttls_port)]

    talk = run([*order, "--quit-after", "EHLO"])

    assert "STARTTLS" in talk.stdout
    assert "AUTH" not in talk.stdout


def test_an_unknown_recipient_is_refused(mailserver: MailServer) -> None:
    talk = swaks(mailserver, STARTTLS, *login(mailserver), "--to", "nobody@shop.test")

    assert "550 5.1.1" in talk.stdout, talk.stdout + talk.stderr


def test_mail_to_the_outside_goes_nowhere(mailserver: MailServer) -> None:
    before = len(mailserver.messages())

    talk = swaks(mailserver, STARTTLS, *login(mailserver), "--to", "someone@elsewhere.test")

    assert talk.returncode == 0, talk.stdout + talk.stderr
    assert len(mailserver.messages()) == before
