"""A drill as a check: a server that behaves as a cause tells is played for it; nothing of it is booked as sent."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from core import ids, runtime
from core.accounts import form as forms
from core.accounts.access import Access
from core.diagnosis import checks, dialogue, drill, letter
from core.diagnosis.drill import Drill
from core.diagnosis.examination import Examination
from core.diagnosis.journal import Journal
from core.diagnosis.terms import Terms


def scenarios() -> list[str]:
    """The causes that can be played."""
    return sorted(dialogue.catalogue())


def start(access: Access, cause: str, *, language: str) -> int:
    """Begins a check of a server that plays a cause; its id. Raises NotFound or Closed."""
    return runtime.run(_start(access, cause, language))


async def _start(access: Access, cause: str, language: str) -> int:
    async with AsyncExitStack() as stage:
        played = await stage.enter_async_context(drill.playing(cause))
        form, problems = forms.parse(played.form)
        if form is None:
            raise ValueError(f"the dialogue of {cause} has no complete form: {problems}")
        mail = letter.write(form, to=played.form["to"], language=language)
        journal = Journal(ids.new(), form, mail, access=access, source="drill", books=False)
        await asyncio.wrap_future(journal.open())
        checks.run(Examination(journal, _terms(played), checks.known), until=stage.pop_all())
        return journal.check


def _terms(played: Drill) -> Terms:
    each = drill.SHORT if played.silent else 10
    return Terms(
        connect=each,
        stage=each,
        final=each,
        ca_file=str(played.ca) if played.ca else None,
        nameservers=(drill.DEAF,) if played.dns == "servfail" else (),
        loopback_is_us=played.form.get("trusted_loopback") != "no",
        scouts="never",
    )
