"""What a check sees beside its conversation: each address, the sender's domain; none of it spoils a verdict."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator

import pytest

from core.diagnosis import scouts
from core.diagnosis.examination import Examination
from core.diagnosis.step import Step
from tests import nameserver
from tests.harbour import HELLO, LOG_IN, STARTTLS, WORKS, Harbour

HOST = "mail.shop.example"
PLAIN = f"{HELLO}{LOG_IN}{WORKS}"


def both(harbour: Harbour) -> nameserver.Records:
    """The records of a host with an IPv6 address that is not the harbour's, and the harbour's own."""
    return {"A": [harbour.address], "AAAA": ["::1"]}


def results(examination: Examination) -> list[tuple[str, str | None]]:
    """Each address and what became of it."""
    return [(one["address"], one["event"]) for one in examination.result["addresses"]]


def noted(examination: Examination, slug: str) -> list[dict[str, object]]:
    """The values of a kind of note."""
    return [note["values"] for note in examination.result["notes"] if note["note"] == slug]


class TestTwoAddresses:
    """A host with an IPv6 address that does not answer, and an IPv4 address that does."""

    @pytest.fixture
    def port(self, harbour: Harbour) -> int:
        """A port of no custom, of this process's own: ::1 is everybody's."""
        return 20000 + int(harbour.address.replace(".", "")) % 10000

    def examine(self, harbour: Harbour, port: int, *, scouts: str = "auto") -> Examination:
        harbour.open(port, PLAIN)
        with nameserver.serve({HOST: both(harbour)}) as names:
            terms = {"nameservers": (names,), "connect": 0.5, "scouts": scouts}
            return harbour.examine(host=HOST, port=port, encryption="none", terms=terms)

    def test_one_that_refuses_is_a_result(self, harbour: Harbour, port: int) -> None:
        seen = self.examine(harbour, port)

        assert results(seen) == [("::1", "refused"), (harbour.address, None)]

    def test_one_that_never_answers_is_a_result(self, harbour: Harbour, port: int) -> None:
        harbour.blackhole(port, at="::1")

        seen = self.examine(harbour, port)

        assert results(seen) == [("::1", "timed_out"), (harbour.address, None)]

    def test_it_is_worth_a_note_where_all_works(self, harbour: Harbour, port: int) -> None:
        seen = self.examine(harbour, port)

        assert seen.verdict.state == "works_dry"
        assert noted(seen, "note.address_failed") == [{"address": "::1", "event": "refused"}]

    def test_none_is_looked_at_again_where_nothing_is_to_be_looked_at(self, harbour: Harbour, port: int) -> None:
        harbour.blackhole(port, at="::1")

        seen = self.examine(harbour, port, scouts="never")

        assert results(seen) == [(harbour.address, None)]


def test_one_address_that_answers_is_the_only_result(harbour: Harbour) -> None:
    harbour.open(20587, PLAIN)

    seen = harbour.examine(port=20587, encryption="none")

    assert results(seen) == [(harbour.address, None)]


class TestTheSendersDomain:
    """It is looked at while the server is spoken to."""

    def examine(self, harbour: Harbour, sender: str, names: str = "") -> Examination:
        harbour.open(20587, PLAIN)
        terms = {"domain": True, "nameservers": (names,) if names else ()}
        return harbour.examine(port=20587, encryption="none", from_address=sender, terms=terms)

    @pytest.mark.parametrize(
        "sender", ["a@shop.example", "a@example.com", "a@mail.example.org", "a@shop.test", "a@localhost", "a@x.invalid"]
    )
    def test_a_reserved_name_is_not_asked_for(self, harbour: Harbour, sender: str) -> None:
        seen = self.examine(harbour, sender)

        assert seen.result["domain"] is None

    def test_name_servers_of_ones_own_are_asked_for_any_name(self, harbour: Harbour) -> None:
        zone = {"shop.example": {"MX": ["10 mx.shop.example."], "TXT": ['"v=spf1 -all"']}}
        with nameserver.serve(zone) as names:
            seen = self.examine(harbour, "a@shop.example", names)

        found = seen.result["domain"]
        assert (found["name"], found["spf"]["record"]) == ("shop.example", "v=spf1 -all")

    def test_its_findings_are_noted_where_all_works(self, harbour: Harbour) -> None:
        with nameserver.serve({"shop.example": {"MX": ["10 mx.shop.example."]}}) as names:
            seen = self.examine(harbour, "a@shop.example", names)

        assert noted(seen, "note.spf_missing")

    def test_spf_is_asked_about_the_address_that_answered(self, harbour: Harbour) -> None:
        harbour.open(20587, PLAIN)
        sender = {"MX": ["10 mx.shop.example."], "TXT": [f'"v=spf1 ip4:{harbour.address} -all"']}
        with nameserver.serve({HOST: both(harbour), "shop.example": sender}) as names:
            terms = {"domain": True, "nameservers": (names,), "scouts": "never"}
            seen = harbour.examine(host=HOST, port=20587, encryption="none", terms=terms)

        assert seen.result["domain"]["spf"]["covers"] is True

    def test_name_servers_that_say_nothing_are_a_finding(
        self, harbour: Harbour, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("core.diagnosis.surroundings.DNS_SECONDS", 0.3)
        with nameserver.serve({}, answer="drop") as names:
            seen = self.examine(harbour, "a@shop.example", names)

        assert (seen.verdict.state, seen.result["domain"]["state"]) == ("works_dry", "no_dns")


class TestWhatIsLeftToLookAt:
    """The conversation is over, and name servers have not answered."""

    @pytest.fixture
    def names(self) -> Iterator[str]:
        """Name servers that never answer."""
        with nameserver.serve({}, answer="drop") as names:
            yield names

    def prepared(self, harbour: Harbour, names: str, *, at: str, then: Callable[[Examination], None]) -> Examination:
        """A check with something done to it as soon as a stage begins."""
        harbour.open(20587, PLAIN)
        terms = {"domain": True, "nameservers": (names,), "scouts": "never"}
        examination = harbour.prepared(port=20587, encryption="none", terms=terms)

        def hear(_: Step | None, following: str | None) -> None:
            if following == at:
                asyncio.get_running_loop().call_soon(then, examination)

        examination.journal.watch = hear  # type: ignore[method-assign]
        return examination

    @staticmethod
    def stop(examination: Examination) -> None:
        """Stop, as the page asks for it."""
        examination.stop(asyncio.get_running_loop())

    def test_it_is_a_stage_of_its_own(self, harbour: Harbour, names: str) -> None:
        stages: list[str | None] = []
        examination = self.prepared(harbour, names, at="around", then=self.stop)
        hear = examination.journal.watch

        def keep(step: Step | None, following: str | None) -> None:
            stages.append(following)
            hear(step, following)

        examination.journal.watch = keep  # type: ignore[method-assign]
        harbour.run(examination)

        assert [stage for stage in stages if stage][-2:] == ["quit", "around"]

    def test_a_stop_leaves_it_and_keeps_the_verdict(self, harbour: Harbour, names: str) -> None:
        examination = self.prepared(harbour, names, at="around", then=self.stop)

        harbour.run(examination)

        assert (examination.verdict.verdict, examination.result["domain"]) == ("works", None)

    def test_a_stop_keeps_what_was_seen_by_then(self, harbour: Harbour, names: str) -> None:
        examination = self.prepared(harbour, names, at="around", then=self.stop)

        harbour.run(examination)

        assert results(examination) == [(harbour.address, None)]

    @pytest.mark.parametrize(("stage", "state"), [("rcpt", "lost"), ("around", "works_dry")])
    def test_the_end_of_the_process_keeps_the_verdict(
        self, harbour: Harbour, names: str, stage: str, state: str
    ) -> None:
        closed: list[object] = []

        async def keep(*verdict: object) -> None:
            closed.extend(verdict[:1])

        def wind_down(_: Examination) -> None:
            for task in asyncio.all_tasks():
                task.cancel()

        examination = self.prepared(harbour, names, at=stage, then=wind_down)
        examination.journal.close = keep  # type: ignore[method-assign]
        with contextlib.suppress(asyncio.CancelledError):
            harbour.run(examination)

        assert (examination.verdict.state, closed) == (state, [examination.verdict.verdict])


class TestAFaultOfOurs:
    """What breaks beside a conversation."""

    def test_it_does_not_spoil_the_verdict(self, harbour: Harbour, monkeypatch: pytest.MonkeyPatch) -> None:
        async def broken(*_: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(scouts, "run", broken)

        seen = harbour.examine(port=587, encryption="starttls")

        assert seen.verdict.cause == "connect.refused"

    def test_every_key_of_the_document_is_there(self, harbour: Harbour, monkeypatch: pytest.MonkeyPatch) -> None:
        async def broken(*_: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(scouts, "run", broken)

        seen = harbour.examine(port=587, encryption="starttls")

        assert {"scouts", "tls", "addresses", "domain", "offers", "notes"} <= seen.result.keys()


class TestACertificateForAnotherName:
    """The certificate's own name is offered where it is the same server."""

    def offered(self, harbour: Harbour, host: str, named: list[str], zone: dict[str, str]) -> list[object]:
        harbour.open(587, STARTTLS + LOG_IN, tls=harbour.authority.tls(*named))
        with nameserver.serve({host: harbour.address} | zone) as names:
            terms = {"nameservers": (names,)}
            seen = harbour.examine(host=host, port=587, encryption="starttls", terms=terms)
        return [offer["set"] for offer in seen.result["offers"] if "host" in offer["set"]]

    def test_under_the_same_registrable_domain(self, harbour: Harbour) -> None:
        found = self.offered(harbour, "mail.shop.co.uk", ["srv7.shop.co.uk"], {})

        assert found == [{"host": "srv7.shop.co.uk"}]

    def test_at_the_same_address(self, harbour: Harbour) -> None:
        found = self.offered(
            harbour, "mail.shop.example", ["srv7.host.example"], {"srv7.host.example": harbour.address}
        )

        assert found == [{"host": "srv7.host.example"}]

    def test_of_several_the_one_at_the_same_address(self, harbour: Harbour) -> None:
        named = ["shop.example", "www.shop.example", "mx.shop.example"]

        found = self.offered(
            harbour, "mail.shop.example", named, {"shop.example": "192.0.2.1", "mx.shop.example": harbour.address}
        )

        assert found == [{"host": "mx.shop.example"}]

    @pytest.mark.parametrize(
        "named",
        ["mail.other.example", "*.shop.example", "mail.shop.example.evil.example", "192.0.2.1", "a b.shop.example"],
    )
    def test_nothing_else_is(self, harbour: Harbour, named: str) -> None:
        found = self.offered(harbour, "mail.shop.example", [named], {"mail.other.example": "192.0.2.1"})

        assert found == []

    def test_a_public_suffix_is_no_roof(self, harbour: Harbour) -> None:
        found = self.offered(harbour, "mine.duckdns.org", ["yours.duckdns.org"], {})

        assert found == []

    def test_nothing_in_place_of_a_provider(self, harbour: Harbour) -> None:
        found = self.offered(harbour, "smtp.gmail.com", ["srv.gmail.com"], {"srv.gmail.com": harbour.address})

        assert found == []
