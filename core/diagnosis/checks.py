"""Checks: started under an id, run by core, stored as they go, read by whoever shows them."""

from __future__ import annotations

import logging
from collections import defaultdict
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from core import clock, ids, runtime, settings, tables
from core.accounts import setups
from core.accounts.access import Access
from core.accounts.form import TOO_LONG, Form, Problem
from core.database import DatabaseError
from core.diagnosis import causes, letter, notes
from core.diagnosis.examination import Examination
from core.diagnosis.journal import Journal
from core.diagnosis.step import Step
from core.diagnosis.terms import Terms
from core.diagnosis.verdict import Verdict, worded
from core.i18n import N_
from core.sending import reservation
from core.told import NotFound

LONGEST_TEXT = 5000  # letters that a person adds to a test mail
IN_SIGHT = 8  # checks of a history
SILENCE_MS = 90_000  # no stage lasts this long: the process that ran the check is gone

log = logging.getLogger(__name__)
_running: dict[int, Examination] = {}


@dataclass(frozen=True, slots=True)
class Check:
    """A check as it is stored. While it runs, `stage` is the one under way and `verdict` is None."""

    id: int
    setup: int | None
    created_at: int
    stage: str | None
    stage_since: int | None
    form: dict[str, Any]
    steps: tuple[Step, ...]
    verdict: Verdict | None
    result: dict[str, Any] = field(default_factory=dict)

    @property
    def running(self) -> bool:
        """Whether it goes on."""
        return self.verdict is None

    def words(self, language: str) -> dict[str, Any]:
        """Title, why, fixes, field and notes in a language; empty while it runs."""
        if not self.verdict:
            return {}
        noted = [notes.words(note, language) for note in self.result.get("notes", ())]
        return worded(self.verdict, language, known(), self.result.get("offers", ())) | {"notes": noted}


def problems(access: Access, form: Form, *, setup: int | None, text: str = "") -> list[Problem]:
    """What is still missing before a form can be tested, with any text of the user's in the mail."""
    if len(text) > LONGEST_TEXT:
        return [Problem("test_text", TOO_LONG, {"most": LONGEST_TEXT})]
    if form.username and not form.password and not setups.secret(access, setup, form):
        return [Problem("password", N_("Type the password that belongs to this user name and server."))]
    return []


def start(
    access: Access,
    form: Form,
    *,
    to: str,
    text: str = "",
    language: str = "en",
    setup: int | None = None,
    thorough: bool = False,
) -> int:
    """Begins a check of a form and returns its id at once; a thorough one sends scouts even where nothing fails.

    Raises DatabaseError when it cannot be written down.
    """
    typed = replace(form, password=form.password or setups.secret(access, setup, form))
    full = runtime.run(reachable(typed))
    number = ids.new()
    journal = Journal(number, full, letter.write(full, to=to, text=text, language=language), setup, access)
    journal.open().result()
    examination = Examination(journal, terms(domain=True, scouts="always" if thorough else "auto"), known)
    run(examination)
    return number


def run(examination: Examination, *, until: AsyncExitStack | None = None) -> None:
    """Lets an examination go on in core; what it needs meanwhile is closed at its end."""
    _running[examination.journal.check] = examination
    runtime.start(_run(examination, until or AsyncExitStack()))


def stop(number: int) -> bool | None:
    """Asks a check to stop; False once the message is out and cannot be called back, None if it does not run here."""
    live = _running.get(number)
    return None if live is None or live.result else live.stop(runtime.loop())


def load(access: Access, number: int) -> Check:
    """A check by its id. Raises NotFound."""
    if not (found := find(access, number)):
        raise NotFound(N_("This check is not there any more."))
    return found


def find(access: Access, number: int) -> Check | None:
    """A check by its id, None where it is not there any more."""
    return next(iter(_read(access, tables.checks.c.id == number)), None)


def latest(access: Access, *, setup: int | None, about: Form | None = None) -> int | None:
    """The id of the newest check of a setup, or with None of values that a page tested and nobody saved.

    With `about` only one that tested these settings counts: a setup's changes may be tested before they are saved.
    """
    table = tables.checks
    with access.read() as rows:
        query = rows.select(table, table.c.id).where(table.c.setup_id == setup)
        query = query if setup is not None else query.where(table.c.source == "page")
        query = query.where(*_about(table.c.form, about)) if about else query
        row = rows.first(query.order_by(table.c.id.desc()).limit(1))
    return row.id if row else None


def _about(stored: Any, form: Form) -> list[Any]:
    """The conditions under which a stored check tested a form; the platform's own server may have moved since."""
    mode = stored["mode"].as_string() == form.mode
    if form.mode == "default":
        return [mode]
    words = [stored[name].as_string() == getattr(form, name) for name in ("host", "encryption", "username")]
    sender = stored["from_address"].as_string() == form.from_address
    return [mode, *words, sender, stored["port"].as_integer() == form.port]


