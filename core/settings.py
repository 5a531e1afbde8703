"""What the operator sets, from the environment. Nothing needs to be set."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

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
    outbox: str = Field(default="127.0.0.1:0", description="where the embedded outbox listens; port 0: a free one")
    nameservers: Annotated[tuple[str, ...], NoDecode] = Field(default=(), description="asked, not the system's")

    @field_validator("nameservers", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(filter(None, value.replace(" ", "").split(","))) if isinstance(value, str) else value

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value if value.is_absolute() else ROOT / value

    @property
    def url(self) -> str:
        """The database's address, the default filled in."""
        return self.database_url or f"sqlite:///{quote(str(self.data_dir / 'mailgauge.db'))}"


@lru_cache
def current() -> Settings:
    """The settings of this process."""
    return Settings()
