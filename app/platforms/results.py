"""What a network answered: a closed set of results for each of the calls that the contract has.

What may be said of a publishing call, and what it commits the engine to:

- `Published`   the network answered with the post's id.
- `Retryable`   proved not sent (name lookup, refusal, connect or TLS time-out, 429): the same part may be tried again.
- `Permanent`   the network refused the content; trying again changes nothing.
- `AuthNeeded`  the token was refused even after one refresh: a person must reconnect the account.
- `Unknown`     anything after the first byte of the request: it may have gone out. Only `find_part` may settle it.
- `HandedOver`  a person posts it; nothing was sent.

All instants are aware, UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


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
