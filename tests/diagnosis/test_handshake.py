"""The TLS of a check: what is looked at where a certificate is refused, and what is trusted by hand."""

import json
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509

from core import cli
from core.diagnosis.examination import Examination
from core.diagnosis.step import EVENTS
from core.smtp import certificate
from tests import nameserver, player
from tests.harbour import LOG_IN, SSL, STARTTLS, WORKS, Authority, Harbour, context


class Way(NamedTuple):
    """A port that encrypts at once, or when it is asked to."""

    port: int
    encryption: str
    script: str


WAYS = pytest.mark.parametrize("way", [Way(465, "ssl", SSL), Way(587, "starttls", STARTTLS)], ids=["ssl", "starttls"])
ALONE = {"scouts": "never"}
SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "colons and capitals": lambda plain: ":".join(plain[at : at + 2] for at in range(0, 64, 2)).upper(),
    "as OpenSSL": lambda plain: "sha256 Fingerprint=" + ":".join(plain[at : at + 2] for at in range(0, 64, 2)).upper(),
    "as Mailgauge": lambda plain: f"SHA-256: {plain}",
}


@pytest.fixture
def stranger() -> Authority:
    """Somebody whom no client trusts."""
    return Authority("Somebody")


def known_by(issued: tuple[bytes, object]) -> str:
    """The fingerprint of a certificate that was issued."""
    return certificate.fingerprint(issued[0])


@WAYS
class TestARefusedCertificate:
    """A second handshake shows what it is; nothing is said there."""

    def test_nothing_is_said_after_the_second_handshake(self, harbour: Harbour, stranger: Authority, way: Way) -> None:
        heard = harbour.open(way.port, way.script + LOG_IN + WORKS, tls=stranger.tls(harbour.address))

        harbour.examine(port=way.port, encryption=way.encryption, terms=ALONE)

        once = ["EHLO", "STARTTLS"] if way.encryption == "starttls" else []
        assert [line.split()[0] for line in heard] == once * 2

    def test_the_chain_is_told(self, harbour: Harbour, stranger: Authority, way: Way) -> None:
        issued = stranger.issue(harbour.address, "mail.shop.example")
        harbour.open(way.port, way.script, tls=context(*issued, stranger.own))

        seen = harbour.examine(port=way.port, encryption=way.encryption, terms=ALONE)

        chain = [(one["subject"], one["issuer"], one["fingerprint"]) for one in seen.result["tls"]["chain"]]
        assert chain == [
            (harbour.address, "Somebody", known_by(issued)),
            ("Somebody", "Somebody", certificate.fingerprint(stranger.own)),
        ]

    def test_names_and_dates_are_told(self, harbour: Harbour, stranger: Authority, way: Way) -> None:
        issued = stranger.issue(harbour.address, "mail.shop.example")
        harbour.open(way.port, way.script, tls=context(*issued))

        tls = harbour.examine(port=way.port, encryption=way.encryption, terms=ALONE).result["tls"]

        (own,) = certificate.chain([issued[0]])
        assert sorted(tls["names"]) == sorted(["mail.shop.example", harbour.address])
        assert tls["not_after"] == own.not_after
        assert tls["chain"][0]["not_before"] == own.not_before

    @pytest.mark.parametrize(
        ("kind", "problem"),
        [
            ("a stranger's", "cert_untrusted"),
            ("a stranger's, with the stranger", "cert_self_signed"),
            ("another name", "cert_hostname"),
            ("too old", "cert_expired"),
        ],
    )
    def test_the_problem_is_named(
        self, harbour: Harbour, stranger: Authority, way: Way, kind: str, problem: str
    ) -> None:
        kinds = {
            "a stranger's": lambda: context(*stranger.issue(harbour.address)),
            "a stranger's, with the stranger": lambda: stranger.tls(harbour.address),
            "another name": lambda: harbour.authority.tls("mail.other.example"),
            "too old": lambda: harbour.authority.tls(harbour.address, days=-1),
        }
        harbour.open(way.port, way.script, tls=kinds[kind]())

        tls = harbour.examine(port=way.port, encryption=way.encryption, terms=ALONE).result["tls"]

        assert (tls["verified"], tls["problem"]) == (False, problem)


def test_a_refusal_outlives_a_second_look_for_which_no_time_is_left(harbour: Harbour, stranger: Authority) -> None:
    harbour.open(465, f"! pause 2\n{SSL}", tls=stranger.tls(harbour.address))

    seen = harbour.examine(port=465, encryption="ssl", terms=ALONE | {"connect": 9, "stage": 9, "whole": 3})

    assert seen.verdict.cause == "tls.cert_self_signed"


def test_encryption_is_asked_for_once_it_is_known_whom_to_trust(harbour: Harbour) -> None:
    heard = harbour.open(587, STARTTLS + LOG_IN)

    seen = harbour.examine(port=587, encryption="starttls", terms=ALONE | {"ca_file": "/nowhere"})

    assert (seen.steps[-1].event, [line.split()[0] for line in heard]) == ("ca_file", ["EHLO"])


