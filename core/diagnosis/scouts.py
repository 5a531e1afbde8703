"""Scouts: short conversations on other ports, all at once, that tell what would work; no log-in, no mail."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from core.accounts.form import NOTHING, PORT_ENCRYPTION, Form
from core.diagnosis.causes import Cause
from core.diagnosis.letter import Letter
from core.diagnosis.step import Step
from core.diagnosis.terms import Terms
from core.diagnosis.verdict import find
from core.diagnosis.walk import Walk
from core.smtp import sasl
from core.smtp.reply import Reply
from core.smtp.transcript import Transcript

PLANS = ((25, "starttls"), (465, "ssl"), (587, "starttls"), (2525, "starttls"))
PATIENCE = 4.0  # seconds to connect, and for each stage
WHOLE = 5.0  # seconds in all: with a second's head start of the check, an answer within six
STAGES = ("connect", "greeting", "tls", "starttls")  # failures of a check after which another way may work
UNOFFERED = ("auth_missing", "refuses_plain")


@dataclass(frozen=True, slots=True)
class Scout:
    """What one way into a server did: `greeting` its first line, `auth` the mechanisms that it offers for a log-in."""

    port: int
    encryption: str
    works: bool
    ms: int
    cause: str | None = None
    event: str | None = None
    greeting: str = ""
    auth: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """The scout as `check --json` prints it."""
        return asdict(self) | {"auth": list(self.auth)}


class _NoLedger:
    """Nothing is sent, so nothing is booked."""

    async def reserve(self) -> None:
        raise ValueError("a scout sends nothing")

    async def settle(self, outcome: str, reply: Reply | None) -> None:
        """Nothing came to a message."""


def may_help(step: Step) -> bool:
    """Whether another port or encryption may work where this step failed."""
    return not step.ok and (step.stage in STAGES or step.event in UNOFFERED)


def plans(form: Form) -> list[tuple[int, str]]:
    """The ways to try: the usual ports, and a port of no custom with each encryption."""
    own = [] if form.port in PORT_ENCRYPTION or form.port == 2525 else [(form.port, "ssl"), (form.port, "starttls")]
    return [*own, *PLANS]


async def run(
    form: Form, letter: Letter, addresses: Sequence[str], terms: Terms, known: Mapping[str, Cause]
) -> list[Scout]:
    """Every way tried, in the order of the ports; each ends within WHOLE seconds. None of them gets the password."""
    asked = [replace(form, port=port, encryption=encryption) for port, encryption in plans(form)]
    found = await asyncio.gather(*(_scout(one, letter, list(addresses), terms, known) for one in asked))
    return sorted(found, key=lambda scout: scout.port)


async def _scout(form: Form, letter: Letter, addresses: list[str], terms: Terms, known: Mapping[str, Cause]) -> Scout:
    steps: list[Step] = []
    short = replace(terms, connect=min(terms.connect, PATIENCE), stage=min(terms.stage, PATIENCE), whole=WHOLE)
    walk = Walk(
        replace(form, password=NOTHING),
        letter,
        replace(short, send=False),
        _NoLedger(),
        lambda step, _: _keep(steps, step),
    )
    walk.addresses, walk.scouting = addresses, True
    walk.transcript = Transcript(form.secrets)  # the server may know it from the check itself
    await walk.run()
    last = steps[-1]
    plain = last.event == "starttls_missing"  # what a port offers, it offers without encryption then
    offered = tuple(walk.transcript.redact(" ".join(walk.mechanisms())).split()) if walk.talk else ()
    works = (last.ok or plain) and bool(sasl.usable(offered) or not form.username)
    found = None if last.ok or works else find(form, last, known)
    return Scout(
        port=form.port,
        encryption="none" if plain else form.encryption,
        works=works,
        ms=sum(step.ms for step in steps),
        cause=_cause(found.cause.slug if found else None, last, offered, works=works),
        event=last.event,
        greeting=next((step.reply or "" for step in steps if step.stage == "greeting"), "").partition("\n")[0][:200],
        auth=offered,
    )


def _cause(found: str | None, last: Step, offered: Sequence[str], *, works: bool) -> str | None:
    """Why it does not work; a server that answers well but takes no log-in of ours has a cause of its own."""
    if works or not (last.ok or last.event == "starttls_missing"):
        return found
    return "auth.mechanism_unsupported" if offered else "auth.not_offered"


def _keep(steps: list[Step], step: Step | None) -> None:
    if step:
        steps.append(step)
