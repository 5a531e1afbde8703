"""What a check sees beside its own conversation: other ports, other addresses, certificates, the sender's domain."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, TypeVar

from core import clock
from core.accounts import providers
from core.diagnosis import observations, remedies, scouts
from core.diagnosis.causes import Cause
from core.diagnosis.document import each
from core.diagnosis.scouts import Scout
from core.diagnosis.step import Step
from core.diagnosis.terms import Terms
from core.diagnosis.verdict import Verdict
from core.diagnosis.walk import Walk
from core.smtp.connect import Attempt, resolve, survey
from core.smtp.faults import Fault

T = TypeVar("T")
DNS_SECONDS = 3.0  # that name servers have for the sender's domain, and for a certificate's names
SURVEY_SECONDS = 3.0  # that each address of the host has
ASKED = 5  # names of a certificate that are looked up
RESERVED = re.compile(r"(^|\.)(example|test|invalid|localhost|local|example\.(com|net|org))$")
HEAD_START = 1.0  # seconds that a connection may take before other ways are tried beside it
NOTHING: Mapping[str, Any] = {"scouts": [], "tls": None, "addresses": [], "domain": None, "offers": [], "notes": []}


class Surroundings:
    """Looks around while the walk goes on, so that a verdict does not wait for it."""

    def __init__(self, walk: Walk, terms: Terms, known: Callable[[], Mapping[str, Cause]]) -> None:
        self.walk = walk
        self.terms = terms
        self.known = known
        self._elsewhere = False  # whether another port or encryption may work where the walk ended
        self._clock: asyncio.TimerHandle | None = None
        self._scouts: asyncio.Task[list[Scout]] | None = None
        self._addresses: asyncio.Task[tuple[Attempt, ...]] | None = None
        self._domain: asyncio.Task[dict[str, Any] | None] | None = None
        self._name: asyncio.Task[str | None] | None = None  # of the certificate's
        self._over = False

    @property
    def busy(self) -> bool:
        """Whether somebody still looks."""
        return any(task and not task.done() for task in self._tasks)

    @property
    def _tasks(self) -> tuple[asyncio.Task[Any] | None, ...]:
        return self._scouts, self._addresses, self._domain, self._name

    def heard(self, step: Step | None, following: str | None) -> None:
        """Hears from the walk, and sends out who may be needed."""
        if step and step.stage == "connect" and self.terms.domain and self.walk.form.mode == "smtp":
            self._domain = asyncio.create_task(self._look_at_domain())
        if following == "connect" and self.terms.scouts != "never":
            self._clock = asyncio.get_running_loop().call_later(HEAD_START, self._send_out)
        if step and self.terms.scouts != "never":
            self._ended(step)

    def _ended(self, step: Step) -> None:
        """Sends the scouts after a step that may need them, and looks at the addresses that a connection overtook."""
        self._elsewhere = scouts.may_help(step)
        if step.stage == "connect" and step.ok and self._clock:
            self._clock.cancel()
        if self._elsewhere or (self.terms.scouts == "always" and step.stage == "connect"):
            self._send_out()
        elif step.stage == "connect" and self._overtaken():
            self._survey()

    async def look(self, verdict: Verdict) -> dict[str, Any]:
        """What was seen, as it is stored."""
        form, talk = self.walk.form, self.walk.talk
        tls = await asyncio.to_thread(talk.tls.document) if talk and talk.tls else None
        if not self._over:
            self._name = asyncio.create_task(self._twin(verdict.cause, tls))
        found = await _seen(self._scouts, [])
        elsewhere = found if self._elsewhere else []
        offers = remedies.find(form, verdict.cause, elsewhere, tls, twin=await _seen(self._name, None))
        addresses = [asdict(attempt) for attempt in await _seen(self._addresses, self.walk.attempts)]
        domain = await _seen(self._domain, None)
        noted = observations.find(form, tls=tls, domain=domain, addresses=addresses, now=clock.local(clock.now()))
        return {
            "scouts": [scout.document() for scout in found],
            "tls": each(tls, self.walk.transcript.redact),
            "addresses": addresses,
            "domain": domain,
            "offers": [offer.document() for offer in offers],
            "notes": noted if verdict.verdict == "works" else [],
        }

    def call_back(self, verdict: Verdict) -> None:
        """Ends what nobody waits for: the scouts of a slow connection that came up after all."""
        if self._clock:
            self._clock.cancel()
        if self._scouts and verdict.verdict == "works" and self.terms.scouts == "auto":
            self._scouts.cancel()

    def end(self) -> None:
        """Calls everybody back; what was seen by then stays."""
        self._over = True
        for task in self._tasks:
            if task:
                task.cancel()

    def _send_out(self) -> None:
        """Sends the scouts, once, to the addresses that are known by now."""
        walk = self.walk
        if self._scouts is None and walk.addresses and walk.form.mode == "smtp":
            self._scouts = asyncio.create_task(
                scouts.run(walk.form, walk.letter, walk.addresses, self.terms, self.known())
            )
            self._survey()

    def _survey(self) -> None:
        """Looks at each address by itself, where there are several."""
        walk = self.walk
        if self._addresses is None and len(walk.addresses) > 1:
            patience = min(self.terms.connect, SURVEY_SECONDS)
            self._addresses = asyncio.create_task(survey(walk.addresses, walk.form.port, timeout=patience))

    def _overtaken(self) -> bool:
        """Whether an address before the one that answered has said nothing yet."""
        answered = [one.address for one in self.walk.attempts if not one.event]
        known = {one.address for one in self.walk.attempts}
        before = self.walk.addresses[: self.walk.addresses.index(answered[0])] if answered else []
        return any(address not in known for address in before)

    async def _twin(self, cause: str | None, tls: Mapping[str, Any] | None) -> str | None:
        """A name of the certificate that is the same server: at its address, or under the same registrable domain."""
        names = remedies.candidates(self.walk.form, cause, tls)
        if not names or providers.by_host(self.walk.form.host):
            return None
        near = await asyncio.to_thread(remedies.under_one_roof, self.walk.form.host, names)
        asked = sorted(names, key=lambda name: name not in near)[:ASKED]
        here = await asyncio.gather(*map(self._is_here, asked))
        same = [name for name, is_here in zip(asked, here, strict=True) if is_here]
        return next(iter([*same, *near]), None)

    async def _is_here(self, name: str) -> bool:
        """Whether a name leads to the server that we spoke to."""
        patience = min(self.terms.connect, DNS_SECONDS)
        try:
            found = await resolve(name, nameservers=self.terms.nameservers, timeout=patience)
        except Fault:
            return False
        return remedies.same_server(found, self.walk.addresses)

    async def _look_at_domain(self) -> dict[str, Any] | None:
        """What the From's domain has published; nothing of a name that the world's DNS cannot know (RFC 6761)."""
        from core.diagnosis import domain

        form, nameservers = self.walk.form, self.terms.nameservers
        if not nameservers and RESERVED.search(form.domain):
            return None
        provider = providers.by_host(form.host, form.username)
        return await domain.examine(
            form.domain,
            provider=provider.id if provider else None,
            address=self.walk.talk.address if self.walk.talk else self.walk.addresses[0],
            nameservers=nameservers,
            timeout=DNS_SECONDS,
        )


async def _seen(looking: asyncio.Task[T] | None, otherwise: T) -> T:
    """What somebody saw, something else where nobody looked or they were called back."""
    if looking:
        await asyncio.wait([looking])
    return looking.result() if looking and not looking.cancelled() else otherwise
