"""Scouts tell what would work where a server's own port fails; they never log in and never send."""

from typing import Any

import pytest

from core.diagnosis import scouts, surroundings
from core.diagnosis.examination import Examination
from tests import nameserver
from tests.harbour import ENVELOPE, HELLO, LOG_IN, SSL, STARTTLS, WORKS, Authority, Harbour

SUBMISSION = STARTTLS + LOG_IN
BARE = f"{HELLO}{LOG_IN}"
CPANEL = """\
S: 220-server.host.example ESMTP Exim
S: 220-We do not authorize the use of this system to transport unsolicited,
S: 220 and/or bulk e-mail.
"""


def scouted(examination: Examination, port: int) -> dict[str, object]:
    """What the scout of a port found."""
    return next(one for one in examination.result["scouts"] if one["port"] == port)


def working(examination: Examination) -> list[tuple[int, str]]:
    """The ways that would work."""
    return [(one["port"], one["encryption"]) for one in examination.result["scouts"] if one["works"]]


class TestARefusedPort:
    """Port 465 is closed, 587 works."""

    @pytest.fixture
    def seen(self, harbour: Harbour) -> Examination:
        harbour.open(587, SUBMISSION)
        return harbour.examine(port=465, encryption="ssl")

    def test_the_port_that_would_work_is_found(self, seen: Examination) -> None:
        assert (seen.verdict.cause, working(seen)) == ("connect.refused", [(587, "starttls")])

    def test_what_it_offers_is_told(self, seen: Examination) -> None:
        found = scouted(seen, 587)

        assert (found["greeting"], found["auth"]) == ("220 mail.shop.example ESMTP", ["PLAIN", "LOGIN"])

    def test_why_the_others_do_not_work_is_told(self, seen: Examination) -> None:
        others = {(one["port"], one["cause"]) for one in seen.result["scouts"] if not one["works"]}

        assert others == {(25, "connect.refused"), (465, "connect.refused"), (2525, "connect.refused")}

    def test_one_click_sets_what_works(self, seen: Examination) -> None:
        assert [offer["set"] for offer in seen.result["offers"]] == [{"port": 587, "encryption": "starttls"}]


def test_a_port_that_never_answers_does_not_hide_the_one_beside_it(harbour: Harbour) -> None:
    harbour.blackhole(465)
    harbour.open(587, SUBMISSION)

    seen = harbour.examine(port=465, encryption="ssl", terms={"connect": 0.6})

    assert (seen.verdict.cause, working(seen)) == ("connect.timeout", [(587, "starttls")])


def clicks(seen: Examination) -> list[Any]:
    """The changes of fields that one click would make."""
    return [offer["set"] for offer in seen.result["offers"] if offer["set"]]


def test_a_dead_host_has_nothing_to_offer(harbour: Harbour) -> None:
    for port in (25, 465, 587, 2525):
        harbour.blackhole(port)

    seen = harbour.examine(port=587, encryption="starttls", terms={"connect": 0.3})

    causes = {one["cause"] for one in seen.result["scouts"]}
    assert (working(seen), causes, clicks(seen)) == ([], {"connect.timeout"}, [])


def test_a_port_of_no_custom_is_tried_with_each_encryption(harbour: Harbour) -> None:
    harbour.open(2526, SSL + LOG_IN)

    seen = harbour.examine(port=2526, encryption="starttls", terms={"stage": 0.3})

    assert working(seen) == [(2526, "ssl")]


class TestAServerWithoutEncryption:
    """Port 587 offers a log-in and no STARTTLS."""

    @pytest.fixture
    def seen(self, harbour: Harbour) -> Examination:
        harbour.open(587, BARE)
        return harbour.examine(port=587, encryption="starttls")

    def test_it_would_work_without(self, seen: Examination) -> None:
        assert (seen.verdict.cause, working(seen)) == ("tls.starttls_not_offered", [(587, "none")])

    def test_nobody_is_led_to_it_by_one_click(self, seen: Examination) -> None:
        assert clicks(seen) == []


@pytest.mark.parametrize(
    ("offer", "cause"),
    [
        ("S: 250 mail.shop.example\n", "auth.not_offered"),
        ("S: 250-mail.shop.example\nS: 250 AUTH XOAUTH2 GSSAPI\n", "auth.mechanism_unsupported"),
    ],
)
def test_a_port_that_takes_no_password_does_not_work(harbour: Harbour, offer: str, cause: str) -> None:
    harbour.open(587, STARTTLS + offer)

    seen = harbour.examine(port=465, encryption="ssl")

    assert (scouted(seen, 587)["works"], scouted(seen, 587)["cause"]) == (False, cause)


def test_who_does_not_log_in_needs_no_log_in(harbour: Harbour) -> None:
    harbour.open(587, f"{STARTTLS}S: 250 mail.shop.example\n")

    seen = harbour.examine(port=465, encryption="ssl", username="", password="")

    assert working(seen) == [(587, "starttls")]


def test_a_certificate_that_nobody_trusts_is_no_way_out(harbour: Harbour) -> None:
    harbour.open(587, SUBMISSION, tls=Authority("Somebody").tls(harbour.address))

    seen = harbour.examine(port=465, encryption="ssl")

    assert (scouted(seen, 587)["works"], scouted(seen, 587)["cause"]) == (False, "tls.cert_self_signed")


