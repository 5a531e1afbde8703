"""One click changes what the check itself saw, and nothing that it did not."""

from typing import Any

import pytest

from core.accounts import form as forms
from core.accounts.form import Form
from core.diagnosis import causes, remedies, scouts, verdict
from core.diagnosis.drill import FORM
from core.diagnosis.scouts import Scout
from core.diagnosis.verdict import Verdict
from core.i18n import LANGUAGES
from tests import nameserver
from tests.harbour import LOG_IN, SSL, Harbour

APP_PASSWORD = "abcd efgh ijkl mnop"


def typed(**fields: object) -> Form:
    """A form."""
    form, problems = forms.parse(FORM | {"host": "mail.shop.example", "port": 465, "encryption": "ssl"} | fields)
    assert form, problems
    return form


def answers(*ways: tuple[int, str]) -> list[Scout]:
    """Scouts that came through."""
    return [Scout(port, encryption, works=True, ms=1) for port, encryption in ways]


def changes(form: Form, cause: str | None, found: list[Scout] | None = None, **options: Any) -> list[object]:
    """What the clicks would set."""
    offers = remedies.find(form, cause, found or [], options.pop("tls", None), **options)
    return [dict(one.set) for one in offers if one.sentence != remedies.NONE]


class TestAnotherPort:
    """A port that a scout came through."""

    @pytest.mark.parametrize(
        ("ways", "best"),
        [
            ([(25, "starttls"), (587, "starttls"), (2525, "starttls")], (587, "starttls")),
            ([(587, "starttls"), (465, "ssl")], (465, "ssl")),
            ([(25, "starttls"), (2525, "starttls")], (2525, "starttls")),
            ([(25, "starttls"), (8025, "ssl")], (25, "starttls")),
        ],
    )
    def test_the_port_of_submission_comes_first(self, ways: list[tuple[int, str]], best: tuple[int, str]) -> None:
        found = changes(typed(port=26), "connect.timeout", answers(*ways))

        assert found == [{"port": best[0], "encryption": best[1]}]

    @pytest.mark.parametrize(
        "cause", ["connect.refused", "connect.timeout", "tls.plain_on_implicit_port", "greeting.timeout"]
    )
    def test_ports_that_were_tried_in_vain_are_not_advised(self, cause: str) -> None:
        form = typed(port=26)
        failed = [Scout(port, "starttls", works=False, ms=1) for port in (465, 587)]

        offers = [one.document() for one in remedies.find(form, cause, failed, None)]

        fault = Verdict("fault", "fault", cause, values={"host": form.host})
        fixes = verdict.worded(fault, "en", causes.catalogue(), offers)["fixes"]
        assert [fix["text"] for fix in fixes if "465" in fix["text"] or "587" in fix["text"]] == [
            "Another port is no way out: 465, 587 were tried from here, and none works."
        ]

    def test_one_without_encryption_is_never_offered(self) -> None:
        assert changes(typed(), "connect.timeout", answers((25, "none"), (587, "none"))) == []

    def test_a_port_without_encryption_is_not_asked_for_starttls(self) -> None:
        cause, form = "tls.implicit_on_starttls_port", typed(port=587, encryption="ssl")
        bare = Scout(587, "none", works=True, ms=1, event="starttls_missing")

        offers = [one.document() for one in remedies.find(form, cause, [bare], None)]
        words = verdict.worded(Verdict("fault", "fault", cause), "en", causes.catalogue(), offers)

        assert "Port 587 has no encryption" in words["fixes"][0]["text"]
        assert [fix["set"] for fix in words["fixes"] if fix["set"]] == []

    def test_one_that_does_not_work_is_never_offered(self) -> None:
        assert changes(typed(), "connect.timeout", [Scout(587, "starttls", works=False, ms=1)]) == []

    def test_the_own_way_is_no_change(self) -> None:
        assert changes(typed(), "connect.timeout", answers((465, "ssl"))) == []

    def test_beside_the_own_way_the_next_one_is_offered(self) -> None:
        found = changes(typed(), "connect.timeout", answers((465, "ssl"), (587, "starttls")))

        assert found == [{"port": 587, "encryption": "starttls"}]

    @pytest.mark.parametrize("cause", remedies.NEVER)
    def test_where_another_server_answers_none_is_offered(self, cause: str) -> None:
        assert changes(typed(), cause, answers((587, "starttls"))) == []


class TestTheName:
    """What the certificate is made out to."""

    @pytest.mark.parametrize(
        ("cause", "set_"),
        [
            ("tls.cert_hostname_mismatch", [{"host": "mx.shop.example"}]),
            ("tls.intercepted", []),
            ("connect.redirected_by_host", []),
            ("tls.cert_untrusted", []),
        ],
    )
    def test_it_is_offered_for_a_wrong_name_only(self, cause: str, set_: list[object]) -> None:
        tls = {"names": ["mx.shop.example"]}

        assert changes(typed(), cause, tls=tls, twin="mx.shop.example") == set_

    @pytest.mark.parametrize(
        "names",
        [["*.shop.example"], ["192.0.2.7"], ["mail.shop.example"], ["MAIL.SHOP.EXAMPLE"], ["a b.shop.example"], []],
    )
    def test_what_is_no_other_host_is_no_candidate(self, names: list[str]) -> None:
        assert remedies.candidates(typed(), "tls.cert_hostname_mismatch", {"names": names}) == []

    def test_a_host_that_is_an_address_has_no_candidates(self) -> None:
        form = typed(host="192.0.2.7")

        assert remedies.candidates(form, "tls.cert_hostname_mismatch", {"names": ["mx.shop.example"]}) == []

    @pytest.mark.parametrize(
        ("host", "name", "same"),
        [
            ("mail.shop.vn", "shop.vn", True),
            ("mail.shop.com.vn", "mx.shop.com.vn", True),
            ("mail.shop.com.vn", "mail.store.com.vn", False),
            ("mail.shop.example", "mail.shop.example.org", False),
            ("a.github.io", "b.github.io", False),
            ("com", "com", False),
            ("localhost", "mail.localhost", False),
            ("mail.shop.vn", "\x00..", False),
        ],
    )
    def test_one_roof_is_one_registrable_domain(self, host: str, name: str, same: bool) -> None:
        assert remedies.under_one_roof(host, [name]) == ([name] if same else [])

    def test_addresses_are_the_same_in_any_spelling(self) -> None:
        assert remedies.same_server(["192.0.2.9", "2001:db8::7"], ["2001:0db8:0:0::7"])

    def test_a_changed_certificate_is_forgotten_to_be_looked_at(self) -> None:
        assert changes(typed(), "tls.cert_changed") == [{"trust": ""}]


