"""One stage of a check, done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from core.i18n import N_
from core.smtp.reply import Reply

STAGES = {
    "resolve": N_("Looking up the host name"),
    "connect": N_("Connecting to the server"),
    "tls": N_("Encrypting the connection"),
    "greeting": N_("Waiting for the server's greeting"),
    "ehlo": N_("Introducing ourselves"),
    "starttls": N_("Switching to encryption"),
    "auth": N_("Logging in"),
    "mail": N_("Naming the sender"),
    "rcpt": N_("Naming the recipient"),
    "data": N_("Handing over the mail"),
    "quit": N_("Saying goodbye"),
}
AROUND = "around"  # what follows the last stage of a check, and is no step

EVENTS = {  # what was no reply, in words; the names are core.smtp's
    "host_not_found": N_("This host name does not exist."),
    "resolver_failed": N_("The name server gave no answer."),
    "refused": N_("The connection was refused: nothing listens there."),
    "timed_out": N_("No answer to the connection attempt."),
    "unreachable": N_("There is no way to this address from here."),
    "closed": N_("The server closed the connection."),
    "silent": N_("The server said nothing within the time allowed."),
    "not_smtp": N_("What answered speaks something other than SMTP."),
    "speaks_tls": N_("No greeting, but an answer to a TLS handshake: this port is encrypted from the first byte."),
    "wrong_version": N_("The answer to the TLS handshake was no TLS: this port begins unencrypted."),
    "protocol_too_old": N_("Both sides have no TLS version in common."),
    "weak_crypto": N_("The server's key or certificate is too weak."),
    "handshake_failed": N_("The TLS handshake failed."),
    "cert_expired": N_("The certificate is out of date."),
    "cert_self_signed": N_("The certificate is self-signed."),
    "cert_untrusted": N_("Nobody trusted has signed the certificate."),
    "cert_hostname": N_("The certificate names another host."),
    "cert_invalid": N_("The certificate is not valid."),
    "cert_changed": N_("The certificate is another than the one that is trusted."),
    "trusted_by_hand": N_("The certificate was not checked against any authority: it is trusted by its fingerprint."),
    "redirected": N_("Another server greets in place of the provider's."),
    "starttls_missing": N_("The server does not offer STARTTLS."),
    "auth_missing": N_("The server does not offer a log-in."),
    "no_common_mechanism": N_("The server offers no way to log in that takes a password."),
    "refuses_plain": N_("The password was not sent: the connection is not encrypted."),
    "needs_smtputf8": N_("The server cannot take addresses with these letters."),
    "injected": N_("Something stood behind the answer to STARTTLS, before the encryption began."),
    "out_of_step": N_("The answer does not fit the question."),
    "ca_file": N_("The file with the authorities cannot be read."),
    "too_large": N_("The message is larger than the server takes."),
}


@dataclass(frozen=True, slots=True)
class Step:
    """What happened at a stage: `reply` is the server's words as they came, `event` names what was no reply."""

    stage: str
    ok: bool
    ms: int
    reply: str | None = None
    code: int | None = None
    enhanced: str | None = None
    cause: str | None = None
    detail: str | None = None
    event: str | None = None
    words: str = field(default="", repr=False)

    def document(self) -> dict[str, Any]:
        """The step as `check --json` prints it."""
        return {key: value for key, value in asdict(self).items() if key != "words"}

    @classmethod
    def of(cls, stage: str, ms: int, *, reply: Reply | None, event: str | None, detail: str | None) -> Step:
        """The step that a reply ended, or an event, or neither where nobody had to answer."""
        return cls(
            stage=stage,
            ok=event is None and (reply is None or 200 <= reply.code < 300),
            ms=ms,
            reply=reply.text if reply else None,
            code=reply.code if reply else None,
            enhanced=reply.enhanced if reply else None,
            event=event,
            detail=detail,
            words=reply.words if reply else detail or "",
        )

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Step:
        """The step that a document holds."""
        return cls(**document)
