"""An OpenID Connect provider: where people are sent to sign in there, and who it then says that they are.

Authorization code flow with PKCE (S256) and a nonce. The provider is found by discovery; its ID token's signature,
issuer, audience, expiry and nonce are verified. All requests go out guarded (`platforms.http`), each once and with a
deadline.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from pydantic import SecretStr

from app.errors import NetworkUnreachable, NotSignedIn
from app.identity.openid_client import authorization_client
from app.platforms.http import Outbound
from app.platforms.wire import WireError

SCOPE = "openid email profile"
#: How far the provider's clock may be from ours, in seconds.
LEEWAY = 60
#: How long what the provider says of itself is kept, and how soon unknown keys are looked for again, in seconds.
KEPT, KEYS_AGAIN = 3600.0, 60.0
_DEADLINE = 15.0
#: Signatures that only the provider can make; never `none`, nor one that our own secret could make.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
_AGAIN = "Begin again at /sign-in. If it happens again, tell the operator."


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is at the provider. `email` is in lower case; only a verified one says anything."""

    issuer: str
    subject: str
    email: str
    email_verified: bool
    name: str


class OpenId:
    """The one provider that the operator has set up; `name` is how its link reads."""

    def __init__(
        self, outbound: Outbound, *, issuer: str, client_id: str, client_secret: SecretStr | None,
        redirect_uri: str, name: str,
    ) -> None:  # fmt: skip
        self.issuer = issuer
        self.name = name
        self._outbound = outbound
        self._client_id = client_id
        self._secret = client_secret
        self._redirect_uri = redirect_uri
        # Threads that come at once may both look; what they find is the same.
        self._metadata: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def authorization_url(self, *, state: str, nonce: str, verifier: str) -> str:
        """Return where to send a browser.

        Raises:
            NetworkUnreachable: The provider does not answer, or not as one.
        """
        metadata = self._discovered()
        client = authorization_client(
            self._outbound, metadata, client_id=self._client_id, client_secret=self._secret,
            redirect_uri=self._redirect_uri, scope=SCOPE, seconds=_DEADLINE,
        )  # fmt: skip
        endpoint = str(metadata["authorization_endpoint"])
        url, _ = client.create_authorization_url(endpoint, state=state, code_verifier=verifier, nonce=nonce)
        return str(url)

    def refuse_other_issuer(self, issuer: str | None) -> None:
        """Refuse an answer that another provider gave (RFC 9207); `issuer` is what the answer says, if anything.

        Raises:
            NotSignedIn: It is another one's, or does not say whose though the provider promises to.
        """
        promised = self._discovered().get("authorization_response_iss_parameter_supported") is True
        if issuer != self.issuer and (promised or issuer is not None):
            raise _refused("The answer is none of the provider's that people here sign in with.")

    def identify(self, *, code: str, nonce: str, verifier: str, now: datetime) -> Identity:
        """Return who has signed in at the provider, by the code that their browser brought.

        Raises:
            NotSignedIn: The code, or what the provider gives for it, is not to be trusted.
            NetworkUnreachable: The provider does not answer, or not as one.
        """
        metadata = self._discovered()
        client = authorization_client(
            self._outbound, metadata, client_id=self._client_id, client_secret=self._secret,
            redirect_uri=self._redirect_uri, scope=SCOPE, seconds=_DEADLINE,
        )  # fmt: skip
        try:
            token = client.fetch_token(
                str(metadata["token_endpoint"]), grant_type="authorization_code", code=code, code_verifier=verifier
            )
        except WireError as error:
            raise _unreachable(error.detail) from None
        except (AuthlibBaseError, httpx.HTTPError, ValueError, TypeError, KeyError):
            # What the provider says of a code may hold the code.
            raise _refused("The provider did not accept the sign-in.") from None
        access_token = str(token.get("access_token") or "")
        claims = self._verified(str(token.get("id_token") or ""), access_token, nonce, now)
        # OpenID Connect Core 2: a subject is at most 255 ASCII characters.
        if not re.fullmatch(r"[\x20-\x7e]{1,255}", str(claims["sub"])):
            raise _refused("The provider does not say who you are.")
        if not claims.get("email"):
            claims |= self._user_info(metadata, access_token, str(claims["sub"]))
        return Identity(
            issuer=self.issuer,
            subject=str(claims["sub"]),
            email=str(claims.get("email") or "").strip().lower(),
            # Some write it as a word; and 1, which Python takes for True, is none of the two.
            email_verified=claims.get("email_verified") is True or claims.get("email_verified") == "true",
            name=str(claims.get("name") or ""),
        )

    def _verified(self, id_token: str, access_token: str, nonce: str, now: datetime) -> dict[str, Any]:
        try:
            try:
                found = self._decoded(id_token, anew=False)
            except InvalidKeyIdError:
                # The provider has a new key.
                found = self._decoded(id_token, anew=True)
            expected = {
                "iss": {"essential": True, "value": self.issuer},
                "aud": {"essential": True, "value": self._client_id},
                "sub": {"essential": True},
                "exp": {"essential": True},
            }
            known = {"nonce": nonce, "client_id": self._client_id, "access_token": access_token}
            verified = CodeIDToken(found.claims, found.header, expected, known)
            verified.validate(now=int(now.timestamp()), leeway=LEEWAY)
        except (JoseError, ValueError, TypeError, KeyError):
            raise _refused("What the provider says of who you are is not to be trusted, or no longer.") from None
        return dict(verified)

    def _decoded(self, id_token: str, *, anew: bool) -> jwt.Token:
        offered = self._discovered().get("id_token_signing_alg_values_supported") or ["RS256"]
        registry = JWSRegistry(algorithms=[one for one in _ALGORITHMS if one in offered], strict_check_header=False)
        return jwt.decode(id_token, self._key_set(anew=anew), registry=registry)

    def _key_set(self, *, anew: bool) -> KeySet:
        now = self._outbound.clock.monotonic()
        if self._keys is None or now - self._keys[0] > (KEYS_AGAIN if anew else KEPT):
            keys = KeySet.import_key_set(self._json(str(self._discovered()["jwks_uri"])))  # type: ignore[arg-type]  # it looks itself
            self._keys = (now, keys)
        return self._keys[1]

    def _discovered(self) -> dict[str, Any]:
        now = self._outbound.clock.monotonic()
        if self._metadata is None or now - self._metadata[0] > KEPT:
            said = self._json(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
            needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if said.get("issuer") != self.issuer or not all(isinstance(said.get(name), str) for name in needed):
                raise _unreachable("what it says of itself is not what FOCUSWEEK_OIDC_ISSUER names")
            self._metadata = (now, said)
        return self._metadata[1]

    def _user_info(self, metadata: Mapping[str, Any], access_token: str, subject: str) -> dict[str, Any]:
        address = metadata.get("userinfo_endpoint")
        if not isinstance(address, str) or not access_token:
            return {}
        said = self._json(address, {"Authorization": f"Bearer {access_token}"})
        # OpenID Connect Core 5.3.2: of another subject, nothing of it may be used.
        return said if said.get("sub") == subject else {}

    def _json(self, url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        deadline = self._outbound.clock.monotonic() + _DEADLINE
        try:
            reply = self._outbound.request("GET", url, deadline=deadline, headers=headers)
        except WireError as error:
            raise _unreachable(error.detail) from None
        said = reply.json() if reply.status == 200 else None  # noqa: PLR2004 - HTTP's own number
        if not isinstance(said, dict):
            raise _unreachable(f"it answered with {reply.status}, and not as an OpenID Connect provider does")
        return said


def _refused(message: str) -> NotSignedIn:
    return NotSignedIn(message, hint=_AGAIN)


def _unreachable(detail: str) -> NetworkUnreachable:
    return NetworkUnreachable(
        f"The provider that people here sign in with could not be asked: {detail}.",
        hint="Try again in a moment. If it happens again, tell the operator.",
    )