def history(access: Access, check: Check) -> list[Check]:
    """The finished checks before one, of its setup or else of its host, the newest first."""
    return _read(access, *_before(check), limit=IN_SIGHT)


def last_good(access: Access, check: Check) -> Check | None:
    """The last check before one that worked, of its setup or else of its host."""
    return next(iter(_read(access, *_before(check), tables.checks.c.verdict == "works", limit=1)), None)


def newest(access: Access, *, host: str) -> Check | None:
    """The newest finished check of a host."""
    return next(iter(_read(access, *_finished(), _of_host(host), limit=1)), None)


def adopt(access: Access, number: int, form: Form, *, setup: int) -> None:
    """Gives a check to the setup that its form was stored as; one that still runs tells the setup its end itself."""
    if live := _running.get(number):
        live.journal.setup = setup
    full = replace(form, password=form.password or setups.secret(access, setup, form))
    with access.write() as rows:
        mine = tables.checks.c.id == number
        rows.run(rows.update(tables.checks).where(mine).values(setup_id=setup))
        reservation.adopt(rows, number, setup=setup)
        row = rows.first(rows.select(tables.checks).where(mine))
        if row is not None and row.verdict:
            setups.tested(rows, setup, full, row.verdict, row.cause)


def known() -> dict[str, causes.Cause]:
    """Every cause: ours and those that this machine was taught."""
    return _taught()[0]


def broken() -> causes.Broken | None:
    """Why this machine's own causes are left out, None where they are not."""
    return _taught()[1]


def _taught() -> tuple[dict[str, causes.Cause], causes.Broken | None]:
    own = settings.current().own_causes
    return _known(own, tuple(sorted((path.name, path.stat().st_mtime_ns) for path in own.glob("*.toml"))))


@lru_cache(maxsize=1)
def _known(own: Path, _stamps: tuple[tuple[str, int], ...]) -> tuple[dict[str, causes.Cause], causes.Broken | None]:
    """All causes; read again when a file of the directory changed. A broken one leaves the own ones out."""
    try:
        return causes.catalogue(own), None
    except causes.Broken as error:
        log.error("the own causes in %s are left out: %s", own, error)
        return causes.catalogue(), error


def terms(**changes: Any) -> Terms:
    """How checks go on this machine."""
    return replace(Terms(nameservers=settings.current().nameservers), **changes)


async def reachable(form: Form) -> Form:
    """The form with an address: the default service of a fresh machine is our own outbox."""
    if form.mode == "default" and not form.host:
        from core.sending import outbox

        host, port = await outbox.address()
        return replace(form, host=host, port=port)
    return form


async def _run(examination: Examination, until: AsyncExitStack) -> None:
    number = examination.journal.check
    try:
        async with until:
            await examination.run()
    except DatabaseError:
        log.error("the end of a check could not be written to the database")
    finally:
        _running.pop(number, None)


def _before(check: Check) -> tuple[Any, ...]:
    table = tables.checks
    alike = table.c.setup_id == check.setup if check.setup else _of_host(check.form["host"])
    return *_finished(), alike, table.c.id < check.id


def _finished() -> tuple[Any, ...]:
    """What is not under way any more; drills are none of a server."""
    return tables.checks.c.verdict.is_not(None), tables.checks.c.source != "drill"


def _of_host(host: str) -> Any:
    return tables.checks.c.form["host"].as_string() == host


def _read(access: Access, *conditions: Any, limit: int | None = None) -> list[Check]:
    """The checks that meet all conditions, the newest first, each with its steps."""
    table, step = tables.checks, tables.steps
    steps: defaultdict[int, list[Step]] = defaultdict(list)
    with access.read() as rows:
        found = rows.all(rows.select(table).where(*conditions).order_by(table.c.id.desc()).limit(limit))
        query = rows.select(step).where(step.c.check_id.in_([row.id for row in found]))
        for row in rows.all(query.order_by(step.c.position)):
            steps[row.check_id].append(Step.read(row.document))
    return [_check(row, tuple(steps[row.id])) for row in found]


def _check(row: Any, steps: tuple[Step, ...]) -> Check:
    base = (row.id, row.setup_id, row.created_at, row.stage, row.stage_since, row.form)
    live = _running.get(row.id)
    if live is not None and live.result:  # it is over, only the disk does not know it yet
        return Check(*base, tuple(live.steps), live.verdict, live.result)
    return Check(*base, steps, _verdict(row, alive=live is not None), row.result or {})


def _verdict(row: Any, *, alive: bool) -> Verdict | None:
    if row.result:
        stored = row.result["verdict"]
        return Verdict(**stored | {"also": tuple(stored["also"])})
    if not alive and clock.now() - row.stage_since > SILENCE_MS:
        return Verdict("error", "lost", stage=row.stage)
    return None
