"""What is worth a look though nothing failed."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from core.accounts import form as forms
from core.diagnosis import observations
from core.diagnosis.drill import FORM

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
GOOD = {
    "version": "TLSv1.3",
    "cipher": "TLS_AES_256_GCM_SHA384",
    "not_after": "2027-02-01T00:00:00+00:00",
    "verified": True,
    "strict": True,
}


def noted(
    *, tls: dict[str, Any] | None = None, addresses: list[dict[str, Any]] | None = None, **typed: object
) -> dict[str, Any]:
    """The notes with their values."""
    usual = {"host": "mail.shop.example", "port": 465, "encryption": "ssl"}
    form, problems = forms.parse(FORM | usual | typed)
    assert form, problems
    found = observations.find(form, tls=tls, domain=None, addresses=addresses or [], now=NOW)
    return {note["note"]: note["values"] for note in found}


def ending(**later: float) -> dict[str, Any]:
    """A certificate that ends some time from now."""
    return GOOD | {"not_after": (NOW + timedelta(**later)).isoformat()}


def test_encryption_in_order_is_worth_no_note() -> None:
    assert noted(tls=GOOD) == {}


class TestTheCertificatesEnd:
    """From three weeks before."""

    @pytest.mark.parametrize(("later", "days"), [({"days": 21.5}, 21), ({"days": 1}, 1), ({"hours": 5}, 0)])
    def test_it_is_told_in_days(self, later: dict[str, float], days: int) -> None:
        end = (NOW + timedelta(**later)).date().isoformat()

        assert noted(tls=ending(**later)) == {"note.certificate_ends": {"until": end, "days": days}}

    @pytest.mark.parametrize("later", [{"days": 22}, {"days": 400}, {"days": -1}])
    def test_it_is_not_told_long_before_nor_after(self, later: dict[str, float]) -> None:
        assert noted(tls=ending(**later)) == {}

    def test_a_certificate_that_cannot_be_read_has_none(self) -> None:
        assert noted(tls=GOOD | {"not_after": ""}) == {}

    def test_it_counts_from_now_in_any_time_zone(self) -> None:
        form, _ = forms.parse(FORM | {"host": "mail.shop.example", "port": 465, "encryption": "ssl"})
        assert form
        here = NOW.astimezone(timezone(timedelta(hours=7)))

        (note,) = observations.find(form, tls=ending(days=3), domain=None, addresses=[], now=here)

        assert note["values"]["days"] == 3


@pytest.mark.parametrize(
    ("version", "cipher"),
    [("TLSv1", "ECDHE-RSA-AES256-SHA"), ("TLSv1.1", "AES128-SHA"), ("TLSv1.2", "DES-CBC3-SHA"), ("TLSv1.2", "RC4-SHA")],
)
def test_encryption_that_is_out_of_date_is_told(version: str, cipher: str) -> None:
    found = noted(tls=GOOD | {"version": version, "cipher": cipher})

    assert found == {"note.tls_weak": {"version": version, "cipher": cipher}}


def test_a_certificate_trusted_by_hand_is_told() -> None:
    assert noted(tls=GOOD | {"verified": False, "strict": False}) == {"note.certificate_trusted_by_hand": {}}


def test_a_certificate_that_newer_programs_refuse_is_told() -> None:
    assert noted(tls=GOOD | {"strict": False}) == {"note.strict_x509": {}}


@pytest.mark.parametrize("host", ["mail.shop.example", "192.0.2.7", "10.0.0.7"])
def test_mail_without_encryption_is_told(host: str) -> None:
    assert noted(host=host, port=25, encryption="none") == {"note.unencrypted": {}}


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "::1"])
def test_but_not_within_this_machine(host: str) -> None:
    assert noted(host=host, port=25, encryption="none") == {}


def test_each_address_that_failed_is_told() -> None:
    found = noted(
        tls=GOOD,
        addresses=[
            {"address": "2001:db8::7", "ms": 3, "event": "unreachable"},
            {"address": "192.0.2.7", "ms": 9, "event": None},
        ],
    )

    assert found == {"note.address_failed": {"address": "2001:db8::7", "event": "unreachable"}}


def test_the_findings_about_the_domain_stand_among_them() -> None:
    form, _ = forms.parse(FORM | {"host": "mail.shop.example", "port": 465, "encryption": "ssl"})
    assert form
    spf = {"note": "note.spf_missing", "values": {"domain": "shop.example"}}

    found = observations.find(form, tls=GOOD, domain={"notes": [spf]}, addresses=[], now=NOW)

    assert found == [spf]


@pytest.mark.parametrize(("username", "told"), [("shop@shop.example", ["note.password_ends"]), ("", [])])
def test_a_provider_that_soon_takes_no_passwords_is_told_to_who_logs_in(username: str, told: list[str]) -> None:
    found = noted(tls=GOOD, host="smtp.office365.com", port=587, encryption="starttls", username=username)

    assert list(found) == told
