"""Publishes into the local feed, under the limits of the network it stands for."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.clock import Clock
from app.composing.values import Part
from app.platforms.base import Connection, Minted, Sending
from app.platforms.keys import key_of
from app.platforms.results import (
    AccountCheck,
    AuthNeeded,
    CannotTell,
    FindResult,
    Found,
    Gone,
    NotFound,
    Permanent,
    Published,
    PublishResult,
    ReadResult,
    RemoteRef,
    Retracted,
    RetractFailed,
    RetractResult,
    Retryable,
    Seen,
    Unknown,
)
from app.platforms.sandbox.faults import Fault, Faults
from app.platforms.sandbox.feed import Feed, FeedPost
from app.text.counting import fits, length
from app.text.profile import TextProfile

RATE_LIMIT_PAUSE = timedelta(minutes=15)


class SandboxAdapter:
    """Any network, without a network: the feed takes what the real one would take, and refuses what it would."""

    def __init__(self, profile: TextProfile, feed: Feed, clock: Clock, faults: Faults | None = None) -> None:
        self._profile = profile
        self._feed = feed
        self._clock = clock
        self._faults = faults or Faults()

    def profile(self, connection: Connection) -> TextProfile:  # noqa: ARG002 - the contract's signature
        """Return the network's own rules."""
        return self._profile

    def mint(self, part: Part, *, connection: Connection, language: str, now: datetime, seed: str) -> Minted:  # noqa: ARG002 - as above
        """Fix the key, and all that a page needs to show the part as the network would."""
        record = {
            "language": language,
            "links": [{"start": link.span[0], "end": link.span[1], "target": link.target} for link in part.links],
            "hashtags": [{"start": tag.span[0], "end": tag.span[1], "tag": tag.tag} for tag in part.hashtags],
        }
        return Minted(key_of(seed), part.text, record)

    def publish_part(self, sending: Sending, connection: Connection, *, deadline: float) -> PublishResult:
        """Put the part into the feed, unless the script of faults or the network's limits say otherwise."""
        if self._clock.monotonic() >= deadline:
            return Retryable("deadline_passed", "The deadline had passed before anything was sent.")
        fault = self._faults.take(connection.account)
        if fault is Fault.UNKNOWN_FOR_GOOD:
            self._faults.keep_silent(connection.account, sending.minted.key)
        refused = _as_scripted(fault, self._clock.now()) or self._refusal(sending, connection)
        if refused is not None:
            return refused
        post = self._feed.put(
            account=connection.account,
            platform=connection.platform,
            key=sending.minted.key,
            text=sending.minted.text,
            created_at=self._clock.now(),
            parent_id=None if sending.parent is None else sending.parent.remote_id,
            details=sending.minted.record,
        )
        if fault is Fault.UNKNOWN_ACCEPTED:
            return Unknown("scripted", "The answer was lost after the post was taken (scripted).")
        return Published(_ref(post), post.created_at)

    def _refusal(self, sending: Sending, connection: Connection) -> Permanent | None:
        text = sending.minted.text
        if not text.strip():
            return Permanent("text_empty", f"{self._profile.name} takes no empty text.")
        if not fits(text, self._profile):
            counted = length(text, self._profile)
            return Permanent(
                "text_too_long", f"{self._profile.name} takes {self._profile.limit}; this text counts {counted}."
            )
        if sending.parent is None:
            return None
        if not self._profile.has_threads:
            return Permanent("no_threads", f"{self._profile.name} has no threads.")
        if self._feed.by_id(connection.account, sending.parent.remote_id) is None:
            return Permanent("parent_missing", "The post that this one continues is not there.")
        return None

    def find_part(
        self,
        sending: Sending,
        connection: Connection,
        *,
        since: datetime,  # noqa: ARG002 - the key is exact
        taken: frozenset[str],
        deadline: float,  # noqa: ARG002 - nothing to wait for
    ) -> FindResult:
        """Look the part up by its key."""
        if self._faults.is_silent(connection.account, sending.minted.key):
            return CannotTell("The network does not say what it has (scripted).")
        post = self._feed.get(connection.account, sending.minted.key)
        if post is None or post.id in taken:
            return NotFound()
        return Found(_ref(post), post.created_at)

    def read_part(self, ref: RemoteRef, connection: Connection, *, deadline: float) -> ReadResult:  # noqa: ARG002 - as above
        """Return what the feed shows."""
        post = self._feed.by_id(connection.account, ref.remote_id)
        if post is None:
            return Gone()
        return Seen(post.text, tuple(link["target"] for link in post.details.get("links", ())))

    def retract_part(self, ref: RemoteRef, connection: Connection, *, deadline: float) -> RetractResult:  # noqa: ARG002 - as above
        """Delete the post and look again."""
        self._feed.remove(connection.account, ref.remote_id)
        if self._feed.by_id(connection.account, ref.remote_id) is not None:
            return RetractFailed("still_there", "The post is still in the feed.")
        return Retracted()

    def check_account(self, connection: Connection, *, deadline: float) -> AccountCheck:  # noqa: ARG002 - as above
        """A sandbox is always there."""
        return AccountCheck(
            ok=True,
            detail=f"A local feed with the limits of {self._profile.name}.",
            remote_id=connection.account,
            handle=connection.handle,
        )


def _as_scripted(fault: Fault | None, now: datetime) -> PublishResult | None:
    match fault:
        case Fault.REFUSED:
            return Permanent("scripted", "The network refused the content (scripted).")
        case Fault.RATE_LIMITED:
            return Retryable("rate_limited", "Too many posts (scripted).", now + RATE_LIMIT_PAUSE)
        case Fault.UNREACHABLE:
            return Retryable("connect_failed", "The network could not be reached (scripted).")
        case Fault.SIGNED_OUT:
            return AuthNeeded("token_refused", "The token was refused (scripted).")
        case Fault.UNKNOWN_LOST | Fault.UNKNOWN_FOR_GOOD:
            return Unknown("scripted", "The connection broke before the post was taken (scripted).")
        case _:
            return None


def _ref(post: FeedPost) -> RemoteRef:
    return RemoteRef(post.id, f"/sandbox?post={post.id}#{post.id}", {"key": post.key})
