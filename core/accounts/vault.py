"""Passwords at rest: encrypted, and bound to the server and user name they were typed for."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from core import settings
from core.accounts import providers
from core.accounts.form import Form
from core.database import DatabaseError
from core.secret import Secret

KEY_FILE = "secret.key"


def seal(secret: Secret, form: Form) -> bytes | None:
    """The secret encrypted together with what it belongs to; None for an empty one."""
    if not secret:
        return None
    return _box().encrypt(json.dumps([secret.reveal(), *binding(form)]).encode())


def unseal(sealed: bytes | None, form: Form) -> Secret:
    """The secret, if the form still asks for the same log-in at the same server; else an empty one."""
    if not sealed:
        return Secret()
    try:
        value, *bound = json.loads(_box().decrypt(sealed))
    except InvalidToken:
        return Secret()
    return Secret(value) if _same(bound, binding(form)) else Secret()


def place() -> str:
    """Where the key is: a file, or the variable that holds it."""
    now = settings.current()
    return "MAILGAUGE_SECRET_KEY" if now.secret_key else str(now.data_dir / KEY_FILE)


def binding(form: Form) -> list[str | int]:
    """What a secret belongs to: host, port, encryption, user name."""
    return [form.host, form.port, form.encryption, form.username]


def _same(bound: Iterable[str | int], asked: list[str | int]) -> bool:
    """Whether nothing changed, or only among the servers that one provider names as its own."""
    *server, username = bound
    *wanted, name = asked
    return username == name and (server == wanted or providers.share(tuple(server), tuple(wanted)))


def _box() -> MultiFernet:
    now = settings.current()
    keys = now.secret_key.get_secret_value() if now.secret_key else _key_file(now.data_dir / KEY_FILE)
    return _made(keys)


@lru_cache
def _made(keys: str) -> MultiFernet:
    return MultiFernet([Fernet(key.strip()) for key in keys.split(",") if key.strip()])


def _key_file(path: Path) -> str:
    """The key in a file that only its owner reads; made at the first use."""
    try:
        if not path.exists():
            _create(path)
        return path.read_text(encoding="ascii")
    except OSError as error:
        raise DatabaseError("unreachable", str(path), str(error)) from error


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, draft = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)  # 0600, and no other thread's
    try:
        os.write(descriptor, Fernet.generate_key())
        os.fsync(descriptor)
        with contextlib.suppress(FileExistsError):  # another one was faster: theirs is the key
            os.link(draft, path)  # appears whole or not at all
    finally:
        os.close(descriptor)
        Path(draft).unlink()
