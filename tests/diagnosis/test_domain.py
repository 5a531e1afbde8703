"""What is told of the sender's domain, asked of a real name server."""

import asyncio
import itertools
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import pytest

from core.diagnosis import domain, notes
from core.i18n import LANGUAGES
from tests import nameserver
from tests.nameserver import Records

SERVER = "93.184.216.34"  # an address that anybody's could be; nothing is sent to it
KEY = '"v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC7"'

Zone = dict[str, str | Records]
Examine = Callable[..., dict[str, Any]]

GOOGLE: Zone = {
    "_spf.google.com": {"TXT": ['"v=spf1 include:_netblocks.google.com ~all"']},
    "_netblocks.google.com": {"TXT": ['"v=spf1 ip4:74.125.0.0/16 ip6:2001:4860:4000::/36 ~all"']},
}


def shop(spf: str | None = "v=spf1 include:_spf.google.com ~all", **names: Records) -> Zone:
    """shop.example with an SPF record, its MX and DMARC; other names of it on top."""
    txt = ['"google-site-verification=x"', *([f'"{spf}"'] if spf else [])]
    own: Zone = {
        "shop.example": {"MX": ["10 mx.shop.example."], "A": ["198.41.0.4"], "TXT": txt},
        "mx.shop.example": "198.41.0.5",
        "_dmarc.shop.example": {"TXT": ['"v=DMARC1; p=reject; rua=mailto:dmarc@reports.example"']},
    }
    return own | GOOGLE | {f"{name}.shop.example": records for name, records in names.items()}


def examine(zone: Mapping[str, str | Records], name: str = "shop.example", **options: Any) -> dict[str, Any]:
    """The document on a domain that is sent for by Google, or by an own server at an address."""
    answer = options.pop("answer", "noerror")
    options = {"provider": None if "address" in options else "google-workspace", "address": None} | options
    with nameserver.serve(zone, answer=answer) as host:
        return asyncio.run(domain.examine(name, nameservers=[host], **options))


def slugs(found: Mapping[str, Any]) -> list[str]:
    """The notes' slugs."""
    return [note["note"].removeprefix("note.") for note in found["notes"]]


def test_a_domain_that_is_all_set_up_at_google_leaves_nothing_to_note() -> None:
    zone = shop() | {"google._domainkey.shop.example": {"TXT": [KEY]}}

    found = examine(zone)

    assert found == {
        "name": "shop.example",
        "state": "found",
        "mx": [{"host": "mx.shop.example", "preference": 10}],
        "spf": {
            "record": "v=spf1 include:_spf.google.com ~all",
            "valid": True,
            "error": None,
            "lookups": 2,
            "covers": True,
        },
        "dmarc": {
            "record": "v=DMARC1; p=reject; rua=mailto:dmarc@reports.example",
            "policy": "reject",
            "valid": True,
            "error": None,
            "at": "shop.example",
        },
        "dkim": [{"selector": "google", "found": True}],
        "aligned": True,
        "notes": [],
    }


def test_an_spf_record_without_the_providers_include_does_not_cover_it() -> None:
    found = examine(shop("v=spf1 mx -all"))

    assert (found["spf"]["valid"], found["spf"]["covers"], found["aligned"]) == (True, False, False)
    assert slugs(found) == ["dmarc_not_aligned", "spf_not_covered", "dkim_missing"]
    assert found["notes"][1]["values"] == {
        "domain": "shop.example",
        "term": "include:_spf.google.com",
        "sender": "Google Workspace",
    }


def test_a_key_of_dkim_aligns_what_spf_does_not_cover() -> None:
    zone = shop("v=spf1 mx -all") | {"google._domainkey.shop.example": {"TXT": [KEY]}}

    found = examine(zone)

    assert (found["spf"]["covers"], found["aligned"]) == (False, True)


def test_a_revoked_key_of_dkim_is_none() -> None:
    zone = shop() | {"google._domainkey.shop.example": {"TXT": ['"v=DKIM1; k=rsa; p="']}}

    found = examine(zone)

    assert found["dkim"] == [{"selector": "google", "found": False}]
    assert slugs(found) == ["dkim_missing"]


