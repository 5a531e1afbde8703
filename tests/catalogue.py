"""The schema of `data/providers.toml`: what an entry may hold. Its words are explained at the head of that file."""

import datetime
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

LABEL = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?|<[a-z-]+>)"
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]*$")]
Text = Annotated[str, StringConstraints(pattern=r"^\S(?:.*\S)?$")]
Domain = Annotated[str, StringConstraints(pattern=rf"^\.?{LABEL}(?:\.{LABEL})+$")]
Host = Annotated[str, StringConstraints(pattern=rf"^{LABEL}(?:\.{LABEL})+$", max_length=253)]
Plain = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]+(?:\.[a-z0-9-]+)+$")]
Url = Annotated[str, StringConstraints(pattern=r"^https://[a-z0-9.-]+\.[a-z]+(?:/\S*)?$")]
Month = Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-(?:0[1-9]|1[0-2])$")]
Unit = Literal["recipients", "messages", "external", "unique", "unique external"]
Window = Literal[
    "rolling 24h", "day", "month", "hour", "15 minutes", "10 minutes", "minute", "second", "message"
]  # fmt: skip
Encryption = Literal["ssl", "starttls"]


def _date(text: str) -> str:
    datetime.date.fromisoformat(text if len(text) > len("2026-12") else f"{text}-01")
    return text


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("no time zone goes by this name")
    return name


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Words(_Strict):
    """A sentence in both languages."""

    en: Text
    vi: Text


class Server(_Strict):
    """A way in; what needs no encryption is not for passwords."""

    host: Host
    port: Annotated[int, Field(gt=0, lt=65536)]
    encryption: Encryption


class Limit(_Strict):
    """An amount, and where it is said."""

    unit: Unit
    amount: Annotated[int, Field(gt=0)]
    window: Window
    source: Url
    scope: Literal["login", "domain", "plan"] = "login"
    zone: Annotated[str, AfterValidator(_zone)] | None = None

    @model_validator(mode="after")
    def _zone_of_a_day(self) -> "Limit":
        if self.zone and self.window != "day":
            raise ValueError("only a day has a zone")
        return self


class Region(_Strict):
    """Accounts at another of the servers."""

    smtp: Plain
    imap: Plain | None = None
    domains: list[Plain] = []
    mx: list[Plain] = []


class Imap(_Strict):
    """Where the Sent folder is."""

    host: Plain
    port: Literal[993]
    encryption: Literal["ssl"]
    sent: Annotated[list[Text], Field(min_length=1)]
    source: Url


class OAuth2(_Strict):
    """A sign-in."""

    scope: Text
    authorize: Url
    token: Url
    source: Url
    device: bool = False
    approval: bool = False


class Rule(_Strict):
    """What From may be; with words of its own, or the general ones."""

    rule: Literal["login", "verified", "domain", "any"]
    en: Text | None = None
    vi: Text | None = None

    @model_validator(mode="after")
    def _both(self) -> "Rule":
        if (self.en is None) != (self.vi is None):
            raise ValueError("both languages, or none")
        return self


class Change(Words):
    """What changed or will."""

    date: Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-[0-9]{2}(?:-[0-9]{2})?$"), AfterValidator(_date)]
    what: Literal[
        "password_ends", "password_ended", "limit_changed", "trial_ends", "old_tls_off", "platform_moved", "billing"
    ]
    source: Url


class Provider(_Strict):
    """An entry."""

    id: Slug
    name: Text
    plan_of: Slug | None = None
    quick: bool = False
    login: Literal["app_password", "password", "key", "oauth2", "none"]
    username: Literal["address", "local", "fixed", "credential", "none"]
    username_value: Text | None = None
    domains: list[Domain] = []
    custom_domains: bool = False
    mx: list[Plain] = []
    servers: Annotated[list[Server], Field(min_length=1)]
    regions: list[Region] = []
    limits: list[Limit] = []
    limits_published: bool = True
    limits_note: Words | None = None
    reported: list[Limit] = []
    retry_prolongs: bool = False
    message_bytes: Annotated[int, Field(gt=1_000_000)] | None = None
    from_rule: Rule | None = None
    imap: Imap | None = None
    oauth2: OAuth2 | None = None
    spf: Plain | None = None
    dkim_selectors: list[Slug] = []
    dated: list[Change] = []
    notice: Words
    as_of: Month
    sources: Annotated[list[Url], Field(min_length=1)]
    unverified: list[Text] = []

    @model_validator(mode="after")
    def _whole(self) -> "Provider":
        for wrong in self._wrong():
            raise ValueError(wrong)
        return self

    def _wrong(self) -> Iterator[str]:
        """What does not fit together, each beginning with its field."""
        timed = [limit for limit in self.limits if limit.window != "message"]
        if bool(timed) != self.limits_published:
            yield "limits_published: false just where no limit of a time is named"
        if (self.username == "fixed") != bool(self.username_value):
            yield "username_value: where the user name is fixed"
        if self.login == "oauth2" and not self.oauth2:
            yield "oauth2: how to sign in, where no password is taken"
        if self.domains and any("<" in server.host for server in self.servers[:1]):
            yield "servers: the first one fills the form for an address, and needs a name"
        if {region.smtp for region in self.regions} - {server.host for server in self.servers}:
            yield "regions: smtp is one of the servers"
        for doubt in self.unverified:
            if not getattr(self, doubt.partition(":")[0], None):
                yield f"unverified: {doubt} is not in the entry"


class Catalogue(_Strict):
    """The file."""

    from_rule: dict[Literal["login", "verified", "domain", "any"], Words]
    limits_note: Words
    provider: list[Provider]


def problems(text: str) -> list[str]:
    """What is wrong with a catalogue: the entry, the field, and why."""
    document = tomllib.loads(text)
    try:
        found = Catalogue.model_validate(document)
    except ValidationError as error:
        return [_said(one["loc"], one["msg"], document) for one in error.errors()]
    return [*_doubles(found), *_strays(found)]


def _said(place: tuple[int | str, ...], why: str, document: dict[str, Any]) -> str:
    if place[0] == "provider" and len(place) > 1:
        entry = document["provider"][place[1]]
        place = (entry.get("id", f"entry {place[1]}"), *place[2:])
    return f"{'.'.join(map(str, place))}: {re.sub('^Value error, ', '', why)}"


def _doubles(found: Catalogue) -> Iterator[str]:
    """What two entries claim, so that only one would ever be found."""
    for field in ("id", "name", "domains", "mx"):
        values = [(getattr(one, field), one.id) for one in found.provider]
        each = [(name, owner) for value, owner in values for name in (value if isinstance(value, list) else [value])]
        twice = {name for name, times in Counter(name for name, _ in each).items() if times > 1}
        yield from (f"{owner}.{field}: {name} stands twice" for name, owner in each if name in twice)


def _strays(found: Catalogue) -> Iterator[str]:
    above: set[str] = set()
    for one in found.provider:
        if one.plan_of and one.plan_of not in above:
            yield f"{one.id}.plan_of: there is no entry {one.plan_of} above it, so the plan would be guessed first"
        above |= set() if one.plan_of else {one.id}
        if one.plan_of and (one.domains or one.mx):
            yield f"{one.id}.plan_of: a plan is chosen, not found by domains or mx"
