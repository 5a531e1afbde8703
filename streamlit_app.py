"""The ASGI app that `streamlit run` starts: the dashboard, with core's thread, loop and outbox in one process."""

import contextlib
from collections.abc import AsyncIterator

import streamlit as st
from starlette.middleware import Middleware

from core import service
from core.loopback import LoopbackOnly
from pages.parts import fault


@contextlib.asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Core comes up before the first page and goes down after the last."""
    service.start()
    yield
    service.stop()


app = st.App("pages/frame.py", lifespan=lifespan, middleware=[Middleware(LoopbackOnly)], on_script_error=fault.show)

if __name__ == "__main__":
    app.run()