def test_microsofts_two_selectors_are_looked_up() -> None:
    zone = shop("v=spf1 include:spf.protection.outlook.com -all")
    zone |= {"spf.protection.outlook.com": {"TXT": ['"v=spf1 ip4:40.92.0.0/15 -all"']}}
    zone |= {"selector2._domainkey.shop.example": {"TXT": [KEY]}}

    found = examine(zone, provider="microsoft365")

    assert found["dkim"] == [{"selector": "selector1", "found": False}, {"selector": "selector2", "found": True}]
    assert found["notes"] == []


@pytest.mark.parametrize(
    ("record", "below"),
    [
        ("v=spf1 include:mail.shop.example -all", "v=spf1 include:_spf.google.com -all"),
        ("v=spf1 redirect=mail.shop.example", "v=spf1 include:_spf.google.com -all"),
        ("v=spf1 redirect=_spf.google.com", "v=spf1 -all"),
        ("v=spf1 include:mail.shop.example -all", "v=spf1 ip4:74.125.0.0/16 ip6:2001:4860:4000::/36 -all"),
    ],
)
def test_the_provider_is_found_behind_includes_redirects_and_as_networks(record: str, below: str) -> None:
    found = examine(shop(record, mail={"TXT": [f'"{below}"']}))

    assert found["spf"]["covers"] is True


@pytest.mark.parametrize("record", ["v=spf1 include:%{d}.macro.example -all", "v=spf1 exists:%{i}.macro.example -all"])
def test_what_macros_let_through_is_not_known(record: str) -> None:
    found = examine(shop(record))

    assert (found["spf"]["valid"], found["spf"]["covers"], found["aligned"]) == (True, None, None)


def test_a_domain_without_spf_is_told_the_record_to_add() -> None:
    found = examine(shop(None))

    assert found["spf"] == {"record": None, "valid": False, "error": None, "lookups": None, "covers": False}
    missing = next(note for note in found["notes"] if note["note"] == "note.spf_missing")
    assert missing["values"] == {"domain": "shop.example", "term": "include:_spf.google.com"}


def test_two_spf_records_count_as_none() -> None:
    zone = shop() | {"shop.example": {"TXT": ['"v=spf1 include:_spf.google.com ~all"', '"v=spf1 mx -all"']}}

    found = examine(zone)

    assert (found["spf"]["valid"], found["spf"]["covers"]) == (False, False)
    assert "spf_several" in slugs(found)


@pytest.mark.parametrize(
    ("record", "below"),
    [
        ("v=spf1 include:a.shop.example -all", "v=spf1 include:shop.example -all"),
        ("v=spf1 include:a.shop.example -all", "v=spf1 redirect=a.shop.example"),
        ("v=spf1 include:nobody.example include:_spf.google.com -all", ""),
        ("v=spf1 ipv4:93.184.216.34 include:_spf.google.com -all", ""),
        ("v=spf1 a/" + "1" * 230, ""),
    ],
)
def test_a_loop_a_gap_or_a_slip_makes_an_spf_record_invalid(record: str, below: str) -> None:
    found = examine(shop(record, a={"TXT": [f'"{below}"']}))

    assert (found["spf"]["valid"], found["spf"]["covers"]) == (False, False)
    assert found["spf"]["error"]
    assert "spf_invalid" in slugs(found)


def test_more_than_ten_lookups_are_counted() -> None:
    many = {f"m{i}": {"A": ["198.41.0.4"]} for i in range(11)}
    record = f"v=spf1 {' '.join(f'a:{name}.shop.example' for name in many)} -all"

    found = examine(shop(record, **many))

    assert (found["spf"]["valid"], found["spf"]["lookups"], found["spf"]["covers"]) == (False, 11, None)
    note = next(note for note in found["notes"] if note["note"] == "note.spf_too_many_lookups")
    assert note["values"]["lookups"] == 11


