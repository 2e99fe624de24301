"""The contract between the engine and a network.

The engine hands an adapter one part at a time and gets back one of a closed set of results (`results.py`). No adapter
raises for what a network or a wire can do; no vendor's JSON leaves its folder. All instants are aware, UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from app.composing.values import Part
from app.platforms.results import (
    AccountCheck,
    FindResult,
    PublishResult,
    ReadResult,
    RemoteRef,
    RetractResult,
)
from app.text.profile import TextProfile


class Via(StrEnum):
    """How an account's posts leave: through the network's API, into the local feed, or by a person's hand."""

    NETWORK = "network"
    SANDBOX = "sandbox"
    BY_HAND = "by_hand"


class Credentials(Protocol):
    """An account's secrets, decrypted only while in use. Never logged, never in a repr."""

    def read(self) -> dict[str, str]:
        """Return the secrets by name."""
        ...

    def store(self, secrets: Mapping[str, str]) -> None:
        """Keep new secrets durably; returns only when they are stored."""
        ...

    def lock(self) -> AbstractContextManager[None]:
        """Hold off every other refresh of this account while a new token is fetched."""
        ...


@dataclass(frozen=True, slots=True)
class Connection:
    """An account as an adapter needs it. `server` is the base URL where the network has many servers."""

    account: str
    platform: str
    via: Via
    credentials: Credentials
    server: str | None = None
    remote_id: str | None = None
    handle: str | None = None
    person: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Minted:
    """What was fixed for a part before anything was sent, and is used unchanged by every attempt of its generation.

    `key` is the idempotency key (or rkey); `record` is the JSON-ready body without what only the parent's
    publication can tell (`reply`); `text` is the part's exact text.
    """

    key: str
    text: str
    record: Mapping[str, Any]


class KeepAlive(Protocol):
    """Keeps an attempt's lease while an adapter does something long before it publishes, such as an upload."""

    def renew(self) -> float | None:
        """Ask for more time, between two steps; never during the call that publishes.

        Returns:
            The new deadline (monotonic seconds of the adapter's clock), or None where the attempt must end: somebody
            else holds the delivery, or its longest time is over. Whoever gets None sends nothing more and returns
            `Retryable`.
        """
        ...


class NoMoreTime:
    """Keeps nothing: for calls that have one deadline."""

    def renew(self) -> float | None:
        """Grant nothing."""
        return None


@dataclass(frozen=True, slots=True)
class Sending:
    """One part on its way: its place in the thread (from 0), and the refs of the thread's first and previous part.

    `keep` renews the attempt's lease during steps that come before the publishing call.
    """

    minted: Minted
    index: int = 0
    root: RemoteRef | None = None
    parent: RemoteRef | None = None
    keep: KeepAlive = field(default_factory=NoMoreTime, compare=False)


class Platform(Protocol):
    """What every network's adapter can do. `deadline` is a monotonic instant of the clock given to the adapter."""

    def profile(self, connection: Connection) -> TextProfile:
        """Return the text rules that hold for this account, its server's own limits included."""
        ...

    def mint(self, part: Part, *, connection: Connection, language: str, now: datetime, seed: str) -> Minted:
        """Fix key and record of a part. `seed` is unique for delivery, part and generation; no I/O."""
        ...

    def publish_part(self, sending: Sending, connection: Connection, *, deadline: float) -> PublishResult:
        """Send one part, once."""
        ...

    def find_part(
        self, sending: Sending, connection: Connection, *, since: datetime, taken: frozenset[str], deadline: float
    ) -> FindResult:
        """Look, without writing, whether the part is out.

        A post older than `since`, or with a remote id in `taken` (recorded elsewhere), is not this one. Networks that
        answer by the minted key itself (sandbox, Bluesky) need no `since`: nothing else can stand under the key.
        """
        ...

    def read_part(self, ref: RemoteRef, connection: Connection, *, deadline: float) -> ReadResult:
        """Read, without writing, what readers see of a part that is out."""
        ...

    def retract_part(self, ref: RemoteRef, connection: Connection, *, deadline: float) -> RetractResult:
        """Take one part back, and read back that it is gone where the network allows. Doing it again does no harm."""
        ...

    def check_account(self, connection: Connection, *, deadline: float) -> AccountCheck:
        """Ask the network who the credentials belong to and what its limits are."""
        ...
