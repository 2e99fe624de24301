"""What a provider says of somebody is believed only where all of it holds; the provider is a double that signs."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from pydantic import SecretStr

from app.clock import VirtualClock
from app.errors import FocusweekError, NetworkUnreachable, NotSignedIn
from app.identity.openid import KEPT, KEYS_AGAIN, LEEWAY, Identity, OpenId
from app.platforms.http import Outbound

ISSUER = "https://login.agency.example"
SECRET = "a-secret-that-is-shared-with-the-provider"  # noqa: S105 - made for tests
NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
OTHER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
NEXT = ECKey.generate_key("P-256", {"kid": "two", "use": "sig", "alg": "ES256"})
CLAIMS: dict[str, Any] = {
    "iss": ISSUER, "sub": "248289761001", "aud": "focusweek", "exp": AT + 300, "iat": AT, "nonce": "the nonce",
    "email": "Author@Agency.example", "email_verified": True, "name": "Somebody of the agency",
}  # fmt: skip


def over_a_wire(provider: Callable[[httpx.Request], httpx.Response]) -> httpx.MockTransport:
    """Let answers be read as they come over a wire, which those made of text are not by themselves."""

    def answer(request: httpx.Request) -> httpx.Response:
        made = provider(request)
        return httpx.Response(made.status_code, headers=made.headers, stream=httpx.ByteStream(made.content))

    return httpx.MockTransport(answer)


class Provider:
    """A provider that says what a test wants."""

    def __init__(self) -> None:
        self.metadata: dict[str, Any] = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/auth",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/jwks",
            "userinfo_endpoint": f"{ISSUER}/me",
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
        }
        self.keys: list[Any] = [KEY]
        self.claims = dict(CLAIMS)
        self.sign: Callable[[dict[str, Any]], str] = lambda claims: jwt.encode(
            {"alg": "RS256", "kid": "one"}, claims, KEY
        )
        self.user_info: dict[str, Any] = {}
        self.token: Callable[[], httpx.Response] | None = None
        self.asked: list[str] = []
        self.forms: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.asked.append(path)
        if path == "/token":
            self.forms.append(request)
            if self.token is not None:
                return self.token()
            return httpx.Response(200, json={
                "access_token": "an-access-token", "token_type": "Bearer", "id_token": self.sign(self.claims),
            })  # fmt: skip
        if path == "/jwks":
            return httpx.Response(200, json=KeySet(self.keys).as_dict(private=False))
        if path == "/me":
            return httpx.Response(200, json=self.user_info)
        return httpx.Response(200, json=self.metadata)


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


@pytest.fixture
def openid(provider: Provider, clock: VirtualClock) -> OpenId:
    outbound = Outbound(clock, transport=over_a_wire(provider))
    return OpenId(
        outbound, issuer=ISSUER, client_id="focusweek", client_secret=SecretStr(SECRET),
        redirect_uri="https://focusweek.agency.example/sign-in/openid/callback", name="the agency",
    )  # fmt: skip


def base64url(said: bytes) -> str:
    return base64.urlsafe_b64encode(said).decode().rstrip("=")


def encoded(part: dict[str, Any]) -> str:
    return base64url(json.dumps(part).encode())


def identify(openid: OpenId) -> Identity:
    return openid.identify(code="a-code", nonce="the nonce", verifier="v" * 64, now=NOW)


class TestAToken:
    def test_that_holds_says_who_it_is(self, openid: OpenId) -> None:
        assert identify(openid) == Identity(
            ISSUER, "248289761001", "author@agency.example", True, "Somebody of the agency"
        )

    @pytest.mark.parametrize(
        "changes",
        [
            {"iss": "https://evil.example"},
            {"iss": f"{ISSUER}/"},
            {"aud": "another"},
            {"aud": ["another"]},
            {"aud": ["focusweek", "another"]},
            {"aud": ["focusweek", "another"], "azp": "another"},
            {"exp": AT - LEEWAY - 1},
            {"exp": "soon"},
            {"iat": AT + LEEWAY + 1},
            {"nbf": AT + LEEWAY + 1},
            {"nonce": "another"},
            {"at_hash": "bm90IHRoaXMgb25l"},
            {"sub": ""},
            {"sub": "é"},
            {"sub": "x" * 256},
            {"sub": "nul\0"},
            *({name: None} for name in ("iss", "aud", "exp", "iat", "nonce", "sub")),
        ],
    )
    def test_that_does_not_hold_is_refused(self, openid: OpenId, provider: Provider, changes: dict[str, Any]) -> None:
        provider.claims = {name: value for name, value in (CLAIMS | changes).items() if value is not None}
        with pytest.raises(NotSignedIn):
            identify(openid)

    @pytest.mark.parametrize("changes", [{"aud": ["focusweek"]}, {"aud": ["focusweek", "b"], "azp": "focusweek"}])
    def test_may_be_for_others_as_well(self, openid: OpenId, provider: Provider, changes: dict[str, Any]) -> None:
        provider.claims |= changes
        assert identify(openid).subject == CLAIMS["sub"]

    def test_signed_by_another_key_is_refused(self, openid: OpenId, provider: Provider) -> None:
        provider.sign = lambda claims: jwt.encode({"alg": "RS256", "kid": "one"}, claims, OTHER)
        with pytest.raises(NotSignedIn):
            identify(openid)

    def test_signed_by_nobody_is_refused(self, openid: OpenId, provider: Provider) -> None:
        provider.sign = lambda claims: f"{encoded({'alg': 'none', 'kid': 'one'})}.{encoded(claims)}."
        with pytest.raises(NotSignedIn):
            identify(openid)

    @pytest.mark.parametrize("shared", [SECRET.encode(), KEY.as_pem(private=False)], ids=["secret", "public key"])
    def test_signed_with_what_others_know_is_refused(self, openid: OpenId, provider: Provider, shared: bytes) -> None:
        def signed(claims: dict[str, Any]) -> str:
            said = f"{encoded({'alg': 'HS256', 'kid': 'one'})}.{encoded(claims)}"
            return f"{said}.{base64url(hmac.digest(shared, said.encode(), 'sha256'))}"

        provider.sign = signed
        with pytest.raises(NotSignedIn):
            identify(openid)

    @pytest.mark.parametrize("token", ["", "a.b.c", "no token", "e30.e30.e30"])
    def test_that_is_none_is_refused(self, openid: OpenId, provider: Provider, token: str) -> None:
        provider.sign = lambda _claims: token
        with pytest.raises(NotSignedIn):
            identify(openid)


class TestKeys:
    def test_are_asked_for_once(self, openid: OpenId, provider: Provider) -> None:
        identify(openid)
        identify(openid)
        assert provider.asked.count("/jwks") == 1
        assert provider.asked.count("/.well-known/openid-configuration") == 1

    def test_are_asked_for_again_where_a_new_one_signs(
        self, openid: OpenId, provider: Provider, clock: VirtualClock
    ) -> None:
        identify(openid)
        provider.keys = [KEY, NEXT]
        provider.sign = lambda claims: jwt.encode({"alg": "ES256", "kid": "two"}, claims, NEXT)
        clock.advance(timedelta(seconds=KEYS_AGAIN + 1))
        assert identify(openid).subject == CLAIMS["sub"]
        assert provider.asked.count("/jwks") == 2

    def test_are_not_asked_for_by_every_made_up_one(self, openid: OpenId, provider: Provider) -> None:
        provider.sign = lambda claims: jwt.encode({"alg": "ES256", "kid": "two"}, claims, NEXT)
        for _ in range(3):
            with pytest.raises(NotSignedIn):
                identify(openid)
        assert provider.asked.count("/jwks") == 1

    def test_and_addresses_are_asked_for_again_after_a_while(
        self, openid: OpenId, provider: Provider, clock: VirtualClock
    ) -> None:
        identify(openid)
        clock.advance(timedelta(seconds=KEPT + 1))
        identify(openid)
        assert provider.asked.count("/.well-known/openid-configuration") == 2


class TestAnAddress:
    def test_may_stand_at_the_user_info_only(self, openid: OpenId, provider: Provider) -> None:
        for name in ("email", "email_verified", "name"):
            provider.claims.pop(name)
        provider.user_info = {"sub": CLAIMS["sub"], "email": "author@agency.example", "email_verified": "true"}
        found = identify(openid)
        assert (found.email, found.email_verified) == ("author@agency.example", True)

    def test_of_somebody_else_is_not_taken(self, openid: OpenId, provider: Provider) -> None:
        provider.claims.pop("email")
        provider.claims.pop("email_verified")
        provider.user_info = {"sub": "another", "email": "victim@agency.example", "email_verified": True}
        found = identify(openid)
        assert (found.email, found.email_verified) == ("", False)

    @pytest.mark.parametrize("said", [False, "false", None, 1, "yes", []])
    def test_is_verified_only_where_the_provider_says_so(
        self, openid: OpenId, provider: Provider, said: object
    ) -> None:
        provider.claims["email_verified"] = said
        assert not identify(openid).email_verified


class TestTheCode:
    def test_goes_with_the_verifier_and_the_secret_encoded(self, provider: Provider, clock: VirtualClock) -> None:
        outbound = Outbound(clock, transport=over_a_wire(provider))
        openid = OpenId(
            outbound, issuer=ISSUER, client_id="focusweek", client_secret=SecretStr("50%: a+b"),
            redirect_uri="https://focusweek.agency.example/back", name="",
        )  # fmt: skip
        identify(openid)
        (asked,) = provider.forms
        form = {name: values[0] for name, values in parse_qs(asked.content.decode()).items()}
        assert form == {
            "grant_type": "authorization_code", "code": "a-code", "code_verifier": "v" * 64,
            "redirect_uri": "https://focusweek.agency.example/back",
        }  # fmt: skip
        given = asked.headers["authorization"].removeprefix("Basic ")
        assert base64.b64decode(given) == b"focusweek:50%25%3A%20a%2Bb"

    @pytest.mark.parametrize(
        "answer",
        [
            httpx.Response(400, json={"error": "invalid_grant", "error_description": "a-code"}),
            httpx.Response(500, text="broken a-code"),
            httpx.Response(200, text="<html>"),
            httpx.Response(200, json=["no"]),
            httpx.Response(200, json={}),
            httpx.Response(302, headers={"location": "https://evil.example"}),
        ],
    )
    def test_that_is_not_accepted_is_a_refusal_without_secrets(
        self, openid: OpenId, provider: Provider, answer: httpx.Response
    ) -> None:
        provider.token = lambda: answer
        with pytest.raises(NotSignedIn) as refused:
            identify(openid)
        said = f"{refused.value.message} {refused.value.hint}"
        assert "a-code" not in said
        assert SECRET not in said
        assert "evil.example" not in " ".join(provider.asked)


class TestDiscovery:
    @pytest.mark.parametrize(
        "changes",
        [{"issuer": "https://evil.example"}, {"issuer": f"{ISSUER}/"}, {"token_endpoint": None}, {"jwks_uri": 7}],
    )
    def test_of_another_provider_is_refused(self, openid: OpenId, provider: Provider, changes: dict[str, Any]) -> None:
        provider.metadata |= changes
        with pytest.raises(NetworkUnreachable, match="what it says of itself"):
            openid.authorization_url(state="s", nonce="n", verifier="v" * 64)

    def test_of_something_that_is_no_provider_is_refused(self, clock: VirtualClock) -> None:
        for answer in (httpx.Response(404), httpx.Response(200, text="<html>"), httpx.Response(200, json=[])):
            outbound = Outbound(clock, transport=over_a_wire(lambda _request, answer=answer: answer))
            openid = OpenId(outbound, issuer=ISSUER, client_id="f", client_secret=None, redirect_uri="r", name="")
            with pytest.raises(FocusweekError) as refused:
                openid.authorization_url(state="s", nonce="n", verifier="v" * 64)
            assert refused.value.code == "network.unreachable"

    @pytest.mark.parametrize(
        ("promised", "said", "fits"),
        [(True, ISSUER, True), (True, None, False), (False, None, True), (False, ISSUER, True), (False, "x", False)],
    )
    def test_says_whether_an_answer_names_its_provider(
        self, openid: OpenId, provider: Provider, promised: bool, said: str | None, fits: bool
    ) -> None:
        provider.metadata["authorization_response_iss_parameter_supported"] = promised
        if fits:
            openid.refuse_other_issuer(said)
        else:
            with pytest.raises(NotSignedIn):
                openid.refuse_other_issuer(said)
