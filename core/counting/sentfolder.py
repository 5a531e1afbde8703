"""Sent folders watched: what is due is read every few minutes, beside whatever else core does, or on demand."""

from __future__ import annotations

import asyncio
import logging
import random
import socket
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

from core import clock, runtime, settings
from core.accounts import access as accounts
from core.accounts import setups
from core.accounts.access import Access, everyone
from core.accounts.form import Form
from core.counting import watch
from core.counting.reading import Later, Reading
from core.counting.watch import Overtaken, Watch
from core.smtp import connect, mailbox
from core.smtp.faults import Fault
from core.smtp.mailbox import Place, Unread
from core.told import NotFound, Told

LOOK = 60.0  # seconds from one look at what is due to the next, give or take a fifth
TURN = 240.0  # seconds after which a reading makes room for others; it goes on at the next look
PATIENCE = 30.0  # seconds that a server may be silent
PARTING = 1.5  # seconds that a reading gets to end when core goes down
AT_ONCE = 16  # mailboxes that are read at a time
THREADS = 3 * AT_ONCE  # for what is read on demand beside them, and for the database

T = TypeVar("T")
Places = Callable[[Form], Place | None]
log = logging.getLogger(__name__)
_threads = ThreadPoolExecutor(THREADS, "mailgauge-sentfolder")
_running: dict[tuple[int, int], asyncio.Task[Watch | None]] = {}  # by account and setup; on core's loop only


def start(access: Access, setup: int, *, bounces: bool = False, places: Places = mailbox.place) -> Future[Watch | None]:
    """Watches the Sent folder of a setup from now on, and begins to read it; the end of that reading."""
    watch.put(access, setup, bounces=bounces)
    return now(access, setup, places=places)


def stop(access: Access, setup: int) -> None:
    """Watches it no longer; what was counted stays counted."""
    watch.drop(access, setup)


def now(access: Access, setup: int, *, places: Places = mailbox.place) -> Future[Watch | None]:
    """Reads a watched folder now, in core; the end of that reading, None where it is not watched."""
    return runtime.start(_read(access, setup, places))


def once(name: str, *, places: Places = mailbox.place) -> Watch:
    """Watches the Sent folder of the only user's setup, and reads it to its end. Raises NotFound."""
    mine = accounts.access()
    one = setups.find(mine, name).id
    if watch.find(mine, one) is None:
        watch.put(mine, one, bounces=False)
    before, counted = -1, 0
    while found := now(mine, one, places=places).result():
        counted += found.counted
        if found.state != watch.READING or found.found == before:
            return replace(found, counted=counted)
        before = found.found
    raise NotFound(watch.STOPPED)


def state(access: Access, setup: int, *, places: Places = mailbox.place) -> Watch | None:
    """How the watch of a setup stands, None where there is none. Asks nobody but the database."""
    found = watch.find(access, setup)
    if found is None:
        return None
    place = places(setups.find(access, setup).form)
    return replace(found, host=place.host if place else "")


async def run(*, places: Places = mailbox.place, look: float = LOOK) -> None:
    """Reads what is due, for as long as core is up; an account that is slow holds no other one."""
    gate = asyncio.Semaphore(AT_ONCE)
    busy: dict[int, asyncio.Task[None]] = {}
    while True:
        for access, due in await _apart(_due):
            if access.account_id not in busy:
                task = asyncio.create_task(_account(access, due, gate, places))
                busy[access.account_id] = task
                task.add_done_callback(lambda _, done=access.account_id: busy.pop(done))  # type: ignore[misc]
        await asyncio.sleep(look * random.uniform(0.8, 1.2))  # noqa: S311 - spreads many Mailgauges over the minute


def _due() -> list[tuple[Access, list[int]]]:
    try:
        return [(access, due) for access in everyone() if (due := watch.due(access))]
    except Told as error:
        log.error("%s", error)
        return []


async def _account(access: Access, due: Sequence[int], gate: asyncio.Semaphore, places: Places) -> None:
    for setup in due:
        async with gate:
            await _read(access, setup, places)


async def _read(access: Access, setup: int, places: Places) -> Watch | None:
    """One reading of a folder; who comes while it goes on waits for the same."""
    key = (access.account_id, setup)
    if key not in _running:
        _running[key] = asyncio.create_task(_turn(access, setup, places))
        _running[key].add_done_callback(lambda _: _running.pop(key))
    return await asyncio.shield(_running[key])


async def _turn(access: Access, setup: int, places: Places) -> Watch | None:
    """A reading from its first row to its last; whatever breaks is told there."""
    reading: Reading | None = None
    try:
        reading = await _apart(lambda: _prepare(access, setup, places))
        if reading:
            await _converse(reading)
            await _apart(lambda: _current(access, setup))
    except (Later, Overtaken):
        pass  # how far it came is written
    except (Unread, Fault) as broken:
        told = broken if isinstance(broken, Unread) else Unread("unreachable", broken.detail)
        await _apart(lambda: _note(access, setup, state=told.state, reply=told.reply or None))
    except Told as error:
        log.error("%s", error)
    except Exception:
        log.exception("a Sent folder could not be read")
        await _apart(lambda: _note(access, setup, state="error", reply=None))
    found = await _apart(lambda: _state(access, setup, places))
    return replace(found, counted=reading.counted) if found and reading else found


async def _converse(reading: Reading) -> None:
    """Connects, and has the mailbox read in a thread; one that takes far too long is cut off."""
    place = reading.place
    addresses = await connect.resolve(place.host, nameservers=settings.current().nameservers)
    connection = await connect.dial(addresses, place.port)
    connection.settimeout(PATIENCE)
    with connection, connection.dup() as handle:
        work = asyncio.get_running_loop().run_in_executor(_threads, reading.read, connection)
        try:
            async with asyncio.timeout(TURN + 2 * PATIENCE):
                await asyncio.shield(work)
        except TimeoutError as error:
            raise Unread("unreachable") from error
        finally:
            if not work.done():
                handle.shutdown(socket.SHUT_RDWR)  # the thread hears the end of the connection
                await asyncio.wait([work], timeout=PARTING)


def _prepare(access: Access, setup: int, places: Places) -> Reading | None:
    """What is needed to read, None where it is not there: the state then says what."""
    found = watch.find(access, setup)
    if found is None:
        return None
    form = setups.find(access, setup).form
    place, secret = places(form), setups.secret(access, setup, form)
    if place is None or not secret:
        _note(access, setup, state="no_password" if place else "no_place", reply=None)
        return None
    _note(access, setup)
    return Reading(access, setup, replace(form, password=secret), place, time.monotonic() + TURN, found.bounces)


def _current(access: Access, setup: int) -> None:
    found = watch.find(access, setup)
    if found:
        _note(access, setup, state=watch.CURRENT if found.found else "empty", reply=None)


def _note(access: Access, setup: int, **values: object) -> None:
    """Notes the time, and what else there is to note."""
    try:
        watch.note(access, setup, read_at=clock.now(), **values)
    except Told as error:
        log.error("%s", error)


def _state(access: Access, setup: int, places: Places) -> Watch | None:
    try:
        return state(access, setup, places=places)
    except Told as error:
        log.error("%s", error)
        return None


async def _apart(work: Callable[[], T]) -> T:
    """Does what the database is asked for beside the loop."""
    return await asyncio.get_running_loop().run_in_executor(_threads, work)
