"""What the operator sets, from the environment. Nothing needs to be set."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from core.accounts.form import address_problem
from core.i18n import N_
from core.smtp.endpoint import is_address, parse, server
from core.told import Told

LOOPBACK = ("127.0.0.1", "::1", "localhost")
FERNET = re.compile(r"[A-Za-z0-9_-]{43}=")
ROOT = Path(__file__).parents[1]


class Settings(BaseSettings):
    """Environment variables with the prefix MAILGAUGE_."""

    model_config = SettingsConfigDict(env_prefix="MAILGAUGE_", env_ignore_empty=True)

    data_dir: Path = Field(default=ROOT / "data" / "local", description="this machine's files: database, key, outbox")
    database_url: str = Field(default="", description="the database; empty: SQLite in the data directory")
    secret_key: SecretStr | None = Field(default=None, description="Fernet keys, newest first, separated by commas")
    default_smtp_url: SecretStr | None = Field(default=None, description="the default mail service; empty: the outbox")
    default_from: str = Field(default="no-reply@mailgauge.localhost", description="From of the default mail service")
    default_daily_limit: int | None = Field(default=None, ge=1, description="recipients in 24 hours for an account")
    default_total_limit: int | None = Field(default=None, ge=1, description="recipients in 24 hours for all accounts")
    outbox: str = Field(default="127.0.0.1:0", description="where the embedded outbox listens; port 0: a free one")
    nameservers: Annotated[tuple[str, ...], NoDecode] = Field(default=(), description="asked, not the system's")

    @field_validator("nameservers", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(filter(None, value.replace(" ", "").split(","))) if isinstance(value, str) else value

    @field_validator("nameservers")
    @classmethod
    def _servers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Each with its port, 53 where none is named."""
        named = [f"[{entry}]:53" if is_address(entry) else entry for entry in value]
        if wrong := next((entry for entry in named if not is_address(parse(entry)[0])), None):
            raise ValueError(f"{wrong} is no address of a name server, such as 127.0.0.1:5353")
        return tuple(named)

    @field_validator("outbox")
    @classmethod
    def _endpoint(cls, value: str) -> str:
        if parse(value)[0] not in LOOPBACK:
            raise ValueError("the outbox takes mail from anybody: it listens on 127.0.0.1 or [::1] only")
        return value

    @field_validator("default_from")
    @classmethod
    def _address(cls, value: str) -> str:
        if address_problem("from_address", value):
            raise ValueError("write one mail address, such as no-reply@example.com")
        return value

    @field_validator("default_smtp_url")
    @classmethod
    def _url(cls, value: SecretStr | None) -> SecretStr | None:
        if value:
            server(value.get_secret_value())
        return value

    @field_validator("secret_key")
    @classmethod
    def _keys(cls, value: SecretStr | None) -> SecretStr | None:
        """Each a Fernet key: 32 bytes in URL-safe base64 (https://github.com/fernet/spec)."""
        keys = value.get_secret_value().split(",") if value else []
        if value and not all(FERNET.fullmatch(key.strip()) for key in keys):
            raise ValueError("write Fernet keys, each of 44 letters, with commas between them")
        return value

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value if value.is_absolute() else ROOT / value

    @cached_property
    def url(self) -> str:
        """The database's address, the default filled in."""
        return self.database_url or f"sqlite:///{quote(str(self.data_dir / 'mailgauge.db'))}"

    @property
    def own_causes(self) -> Path:
        """Where this machine's own causes and rules are."""
        return self.data_dir / "causes"


class WrongSetting(Told):
    """A variable of the environment that cannot be used."""

    sentence = N_("The environment variable {name} cannot be used: {detail}")


@lru_cache
def current() -> Settings:
    """The settings of this process. Raises WrongSetting."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False, include_url=False)[0]
        raise WrongSetting(
            name=f"MAILGAUGE_{first['loc'][0]}".upper(), detail=first["msg"].removeprefix("Value error, ")
        ) from None