@WAYS
def test_a_good_certificate_is_told_as_well(harbour: Harbour, way: Way) -> None:
    harbour.open(way.port, way.script + LOG_IN + WORKS)

    tls = harbour.examine(port=way.port, encryption=way.encryption).result["tls"]

    assert (tls["verified"], tls["problem"], tls["issuer"]) == (True, None, "Harbour authority")


class TestSomebodyInBetween:
    """A certificate that was put in on the way is no fault of the server's."""

    @pytest.mark.parametrize(
        "issuer", ["Avast Web/Mail Shield Root", "Kaspersky Anti-Virus Personal Root Certificate", "ESET SSL Filter CA"]
    )
    @pytest.mark.parametrize("shown", ["alone", "with its root"])
    def test_an_antivirus_program_is_recognised(self, harbour: Harbour, issuer: str, shown: str) -> None:
        antivirus = Authority(issuer)
        issued = antivirus.issue(harbour.address)
        harbour.open(465, SSL, tls=context(*issued, *([antivirus.own] if shown != "alone" else [])))

        seen = harbour.examine(port=465, encryption="ssl", terms=ALONE)

        assert seen.verdict.cause == "tls.intercepted"

    @pytest.mark.parametrize("host", ["smtp.gmail.com", "smtp.googlemail.com", "smtp.office365.com"])
    def test_a_provider_that_everybody_knows_has_good_certificates(
        self, harbour: Harbour, stranger: Authority, host: str
    ) -> None:
        seen = self.examine(harbour, host, context(*stranger.issue(host)))

        assert seen.verdict.cause == "tls.intercepted"

    @pytest.mark.parametrize("host", ["smtp.gmail.com", "smtp.googlemail.com", "smtp.office365.com"])
    def test_a_provider_that_everybody_knows_goes_by_its_own_name(self, harbour: Harbour, host: str) -> None:
        seen = self.examine(harbour, host, harbour.authority.tls("server.host.example"))

        assert seen.verdict.cause == "connect.redirected_by_host"

    @pytest.mark.parametrize("named", ["smtp.gmail.com", "server.host.example"])
    def test_no_other_port_and_no_other_name_is_offered(
        self, harbour: Harbour, stranger: Authority, named: str
    ) -> None:
        harbour.open(587, STARTTLS + LOG_IN, tls=harbour.authority.tls("smtp.gmail.com"))

        seen = self.examine(harbour, "smtp.gmail.com", context(*stranger.issue(named)), scouts="auto")

        assert seen.result["offers"] == []

    def examine(self, harbour: Harbour, host: str, tls: ssl.SSLContext, *, scouts: str = "never") -> Examination:
        harbour.open(465, SSL, tls=tls)
        with nameserver.serve({host: harbour.address}) as names:
            terms = {"nameservers": (names,), "scouts": scouts}
            return harbour.examine(host=host, port=465, encryption="ssl", terms=terms)


