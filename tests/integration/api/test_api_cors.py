from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from api_client import Json, made, ok, refused, serving
from api_token import BEARER, give_token
from pydantic import ValidationError

from app.bootstrap import House
from app.identity.authentication import Asking
from app.identity.sessions import open_session
from app.main import create_app
from app.models import Membership, User
from app.settings import Settings

OURS = "https://board.agency.example"
PAGE = {"origin": OURS, "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors"}
PREFLIGHT = PAGE | {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}


@pytest.fixture
def settings_change() -> Json:
    return {"cors_origins": f"{OURS}, https://other.example:8443"}


@pytest.fixture
def shared(house: House) -> Iterator[httpx.Client]:
    """A client of a service that lets pages of two origins use its API."""
    give_token(house.database)
    with serving(create_app(house, ticking=False)) as base, httpx.Client(base_url=base) as client:
        yield client


class TestAPageOfANamedOrigin:
    def test_reads_and_writes_with_a_token(self, shared: httpx.Client) -> None:
        answer = shared.post("/api/v1/campaigns", json={"year": 2027}, headers=PAGE | BEARER)
        made(answer)
        assert answer.headers["access-control-allow-origin"] == OURS
        assert "access-control-allow-credentials" not in answer.headers
        assert "ETag" in answer.headers["access-control-expose-headers"]
        assert "Origin" in answer.headers["vary"]
        ok(shared.get("/api/v1/campaigns", headers=PAGE | BEARER))

    def test_asks_beforehand(self, shared: httpx.Client) -> None:
        answer = shared.options("/api/v1/campaigns", headers=PREFLIGHT)
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["access-control-allow-origin"] == OURS
        assert "POST" in answer.headers["access-control-allow-methods"]
        for header in ("Authorization", "Idempotency-Key", "If-Match"):
            assert header in answer.headers["access-control-allow-headers"]
        assert "access-control-allow-credentials" not in answer.headers

    def test_never_acts_by_a_cookie(self, shared: httpx.Client, house: House) -> None:
        cookie = sign_in(shared, house)
        refused(shared.get("/api/v1/me", headers=PAGE | {"cookie": cookie}), 401, "not_signed_in")
        assert shared.get("/api/v1/me", headers={"cookie": cookie}).status_code == 200

    def test_is_told_what_was_refused(self, shared: httpx.Client) -> None:
        answer = shared.post("/api/v1/campaigns", content=b"x", headers=PAGE | BEARER)
        refused(answer, 415, "body.not_json")
        assert answer.headers["access-control-allow-origin"] == OURS

    @pytest.mark.parametrize("address", ["/", "/sign-in", "/sandbox", "/healthz", "/static/focusweek.css"])
    def test_may_use_the_api_only(self, shared: httpx.Client, address: str) -> None:
        answer = shared.get(address, headers=PAGE | BEARER)
        refused(answer, 403, "origin.refused")
        assert "access-control-allow-origin" not in answer.headers

    def test_must_ask_for_our_host(self, shared: httpx.Client) -> None:
        refused(shared.get("/api/v1/campaigns", headers=PAGE | {"host": "evil.example"}), 400, "host.refused")


class TestAnotherOrigin:
    @pytest.mark.parametrize(
        "origin",
        [
            "https://evil.example",
            "http://board.agency.example",
            "https://board.agency.example:444",
            "https://board.agency.example.evil.example",
            "https://other.example",
            "HTTPS://BOARD.AGENCY.EXAMPLE/",
            "null",
        ],
    )
    def test_is_refused(self, shared: httpx.Client, origin: str) -> None:
        for answer in (
            shared.get("/api/v1/campaigns", headers=PAGE | BEARER | {"origin": origin}),
            shared.options("/api/v1/campaigns", headers=PREFLIGHT | {"origin": origin}),
        ):
            refused(answer, 403, "origin.refused")
            assert "access-control-allow-origin" not in answer.headers


class TestWithoutTheSetting:
    @pytest.fixture
    def settings_change(self) -> Json:
        return {}

    def test_no_origin_is_taken(self, shared: httpx.Client) -> None:
        refused(shared.get("/api/v1/campaigns", headers=PAGE | BEARER), 403, "origin.refused")
        answer = shared.options("/api/v1/campaigns", headers=PREFLIGHT)
        refused(answer, 403, "origin.refused")
        assert not [name for name in answer.headers if name.startswith("access-control")]

    def test_a_program_that_sends_no_origin_sees_nothing_of_it(self, shared: httpx.Client) -> None:
        answer = shared.get("/api/v1/campaigns", headers=BEARER)
        ok(answer)
        assert not [name for name in answer.headers if name.startswith("access-control")]


class TestTheSetting:
    @pytest.mark.parametrize(
        "origins",
        ["*", "http://board.example", "https://board.example/", "https://*.example", "https://board.example:443",
         "https://Board.example", "https://user@board.example", "board.example", "null"],
    )  # fmt: skip
    def test_takes_exact_https_origins_only(self, origins: str) -> None:
        with pytest.raises(ValidationError, match="no https origin"):
            Settings(cors_origins=origins)  # type: ignore[arg-type]

    def test_is_a_list_with_commas(self) -> None:
        given = Settings(cors_origins="https://a.example, https://b.example:8443")  # type: ignore[arg-type]
        assert given.cors_origins == ("https://a.example", "https://b.example:8443")


def sign_in(client: httpx.Client, house: House) -> str:
    """Sign somebody in and return their cookie."""
    now = house.clock.now() - timedelta(minutes=1)
    with house.database.write() as session:
        user = User(email="author@agency.example", created_at=now)
        session.add(user)
        session.flush()
        session.add(Membership(organization_id=1, user_id=user.id, role="author", created_by="tests", created_at=now))
        opened = open_session(session, user, Asking(), now, pending=False)
    return f"focusweek_session={opened.secret}"
