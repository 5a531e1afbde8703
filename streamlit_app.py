"""The ASGI app that `streamlit run` starts: the dashboard, with core's thread, loop and outbox in one process.

`python streamlit_app.py` starts it, too, on the next free port where its own is taken.
"""

import contextlib
import logging
import os
import sys
import tomllib
from collections.abc import AsyncIterator

import streamlit as st
from starlette.middleware import Middleware

from core import i18n, loopback, service
from core.loopback import LoopbackOnly
from core.settings import ROOT
from pages.parts import fault


@contextlib.asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Core comes up before the first page and goes down after the last."""
    service.start()
    yield
    service.stop()


def port() -> list[str]:
    """The option for another port, with a sentence, where the one that is asked for is taken."""
    usual = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["server"]
    address = os.environ.get("STREAMLIT_SERVER_ADDRESS") or usual["address"]
    asked = os.environ.get("STREAMLIT_SERVER_PORT") or str(usual["port"])
    named = any(argument.startswith("--server.port") for argument in sys.argv)
    if named or not asked.isdecimal() or (found := loopback.free_port(address, int(asked))) == int(asked):
        return []
    print(i18n.translate(i18n.machine(), loopback.TAKEN, port=asked, free=found), file=sys.stderr, flush=True)
    return ["--server.port", str(found)]


logging.getLogger("streamlit.error_util").addFilter(fault.Quiet())
app = st.App("pages/frame.py", lifespan=lifespan, middleware=[Middleware(LoopbackOnly)], on_script_error=fault.show)

if __name__ == "__main__":
    from streamlit.web import cli  # app.run() would not heed the environment's STREAMLIT_ variables

    os.chdir(ROOT)  # Streamlit looks for its configuration in the directory that it was started from
    cli.main(["run", __file__, *port(), *sys.argv[1:]])
