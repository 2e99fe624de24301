"""Bluesky, on any personal data server."""

from __future__ import annotations

from datetime import datetime

from app.composing.values import Part
from app.platforms.asked import is_for_now, not_looked, not_retracted, unanswered, unasked
from app.platforms.base import Connection, Minted, Sending
from app.platforms.bluesky.errors import error_name, error_text, result_of, unsigned
from app.platforms.bluesky.limits import PROFILE
from app.platforms.bluesky.payload import COLLECTION, place_of, record_of, ref_of, with_reply
from app.platforms.bluesky.read import seen_in
from app.platforms.bluesky.session import DEFAULT_SERVER, NoSession, Session
from app.platforms.bluesky.tid import tid_of
from app.platforms.http import Outbound
from app.platforms.outcomes import of_wire, parse_instant
from app.platforms.results import (
    AccountCheck,
    AuthNeeded,
    CannotTell,
    FindResult,
    Found,
    Gone,
    NotFound,
    Permanent,
    PublishResult,
    ReadResult,
    RemoteRef,
    Retracted,
    RetractFailed,
    RetractResult,
    Retryable,
)
from app.platforms.wire import Reply, WireError, brief, printable
from app.text.counting import fits
from app.text.profile import TextProfile

OK, BAD_REQUEST, LIMITED = 200, 400, 429
PUT, GET, DELETE = "com.atproto.repo.putRecord", "com.atproto.repo.getRecord", "com.atproto.repo.deleteRecord"


