"""An account's session: tokens that last two hours, and a refresh token that changes with each use.

One refresh at a time for each account (`credentials.lock()`), and the new tokens are stored before they are used:
a process that dies in between finds them again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.platforms.base import Connection
from app.platforms.bluesky.errors import ACCOUNT_ERRORS, error_name, error_text, token_refused
from app.platforms.bluesky.tokens import expiry_of
from app.platforms.http import Outbound
from app.platforms.outcomes import retry_at
from app.platforms.results import AuthNeeded, Retryable
from app.platforms.wire import NotSent, Reply, WireError

DEFAULT_SERVER = "https://bsky.social"
ACCESS, REFRESH, DID = "access_jwt", "refresh_jwt", "did"
IDENTIFIER, PASSWORD = "identifier", "password"


class NoSession(Exception):
    """There is no token to go on with; `result` says why, and nothing was published."""

    def __init__(self, result: AuthNeeded | Retryable) -> None:
        super().__init__(result.code)
        self.result = result


class Session:
    """One account's calls until one deadline."""

    def __init__(self, outbound: Outbound, connection: Connection, deadline: float) -> None:
        self._outbound = outbound
        self._connection = connection
        self._server = (connection.server or DEFAULT_SERVER).rstrip("/")
        self._deadline = deadline

    def did(self) -> str:
        """Return the repository's DID; signs in where it is not known yet.

        Raises:
            NoSession: There is none to be had.
        """
        if self._connection.remote_id:
            return self._connection.remote_id
        secrets = self._connection.credentials.read()
        did = secrets.get(DID) or self._renewed(secrets.get(ACCESS, "")).get(DID)
        if not did:
            raise NoSession(AuthNeeded("account_unknown", "The server does not say whose account this is."))
        return did

    def secrets(self) -> tuple[str, ...]:
        """Return everything that must not stand in a detail."""
        kept = self._connection.credentials.read()
        return tuple(kept[name] for name in (ACCESS, REFRESH, PASSWORD) if kept.get(name))

    def ends_at(self) -> datetime | None:
        """Return when a person must sign in again, in UTC; None where a password is kept to do so with, or unknown.

        It is what the refresh token says of itself, a hint and no proof: each refresh moves it on.
        """
        kept = self._connection.credentials.read()
        return None if kept.get(IDENTIFIER) and kept.get(PASSWORD) else expiry_of(kept.get(REFRESH, ""))

    def call(self, method: str, nsid: str, *, params: Mapping[str, str] | None = None, json: Any = None) -> Reply:  # noqa: ANN401 - a payload
        """Make one call with the account's token; a token that is refused is renewed once, and the call made again.

        The second call is no repetition: the first was refused before anything was done.

        Raises:
            NoSession: No token, or no new one.
            NotSent: Nothing left.
            MaybeSent: It may have been carried out.
        """
        token = self._connection.credentials.read().get(ACCESS) or self._renewed("")[ACCESS]
        reply = self.bare(method, nsid, token=token, params=params, json=json)
        if token_refused(reply):
            token = self._renewed(token)[ACCESS]
            reply = self.bare(method, nsid, token=token, params=params, json=json)
        return reply

    def bare(
        self,
        method: str,
        nsid: str,
        *,
        token: str | None = None,
        params: Mapping[str, str] | None = None,
        json: Any = None,  # noqa: ANN401 - a payload
    ) -> Reply:
        """Make one call with exactly this token, or none."""
        return self._outbound.request(
            method,
            f"{self._server}/xrpc/{nsid}",
            params=params,
            json=json,
            headers={"Authorization": f"Bearer {token}"} if token else None,
            deadline=self._deadline,
        )

    def _renewed(self, refused: str) -> dict[str, str]:
        """Return secrets with an access token other than `refused`: another's newer one, a refreshed or a new one."""
        credentials = self._connection.credentials
        with credentials.lock():
            kept = credentials.read()
            if kept.get(ACCESS) and kept[ACCESS] != refused:
                return kept
            try:
                answer = self._refreshed(kept) or self._signed_in(kept)
            except WireError as error:
                # New tokens or not, the post was not sent; a transient failure disconnects no one.
                code = error.code if isinstance(error, NotSent) else "session_unanswered"
                raise NoSession(Retryable(code, error.detail)) from None
            credentials.store(answer)
            return answer

    def _refreshed(self, kept: dict[str, str]) -> dict[str, str] | None:
        if not kept.get(REFRESH):
            return None
        reply = self.bare("POST", "com.atproto.server.refreshSession", token=kept[REFRESH])
        if token_refused(reply):
            return None
        return self._tokens(reply, kept)

    def _signed_in(self, kept: dict[str, str]) -> dict[str, str]:
        if not kept.get(IDENTIFIER) or not kept.get(PASSWORD):
            raise NoSession(AuthNeeded("token_refused", "The session has ended: enter an app password again."))
        body = {"identifier": kept[IDENTIFIER], "password": kept[PASSWORD]}
        return self._tokens(self.bare("POST", "com.atproto.server.createSession", json=body), kept)

    def _tokens(self, reply: Reply, kept: dict[str, str]) -> dict[str, str]:
        answer = reply.json_object()
        fresh = {ACCESS: answer.get("accessJwt"), REFRESH: answer.get("refreshJwt"), DID: answer.get("did")}
        if reply.status != 200 or not all(isinstance(value, str) and value for value in fresh.values()):  # noqa: PLR2004 - HTTP's own number
            raise NoSession(self._why_not(reply, kept))
        expected = self._connection.remote_id or kept.get(DID)
        if expected and fresh[DID] != expected:
            raise NoSession(AuthNeeded("other_account", "The credentials belong to another account than this one."))
        return {**kept, **{name: str(value) for name, value in fresh.items()}}

    def _why_not(self, reply: Reply, kept: dict[str, str]) -> AuthNeeded | Retryable:
        detail = error_text(reply, *kept.values())
        if reply.status == 429:  # noqa: PLR2004 - HTTP's own number
            return Retryable("rate_limited", detail, retry_at(reply.headers, self._outbound.clock.now()))
        if reply.status in (400, 401, 403) or error_name(reply) in ACCOUNT_ERRORS:
            return AuthNeeded("sign_in_refused", detail)
        return Retryable("session_unanswered", detail)
