"""A check that nobody stores: what an examination comes to, without a database."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from typing import Any

from core.accounts import form as forms
from core.accounts.form import Form
from core.diagnosis import causes, letter
from core.diagnosis.examination import Examination
from core.diagnosis.letter import Letter
from core.diagnosis.step import Step
from core.diagnosis.terms import Terms
from core.smtp.reply import Reply

FAREWELL = 0.2  # seconds that a server has to end a connection when we do
Watch = Callable[[Step | None, str | None], None]


class Forgetful:
    """A journal that keeps nothing but the outcome."""

    def __init__(self, form: Form, mail: Letter) -> None:
        self.form, self.letter = form, mail
        self.outcome: str | None = None

    def watch(self, step: object, following: object) -> None:
        """Hears, forgets."""

    async def reserve(self) -> None:
        """Nothing to write."""

    async def settle(self, outcome: str, reply: Reply | None) -> None:
        """Remembers the outcome."""
        self.outcome = outcome

    async def close(self, *_: object) -> None:
        """Nothing to write."""


def examine(fields: Mapping[str, str], terms: Terms, *, watch: Watch | None = None) -> Examination:
    """A check of what a form says, and to whom, run to its end."""
    form, problems = forms.parse(fields)
    assert form, problems
    journal = Forgetful(form, letter.write(form, to=fields["to"]))
    examination = Examination(journal, terms, causes.catalogue, watch)  # type: ignore[arg-type]
    asyncio.run(whole(examination))
    return examination


async def whole(examination: Examination) -> None:
    """Runs a check, and waits until its connection is gone as well: a loop that ends would leave it open.

    What nobody awaited, and so nobody would hear of, fails here, and so does a fault of ours that is only in the log.
    """
    unheard: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unheard.append(context))
    log = logging.getLogger("core")
    listener = logging.Handler(logging.ERROR)
    listener.emit = unheard.append  # type: ignore[method-assign]
    log.addHandler(listener)
    try:
        await examination.run()
    finally:
        log.removeHandler(listener)
    if talk := examination.walk.talk:
        with contextlib.suppress(OSError):  # a time-out, too
            async with asyncio.timeout(FAREWELL):
                await talk.link.writer.wait_closed()
        talk.abort()
    await asyncio.sleep(FAREWELL / 100)
    assert unheard == []