class BlueskyAdapter:
    """Writes each post under a record key minted beforehand, so that the key itself answers whether it is out."""

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound

    def profile(self, connection: Connection) -> TextProfile:  # noqa: ARG002 - the contract's signature
        """Return the network's rules; they are the same on every server."""
        return PROFILE

    def mint(self, part: Part, *, connection: Connection, language: str, now: datetime, seed: str) -> Minted:  # noqa: ARG002 - as above
        """Fix record key, `createdAt` and the whole record but for the parent's references."""
        return Minted(tid_of(seed, now), part.text, record_of(part, language=language, now=now))

    def publish_part(self, sending: Sending, connection: Connection, *, deadline: float) -> PublishResult:
        """Put the record under its key, once; the same record again answers as the first time."""
        # The server takes an empty text, and a text of any length reaches it only to come back.
        if not sending.minted.text.strip():
            return Permanent("text_empty", "Bluesky would take an empty text; it is not sent.")
        if not fits(sending.minted.text, PROFILE):
            return Permanent(
                "text_too_long", f"Bluesky takes {PROFILE.limit} characters and {PROFILE.byte_limit} bytes."
            )
        record = with_reply(sending.minted.record, sending.root, sending.parent)
        if record is None:
            return Permanent("parent_unknown", "The post that this one continues has no cid on record.")
        session = Session(self._outbound, connection, deadline)
        try:
            body = {
                "repo": session.did(),
                "collection": COLLECTION,
                "rkey": sending.minted.key,
                "swapRecord": None,
                "record": record,
            }
            reply = session.call("POST", PUT, json=body)
        except NoSession as error:
            return error.result
        except WireError as error:
            return of_wire(error)
        return result_of(reply, self._outbound.clock.now(), *session.secrets())

    def find_part(
        self,
        sending: Sending,
        connection: Connection,
        *,
        since: datetime,  # noqa: ARG002 - the record key is exact, and its createdAt was minted before the attempt
        taken: frozenset[str],
        deadline: float,
    ) -> FindResult:
        """Read the record under the part's own key."""
        session = Session(self._outbound, connection, deadline)
        try:
            reply = self._read(session, session.did(), sending.minted.key)
        except NoSession as error:
            return unsigned(error.result)
        except WireError as error:
            return unasked(error)
        if _absent(reply):
            return NotFound()
        answer = reply.json_object()
        value, ref = answer.get("value"), ref_of(answer)
        if reply.status != OK or ref is None or not isinstance(value, dict):
            return unanswered(reply, error_text(reply), self._outbound.clock.now())
        if value.get("text") != sending.minted.text or ref.remote_id in taken:
            return CannotTell("Another post stands under this part's record key.")
        return Found(ref, parse_instant(value.get("createdAt")))

    def read_part(self, ref: RemoteRef, connection: Connection, *, deadline: float) -> ReadResult:
        """Read the record under its key."""
        place = place_of(ref.remote_id)
        if place is None:
            return CannotTell("The post's address is none of this network.")
        session = Session(self._outbound, connection, deadline)
        try:
            reply = self._read(session, *place)
        except WireError as error:
            return unasked(error)
        if _absent(reply):
            return Gone()
        if reply.status != OK:
            return unanswered(reply, error_text(reply, *session.secrets()), self._outbound.clock.now())
        # What cannot be read may be the page of a server in maintenance: it is worth another look.
        return seen_in(reply.json_object(), ref.remote_id) or CannotTell("The server's answer is no post.", later=True)

    def retract_part(self, ref: RemoteRef, connection: Connection, *, deadline: float) -> RetractResult:
        """Delete the record, then look: it is gone when its key is free."""
        place = place_of(ref.remote_id)
        session = Session(self._outbound, connection, deadline)
        try:
            if place is None or place[0] != session.did():
                return RetractFailed("not_ours", "The post's address is none of this account.")
            return self._delete(session, *place)
        except NoSession as error:
            put_off = error.result if isinstance(error.result, Retryable) else None
            at = None if put_off is None else put_off.retry_at
            return RetractFailed(error.result.code, error.result.detail, later=put_off is not None, retry_at=at)
        except WireError as error:
            return not_looked(error)

    def _delete(self, session: Session, repo: str, rkey: str) -> RetractResult:
        said, now = "The post is still there.", self._outbound.clock.now()
        try:
            reply = session.call("POST", DELETE, json={"repo": repo, "collection": COLLECTION, "rkey": rkey})
        except WireError as error:
            # It may have been carried out, and the look below tells.
            said = error.detail
        else:
            if reply.status != OK:
                said = error_text(reply, *session.secrets())
                # A server that failed may have carried it out all the same.
                if reply.status == LIMITED or not is_for_now(reply.status):
                    return not_retracted(reply, error_name(reply) or f"http_{reply.status}", said, now)
        seen = self._read(session, repo, rkey)
        if _absent(seen):
            return Retracted()
        if seen.status != OK:
            said = error_text(seen, *session.secrets())
            return not_retracted(seen, error_name(seen) or f"http_{seen.status}", said, now)
        return RetractFailed("still_there", said, later=True)

    def check_account(self, connection: Connection, *, deadline: float) -> AccountCheck:
        """Ask whose session it is."""
        session = Session(self._outbound, connection, deadline)
        try:
            reply = session.call("GET", "com.atproto.server.getSession")
        except NoSession as error:
            refused = isinstance(error.result, AuthNeeded)
            return AccountCheck(ok=False, detail=error.result.detail, unreachable=not refused)
        except WireError as error:
            return AccountCheck(ok=False, detail=error.detail, unreachable=True)
        who = reply.json_object()
        did, handle = who.get("did"), printable(who.get("handle"))
        if reply.status != OK or not isinstance(did, str) or not did.isascii():
            refused = reply.status in (400, 401, 403)
            return AccountCheck(ok=False, detail=error_text(reply, *session.secrets()), unreachable=not refused)
        if connection.remote_id and did != connection.remote_id:
            return AccountCheck(ok=False, detail="The credentials belong to another account than this one.")
        if who.get("active") is False:
            return AccountCheck(
                ok=False, detail=f"The account is not active: {brief(str(who.get('status') or 'no reason given'))}."
            )
        where = connection.server or DEFAULT_SERVER
        return AccountCheck(
            ok=True,
            detail=f"Signed in as @{handle} on {where}.",
            remote_id=did,
            handle=handle,
            expires_at=session.ends_at(),
        )

    @staticmethod
    def _read(session: Session, repo: str, rkey: str) -> Reply:
        # Records are public: reading needs no token, and so still answers when the session has ended.
        return session.bare("GET", GET, params={"repo": repo, "collection": COLLECTION, "rkey": rkey})


def _absent(reply: Reply) -> bool:
    return reply.status == BAD_REQUEST and error_name(reply) == "RecordNotFound"