class TestTheLogIn:
    """Who sends, and as whom."""

    def test_a_from_that_is_not_ones_own_becomes_the_log_in(self) -> None:
        form = typed(username="shop@shop.example", from_address="boss@shop.example")

        assert changes(form, "sender.not_owned") == [{"from_address": "shop@shop.example"}]

    @pytest.mark.parametrize("username", ["user@shop.example", "User@Shop.Example", "shop", ""])
    def test_but_not_where_that_changes_nothing(self, username: str) -> None:
        assert changes(typed(username=username), "sender.not_owned") == []

    def test_half_a_user_name_becomes_whole(self) -> None:
        form = typed(username="user", from_address="user@shop.example")

        assert changes(form, "auth.bad_credentials") == [{"username": "user@shop.example"}]

    @pytest.mark.parametrize("username", ["", "user@shop.example"])
    def test_a_whole_or_missing_user_name_stays(self, username: str) -> None:
        assert changes(typed(username=username), "auth.bad_credentials") == []

    @pytest.mark.parametrize("cause", ["auth.app_password_required", "recipient.unknown", None])
    def test_another_cause_changes_no_log_in(self, cause: str | None) -> None:
        assert changes(typed(username="user"), cause) == []


class TestASlipOfThePen:
    """What stands out in the fields, where it explains the cause."""

    def test_a_host_that_does_not_exist_is_spelled_anew(self) -> None:
        assert changes(typed(host="smtp.gmail.con"), "dns.host_not_found") == [{"host": "smtp.gmail.com"}]

    def test_a_host_that_answers_is_as_it_was_meant(self) -> None:
        assert changes(typed(host="smtp.gmail.con"), "auth.bad_credentials") == []

    def test_a_password_is_told_about_but_not_kept(self) -> None:
        form = typed(host="smtp.gmail.com", username="shop@gmail.com", password=APP_PASSWORD)

        (found,) = remedies.find(form, "auth.bad_credentials", [], None)

        assert found.document() == {"sentence": found.sentence, "set": {}, "values": {}}


def test_the_default_mode_has_nothing_to_change() -> None:
    form = forms.dataclasses.replace(typed(username="user"), mode="default")

    assert changes(form, "auth.bad_credentials", answers((587, "starttls"))) == []


class TestWords:
    """How the steps of the way out are listed."""

    FOUND = Verdict("fault", "fault", "tls.implicit_on_starttls_port", values={"port": 465, "encryption": "ssl"})

    def fixes(self, offers: list[dict[str, Any]], language: str = "en") -> list[dict[str, Any]]:
        worded: list[dict[str, Any]] = verdict.worded(self.FOUND, language, causes.catalogue(), offers)["fixes"]
        return worded

    def offers(self) -> list[dict[str, Any]]:
        found = remedies.find(typed(), self.FOUND.cause, answers((587, "starttls")), None)
        return [one.document() for one in found]

    def test_what_the_check_found_comes_first(self) -> None:
        first = self.fixes(self.offers())[0]

        assert first["set"] == {"port": 587, "encryption": "starttls"}
        assert first["text"].startswith("Port 587 with STARTTLS")

    def test_a_step_of_the_cause_that_sets_the_same_field_is_left_out(self) -> None:
        rest = self.fixes(self.offers())[1:]

        assert self.fixes([])[0]["set"] == {"encryption": "starttls"}
        assert [fix["set"] for fix in rest] == [None] * len(rest)

    def test_a_step_without_a_change_stays(self) -> None:
        kept = [fix for fix in self.fixes([]) if not fix["set"]]

        assert self.fixes(self.offers())[1:] == kept

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_value_with_braces_stays_as_it_is(self, language: str) -> None:
        offer = remedies.Remedy(remedies.NAMED, {"host": "{x}"}, {"name": "{x} {name} %s"}).document()

        assert "{x} {name} %s" in self.fixes([offer], language)[0]["text"]


def test_a_stored_check_has_no_password_in_it(harbour: Harbour) -> None:
    harbour.open(465, f"{SSL}{LOG_IN}C: AUTH *\nS: 535 5.7.8 No\n", tls=harbour.authority.tls("smtp.gmail.com"))
    with nameserver.serve({"smtp.gmail.com": harbour.address}) as names:
        login = {"username": "shop@gmail.com", "password": APP_PASSWORD, "from_address": "shop@gmail.com"}
        terms = {"nameservers": (names,), "scouts": "always"}

        seen = harbour.examine(host="smtp.gmail.com", port=465, encryption="ssl", terms=terms, **login)

    kept = str((seen.result, seen.steps, seen.verdict))
    assert APP_PASSWORD not in kept
    assert APP_PASSWORD.replace(" ", "") not in kept


def test_every_way_that_is_tried_has_its_order() -> None:
    assert {port for port, _ in scouts.PLANS} - {25} <= remedies.ORDER.keys()
