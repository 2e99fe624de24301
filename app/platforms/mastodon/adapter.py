"""Mastodon and servers that speak its API, at any address."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from app.composing.values import Part
from app.platforms.base import (
    AccountCheck,
    AuthNeeded,
    CannotTell,
    Connection,
    FindResult,
    Minted,
    Permanent,
    PublishResult,
    RemoteRef,
    Retracted,
    RetractFailed,
    RetractResult,
    Sending,
)
from app.platforms.http import Outbound
from app.platforms.keys import key_of
from app.platforms.mastodon.api import MastodonApi
from app.platforms.mastodon.errors import error_text, result_of
from app.platforms.mastodon.find import find
from app.platforms.mastodon.limits import PROFILE, profile_for
from app.platforms.mastodon.payload import body_of, record_of, ref_of
from app.platforms.outcomes import of_wire
from app.platforms.wire import Reply, WireError, printable
from app.text.profile import TextProfile

OK = 200
LIMITS = ("max_characters", "characters_reserved_per_url")


class MastodonAdapter:
    """Publishes statuses with an idempotency key; asks the account's own list whether one is out."""

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound

    def profile(self, connection: Connection) -> TextProfile:
        """Return the rules with the server's own limits, as the last account check found them."""
        known = {name: connection.settings[name] for name in LIMITS if _is_limit(connection.settings.get(name))}
        return profile_for(
            known.get("max_characters", PROFILE.limit), known.get("characters_reserved_per_url", PROFILE.link_length)
        )

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
                return CannotTell(f"The account could not be read: {check.detail}")
            account_id = check.remote_id
        return find(api, account_id, sending, since=since, taken=taken, now=self._outbound.clock.now())

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
        if deleted.status not in (0, OK, 204, 404, 410):
            return RetractFailed(f"http_{deleted.status}", said)
        try:
            seen = api.call("GET", path)
        except WireError as error:
            return RetractFailed(error.code, f"Whether the post is gone could not be read: {error.detail}")
        # A page of some other server also says 404; Mastodon's own says it in JSON.
        if seen.status in (404, 410) and "error" in seen.json_object():
            return Retracted()
        return RetractFailed("still_there" if seen.status == OK else f"http_{seen.status}", said)

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
        limits = {name: found[name] for name in LIMITS if _is_limit(found.get(name))}
        if limits:
            return limits
    return {}


def _is_limit(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 1_000_000  # noqa: PLR2004 - more than any server allows