def test_a_record_with_too_many_lookups_may_let_the_provider_send_or_not() -> None:
    many = {f"m{i}": {"A": ["198.41.0.4"]} for i in range(11)}
    record = f"v=spf1 include:_spf.google.com {' '.join(f'a:{name}.shop.example' for name in many)} -all"

    found = examine(shop(record, **many))

    assert (found["spf"]["valid"], found["spf"]["covers"]) == (False, None)


def test_a_domain_without_dmarc_is_noted() -> None:
    zone = shop()
    del zone["_dmarc.shop.example"]

    found = examine(zone)

    assert found["dmarc"] == {"record": None, "policy": None, "valid": False, "error": None, "at": None}
    assert "dmarc_missing" in slugs(found)


def test_a_dmarc_record_with_a_slip_is_noted_with_what_is_wrong() -> None:
    found = examine(shop() | {"_dmarc.shop.example": {"TXT": ['"v=DMARC1; p=refuse"']}})

    assert (found["dmarc"]["valid"], found["dmarc"]["policy"]) == (False, None)
    note = next(note for note in found["notes"] if note["note"] == "note.dmarc_invalid")
    assert "refuse" in note["values"]["detail"]


def test_dmarc_is_found_at_the_organisational_domain() -> None:
    zone = shop(mail={"TXT": ['"v=spf1 include:_spf.google.com ~all"'], "MX": ["10 mx.shop.example."]})
    zone |= {"_dmarc.shop.example": {"TXT": ['"v=DMARC1; p=reject; sp=quarantine"']}}

    found = examine(zone, "mail.shop.example")

    assert (found["dmarc"]["at"], found["dmarc"]["policy"]) == ("shop.example", "quarantine")


def test_a_domain_that_does_not_exist_is_told() -> None:
    found = examine(shop(), "shpo.example")

    assert (found["state"], found["aligned"], slugs(found)) == ("not_found", None, ["domain_not_found"])


@pytest.mark.parametrize("name", ["", "a..example", "x" * 64 + ".example", ".".join(["long"] * 60), "[192.0.2.1]"])
def test_what_is_no_domain_does_not_exist(name: str) -> None:
    found = examine(shop(), name)

    assert found["state"] == "not_found"


def test_a_domain_without_mx_is_noted() -> None:
    found = examine(shop() | {"shop.example": {"TXT": ['"v=spf1 include:_spf.google.com ~all"']}})

    assert (found["mx"], "mx_missing" in slugs(found)) == ([], True)


def test_name_servers_that_say_nothing_are_a_finding_within_the_time() -> None:
    started = time.monotonic()

    found = examine(shop(), answer="drop", timeout=0.5)

    assert time.monotonic() - started < 1.5
    assert (found["state"], found["aligned"], slugs(found)) == ("no_dns", None, ["no_dns"])
    assert (found["spf"]["valid"], found["dmarc"]["valid"]) == (None, None)


def test_name_servers_that_fail_are_a_finding() -> None:
    found = examine(shop(), answer="servfail")

    assert found["state"] == "no_dns"


def test_the_next_name_server_is_asked_where_one_refuses() -> None:
    with nameserver.serve({}, answer="servfail") as broken, nameserver.serve(shop()) as good:
        found = asyncio.run(
            domain.examine("shop.example", provider=None, address=SERVER, nameservers=[broken, good]),
        )

    assert found["state"] == "found"


