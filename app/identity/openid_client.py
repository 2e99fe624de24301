"""Authlib's OAuth client over our own guarded requests."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlencode

import httpx
from authlib.oauth2.auth import encode_client_secret_basic
from authlib.oauth2.client import OAuth2Client
from pydantic import SecretStr

from app.platforms.http import Outbound


class _Guarded:
    """What Authlib takes for a session: it posts to the token endpoint, once, within `seconds`."""

    def __init__(self, outbound: Outbound, seconds: float) -> None:
        self._outbound = outbound
        self._seconds = seconds

    def post(self, url: str, *, data: Mapping[str, str], headers: Mapping[str, str], auth: Any) -> httpx.Response:  # noqa: ANN401 - Authlib's
        """Post a form.

        Raises:
            WireError: No answer came.
        """
        form = {"Accept": "application/json", "Content-Type": headers["Content-Type"]}
        url, form, body = auth.prepare("POST", url, form, urlencode(data))
        deadline = self._outbound.clock.monotonic() + self._seconds
        reply = self._outbound.request("POST", url, deadline=deadline, headers=form, content=body.encode())
        return httpx.Response(reply.status, content=reply.body, request=httpx.Request("POST", url))


def authorization_client(
    outbound: Outbound,
    metadata: Mapping[str, Any],
    *,
    client_id: str,
    client_secret: SecretStr | None,
    redirect_uri: str,
    scope: str,
    seconds: float,
) -> OAuth2Client:
    """Return a client of the provider that says this of itself."""
    offered = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    by_post = "client_secret_basic" not in offered and "client_secret_post" in offered
    client = OAuth2Client(
        _Guarded(outbound, seconds),
        client_id=client_id,
        client_secret=None if client_secret is None else client_secret.get_secret_value(),
        # None is Authlib's own choice: for a public client none, else the one that our method below stands in for.
        token_endpoint_auth_method="client_secret_post" if by_post and client_secret is not None else None,
        scope=scope,
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
    )
    client.register_client_auth_method(("client_secret_basic", _basic))
    return client


def _basic(client: Any, method: str, uri: str, headers: dict[str, str], body: str) -> Any:  # noqa: ANN401 - Authlib's
    # RFC 6749, 2.3.1: both are form-encoded first, which Authlib leaves out; a secret may hold a percent sign.
    quoted = SimpleNamespace(
        client_id=quote(client.client_id, safe=""), client_secret=quote(client.client_secret, safe="")
    )
    return encode_client_secret_basic(quoted, method, uri, headers, body)
