"""What a check noticed though nothing failed: notes with their values, to be worded by `notes`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from core.accounts import providers
from core.accounts.form import Form
from core.smtp.connect import is_loopback
from core.smtp.endpoint import is_address

SOON = 21  # days before a certificate's end
AHEAD = 120  # days before a provider's rule changes
OLD = ("SSLv3", "TLSv1", "TLSv1.1")
WEAK = ("RC4", "3DES", "DES-CBC3", "NULL", "EXP")

Note = dict[str, Any]


def find(
    form: Form,
    *,
    tls: Mapping[str, Any] | None,
    domain: Mapping[str, Any] | None,
    addresses: Iterable[Mapping[str, Any]],
    now: datetime,
) -> list[Note]:
    """Everything worth a look, what comes to an end first."""
    return [
        *_password(form, now.date()),
        *(_certificate(tls, now) if tls else _plain(form)),
        *(domain["notes"] if domain else ()),
        *_addresses(addresses),
    ]


def _certificate(tls: Mapping[str, Any], now: datetime) -> Iterator[Note]:
    if tls["not_after"]:
        ends = datetime.fromisoformat(tls["not_after"])
        days = (ends - now.astimezone(UTC)).days
        if 0 <= days <= SOON:
            yield _note("note.certificate_ends", until=ends.date().isoformat(), days=days)
    if tls["version"] in OLD or any(part in tls["cipher"] for part in WEAK):
        yield _note("note.tls_weak", version=tls["version"], cipher=tls["cipher"])
    if not tls["verified"]:
        yield _note("note.certificate_trusted_by_hand")
    elif not tls["strict"]:
        yield _note("note.strict_x509")


def _plain(form: Form) -> Iterator[Note]:
    here = form.host == "localhost" or (is_address(form.host) and is_loopback(form.host))
    if form.encryption == "none" and not here and form.mode == "smtp":
        yield _note("note.unencrypted")


def _password(form: Form, today: date) -> Iterator[Note]:
    provider = providers.by_host(form.host, form.username)
    if provider and provider.password_ends and form.username:
        ends = date.fromisoformat(provider.password_ends)
        if today <= ends and (ends - today).days <= AHEAD:
            yield _note("note.password_ends", provider=provider.name, until=provider.password_ends)


def _addresses(addresses: Iterable[Mapping[str, Any]]) -> Iterator[Note]:
    for one in addresses:
        if one["event"]:
            yield _note("note.address_failed", address=one["address"], event=one["event"])


def _note(slug: str, **values: object) -> Note:
    return {"note": slug, "values": values}