@pytest.mark.parametrize(
    ("record", "covers"),
    [
        (f"v=spf1 ip4:{SERVER} -all", True),
        ("v=spf1 ip4:93.184.0.0/16 -all", True),
        (f"v=spf1 -ip4:{SERVER} ip4:93.184.0.0/16 -all", False),
        (f"v=spf1 ?ip4:{SERVER} -all", False),
        ("v=spf1 a:own.shop.example -all", True),
        ("v=spf1 a:near.shop.example/24 -all", True),
        ("v=spf1 mx:taken.shop.example -all", True),
        ("v=spf1 mx:halved.shop.example -all", None),
        (f"v=spf1 mx:halved.shop.example ip4:{SERVER} -all", True),
        ("v=spf1 mx -all", False),
        ("v=spf1 mx/24 -all", None),
        ("v=spf1 include:listed.shop.example -all", True),
        ("v=spf1 include:unlisted.shop.example -all", False),
        ("v=spf1 redirect=listed.shop.example", True),
        ("v=spf1 ptr -all", None),
        (f"v=spf1 exists:%{{i}}.shop.example ip4:{SERVER} -all", True),
        ("v=spf1 +all", True),
        ("v=spf1 a:gone.shop.example -all", False),
        ("v=spf1", False),
    ],
)
def test_the_record_passes_an_own_server_by_its_address(record: str, covers: bool | None) -> None:
    zone = shop(
        record,
        own={"A": [SERVER]},
        near={"A": ["93.184.216.99"]},
        taken={"MX": ["10 own.shop.example."]},
        halved={"MX": ["10 own.shop.example.", "20 gone.shop.example."]},
        listed={"TXT": [f'"v=spf1 ip4:{SERVER} -all"']},
        unlisted={"TXT": ['"v=spf1 ip4:198.41.0.4 -all"']},
    )

    found = examine(zone, address=SERVER)

    assert (found["spf"]["covers"], found["aligned"]) == (covers, True if covers else None)


def test_a_server_at_a_private_address_may_send_from_another_one() -> None:
    found = examine(shop("v=spf1 ip4:198.41.0.4 -all"), address="192.168.1.20")

    assert found["spf"]["covers"] is None


def test_the_address_to_add_is_told() -> None:
    found = examine(shop("v=spf1 mx -all"), address="2001:4860:4860::8888")

    note = next(note for note in found["notes"] if note["note"] == "note.spf_not_covered")
    assert note["values"]["term"] == "ip6:2001:4860:4860::8888"


FREE: Zone = GOOGLE | {
    "gmail.com": {"MX": ["5 gmail-smtp-in.l.google.com."], "TXT": ['"v=spf1 redirect=_spf.google.com"']},
    "_dmarc.gmail.com": {"TXT": ['"v=DMARC1; p=none; sp=quarantine"']},
}


def test_free_mail_through_its_own_provider_is_believed() -> None:
    found = examine(FREE, "Gmail.com", provider="gmail")

    assert (found["aligned"], found["spf"]["covers"], found["dkim"], found["notes"]) == (True, True, [], [])


@pytest.mark.parametrize("through", [{"address": SERVER}, {"provider": "yahoo"}, {"provider": "google-workspace"}])
def test_free_mail_through_another_server_is_not_believed(through: dict[str, str]) -> None:
    found = examine(FREE, "gmail.com", **through)

    assert (found["aligned"], slugs(found)) == (False, ["freemail_elsewhere"])


def test_free_mail_through_another_server_is_told_without_name_servers_too() -> None:
    found = examine(FREE, "gmail.com", address=SERVER, answer="servfail")

    assert (found["state"], found["aligned"], slugs(found)) == ("no_dns", False, ["freemail_elsewhere"])


def test_a_free_account_does_not_vouch_for_a_domain_of_ones_own() -> None:
    found = examine(shop(), provider="gmail")

    assert (found["aligned"], found["spf"]["covers"], slugs(found)) == (False, None, ["freemail_for_domain"])


def test_a_domain_with_vietnamese_letters_is_asked_by_its_dns_name() -> None:
    name = "cửa-hàng.example".encode("idna").decode()
    zone: Zone = {
        name: {"MX": ["10 mx.shop.example."], "TXT": [f'"v=spf1 ip4:{SERVER} -all"']},
        f"_dmarc.{name}": {"TXT": ['"v=DMARC1; p=none"']},
    }

    found = examine(zone, "Cửa-Hàng.example", address=SERVER)

    assert (found["name"], found["dmarc"]["at"]) == ("cửa-hàng.example", "cửa-hàng.example")
    assert (found["aligned"], found["notes"]) == (True, [])


def pieces(text: str) -> str:
    """A long text as the strings of one TXT record."""
    return " ".join(f'"{text[start : start + 250]}"' for start in range(0, len(text), 250))


