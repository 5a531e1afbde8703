"""The platform's own mail service: what the default mode sends through."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from core import settings
from core.accounts.form import ENCRYPTION_PORT, Form
from core.secret import Secret

SCHEMES = {"smtps": "ssl", "smtp+starttls": "starttls", "smtp": "none"}
NAME = "Mailgauge"


def form(reply_to: str = "") -> Form:
    """The default service as a form; without an address of its own it is the embedded outbox, host empty."""
    now = settings.current()
    base = Form(now.default_from, "", 0, "none", from_name=NAME, mode="default", reply_to=reply_to)
    if now.default_smtp_url is None:
        return base
    return _at(base, now.default_smtp_url.get_secret_value())


def is_outbox() -> bool:
    """Whether the default service is the embedded outbox, which delivers nowhere."""
    return settings.current().default_smtp_url is None


def _at(base: Form, address: str) -> Form:
    url = urlsplit(address)
    if url.scheme not in SCHEMES or not url.hostname:
        raise ValueError("MAILGAUGE_DEFAULT_SMTP_URL must look like smtps://user:password@host:465")
    encryption = SCHEMES[url.scheme]
    return Form(
        from_address=base.from_address,
        from_name=base.from_name,
        reply_to=base.reply_to,
        mode="default",
        host=url.hostname,
        port=url.port or ENCRYPTION_PORT[encryption],
        encryption=encryption,
        username=unquote(url.username or ""),
        password=Secret(unquote(url.password or "")),
    )
