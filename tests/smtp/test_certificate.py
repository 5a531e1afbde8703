"""A certificate is read as far as it can be; a server may show any bytes."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from core.smtp import certificate, tls
from tests.harbour import Authority
from tests.harbour import certificate as signed

ONE, OTHER = x509.ObjectIdentifier("1.2.3.4"), x509.ObjectIdentifier("1.2.3.5")
VERSION = b"\xa0\x03\x02\x01"


@pytest.fixture(scope="module")
def authority() -> Authority:
    """Who signs."""
    return Authority("Shop authority")


def twice(made: x509.CertificateBuilder) -> x509.CertificateBuilder:
    """Two extensions whose names differ in one byte."""
    made = made.add_extension(x509.UnrecognizedExtension(ONE, b"\x05\x00"), critical=False)
    return made.add_extension(x509.UnrecognizedExtension(OTHER, b"\x05\x00"), critical=False)


def strange(authority: Authority) -> dict[str, bytes]:
    """Certificates that a library refuses, each in its own way."""
    good, _ = authority.issue("mail.shop.example", extend=twice)
    return {
        "nothing": b"",
        "garbage": b"\x00\xff" * 300,
        "a beginning": good[:100],
        "an extension twice": good.replace(b"\x2a\x03\x05", b"\x2a\x03\x04"),
        "a version of the future": good.replace(VERSION + b"\x02", VERSION + b"\x3a", 1),
        "a name of unknown kind": good.replace(b"\x82\x11mail.shop.example", b"\xa3\x11mail.shop.example"),
        "a name that is no ASCII": good.replace(b"\x82\x11mail", b"\x82\x11\xffail"),
        "a name that is no UTF-8": good.replace(b"\x0c\x11mail", b"\x0c\x11\xff\xfe\xfd\xfc"),
        "a subject that is bits": good.replace(b"\x0c\x11mail", b"\x03\x11mail"),
    }


STRANGE = pytest.mark.parametrize("kind", list(strange(Authority())))


class TestBytesThatAreNoCertificate:
    """What an authority would never sign."""

    @STRANGE
    def test_it_is_known_by_its_fingerprint_alone(self, authority: Authority, kind: str) -> None:
        der = strange(authority)[kind]

        found = certificate.chain([der])

        assert [one.fingerprint for one in found] == [certificate.fingerprint(der)]

    @STRANGE
    def test_the_servers_own_stays_the_first(self, authority: Authority, kind: str) -> None:
        der = strange(authority)[kind]

        document = tls.Session("TLSv1.3", "AES", (der, authority.own)).document()

        assert document["chain"][0]["fingerprint"] == certificate.fingerprint(der)
        assert document["subject"] != "Shop authority"

    @STRANGE
    def test_strict_rules_can_be_asked_of_it(self, authority: Authority, kind: str) -> None:
        assert isinstance(certificate.irregular([strange(authority)[kind]]), bool)


class TestWhatItSays:
    """Names and dates, fit to be shown."""

    def test_host_names_and_addresses(self, authority: Authority) -> None:
        der, _ = authority.issue("mail.shop.example", "192.0.2.7", "2001:db8::7")

        (found,) = certificate.chain([der])

        assert found.names == ("mail.shop.example", "192.0.2.7", "2001:db8::7")

    def test_who_owns_it_and_who_signed(self, authority: Authority) -> None:
        der, _ = authority.issue("mail.shop.example", subject="Shop")

        (found,) = certificate.chain([der])

        assert (found.subject, found.issuer, found.key) == ("Shop", "Shop authority", "EC 256")

    def test_dates_have_their_zone(self, authority: Authority) -> None:
        der, _ = authority.issue("mail.shop.example")

        (found,) = certificate.chain([der])

        assert found.not_before[-6:] == found.not_after[-6:] == "+00:00"

    def test_a_certificate_without_names_has_none(self, authority: Authority) -> None:
        der = signed("Shop", ec.generate_private_key(ec.SECP256R1()), by=authority)

        (found,) = certificate.chain([der])

        assert found.names == ()

    def test_of_ten_thousand_names_the_first_are_kept(self, authority: Authority) -> None:
        der, _ = authority.issue(*(f"mail{number}.shop.example" for number in range(10_000)))

        (found,) = certificate.chain([der])

        assert found.names[0] == "mail0.shop.example"
        assert len(found.names) == certificate.MOST_NAMES

    @pytest.mark.parametrize("hidden", ["\x1b[2J", "\x00", "\r\n", "\u202e", "\x9b"])
    def test_what_a_terminal_would_obey_is_written_out(self, hidden: str) -> None:
        authority = Authority(f"An{hidden}authority")
        der, _ = authority.issue("mail.shop.example", subject=f"A{hidden}shop")

        (found,) = certificate.chain([der])

        assert hidden not in found.subject + found.issuer
        assert (found.subject[:3], found.issuer[:4]) == ("A\\x", "An\\x")

    def test_in_host_names_too(self, authority: Authority) -> None:
        der, _ = authority.issue("mail\x1bshop.example")

        (found,) = certificate.chain([der])

        assert found.names == ("mail\\x1bshop.example",)


class TestStrictRules:
    """What Python 3.13 and newer refuse and older ones do not."""

    @pytest.mark.parametrize(("identified", "irregular"), [(True, False), (False, True)])
    def test_a_certificate_says_by_which_key_it_is_signed(
        self, authority: Authority, identified: bool, irregular: bool
    ) -> None:
        der, _ = authority.issue("mail.shop.example", identified=identified)

        assert certificate.irregular([der]) is irregular

    @pytest.mark.parametrize(("critical", "irregular"), [(True, False), (False, True)])
    def test_an_authority_says_so_critically(self, critical: bool, irregular: bool) -> None:
        def authority(made: x509.CertificateBuilder) -> x509.CertificateBuilder:
            own = x509.SubjectKeyIdentifier(b"key")
            made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=critical)
            return made.add_extension(own, critical=False)

        der, _ = Authority().issue("Shop authority", extend=authority)

        assert certificate.irregular([der]) is irregular
