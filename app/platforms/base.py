"""The contract between the engine and a network.

The engine hands an adapter one part at a time and gets back one of a closed set of results. No adapter raises for
what a network or a wire can do; no vendor's JSON leaves its folder. All instants are aware, UTC.

What may be said of a publishing call, and what it commits the engine to:

- `Published`   the network answered with the post's id.
- `Retryable`   proved not sent (name lookup, refusal, connect or TLS time-out, 429): the same part may be tried again.
- `Permanent`   the network refused the content; trying again changes nothing.
- `AuthNeeded`  the token was refused even after one refresh: a person must reconnect the account.
- `Unknown`     anything after the first byte of the request: it may have gone out. Only `find_part` may settle it.
- `HandedOver`  a person posts it; nothing was sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from app.composing.values import Part
from app.text.profile import TextProfile


class Via(StrEnum):
    """How an account's posts leave: through the network's API, into the local feed, or by a person's hand."""

    NETWORK = "network"
    SANDBOX = "sandbox"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True)
class RemoteRef:
    """A part that is out: the network's id, its public address where known, and what a reply needs (`extra`)."""

    remote_id: str
    url: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Published:
    """The network took the part. `rest_until` is when it takes the account's next one, where it names a time."""

    ref: RemoteRef
    created_at: datetime | None = None
    rest_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Retryable:
    """Proved not sent. `retry_at` is the network's own time, if it named one."""

    code: str
    detail: str
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Permanent:
    """Refused for good; `duplicate` where the network says that it has this text already."""

    code: str
    detail: str
    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class AuthNeeded:
    """The credentials were refused."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have gone out."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A person was asked to post it; `to` names the person."""

    to: str


PublishResult = Published | Retryable | Permanent | AuthNeeded | Unknown | HandedOver


@dataclass(frozen=True, slots=True)
class Found:
    """The part is out; exactly one post fits."""

    ref: RemoteRef
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NotFound:
    """Proved not to be out."""


@dataclass(frozen=True, slots=True)
class CannotTell:
    """The network cannot answer: several posts fit, the page is incomplete, or there is no such call.

    `later` is set where it could only not be asked now (no connection, 429, 5xx): the same question is worth asking
    again, from `retry_at` on where the network named a time.
    """

    reason: str
    later: bool = False
    retry_at: datetime | None = None


FindResult = Found | NotFound | CannotTell


@dataclass(frozen=True, slots=True)
class Seen:
    """A part as the network shows it to its readers: its text, and the targets of its links in their order.

    `text` has what the network shows in place of a link where it shortens links; `links` has the whole targets.
    """

    text: str
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gone:
    """The network says that it has no such post."""


ReadResult = Seen | Gone | CannotTell


@dataclass(frozen=True, slots=True)
class Retracted:
    """It is gone, read back where the network allows."""


@dataclass(frozen=True, slots=True)
class RetractFailed:
    """It is still there, or nobody can tell. `later` is set where another try may help, from `retry_at` on."""

    code: str
    detail: str
    later: bool = False
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RetractByHand:
    """The network has no call for it: a person deletes it and says so."""

    detail: str


RetractResult = Retracted | RetractFailed | RetractByHand


@dataclass(frozen=True, slots=True)
class AccountCheck:
    """What a network says of an account. `settings` are facts worth keeping with it, such as the server's limits.

    `expires_at` is when the credentials end for good and a person must connect the account anew, where that is known.
    `unreachable` marks a check that says nothing of the credentials, because the network could not be asked.
    """

    ok: bool
    detail: str
    remote_id: str | None = None
    handle: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    unreachable: bool = False
    expires_at: datetime | None = None


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
