"""Slips of the pen are seen in the fields alone; what is right is left alone."""

from collections.abc import Iterator

import pytest

from core.accounts import providers
from core.diagnosis import marks, preflight
from core.diagnosis.preflight import Finding

GMAIL = {"host": "smtp.gmail.com", "username": "shop@gmail.com", "from_address": "shop@gmail.com"}


def changed(field: str, **fields: str) -> list[object]:
    """What a click at a field would set."""
    return [finding.set for finding in preflight.typed_so_far(fields) if finding.field == field]


def about(field: str, **fields: str) -> list[Finding]:
    """What stands out at a field."""
    return [finding for finding in preflight.typed_so_far(fields) if finding.field == field]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("stmp.gmail.com", "smtp.gmail.com"),
        ("smpt.shop.vn", "smtp.shop.vn"),
        ("mial.shop.vn", "mail.shop.vn"),
        ("STMP.Shop.VN", "smtp.shop.vn"),
        ("smtp,gmail.com", "smtp.gmail.com"),
        ("smtp.shop,vn", "smtp.shop.vn"),
        ("smtp..shop.vn", "smtp.shop.vn"),
        ("smtp. shop.vn", "smtp.shop.vn"),
        ("smtp shop vn", "smtp.shop.vn"),
        ("mail.shop.vn;", "mail.shop.vn"),
        ("mail.shop.vn.", "mail.shop.vn"),
        ("mail.shop.vn/", "mail.shop.vn"),
        ("https://mail.shop.vn/webmail?a=1", "mail.shop.vn"),
        ("smtps://smtp.gmail.com", "smtp.gmail.com"),
        ("ssl:smtp.gmail.com", "smtp.gmail.com"),
        ("smtp.gmail.con", "smtp.gmail.com"),
        ("mail.shop.comm", "mail.shop.com"),
        ("mail.shop.ner", "mail.shop.net"),
        ("smtp.gmial.com", "smtp.gmail.com"),
        ("smtp.gmai.com", "smtp.gmail.com"),
        ("smtp.ofice365.com", "smtp.office365.com"),
        ("ｓｍｔｐ．ｓｈｏｐ．ｖｎ", "smtp.shop.vn"),
        ("smtp。shop。vn", "smtp.shop.vn"),
        ("１９２.0.2.７", "192.0.2.7"),
        ("stmp.công-ty.vn", "smtp.công-ty.vn"),
    ],
)
def test_the_host_that_was_meant_is_proposed(typed: str, meant: str) -> None:
    found = changed("host", host=typed)

    assert found == [{"host": meant}]


@pytest.mark.parametrize(
    ("typed", "host", "port"),
    [
        ("smtp.gmail.com:587", "smtp.gmail.com", 587),
        ("ssl://smtp.gmail.com:465", "smtp.gmail.com", 465),
        ("smtp.gmail.com：５８７", "smtp.gmail.com", 587),
        ("192.0.2.7:25", "192.0.2.7", 25),
        ("localhost:1025", "localhost", 1025),
        ("mailhog:1025", "mailhog", 1025),
        ("smtp:587", "smtp", 587),
    ],
)
def test_a_port_behind_the_host_goes_to_its_own_field(typed: str, host: str, port: int) -> None:
    found = changed("host", host=typed)

    assert found == [{"host": host, "port": port}]


@pytest.mark.parametrize("port", ["0", "65536", "99999"])
def test_a_port_that_there_cannot_be_is_not_proposed(port: str) -> None:
    found = changed("host", host=f"mail.shop.vn:{port}")

    assert found == [{"host": "mail.shop.vn"}]


def known_hosts() -> Iterator[str]:
    """Every host that our data knows; one for each family of names."""
    yield from (server.host for provider in providers.catalogue().values() for server in provider.servers)
    for mark in marks.catalogue().values():
        yield from (f"mx1{name}" if name.startswith(".") else name for name in mark.hosts)


@pytest.mark.parametrize("host", sorted(set(known_hosts())))
def test_a_host_that_we_know_is_right(host: str) -> None:
    assert about("host", host=host) == []


@pytest.mark.parametrize(
    "host",
    [
        *("mail.shop.vn", "smtp.shop.vn", "mail.fpt.com.vn", "smtp.vnn.vn", "mail.smt.com", "srv-7.shop.example"),
        *("smtp.zoho.eu", "smtp.zoho.in", "smtppro.zoho.com.au", "smtp.mail.com", "smtp.mailo.com", "smtp.email.com"),
        *("smtp.office.com", "smtp.mail.yahoo.co.uk", "smtp.web.de", "mail.gmx.net", "smtp.ionos.es", "smtp.aol.de"),
        *("email-smtp.eu-west-3.amazonaws.com", "email-smtp.ap-southeast-1.amazonaws.com", "smtp.eu.mailgun.org"),
        *("192.0.2.7", "127.0.0.1", "::1", "[::1]", "2001:db8::7", "fe80::1%eth0"),
        *("localhost", "mail", "smtp", "postfix", "mailhog", "mail_server"),
        *("công-ty.vn", "mail.bücher.example", "mail.bu\u0308cher.example", "почта.рф", "mail.xn--bcher-kva.example"),
        *("SMTP.GMAIL.COM", "  smtp.gmail.com  ", ""),
    ],
)
def test_a_right_host_is_left_alone(host: str) -> None:
    assert about("host", host=host) == []


