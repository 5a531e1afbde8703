"""The TLS handshake of a check: with a trusted authority, with a certificate trusted by hand, or only to look."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from dataclasses import replace

from core.accounts.form import Form
from core.diagnosis.terms import Terms
from core.smtp import certificate, tls
from core.smtp.connect import connect
from core.smtp.conversation import Conversation
from core.smtp.faults import Fault
from core.smtp.tls import Session
from core.smtp.transcript import Transcript

TRUSTED = "trusted_by_hand"


async def secure(talk: Conversation, form: Form, terms: Terms, context: ssl.SSLContext) -> str:
    """Encrypts a conversation; the version and cipher. Raises Fault.

    A certificate that is not good stays in `talk.tls` all the same, for people to look at.
    """
    try:
        session = await talk.encrypt(context, form.host)
    except Fault as fault:
        if fault.event.startswith("cert_"):
            talk.refused = fault  # it stands though the time may run out over the second look
            if seen := await look(talk.address, form, terms):
                talk.tls = replace(seen, event=fault.event)
                raise Fault(fault.event, await _described(fault.detail, seen)) from fault
        raise
    if form.trust:
        known = bool(session.shown) and certificate.fingerprint(session.shown[0]) == form.trust
        talk.tls = replace(session, event=TRUSTED if known else "cert_changed")
        if not known:
            raise Fault("cert_changed", await _described("", session))
    return f"{session.version} {session.cipher}"


async def speaks_tls(address: str, form: Form, terms: Terms) -> bool:
    """Whether a silent port does a TLS handshake on a second connection; nothing else is said there."""
    return await look(address, replace(form, encryption="ssl"), terms) is not None


async def look(address: str, form: Form, terms: Terms) -> Session | None:
    """What a server shows in a handshake that verifies nothing; nothing is said after EHLO.

    None where it is not seen within the time that a connection may take.
    """
    with contextlib.suppress(Fault, OSError):  # a time-out, or no socket of ours, too
        async with asyncio.timeout(terms.connect):
            return await _shown(address, form, terms)
    return None


async def _shown(address: str, form: Form, terms: Terms) -> Session:
    link = await connect([address], form.port, timeout=terms.connect)
    probe = Conversation(link, Transcript(), patience=terms.connect)
    try:
        if form.encryption == "starttls":
            await probe.reply()
            await probe.ehlo()
            await probe.starttls()
        return await probe.encrypt(tls.blind(), form.host)
    finally:
        probe.abort()


async def context(form: Form, terms: Terms) -> ssl.SSLContext:
    """Whom a handshake is to trust. Raises Fault."""
    if form.trust:  # the certificate itself is known: whose it is and until when does not count
        return tls.blind()
    try:
        return await asyncio.to_thread(tls.context, terms.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise Fault("ca_file", str(error)) from error


async def _described(detail: str, session: Session) -> str:
    """The library's words, and whose certificate it is: that tells an antivirus program from a server."""
    chain = await asyncio.to_thread(certificate.chain, session.shown)
    said = {"certificate": "", "issuer": ""}
    if chain:
        said = {"certificate": chain[0].subject or ", ".join(chain[0].names[:3]), "issuer": chain[0].issuer}
    return "; ".join(filter(None, (detail, *(f"{name}: {words}" for name, words in said.items() if words))))
