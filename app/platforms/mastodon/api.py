"""Calls to one Mastodon server with one account's token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.platforms.base import Connection
from app.platforms.http import Outbound
from app.platforms.wire import NotSent, Reply

TOKEN = "token"  # noqa: S105 - the name under which the token is kept, not a token


class MastodonApi:
    """One account's calls until one deadline; the token is read when the first call is made and never shown."""

    def __init__(self, outbound: Outbound, connection: Connection, deadline: float) -> None:
        self._outbound = outbound
        self._server = (connection.server or "").rstrip("/")
        self._connection = connection
        self._deadline = deadline

    @property
    def token(self) -> str:
        """The account's token, or an empty text where none is stored."""
        return self._connection.credentials.read().get(TOKEN, "")

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        json: Any = None,  # noqa: ANN401 - a payload
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Make one call.

        Raises:
            NotSent: Nothing left.
            MaybeSent: It may have been carried out.
        """
        if not self._server:
            raise NotSent("bad_request", "The account has no server address.")
        return self._outbound.request(
            method,
            self._server + path,
            params=params,
            json=json,
            headers={"Authorization": f"Bearer {self.token}", **(headers or {})},
            deadline=self._deadline,
        )