@WAYS
class TestACertificateTrustedByHand:
    """A person knows the fingerprint."""

    def test_the_rest_of_the_check_runs(self, harbour: Harbour, stranger: Authority, way: Way) -> None:
        issued = stranger.issue("other.example", days=-1)
        harbour.open(way.port, way.script + LOG_IN + WORKS, tls=context(*issued))

        seen = harbour.examine(port=way.port, encryption=way.encryption, trust=known_by(issued), terms=ALONE)

        assert seen.verdict.state == "works_dry"

    def test_it_is_noted(self, harbour: Harbour, stranger: Authority, way: Way) -> None:
        issued = stranger.issue("other.example")
        harbour.open(way.port, way.script + LOG_IN + WORKS, tls=context(*issued))

        seen = harbour.examine(port=way.port, encryption=way.encryption, trust=known_by(issued), terms=ALONE)

        assert "note.certificate_trusted_by_hand" in [note["note"] for note in seen.result["notes"]]
        assert (seen.result["tls"]["verified"], seen.result["tls"]["problem"]) == (False, "trusted_by_hand")

    def test_another_certificate_ends_it_before_the_password(
        self, harbour: Harbour, stranger: Authority, way: Way
    ) -> None:
        heard = harbour.open(way.port, way.script + LOG_IN + WORKS, tls=stranger.tls(harbour.address))

        seen = harbour.examine(port=way.port, encryption=way.encryption, trust="ab" * 32, terms=ALONE)

        assert seen.verdict.cause == "tls.cert_changed"
        assert [line for line in heard if line.startswith("AUTH")] == []

    def test_another_certificate_is_not_told_as_trusted(self, harbour: Harbour, stranger: Authority, way: Way) -> None:
        harbour.open(way.port, way.script + LOG_IN, tls=stranger.tls(harbour.address))

        seen = harbour.examine(port=way.port, encryption=way.encryption, trust="ab" * 32, terms=ALONE)

        assert seen.result["tls"]["problem"] == "cert_changed"
        assert seen.result["tls"]["problem"] in EVENTS

    def test_the_authority_of_a_trusted_certificate_is_not_trusted(
        self, harbour: Harbour, stranger: Authority, way: Way
    ) -> None:
        harbour.open(way.port, way.script + LOG_IN, tls=stranger.tls(harbour.address))

        seen = harbour.examine(
            port=way.port, encryption=way.encryption, trust=certificate.fingerprint(stranger.own), terms=ALONE
        )

        assert seen.verdict.cause == "tls.cert_changed"


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_fingerprint_on_the_command_line_may_be_spelled_as_programs_do(
    spelling: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "dialogue.txt"
    script.write_text("! tls self-signed\nS: 554 5.7.1 No service\n")
    with player.play(script) as server:
        host, port = server.form["host"], server.form["port"]
        trust = SPELLINGS[spelling](shown_at(host, int(port)))
        order = ["check", "--json", "--no-scouts", "--no-send", "--host", host, "--port", port, "--encryption", "ssl"]
        cli.main([*order, "--from", "a@shop.example", "--to", "b@shop.example", "--trust-fingerprint", trust])

    document = json.loads(capsys.readouterr().out)
    assert [step["ok"] for step in document["steps"] if step["stage"] == "tls"] == [True]


@pytest.mark.parametrize("wrong", ["", "ab" * 31, "ab" * 33, "xy" * 32, "SHA-1: " + "ab" * 32])
def test_what_is_no_fingerprint_is_refused(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["check", "--trust-fingerprint", wrong])

    assert ended.value.code == 2
    assert "64 hexadecimal digits" in capsys.readouterr().err


def shown_at(host: str, port: int) -> str:
    """The fingerprint of the certificate that a port shows."""
    blind = ssl._create_unverified_context()  # noqa: S323  # the server is ours, and its certificate the question
    with socket.create_connection((host, port)) as connection, blind.wrap_socket(connection) as wrapped:
        return certificate.fingerprint(wrapped.getpeercert(binary_form=True) or b"")


class TestAHostileCertificate:
    """It is shown as far as it can be read, and ends no check."""

    def examine(self, harbour: Harbour, tls: ssl.SSLContext) -> Examination:
        harbour.open(465, SSL, tls=tls)
        return harbour.examine(port=465, encryption="ssl", terms=ALONE)

    def test_an_extension_twice(self, harbour: Harbour, stranger: Authority) -> None:
        leaf, key = stranger.issue("mail.shop.example", extend=_twice)
        leaf = leaf.replace(b"\x2a\x03\x05", b"\x2a\x03\x04")

        seen = self.examine(harbour, context(leaf, key))

        assert [one["fingerprint"] for one in seen.result["tls"]["chain"]] == [certificate.fingerprint(leaf)]
        assert seen.verdict.stage == "tls"

    def test_no_names(self, harbour: Harbour, stranger: Authority) -> None:
        seen = self.examine(harbour, stranger.tls(subject="Nobody"))

        assert seen.result["tls"]["names"] == []

    def test_thousands_of_names(self, harbour: Harbour) -> None:
        seen = self.examine(harbour, harbour.authority.tls(*(f"m{number}.example" for number in range(4_000))))

        assert seen.verdict.cause == "tls.cert_hostname_mismatch"
        assert len(str(seen.result)) < 20_000

    def test_a_subject_that_a_terminal_would_obey(self, harbour: Harbour) -> None:
        authority = Authority("An\x1b[2Jauthority")

        seen = self.examine(harbour, authority.tls("mail.shop.example", subject="A\x1b]0;shop\x07"))

        assert "\x1b" not in str(seen.verdict.evidence) + json.dumps(seen.result, ensure_ascii=False)
        assert "\\x1b" in (seen.steps[-1].detail or "")


def _twice(made: x509.CertificateBuilder) -> x509.CertificateBuilder:
    for name in ("1.2.3.4", "1.2.3.5"):
        value = x509.UnrecognizedExtension(x509.ObjectIdentifier(name), b"\x05\x00")
        made = made.add_extension(value, critical=False)
    return made


class TestWhatAWorkingCertificateIsNotedFor:
    """Nothing fails yet."""

    def noted(self, harbour: Harbour, **certificate_: object) -> list[str]:
        tls = harbour.authority.tls(harbour.address, **certificate_)
        harbour.open(465, SSL + LOG_IN + WORKS, tls=tls)
        seen = harbour.examine(port=465, encryption="ssl", terms=ALONE)
        return [note["note"] for note in seen.result["notes"]]

    def test_one_in_order_is_worth_no_note(self, harbour: Harbour) -> None:
        assert self.noted(harbour) == []

    def test_its_end(self, harbour: Harbour) -> None:
        assert self.noted(harbour, days=21) == ["note.certificate_ends"]

    def test_that_newer_programs_refuse_it(self, harbour: Harbour) -> None:
        assert self.noted(harbour, identified=False) == ["note.strict_x509"]


def test_a_listener_that_is_silent_about_tls_is_spoken_to_once_more_without_a_word(harbour: Harbour) -> None:
    heard = harbour.open(587, f"{SSL}{LOG_IN}")

    seen = harbour.examine(port=587, encryption="starttls", terms=ALONE | {"stage": 0.5})

    assert (seen.verdict.cause, heard) == ("tls.plain_on_implicit_port", [])
