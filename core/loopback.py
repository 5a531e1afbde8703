"""Single-user mode's guard: only this machine is answered, and only directly."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from core.i18n import N_, translate

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

PROXIES = {"forwarded", "via", "x-real-ip"}
HOSTS = {"localhost", "127.0.0.1", "[::1]"}

TAKEN = N_("Port {port} is taken by another program: Mailgauge takes {free}.")

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Mailgauge</title>
<h1>Mailgauge answers on its own machine only</h1>
<p>It runs for one person, without sign-in, so it shows nothing to the network and nothing behind a proxy.
Open http://127.0.0.1:8501 on the machine itself, or bring its port to yours:</p>
<pre>ssh -L 8501:127.0.0.1:8501 that-machine</pre>
<h1 lang="vi">Mailgauge chỉ trả lời trên chính máy đang chạy nó</h1>
<p lang="vi">Mailgauge đang chạy cho một người, không có đăng nhập, nên không hiện gì ra mạng hay qua proxy.
Hãy mở http://127.0.0.1:8501 ngay trên máy đó, hoặc chuyển cổng về máy của bạn bằng lệnh ssh ở trên.</p></html>
"""


class LoopbackOnly:
    """ASGI middleware: a loopback peer, a local Host and no forwarding header pass; anything else gets one page."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or is_local(scope):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            headers = [(b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-store")]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": PAGE.encode()})


def free_port(address: str, wanted: int) -> int:
    """The port if nobody listens there, else the next one that is free, at most a hundred further on."""
    return next((port for port in range(wanted, min(wanted + 100, 65_536)) if _is_free(address, port)), wanted)


def tell_taken(language: str, wanted: int, port: int) -> None:
    """Says on a terminal that another port was taken than the one that was asked for."""
    if wanted not in (0, port):
        print(translate(language, TAKEN, port=wanted, free=port), file=sys.stderr, flush=True)


def _is_free(address: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        if os.name == "posix":  # as the server itself does; on Windows it would share the port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
        return True


def is_local(scope: Scope) -> bool:
    """Whether a request comes straight from this machine."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    if any(name in PROXIES or name.startswith("x-forwarded-") for name in headers):
        return False
    origin = headers.get("origin")  # a page of another site, or of another program here, must not drive ours
    if scope["type"] == "websocket" and origin and urlsplit(origin).netloc.lower() != headers.get("host", "").lower():
        return False
    host, port = headers.get("host", ""), ""
    if sum(name.lower() == b"host" for name, _ in scope["headers"]) > 1:
        return False
    if not host.endswith("]"):
        host, _, port = host.rpartition(":") if ":" in host else (host, "", "")
    return host.lower() in HOSTS and (port.isdigit() or not port) and _is_loopback(scope.get("client"))


def _is_loopback(client: Any) -> bool:
    try:
        return bool(client) and ipaddress.ip_address(client[0]).is_loopback
    except ValueError:
        return False
