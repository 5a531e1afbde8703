"""Before connecting: what can be seen in the fields alone, each with the change that would mend it."""

from __future__ import annotations

import dataclasses
import difflib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.accounts import form as forms
from core.accounts import providers
from core.accounts.form import Form
from core.diagnosis import marks
from core.i18n import N_

MEANT = N_("Did you mean {meant}?")
ACCENTED = N_("The password holds “{letter}”: an input method may have made it. Type it with that switched off.")
SPACED = N_("App passwords are shown in four groups: leave out the blanks.")
OTHER_FROM = N_("{provider} sends as the address that logs in, {username}, unless {from_address} is an alias of it.")
NO_PASSWORD = N_("{provider} takes no passwords from programs any more, only sign-in by OAuth 2.0.")

SLIPS = {"stmp": "smtp", "smpt": "smtp", "sntp": "smtp", "smtpp": "smtp", "smt": "smtp", "mial": "mail", "mali": "mail"}
ENDINGS = {"con": "com", "cmo": "com", "comm": "com", "ocm": "com", "vom": "com", "ner": "net", "nett": "net"}
NEAR = 0.92  # how alike a host is to a known one to be taken for a slip of the pen
APP_PASSWORD = re.compile(r"[a-zA-Z]{4}(?:[\s\u00a0]+[a-zA-Z]{4}){3}")
BETWEEN = re.compile(r"[\s,;.\u3002\uff61]+")  # what fingers and input methods put where a dot belongs
URL = re.compile(r"(?:[a-z+]{2,16}:(?:/+|(?=[^/:]*[a-z])))?(?P<host>[^/:?#]+)(?::(?P<port>[0-9]{1,5}))?(?:[/?#].*)?")


@dataclass(frozen=True, slots=True)
class Finding:
    """What stands out at a field: a sentence with values, what a click may set, and the causes that it may explain."""

    field: str
    sentence: str
    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    set: Mapping[str, Any] | None = None
    explains: str = "\0"


def look(form: Form) -> list[Finding]:
    """What stands out in a form that is complete."""
    typed = {name: str(getattr(form, name)) for name in ("host", "port", "encryption", "username", "from_address")}
    return typed_so_far(typed | {"password": form.password.reveal()})


def typed_so_far(fields: Mapping[str, str]) -> list[Finding]:
    """What stands out in the fields as they stand, complete or not."""
    values = {name: str(fields.get(name) or "").strip(forms.BLANKS) for name in forms.FIELDS}
    return [*_host(values), *_port(values), *_password(values), *_from(values), *_encryption(values)]


def _host(values: Mapping[str, str]) -> Iterator[Finding]:
    """A host name with something around it, or one that is nearly a known one."""
    typed = unicodedata.normalize("NFC", values["host"]).lower()
    hit = URL.fullmatch(".".join(filter(None, BETWEEN.split(unicodedata.normalize("NFKC", typed)))))
    meant = spelled(hit["host"]) if hit else typed
    if hit and meant != typed and forms.is_host(meant):
        port = {"port": int(hit["port"])} if _is_port(hit["port"] or "") else {}
        yield Finding("host", MEANT, {"meant": meant}, {"host": meant} | port, explains="dns.")


def _port(values: Mapping[str, str]) -> Iterator[Finding]:
    """A port in the wide digits of an input method."""
    meant = unicodedata.normalize("NFKC", values["port"])
    if meant != values["port"] and _is_port(meant):
        yield Finding("port", MEANT, {"meant": meant}, {"port": int(meant)})


def _is_port(text: str) -> bool:
    return bool(forms.PORT.fullmatch(text)) and 0 < int(text) < 65536


def spelled(host: str) -> str:
    """A host name without the slips that fingers make."""
    first, dot, rest = host.partition(".")
    stem, _, ending = rest.rpartition(".")
    better = ".".join(filter(None, (SLIPS.get(first, first) if dot else first, stem, ENDINGS.get(ending, ending))))
    if marks.by_host(better) or better.count(".") < 2:  # smtp.example.com has two
        return better
    sure = (provider for provider in providers.catalogue().values() if not provider.unsure("servers"))
    known = {server.host for provider in sure for server in provider.servers}
    near = difflib.get_close_matches(better, known, n=1, cutoff=NEAR)
    return near[0] if near and _begins_alike(near[0], better) else better


def _begins_alike(one: str, other: str) -> bool:
    """Whether the providers' names begin with the same letter: smtp.mail.com is no smtp.gmail.com."""
    return one.split(".")[1][:1] == other.split(".")[1][:1]


def _password(values: Mapping[str, str]) -> Iterator[Finding]:
    password = values["password"]
    if APP_PASSWORD.fullmatch(password) and (provider := _provider(values)) and provider.login == "app_password":
        yield Finding("password", SPACED, set={"password": "".join(password.split())}, explains="auth.")
    elif strange := next((letter for letter in unicodedata.normalize("NFC", password) if not letter.isascii()), None):
        shown = f"{strange} ({unicodedata.name(strange, 'U+' + format(ord(strange), '04X')).lower()})"
        yield Finding("password", ACCENTED, {"letter": shown})


def _from(values: Mapping[str, str]) -> Iterator[Finding]:
    provider, username = _provider(values), values["username"]
    if provider is None:
        return
    if provider.login == "oauth2":
        yield Finding("password", NO_PASSWORD, {"provider": provider.name})
    elif provider.from_rule == "login" and "@" in username and username.lower() != values["from_address"].lower():
        named = {"provider": provider.name, "username": username, "from_address": values["from_address"]}
        if values["from_address"]:
            yield Finding("from_address", OTHER_FROM, named, {"from_address": username})


def _encryption(values: Mapping[str, str]) -> Iterator[Finding]:
    clash = forms.contradiction(values["port"], values["encryption"]) if values["encryption"] else None
    if clash:
        usual = {"encryption": forms.proposed(values["port"])}
        yield Finding(clash.field, clash.sentence, clash.values, usual)


def _provider(values: Mapping[str, str]) -> providers.Provider | None:
    return providers.by_host(values["host"], values["username"])
