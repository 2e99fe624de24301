"""Hands every part to a person; nothing leaves the machine."""

from __future__ import annotations

from datetime import datetime

from app.composing.values import Part
from app.platforms.base import Connection, Minted, Sending
from app.platforms.keys import key_of
from app.platforms.results import (
    AccountCheck,
    CannotTell,
    FindResult,
    HandedOver,
    Permanent,
    PublishResult,
    ReadResult,
    RemoteRef,
    RetractByHand,
    RetractResult,
)
from app.text.profile import TextProfile


class ByHandAdapter:
    """A network that a person posts to: Focusweek prepares the text, the person posts and confirms it."""

    def __init__(self, profile: TextProfile) -> None:
        self._profile = profile

    def profile(self, connection: Connection) -> TextProfile:  # noqa: ARG002 - the contract's signature
        """Return the network's own rules."""
        return self._profile

    def mint(self, part: Part, *, connection: Connection, language: str, now: datetime, seed: str) -> Minted:  # noqa: ARG002 - as above
        """Fix the text to copy, with the full addresses behind its links."""
        return Minted(key_of(seed), part.text, {"language": language, "links": [link.target for link in part.links]})

    def publish_part(self, sending: Sending, connection: Connection, *, deadline: float) -> PublishResult:  # noqa: ARG002 - as above
        """Hand the part over to the account's person."""
        if not sending.minted.text.strip():
            return Permanent("text_empty", "There is no text to post.")
        if not (connection.person or "").strip():
            return Permanent("person_missing", "No person is named for this account: name who posts by hand.")
        return HandedOver(str(connection.person))

    def find_part(
        self,
        sending: Sending,  # noqa: ARG002 - the contract's signature
        connection: Connection,
        *,
        since: datetime,  # noqa: ARG002 - as above
        taken: frozenset[str],  # noqa: ARG002 - as above
        deadline: float,  # noqa: ARG002 - as above
    ) -> FindResult:
        """Only the person knows."""
        return CannotTell(f"{connection.person or 'A person'} posts here by hand; only they can say.")

    def read_part(self, ref: RemoteRef, connection: Connection, *, deadline: float) -> ReadResult:  # noqa: ARG002 - as above
        """Only the person can look."""
        return CannotTell(f"{connection.person or 'A person'} posts here by hand; only they can look.")

    def retract_part(self, ref: RemoteRef, connection: Connection, *, deadline: float) -> RetractResult:  # noqa: ARG002 - as above
        """Only the person can."""
        where = f" at {ref.url}" if ref.url else ""
        return RetractByHand(f"{connection.person or 'The person'} deletes the post{where} on {self._profile.name}.")

    def check_account(self, connection: Connection, *, deadline: float) -> AccountCheck:  # noqa: ARG002 - as above
        """Ask only whether a person is named."""
        if not (connection.person or "").strip():
            return AccountCheck(ok=False, detail="Name the person who posts by hand.")
        return AccountCheck(
            ok=True,
            detail=f"{connection.person} posts by hand on {self._profile.name}.",
            remote_id=connection.remote_id,
            handle=connection.handle,
        )
