"""Core's one thread and one event loop in a process: checks and servers live there, pages only ask."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None
_thread = threading.Thread()


def loop() -> asyncio.AbstractEventLoop:
    """The loop, started at its first use."""
    global _loop, _thread
    with _lock:
        if _loop is None or _loop.is_closed():
            _loop = asyncio.new_event_loop()
            _thread = threading.Thread(target=_serve, args=(_loop,), name="mailgauge-core", daemon=True)
            _thread.start()
        return _loop


def start(work: Coroutine[Any, Any, T]) -> Future[T]:
    """Starts work on core's loop and returns at once."""
    return asyncio.run_coroutine_threadsafe(work, loop())


def run(work: Coroutine[Any, Any, T]) -> T:
    """Does work on core's loop and waits for it; never from the loop itself."""
    return start(work).result()


def stop() -> None:
    """Ends everything on the loop in order, then the loop."""
    global _loop
    with _lock:
        if _loop is not None:
            asyncio.run_coroutine_threadsafe(_wind_down(), _loop).result()
            _loop.call_soon_threadsafe(_loop.stop)
            _thread.join()
            _loop = None


def _serve(served: asyncio.AbstractEventLoop) -> None:
    """The thread's whole life."""
    served.run_forever()
    served.run_until_complete(served.shutdown_default_executor())
    served.close()


async def _wind_down() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
