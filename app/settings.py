"""Settings: read once at the edge from the environment (`FOCUSWEEK_...`) and passed in as a value."""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.errors import BadConfiguration

#: No wait or lease of one delivery makes sense beyond a day. In seconds.
_LONGEST_SECONDS = 86_400.0
_ORIGIN = re.compile(r"https://[a-z0-9-]+(\.[a-z0-9-]+)*(:[1-9][0-9]{0,4})?\Z")
_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class Settings(BaseSettings):
    """Everything an operator can set. Durations carry their unit in their names."""

    model_config = SettingsConfigDict(env_prefix="FOCUSWEEK_", extra="ignore", frozen=True)

    data_dir: Path = Field(Path("data"), description="Where the SQLite database and the credentials' key live.")
    database_url: str | None = Field(None, repr=False, description="SQLAlchemy URL; SQLite in data_dir if unset.")
    database_statement_seconds: float = Field(
        60.0, gt=0, le=_LONGEST_SECONDS, description="The longest that one statement may take on PostgreSQL."
    )
    database_lock_seconds: float = Field(
        10.0, gt=0, le=_LONGEST_SECONDS, description="The longest that a statement waits for a lock on PostgreSQL."
    )
    database_idle_transaction_seconds: float = Field(
        120.0, gt=0, le=_LONGEST_SECONDS, description="How long PostgreSQL lets a transaction stand idle."
    )
    database_behind_pooler: bool = Field(
        False, description="A pooler in transaction mode (PgBouncer) stands before PostgreSQL: nothing is listened to."
    )
    credentials_keys: SecretStr | None = Field(
        None, description="Fernet keys, newest first, comma-separated; a file in data_dir if unset."
    )
    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 and :: are all of this machine's.")
    port: int = Field(8000, ge=1, le=65535)
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        ("127.0.0.1", "localhost", "[::1]", "::1"),
        min_length=1,
        description="Host headers answered, comma-separated.",
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Addresses or networks of the proxies before the service, comma-separated: who asked is what they "
        "say in X-Forwarded-For. With none, it is whoever connects.",
    )
    allow_private_targets: bool = Field(
        False, description="Let adapters reach loopback and private addresses, such as a test server."
    )
    organization: str | None = Field(
        None, max_length=64, description="Slug of the organization that commands work in, where there are several."
    )
    worker_threads: int = Field(4, ge=1, le=64, description="Deliveries sent at the same time.")
    tick_seconds: float = Field(30.0, gt=0, le=30, description="The longest sleep between two ticks.")
    publish_deadline_seconds: float = Field(
        45.0, gt=0, le=_LONGEST_SECONDS, description="Total time of one publishing call."
    )
    dispatch_lease_seconds: float = Field(
        60.0, gt=0, le=_LONGEST_SECONDS, description="How long a claim waits for its attempt."
    )
    send_lease_seconds: float = Field(
        120.0, gt=0, le=_LONGEST_SECONDS, description="How long an attempt may send; over the deadline."
    )
    settle_seconds: float = Field(
        60.0, ge=0, le=_LONGEST_SECONDS, description="Wait before asking a network whether a post is out."
    )
    metrics_token: SecretStr | None = Field(
        None, description="What /metrics asks for as a bearer token; without it, it answers this machine only."
    )
    rate_limit_per_minute: int = Field(
        600, ge=0, le=1_000_000, description="Requests a minute of each token or session; 0 for no limit."
    )
    rate_limit_by_address_per_minute: int = Field(
        60, ge=0, le=1_000_000, description="Requests a minute of each address that nobody is signed in at; 0 for none."
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Web pages that may use the API with a token, as https origins, comma-separated."
    )
    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s?#@]+$",
        description="Where people reach this service; links in alerts begin with it.",
    )
    oidc_client_id: str | None = Field(None, max_length=500, description="This service's name at the OpenID provider.")
    oidc_client_secret: SecretStr | None = Field(
        None, description="Its secret there; none for a public client, which PKCE alone protects."
    )
    oidc_name: str = Field("your organization", max_length=60, description="How the link to the provider reads.")
    oidc_issuer: str | None = Field(
        None,
        max_length=500,
        pattern=r"^https?://[^\s?#@]+$",
        description="OpenID Connect provider that people may sign in with, by its issuer; passwords only if unset.",
    )
    smtp_host: str | None = Field(None, description="Mail server for alerts; no e-mail is sent if unset.")
    smtp_port: int | None = Field(None, ge=1, le=65535, description="587, 465 with tls, or 25 with none if unset.")
    smtp_security: Literal["none", "starttls", "tls"] = Field(
        "starttls", description="How the way to the mail server is encrypted: none, starttls or tls."
    )
    smtp_user: str | None = Field(None, description="Name to sign in with at the mail server; no sign-in if unset.")
    smtp_password: SecretStr | None = Field(None, description="Password to sign in with at the mail server.")
    smtp_from: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+$",
        description="Sender's address of alerts by e-mail.",
    )
    smtp_timeout_seconds: float = Field(
        20.0, gt=0, le=60, description="How long the mail server may take for each step; thrice that for all."
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING, ERROR or CRITICAL.")

    @field_validator("allowed_hosts", "trusted_proxies", "cors_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for part in value:
            try:
                ip_network(part)
            except ValueError:
                raise ValueError(f"{part!r} is no address and no network such as 10.0.0.0/8") from None
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _with_its_client(cls, value: str | None, others: ValidationInfo) -> str | None:
        if value is not None and not (others.data.get("oidc_client_id") and others.data.get("public_url")):
            raise ValueError("FOCUSWEEK_OIDC_CLIENT_ID and FOCUSWEEK_PUBLIC_URL are needed with it")
        return value

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for part in value:
            if not _ORIGIN.match(part) or part.endswith(":443"):
                raise ValueError(f"{part!r} is no https origin such as https://pages.example, in lower case")
        return value

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.upper() not in _LOG_LEVELS:
            raise ValueError(f"expected one of {', '.join(_LOG_LEVELS)}")
        return value.upper()

    @property
    def answered_hosts(self) -> tuple[str, ...]:
        """The names that the service answers to: those allowed, and its public one."""
        public = urlsplit(self.public_url or "").hostname
        return (*self.allowed_hosts, public) if public else self.allowed_hosts

    @property
    def longest_sleep(self) -> timedelta:
        """The longest sleep between two ticks."""
        return timedelta(seconds=self.tick_seconds)

    @property
    def url(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'focusweek.sqlite3').absolute()}"


def read_settings(**overrides: object) -> Settings:
    """Read the environment; what is wrong there is said by the variable's name.

    Raises:
        BadConfiguration: A variable holds something that cannot be used.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # pydantic checks the values
    except ValidationError as error:
        lines = [f"FOCUSWEEK_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors()]
        raise BadConfiguration("; ".join(lines), hint="Correct the environment variables named above.") from None
