"""What one click can change: proposals from what the check saw, each with the fields that it sets."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from core.accounts.form import ENCRYPTION_NAMES, Form, is_host
from core.diagnosis import preflight
from core.diagnosis.scouts import Scout
from core.i18n import N_
from core.smtp.endpoint import is_address

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

ORDER = {465: 0, 587: 1, 2465: 2, 2587: 3, 2525: 4}  # the ports of submission first (RFC 8314), 25 and odd ones last
ELSEWHERE = ("connect.", "greeting.", "tls.")  # causes whose steps lead to another port
NEVER = ("tls.intercepted", "connect.redirected_by_host")  # who answers there is not who was meant
ANSWERS = N_("Port {port} with {encryption} answers from here: use that.")
NONE = N_("Another port is no way out: {ports} were tried from here, and none works.")
NAMED = N_("Use the host name that the certificate is made out to: {name}. The password is then asked for again.")
SAME = N_("Send as {username}, the address that you log in with.")
WHOLE = N_("Log in with the whole address: {username}.")
BARE = N_(
    "Port {port} has no encryption, neither SSL nor STARTTLS: ask the provider for a port that has. "
    "Choose None only for a server on this machine or in a network that you trust."
)
AGAIN = N_("Look at the new certificate: forget the one that you trusted before.")


@dataclass(frozen=True, slots=True)
class Remedy:
    """A sentence with its values, and the fields that a click sets, if any."""

    sentence: str
    set: Mapping[str, Any]
    values: Mapping[str, Any] = field(default_factory=dict)
    instead: tuple[str, ...] = ()  # fields that the cause's own steps must not set then

    def document(self) -> dict[str, Any]:
        """The remedy as it is stored."""
        kept = {"sentence": self.sentence, "set": dict(self.set), "values": dict(self.values)}
        return kept | ({"instead": list(self.instead)} if self.instead else {})


def find(
    form: Form, cause: str | None, scouts: Sequence[Scout], tls: Mapping[str, Any] | None, *, twin: str | None = None
) -> list[Remedy]:
    """What may be changed with one click about a cause; `twin` is a certificate's name proven to be the same server."""
    if form.mode == "default":
        return []
    found = [*_typed(form, cause), *_port(form, cause, scouts), *_name(cause, tls, twin), *_log_in(form, cause)]
    return list({str(remedy.set): remedy for remedy in reversed(found)}.values())[::-1]


def candidates(form: Form, cause: str | None, tls: Mapping[str, Any] | None) -> list[str]:
    """The names in a certificate that may be the host meant, none where somebody sits in between."""
    if cause != "tls.cert_hostname_mismatch" or not tls or is_address(form.host):
        return []
    names = dict.fromkeys(name.lower() for name in tls["names"])
    return [name for name in names if is_host(name) and not is_address(name) and name != form.host]


def under_one_roof(host: str, names: Iterable[str]) -> list[str]:
    """Those of the names that stand under the same registrable domain as a host (by the public suffix list)."""
    roof = _suffixes().privatesuffix(host)
    return [name for name in names if roof and _suffixes().privatesuffix(name) == roof]


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()


def _typed(form: Form, cause: str | None) -> Iterator[Remedy]:
    """A slip of the pen, where it explains the cause; what is kept of a password's is the sentence alone."""
    for finding in preflight.look(form):
        if finding.set and (cause or "").startswith(finding.explains):
            is_secret = finding.field == "password"
            yield Remedy(finding.sentence, {} if is_secret else finding.set, finding.values)


def _port(form: Form, cause: str | None, scouts: Sequence[Scout]) -> Iterator[Remedy]:
    if cause in NEVER:
        return
    own = (form.port, form.encryption)
    working = [s for s in scouts if s.works and s.encryption != "none" and (s.port, s.encryption) != own]
    for scout in sorted(working, key=lambda s: ORDER.get(s.port, 9))[:1]:
        words = {"port": scout.port, "encryption": ENCRYPTION_NAMES[scout.encryption]}
        yield Remedy(ANSWERS, {"port": scout.port, "encryption": scout.encryption}, words)
    others = [s for s in scouts if s.port != form.port]
    if others and not any(s.works for s in others) and (cause or "").startswith(ELSEWHERE):
        ports = ", ".join(str(port) for port in sorted({s.port for s in others}))
        yield Remedy(NONE, {}, {"ports": ports}, instead=("port",))
    bare = any(s.port == form.port and s.event == "starttls_missing" for s in scouts)
    if bare and cause == "tls.implicit_on_starttls_port":
        yield Remedy(BARE, {}, {"port": form.port}, instead=("encryption",))


def _name(cause: str | None, tls: Mapping[str, Any] | None, twin: str | None) -> Iterator[Remedy]:
    if twin and tls and cause == "tls.cert_hostname_mismatch":
        yield Remedy(NAMED, {"host": twin}, {"name": twin})
    if cause == "tls.cert_changed":
        yield Remedy(AGAIN, {"trust": ""})


def _log_in(form: Form, cause: str | None) -> Iterator[Remedy]:
    if cause == "sender.not_owned" and "@" in form.username and form.username.lower() != form.from_address.lower():
        yield Remedy(SAME, {"from_address": form.username}, {"username": form.username})
    if cause == "auth.bad_credentials" and form.username and "@" not in form.username:
        yield Remedy(WHOLE, {"username": form.from_address}, {"username": form.from_address})


def same_server(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two hosts share an address."""
    return bool(set(map(ipaddress.ip_address, one)) & set(map(ipaddress.ip_address, other)))