@pytest.mark.parametrize("host", [":", "://", "...", "@", "smtp@gmail.com", "http://", "a" * 5000, "\x00", "[", ":::"])
def test_what_is_no_host_at_all_is_no_slip(host: str) -> None:
    assert changed("host", host=host) == []


@pytest.mark.parametrize(("typed", "found"), [("５８７", [{"port": 587}]), ("587", []), ("９９９９９", []), ("x", [])])
def test_a_port_in_wide_digits_is_proposed_in_plain_ones(typed: str, found: list[object]) -> None:
    assert changed("port", port=typed) == found


class TestThePassword:
    """What an input method or a copy put into it."""

    @pytest.mark.parametrize(
        ("password", "shown"),
        [
            ("mậtkhẩu", "ậ (latin small letter a with circumflex and dot below)"),
            ("ma\u0302t", "â (latin small letter a with circumflex)"),
            ("pass\u00a0word", "\u00a0 (no-break space)"),
            ("pass。word", "。 (ideographic full stop)"),
        ],
    )
    def test_a_letter_that_an_input_method_made_is_shown(self, password: str, shown: str) -> None:
        (found,) = about("password", password=password)

        assert (found.sentence, found.values) == (preflight.ACCENTED, {"letter": shown})

    @pytest.mark.parametrize("password", ["", "correct horse battery staple", "P@ss-w0rd!", "abcdefghijklmnop"])
    def test_plain_letters_are_left_alone(self, password: str) -> None:
        assert about("password", password=password, **GMAIL) == []

    @pytest.mark.parametrize("blank", [" ", "  ", "\u00a0"])
    def test_the_blanks_of_an_app_password_can_be_left_out(self, blank: str) -> None:
        found = about("password", password=blank.join(("abcd", "efgh", "ijkl", "mnop")), **GMAIL)

        assert [(one.sentence, one.set) for one in found] == [(preflight.SPACED, {"password": "abcdefghijklmnop"})]

    def test_elsewhere_four_short_words_are_a_password(self) -> None:
        found = about("password", password="abcd efgh ijkl mnop", host="mail.shop.vn", username="shop@shop.vn")

        assert found == []

    def test_a_provider_without_passwords_says_so(self) -> None:
        (found,) = about("password", host="smtp-mail.outlook.com", username="shop@outlook.com")

        assert found.sentence == preflight.NO_PASSWORD


class TestTheSender:
    """A mailbox sends as itself."""

    def test_another_from_is_told(self) -> None:
        assert changed("from_address", **GMAIL | {"from_address": "shop@shop.vn"}) == [
            {"from_address": "shop@gmail.com"}
        ]

    @pytest.mark.parametrize("sender", ["", "shop@gmail.com", "Shop@Gmail.com"])
    def test_the_same_or_none_is_not(self, sender: str) -> None:
        assert changed("from_address", **GMAIL | {"from_address": sender}) == []

    @pytest.mark.parametrize("host", ["smtp.mail.yahoo.com", "smtp.office365.com", "smtp.hostinger.com"])
    def test_a_mailbox_of_any_log_in_method_is_told(self, host: str) -> None:
        mailbox = {"host": host, "username": "shop@shop.vn", "from_address": "news@shop.vn"}

        assert changed("from_address", **mailbox) == [{"from_address": "shop@shop.vn"}]

    @pytest.mark.parametrize("host", ["mail.smtp2go.com", "smtp.mandrillapp.com", "smtp.dreamhost.com"])
    def test_a_service_that_takes_any_verified_from_is_left_alone(self, host: str) -> None:
        service = {"host": host, "username": "shop@shop.vn", "from_address": "news@other.vn"}

        assert changed("from_address", **service) == []

    def test_a_server_of_ones_own_may_send_as_anybody(self) -> None:
        fields = {"host": "mail.shop.vn", "username": "a@shop.vn", "from_address": "b@shop.vn"}

        assert preflight.typed_so_far(fields) == []


def test_a_port_proposes_its_own_encryption() -> None:
    assert changed("encryption", port="465", encryption="starttls") == [{"encryption": "ssl"}]


@pytest.mark.parametrize(("port", "encryption"), [("465", "ssl"), ("587", "starttls"), ("25", "none"), ("26", "ssl")])
def test_what_goes_together_is_left_alone(port: str, encryption: str) -> None:
    assert changed("encryption", port=port, encryption=encryption) == []
