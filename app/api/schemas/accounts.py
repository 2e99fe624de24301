"""Accounts and networks as requests and answers. Secrets go in and never come out."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, SecretStr, StringConstraints

from app.api.schemas.base import Id, Input, Line200, Moment, Output, SlugName, Whole, moment
from app.api.schemas.pauses import PauseRef, pause_ref
from app.models import Account, Pause
from app.platforms.base import Via
from app.platforms.registry import Network
from app.services.accounts import SECRETS, NewAccount

_Server = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^https?://[^\s/?#@\\]+/?$", max_length=500)]
_SecretName = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]


class AccountCreate(Input):
    """An account to be added."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"slug": "rehearsal-x", "platform": "x", "via": "sandbox"},
                {"slug": "our-page", "platform": "facebook", "via": "by_hand", "person": "Name of who posts"},
                {
                    "slug": "our-mastodon",
                    "platform": "mastodon",
                    "via": "network",
                    "server": "https://mastodon.example",
                    "secrets": {"token": "the access token"},
                },
            ]
        }
    )

    slug: SlugName = Field(description="Stable name; unique.")
    platform: str = Field(min_length=1, max_length=32, description="The network's slug; see /api/v1/platforms.")
    via: Via = Field(description="How its posts leave: by the network's API, into the sandbox, or by hand.")
    name: Line200 | None = Field(None, description="Name for people; the slug if left out.")
    server: _Server | None = Field(None, description="Base address of the account's server, for `network`.")
    person: Line200 | None = Field(None, description="Who posts, for `by_hand`.")
    min_gap_minutes: Whole | None = Field(
        None, ge=1, le=1440, description="Minutes between two posts; the campaign's cadence if left out."
    )
    secrets: dict[_SecretName, SecretStr] = Field(
        default={}, max_length=10, description="Write-only: kept encrypted, never given back. See /api/v1/platforms."
    )

    def value(self) -> NewAccount:
        """Return the account as the service takes it."""
        return NewAccount(
            slug=self.slug,
            platform=self.platform,
            via=self.via,
            name=self.name or "",
            server=self.server,
            person=self.person,
            min_gap_minutes=self.min_gap_minutes,
            secrets={name: secret.get_secret_value() for name, secret in self.secrets.items()},
        )


class AccountConnect(Input):
    """New secrets for an account that lost its connection, or whose token is to be changed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"secrets": {"token": "the new access token"}},
                {"secrets": {"token": "the new access token"}, "server": "https://mastodon.example"},
                {},
            ]
        }
    )

    secrets: dict[_SecretName, SecretStr] = Field(
        default={}, max_length=10, description="Write-only: all that the network needs; none for sandbox and by_hand."
    )
    server: _Server | None = Field(None, description="Base address of the server; the present one if left out.")

    def plain_secrets(self) -> dict[str, str]:
        """Return the secrets as the service takes them."""
        return {name: secret.get_secret_value() for name, secret in self.secrets.items()}


class AccountOut(Output):
    """An account, without its secrets."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 1,
                    "slug": "our-mastodon",
                    "platform": "mastodon",
                    "via": "network",
                    "name": "Our agency",
                    "server": "https://mastodon.example",
                    "handle": "agency@mastodon.example",
                    "person": None,
                    "state": "connected",
                    "state_reason": None,
                    "min_gap_minutes": None,
                    "created": {"utc": "2026-12-01T12:00:00Z", "local": None},
                    "paused_by": None,
                }
            ]
        }
    )

    id: Id
    slug: str
    platform: str
    via: str = Field(description="network, sandbox or by_hand.")
    name: str
    server: str | None
    handle: str | None = Field(description="What the network calls it, once it was asked.")
    person: str | None
    state: str = Field(description="connected, needs_reconnect or disconnected.")
    state_reason: str | None
    min_gap_minutes: int | None
    created: Moment
    paused_by: PauseRef | None = Field(description="The account's own pause, while it is in force.")


class PlatformOut(Output):
    """A network that posts can be composed for."""

    slug: str
    name: str
    limit: int = Field(description="The most that one part may count.")
    byte_limit: int | None
    counting: str = Field(description="How it counts.")
    link_length: int | None = Field(description="What every link counts, where that is fixed.")
    has_threads: bool
    max_hashtags: int | None
    max_links: int | None
    ways: list[str] = Field(description="How an account's posts can leave.")
    secrets: list[str] = Field(description="Names of the secrets that its API needs.")


class PlatformsOut(Output):
    """All networks."""

    items: list[PlatformOut]


def account_out(account: Account, pause: Pause | None = None) -> AccountOut:
    """Return an account, with its pause in force, as an answer."""
    return AccountOut(
        id=account.id,
        slug=account.slug,
        platform=account.platform,
        via=account.via,
        name=account.name,
        server=account.server,
        handle=account.handle,
        person=account.person,
        state=account.state,
        state_reason=account.state_reason,
        min_gap_minutes=account.min_gap_minutes,
        created=moment(account.created_at),
        paused_by=pause_ref(pause),
    )


def platform_out(slug: str, network: Network) -> PlatformOut:
    """Return a network as an answer."""
    profile = network.profile
    ways = [Via.SANDBOX, Via.BY_HAND, *([Via.NETWORK] if network.adapter is not None else [])]
    return PlatformOut(
        slug=slug,
        name=profile.name,
        limit=profile.limit,
        byte_limit=profile.byte_limit,
        counting=profile.counting.value,
        link_length=profile.link_length,
        has_threads=profile.has_threads,
        max_hashtags=profile.max_hashtags,
        max_links=profile.max_links,
        ways=[way.value for way in ways],
        secrets=list(SECRETS.get(slug, ())),
    )
