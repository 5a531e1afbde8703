"""One check from its first stage to its stored end: walk, judge, write down."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from core.accounts import providers
from core.diagnosis import surroundings
from core.diagnosis.causes import Cause
from core.diagnosis.journal import Journal
from core.diagnosis.step import AROUND, Step
from core.diagnosis.surroundings import Surroundings
from core.diagnosis.terms import Terms
from core.diagnosis.verdict import Verdict, find, reach
from core.diagnosis.walk import Walk
from core.told import Told

log = logging.getLogger(__name__)
IN_BRACKETS = re.compile(r"\[([0-9a-fA-F.:]{7,})\]")


@dataclass
class Examination:
    """A check under way; `watch` hears its steps, too. `known` gives the causes once one is looked for."""

    journal: Journal
    terms: Terms
    known: Callable[[], Mapping[str, Cause]]
    watch: Callable[[Step | None, str | None], None] | None = None
    steps: list[Step] = field(default_factory=list)
    result: dict[str, Any] = field(default_factory=dict)
    verdict: Verdict = Verdict("error", "error")

    def __post_init__(self) -> None:
        self.walk = Walk(self.journal.form, self.journal.letter, self.terms, self.journal, self._heard)
        self.around = Surroundings(self.walk, self.terms, self.known)
        self._task: asyncio.Task[None] | None = None
        self._asked = self._cancelled = False

    async def run(self) -> Verdict:
        """Goes through with it; the verdict is stored when this returns. Raises DatabaseError when it cannot be."""
        started = time.monotonic()
        self.verdict = verdict = await self._examine()
        seen = await self._seen(verdict)
        self.result = self._result(verdict, round((time.monotonic() - started) * 1000)) | dict(seen)
        await self.journal.close(verdict.verdict, verdict.cause, self.result)
        return verdict

    async def _seen(self, verdict: Verdict) -> Mapping[str, Any]:
        """What stands around the check; neither a fault of ours there nor the process's end costs the verdict."""
        self.around.call_back(verdict)
        if self._cancelled:
            self.around.end()
        elif self.around.busy:
            self.journal.watch(None, AROUND)
        try:
            return await self.around.look(verdict)
        except asyncio.CancelledError:
            return surroundings.NOTHING
        except Exception:  # as in `_examine`
            log.exception("what stands around a check could not be looked at")
            return surroundings.NOTHING

    def stop(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Asks it to stop, from any thread; False once the message is out and its answer is waited for."""
        loop.call_soon_threadsafe(self._cancel)
        return self._walked or not self.walk.committed

    @property
    def _walked(self) -> bool:
        """Whether the verdict stands, and only what is around is still looked at."""
        return self._task is not None and self._task.done()

    def _cancel(self) -> None:
        if self._walked:
            self.around.end()
        elif self._task and not self.walk.committed:
            self._asked = True
            self._task.cancel()

    async def _examine(self) -> Verdict:
        self._task = asyncio.create_task(self.walk.run())
        try:
            await self._task
            return self._reached()
        except asyncio.CancelledError:
            self._cancelled = True
            return self._stopped()
        except Exception as error:  # the outermost loop of a check: a fault of ours is told as ours
            return self._ours(error)

    def _reached(self) -> Verdict:
        walk = self.walk
        return reach(walk.form, self.steps, self._values(), self.known(), committed=walk.committed, login=walk.login)

    def _heard(self, step: Step | None, following: str | None) -> None:
        if step:
            found = None if step.ok else find(self.walk.form, step, self.known(), login=self.walk.login)
            step = replace(step, cause=found.cause.slug if found else None)
            self.steps.append(step)
        self.around.heard(step, following)
        self.journal.watch(step, following)
        if self.watch:
            self.watch(step, following)

    @property
    def _stage(self) -> str | None:
        return self.steps[-1].stage if self.steps else None

    def _stopped(self) -> Verdict:
        """Ended by a person, or with the process; once the message is out nobody can say that nothing was sent."""
        if self._stage == "data":
            return self._reached()
        if self.walk.committed:
            return Verdict("unknown", "unsure", stage="data", retry="unsafe", values=self._values())
        verdict, state = ("stopped", "stopped") if self._asked else ("error", "lost")
        return Verdict(verdict, state, stage=self._stage, values=self._values())

    def _ours(self, error: Exception) -> Verdict:
        values = self._values()
        if isinstance(error, Told):
            values |= {"sentence": error.sentence} | error.values
        else:
            log.exception("a check failed by a fault of ours")
        return Verdict("error", "error", stage=self._stage, evidence=type(error).__name__, values=values)

    def _values(self) -> dict[str, Any]:
        """What sentences and rules may refer to."""
        form, mail = self.walk.form, self.walk.letter
        provider = providers.by_host(form.host, form.username)
        named = ("host", "port", "encryption", "username", "from_address", "domain")
        values = {name: getattr(form, name) for name in named}
        values |= {"to": mail.to, "code": mail.code, "provider": provider.id if provider else None}
        return values | {"outbox": form.mode == "default" and _is_outbox()}

    def _result(self, verdict: Verdict, elapsed: int) -> dict[str, Any]:
        talk = self.walk.talk
        return {
            "verdict": asdict(verdict) | {"also": list(verdict.also)},
            "transcript": str(self.walk.transcript),
            "capabilities": sorted(map(self.walk.transcript.redact, talk.offers)) if talk else [],
            "vantage": vantage(self.steps),
            "message_id": self.walk.letter.message_id,
            "elapsed_ms": elapsed,
        }


def _is_outbox() -> bool:
    from core.accounts import platform  # late: it reads the settings, which a check of a server does without

    return platform.is_outbox()


def vantage(steps: Iterable[Step]) -> dict[str, str]:
    """From where we spoke: our host name, and our public address where the server's EHLO reply shows it."""
    said = next((step.reply or "" for step in steps if step.stage == "ehlo"), "")
    shown = IN_BRACKETS.search(said.partition("\n")[0])
    return {"host": socket.gethostname()} | ({"address": shown[1]} if shown else {})
