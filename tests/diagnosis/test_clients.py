"""The customer's program is recognised, and what to change is written as that program spells it."""

import itertools

import pytest

from core.accounts.form import ENCRYPTIONS
from core.diagnosis import clients
from core.diagnosis.clients import Client
from core.diagnosis.rules import fold

every_client = pytest.mark.parametrize("client", clients.catalogue().values(), ids=clients.catalogue())
PAIRS = list(itertools.product(clients.catalogue(), ("none", "starttls", "ssl")))


@every_client
def test_a_client_names_its_documentation(client: Client) -> None:
    assert client.source.startswith("https://")


@every_client
def test_what_a_client_is_recognised_by_is_written_as_it_is_compared(client: Client) -> None:
    words = [*client.recognised, *itertools.chain(*client.spells.values())]

    assert words == [fold(word).replace('"', "'") for word in words]


@pytest.mark.parametrize(("client", "encryption"), PAIRS)
def test_a_client_is_told_host_and_port(client: str, encryption: str) -> None:
    written = clients.lines(client, host="mail.shop.example", port=2525, encryption=encryption)

    assert "mail.shop.example" in written
    assert "2525" in written or (client, encryption) == ("system.net.mail", "ssl")
    assert "<" not in written


@pytest.mark.parametrize(("client", "encryption"), PAIRS)
def test_what_we_tell_a_client_to_write_is_read_back(client: str, encryption: str) -> None:
    known = clients.catalogue()[client]
    written = clients.lines(client, host="mail.shop.example", port=2525, encryption=encryption)

    if known.spells[encryption]:
        assert clients.encryption(fold(written), known) == encryption


@pytest.mark.parametrize(
    ("text", "client"),
    [
        ("at smtpconnection._formaterror (/app/node_modules/nodemailer/lib/", "nodemailer"),
        ("org.springframework.mail.mailsendexception; com.sun.mail.util", "spring"),
        ("production.error: swift_transportexception", "laravel"),
        ("phpmailer\\exception in /wp-content/plugins/wp-mail-smtp", "wordpress"),
        ("net::opentimeout: execution expired", "ruby"),
        ("at com.sun.mail.smtp.smtptransport.openserver(smtptransport.java:1900)", "javamail"),
        ("smtptransport::relay('smtp.shop.example')", "lettre"),
        ("gitlab_rails['smtp_tls'] = true", "ruby"),
        ("hello", None),
    ],
)
def test_a_client_is_recognised(text: str, client: str | None) -> None:
    found = clients.recognise(text)

    assert (found.id if found else None) == client


@pytest.mark.parametrize(
    ("text", "encryption"),
    [
        ('mailkit: client.Connect("smtp.shop.example", 587, true);', "ssl"),
        ("new Swift_SmtpTransport('smtp.shop.example', 465, 'ssl')", "ssl"),
        ("Swift_SmtpTransport::newInstance('smtp.shop.example', 587, 'tls')", "starttls"),
        ("gitlab_rails['smtp_tls'] = true", "ssl"),
        ("gitlab_rails['smtp_enable_starttls_auto'] = true", "starttls"),
    ],
)
def test_the_encryption_of_a_call_is_read(text: str, encryption: str) -> None:
    said = fold(text)

    assert clients.encryption(said, clients.recognise(said)) == encryption


def test_every_encryption_is_spelled() -> None:
    assert {encryption for _, encryption in PAIRS} == set(ENCRYPTIONS)