class TestManners:
    """What a scout says."""

    def test_nobody_logs_in_and_nobody_sends(self, harbour: Harbour) -> None:
        heard = {25: harbour.open(25, BARE), 587: harbour.open(587, SUBMISSION), 2525: harbour.open(2525, BARE)}

        harbour.examine(port=465, encryption="ssl", terms={"send": True})

        commands = {line.split()[0] for lines in heard.values() for line in lines}
        assert commands == {"EHLO", "STARTTLS"}

    def test_nobody_knows_the_password(self, harbour: Harbour, monkeypatch: pytest.MonkeyPatch) -> None:
        asked = []
        walk = scouts.Walk
        monkeypatch.setattr(scouts, "Walk", lambda form, *rest: asked.append(form) or walk(form, *rest))

        harbour.examine(port=465, encryption="ssl")

        assert [form.password.reveal() for form in asked] == [""] * 4

    def test_where_they_are_switched_off_no_other_port_hears_anything(self, harbour: Harbour) -> None:
        heard = harbour.open(587, SUBMISSION)

        seen = harbour.examine(port=465, encryption="ssl", terms={"scouts": "never"})

        assert (heard, seen.result["scouts"]) == ([], [])

    def test_a_server_that_works_hears_one_conversation(self, harbour: Harbour) -> None:
        heard = harbour.open(587, SUBMISSION + WORKS)
        beside = harbour.open(25, BARE)

        seen = harbour.examine(port=587, encryption="starttls")

        assert (seen.verdict.state, heard[0][:4], beside) == ("works_dry", "EHLO", [])
        assert [line.split()[0] for line in heard].count("EHLO") == 2

    def test_who_asks_for_it_hears_of_every_port(self, harbour: Harbour) -> None:
        harbour.open(587, SUBMISSION + WORKS)
        harbour.open(465, SSL + LOG_IN)

        seen = harbour.examine(port=587, encryption="starttls", terms={"scouts": "always"})

        assert (seen.verdict.state, working(seen)) == ("works_dry", [(465, "ssl"), (587, "starttls")])


class TestWhereAnotherPortIsNoHelp:
    """A password that is refused on one port is refused on all."""

    @pytest.mark.parametrize(
        ("answer", "cause"),
        [
            ("C: AUTH *\nS: 535 5.7.8 Authentication failed\n", "auth.bad_credentials"),
            (
                f"C: AUTH *\nS: 235 Ok\n{ENVELOPE}".replace("250 2.1.5 Ok", "550 5.1.1 User unknown"),
                "recipient.unknown",
            ),
        ],
    )
    def test_none_is_offered_though_all_were_looked_at(self, harbour: Harbour, answer: str, cause: str) -> None:
        harbour.open(587, SUBMISSION + answer)
        harbour.open(465, SSL + LOG_IN)

        seen = harbour.examine(port=587, encryption="starttls", terms={"scouts": "always"})

        assert (seen.verdict.cause, seen.result["offers"]) == (cause, [])


class TestASlowConnection:
    """The port answers after all, when the scouts are out already."""

    @pytest.fixture(autouse=True)
    def early(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(surroundings, "HEAD_START", 0.2)

    def test_the_scouts_of_a_check_that_works_are_called_back(self, harbour: Harbour) -> None:
        harbour.open(587, SUBMISSION + WORKS)
        harbour.late.add((harbour.address, 587))
        beside = harbour.open(2525, BARE)

        seen = harbour.examine(port=587, encryption="starttls", terms={"connect": 5})

        assert (seen.verdict.state, seen.result["scouts"]) == ("works_dry", [])
        assert len(beside) == 1  # they were out

    def test_no_other_port_is_offered_for_what_failed_later(self, harbour: Harbour) -> None:
        harbour.open(587, f"{SUBMISSION}C: AUTH *\nS: 535 5.7.8 No\n")
        harbour.late.add((harbour.address, 587))
        harbour.open(465, SSL + LOG_IN)

        seen = harbour.examine(port=587, encryption="starttls", terms={"connect": 5})

        assert (seen.verdict.cause, seen.result["offers"]) == ("auth.bad_credentials", [])


def test_a_stopped_check_does_not_wait_for_its_scouts(harbour: Harbour) -> None:
    harbour.open(587, f"{SUBMISSION}! stall\n")
    harbour.blackhole(465)
    examination = harbour.prepared(port=587, encryption="starttls", terms={"scouts": "always"})

    harbour.run(examination, beside=examination._cancel)

    assert (examination.verdict.verdict, examination.result["scouts"]) == ("stopped", [])


class TestAProviderBehindAnotherServer:
    """A hosting company leads the way to Gmail to its own server."""

    @pytest.fixture
    def seen(self, harbour: Harbour) -> Examination:
        harbour.open(587, CPANEL)
        harbour.open(2525, BARE)
        with nameserver.serve({"smtp.gmail.com": harbour.address}) as names:
            return harbour.examine(
                host="smtp.gmail.com", port=587, encryption="starttls", terms={"nameservers": (names,)}
            )

    def test_it_is_named(self, seen: Examination) -> None:
        assert (seen.verdict.cause, seen.verdict.stage) == ("connect.redirected_by_host", "greeting")

    def test_no_port_of_the_impostor_is_offered(self, seen: Examination) -> None:
        assert clicks(seen) == []


def test_a_server_of_ones_own_may_greet_as_cpanel_does(harbour: Harbour) -> None:
    harbour.open(587, f"{CPANEL}{SUBMISSION.partition(chr(10))[2]}{WORKS}")

    seen = harbour.examine(port=587, encryption="starttls")

    assert seen.verdict.state == "works_dry"


def test_what_a_refusing_port_says_is_its_cause(harbour: Harbour) -> None:
    harbour.open(25, "S: 554 5.7.1 Your address [192.0.2.7] is listed by zen.spamhaus.org\n")

    seen = harbour.examine(port=465, encryption="ssl")

    assert scouted(seen, 25)["cause"] == "ip.blocklisted"
