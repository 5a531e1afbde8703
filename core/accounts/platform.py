"""The platform's own mail service: what the default mode sends through."""

from __future__ import annotations

from dataclasses import replace

from core import settings
from core.accounts.form import Form
from core.secret import Secret
from core.smtp import endpoint

NAME = "Mailgauge"


def form(reply_to: str = "") -> Form:
    """The default service as a form; without an address of its own it is the embedded outbox, host empty."""
    now = settings.current()
    base = Form(now.default_from, "", 0, "none", from_name=NAME, mode="default", reply_to=reply_to)
    if now.default_smtp_url is None:
        return base
    found = endpoint.server(now.default_smtp_url.get_secret_value())
    return replace(base, **found | {"password": Secret(str(found["password"]))})


def is_outbox() -> bool:
    """Whether the default service is the embedded outbox, which delivers nowhere."""
    return settings.current().default_smtp_url is None
