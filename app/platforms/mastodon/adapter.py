"""Mastodon and servers that speak its API, at any address."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from app.composing.values import Part
from app.platforms.asked import is_for_now, not_looked, not_retracted, unanswered, unasked
from app.platforms.base import Connection, Minted, Sending
from app.platforms.http import Outbound
from app.platforms.keys import key_of
from app.platforms.mastodon.api import MastodonApi
from app.platforms.mastodon.errors import error_text, result_of
from app.platforms.mastodon.find import find
from app.platforms.mastodon.limits import LIMITS, PROFILE, is_limit, profile_with
from app.platforms.mastodon.payload import body_of, record_of, ref_of
from app.platforms.mastodon.read import seen_in
from app.platforms.outcomes import of_wire
from app.platforms.results import (
    AccountCheck,
    AuthNeeded,
    CannotTell,
    FindResult,
    Gone,
    Permanent,
    PublishResult,
    ReadResult,
    RemoteRef,
    Retracted,
    RetractFailed,
    RetractResult,
)
from app.platforms.wire import Reply, WireError, printable
from app.text.profile import TextProfile

OK, UNAUTHORIZED, LIMITED = 200, 401, 429


class MastodonAdapter:
    """Publishes statuses with an idempotency key; asks the account's own list whether one is out."""

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound

    def profile(self, connection: Connection) -> TextProfile:
        """Return the rules with the server's own limits, as the last account check found them."""
        return profile_with(connection.settings)

    def mint(self, part: Part, *, connection: Connection, language: str, now: datetime, seed: str) -> Minted:  # noqa: ARG002 - the contract's signature
        """Fix the idempotency key and the status."""
        return Minted(key_of(seed), part.text, record_of(part.text, language))

    def publish_part(self, sending: Sending, connection: Connection, *, deadline: float) -> PublishResult:
        """Post the status once. A replay of a key answers with the first status where the server honours keys."""
        if not sending.minted.text.strip():
            return Permanent("text_empty", "Mastodon takes no empty text.")
        api = MastodonApi(self._outbound, connection, deadline)
        token = api.token
        if not token:
            return AuthNeeded("token_missing", "No access token is stored for this account.")
        try:
            reply = api.call(
                "POST",
                "/api/v1/statuses",
                json=body_of(sending.minted.record, sending.parent),
                headers={"Idempotency-Key": sending.minted.key},
            )
        except WireError as error:
            return of_wire(error)
        return result_of(reply, self._outbound.clock.now(), token)

    def find_part(
        self, sending: Sending, connection: Connection, *, since: datetime, taken: frozenset[str], deadline: float
    ) -> FindResult:
        """Compare the account's statuses since the attempt with the part's text."""
        api = MastodonApi(self._outbound, connection, deadline)
        account_id = connection.remote_id
        if account_id is None:
            check = self.check_account(connection, deadline=deadline)
            if not check.ok or check.remote_id is None:
                return CannotTell(f"The account could not be read: {check.detail}", later=check.unreachable)
            account_id = check.remote_id
        return find(api, account_id, sending, since=since, taken=taken, now=self._outbound.clock.now())

    def read_part(self, ref: RemoteRef, connection: Connection, *, deadline: float) -> ReadResult:
        """Read the status as the server shows it."""
        api = MastodonApi(self._outbound, connection, deadline)
        try:
            reply = api.call("GET", f"/api/v1/statuses/{quote(ref.remote_id, safe='')}")
        except WireError as error:
            return unasked(error)
        if _is_absent(reply):
            return Gone()
        if reply.status != OK:
            return unanswered(reply, error_text(reply, api.token), self._outbound.clock.now())
        # What cannot be read may be the page of a server in maintenance: it is worth another look.
        return seen_in(reply.json_object(), ref.remote_id) or CannotTell("The server's answer is no post.", later=True)

    def retract_part(self, ref: RemoteRef, connection: Connection, *, deadline: float) -> RetractResult:
        """Delete the status, then look: it is gone when the server no longer has it."""
        api = MastodonApi(self._outbound, connection, deadline)
        path = f"/api/v1/statuses/{quote(ref.remote_id, safe='')}"
        try:
            deleted = api.call("DELETE", path)
        except WireError as error:
            # It may have been carried out, and the look below tells. What never left has its reason.
            deleted = Reply(0, {}, b"")
            said = error.detail
        else:
            said = error_text(deleted, api.token)
        now = self._outbound.clock.now()
        # A server that failed may have carried it out all the same.
        if deleted.status not in (0, OK, 204, 404, 410) and not (
            is_for_now(deleted.status) and deleted.status != LIMITED
        ):
            code = "token_refused" if deleted.status == UNAUTHORIZED else f"http_{deleted.status}"
            return not_retracted(deleted, code, said, now)
        try:
            seen = api.call("GET", path)
        except WireError as error:
            return not_looked(error)
        if _is_absent(seen):
            return Retracted()
        if seen.status != OK:
            return not_retracted(seen, f"http_{seen.status}", error_text(seen, api.token), now)
        if deleted.status in (404, 410):
            # The server has it, and has none of this account's by that id.
            return RetractFailed("not_ours", "The server has the post and says that it is none of this account's.")
        return RetractFailed("still_there", said if deleted.status != OK else "The post is still there.", later=True)

    def check_account(self, connection: Connection, *, deadline: float) -> AccountCheck:
        """Ask whose token it is, and what the server's limits are."""
        api = MastodonApi(self._outbound, connection, deadline)
        try:
            reply = api.call("GET", "/api/v1/accounts/verify_credentials")
            who = reply.json_object()
            ref = ref_of(who)
            if reply.status != OK or ref is None:
                refused = reply.status in (401, 403, 422)
                return AccountCheck(ok=False, detail=error_text(reply, api.token), unreachable=not refused)
            settings = _limits(api)
        except WireError as error:
            return AccountCheck(ok=False, detail=error.detail, unreachable=True)
        handle = printable(who.get("acct") or who.get("username"))
        if "@" not in handle:
            handle = f"{handle}@{urlsplit(connection.server or '').hostname}"
        detail = f"Signed in as @{handle}; a post has {settings.get('max_characters', PROFILE.limit)} characters."
        return AccountCheck(ok=True, detail=detail, remote_id=ref.remote_id, handle=handle, settings=settings)


def _is_absent(reply: Reply) -> bool:
    # A page of some other server also says 404; Mastodon's own says it in JSON.
    return reply.status in (404, 410) and "error" in reply.json_object()


def _limits(api: MastodonApi) -> dict[str, Any]:
    """Return the server's limits, from the newest description that it has; nothing where it offers none."""
    for path in ("/api/v2/instance", "/api/v1/instance"):
        reply = api.call("GET", path)
        if reply.status != OK:
            continue
        answer = reply.json_object()
        configuration = answer.get("configuration")
        statuses = configuration.get("statuses") if isinstance(configuration, dict) else None
        found = dict(statuses) if isinstance(statuses, dict) else {}
        # Pleroma's family names its limit in a field of its own.
        found.setdefault("max_characters", answer.get("max_toot_chars"))
        limits = {name: found[name] for name in LIMITS if is_limit(found.get(name))}
        if limits:
            return limits
    return {}
