"""A drill for a test that does not run in an event loop: it plays in a thread of its own."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

from core.diagnosis import dialogue, drill
from core.diagnosis.drill import Drill

DIALOGUES = dialogue.OURS
FORM = drill.FORM


@contextlib.contextmanager
def play(path: Path) -> Iterator[Drill]:
    """Plays the dialogue in a file, anew for each connection, until the block ends."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    acting = contextlib.AsyncExitStack()
    try:
        played = drill.acting(dialogue.read(path))
        yield asyncio.run_coroutine_threadsafe(acting.enter_async_context(played), loop).result()
    finally:
        asyncio.run_coroutine_threadsafe(acting.aclose(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
