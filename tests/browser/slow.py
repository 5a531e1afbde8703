"""Streamlit with slow runs of the script, to find what does not wait for them: `python slow.py run …`."""

import random
import runpy
import time
from typing import Any

from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner.script_runner import ScriptRunnerEvent

SHORT, LONG = 0.2, 1.0  # seconds
OFTEN = {ScriptRunnerEvent.ENQUEUE_FORWARD_MSG: 0.01, ScriptRunnerEvent.SHUTDOWN: 0}  # else each time: start and end
chance = random.Random()  # noqa: S311 - nothing secret
hear = AppSession._on_scriptrunner_event


def slowly(session: AppSession, sender: Any, event: ScriptRunnerEvent, *values: Any, **named: Any) -> None:
    """Hands on what a run tells its session, in the run's own thread, a while later."""
    if chance.random() < OFTEN.get(event, 1):
        time.sleep(chance.uniform(SHORT, LONG))
    hear(session, sender, event, *values, **named)


AppSession._on_scriptrunner_event = slowly  # type: ignore[method-assign]
runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