NUMBERS = itertools.count()


class Endless(dict[str, str | Records]):
    """A zone where each SPF record includes two names that nobody has asked for before."""

    def get(self, name: str, default: Any = None) -> Any:
        return {"TXT": [f'"v=spf1 include:{next(NUMBERS)}.shop.example include:{next(NUMBERS)}.shop.example -all"']}


@pytest.mark.parametrize(
    "zone",
    [
        shop() | {"shop.example": {"TXT": [pieces("v=spf1 " + "ip4:198.41.0.4 " * 700)]}},
        shop() | {"shop.example": {"TXT": [pieces("v=spf1 " + "all" * 3500)]}},
        shop() | {"shop.example": {"TXT": [pieces("v=spf1 a/" + "1" * 10_000)]}},
        shop() | {"_dmarc.shop.example": {"TXT": [pieces("v=DMARC1; p=none; rua=" + "mailto:a@b.example," * 550)]}},
        shop() | {"shop.example": {"TXT": ['"v=spf1 \\255\\000\\254 -all"', '"\\200"']}},
        shop() | {"_dmarc.shop.example": {"TXT": ['"v=DMARC1; p=\\255\\000"']}},
        shop() | {"google._domainkey.shop.example": {"TXT": ['"\\255=\\000;;=p;p"']}},
        Endless(),
    ],
    ids=["long", "glued", "digits", "reports", "binary", "binary policy", "binary key", "endless"],
)
@pytest.mark.parametrize("through", [{"address": SERVER}, {"provider": "google-workspace"}])
def test_hostile_records_are_a_finding_within_the_time(zone: Zone, through: dict[str, str]) -> None:
    started = time.monotonic()

    found = examine(zone, **through, timeout=2)

    assert time.monotonic() - started < 2.5
    assert found["state"] == "found"
    assert len(str(found)) < 20_000


def test_a_second_look_sees_what_was_mended_meanwhile() -> None:
    before = examine(shop(None))

    after = examine(shop())

    assert (before["spf"]["covers"], after["spf"]["covers"]) == (False, True)


class Listening(dict[str, str | Records]):
    """A zone that remembers which names it was asked for."""

    def __init__(self, zone: Zone) -> None:
        super().__init__(zone)
        self.asked: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(name)
        return super().get(name, default)


def test_explanations_and_where_reports_go_are_not_asked_for() -> None:
    zone = Listening(shop("v=spf1 include:_spf.google.com -all exp=why.shop.example"))

    found = examine(zone)

    assert found["spf"]["covers"] is True
    assert {name for name in zone.asked if "why" in name or "reports" in name} == set()


class Kinds(dict[str, Sequence[str]]):
    """Records of a name that remember which types were asked for."""

    asked: ClassVar[set[str]] = set()

    def get(self, kind: str, default: Any = None) -> Any:
        self.asked.add(kind)
        return super().get(kind, default)


def test_the_obsolete_type_of_record_that_some_name_servers_leave_unanswered_is_not_asked_for() -> None:
    zone = shop()
    zone["shop.example"] = Kinds(zone["shop.example"])

    found = examine(zone)

    assert found["spf"]["covers"] is True
    assert Kinds.asked == {"MX", "TXT"}


def every_note() -> Iterator[dict[str, Any]]:
    """The notes of some domains, one of each kind."""
    for record in (None, "v=spf1 mx -all", "v=spf1 ipv4:x -all"):
        yield from examine(shop(record))["notes"]
    yield from examine(FREE, "gmail.com", address=SERVER)["notes"]
    yield from examine({}, "gone.example")["notes"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_note_has_words_and_all_their_values(language: str) -> None:
    for note in every_note():
        said = notes.words(note, language)

        assert said["cause"] in notes.catalogue()
        assert "…" not in said["title"] + said["why"]


def test_the_libraries_of_domains_are_loaded_only_when_a_domain_is_looked_at() -> None:
    program = "import sys, core.diagnosis.domain; print([m for m in ('checkdmarc', 'dns') if m in sys.modules])"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
