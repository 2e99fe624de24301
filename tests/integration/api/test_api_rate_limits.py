from __future__ import annotations

import re
import time
from collections.abc import Iterator

import httpx
import pytest
from api_client import Json, ok, refused
from api_token import BEARER, give_token
from sqlalchemy import update

from app.bootstrap import House
from app.models import ApiToken
from app.services.rates import Rates

ANOTHER = {"Authorization": "Bearer fwk_another-token-in-force"}


class Moving:
    """The limiter's own clock, moved by hand: it waits for no minute."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def moving(monkeypatch: pytest.MonkeyPatch) -> Moving:
    clock = Moving()
    monkeypatch.setattr("limits.storage.memory.time", clock)
    monkeypatch.setattr("app.services.rates.time", clock)
    return clock


@pytest.fixture
def settings_change() -> Json:
    return {"rate_limit_per_minute": 5, "rate_limit_by_address_per_minute": 3}


@pytest.fixture
def stranger(api: httpx.Client) -> Iterator[httpx.Client]:
    """A client that brings nothing along."""
    with httpx.Client(base_url=api.base_url) as client:
        yield client


def standing(answer: httpx.Response) -> tuple[str, int, int, int]:
    """Return the policy's name, its quota, what remains and until when, as the headers say them."""
    policy = re.fullmatch(r'"([a-z-]+)";q=(\d+);w=60', answer.headers["ratelimit-policy"])
    left = re.fullmatch(r'"([a-z-]+)";r=(\d+);t=(\d+)', answer.headers["ratelimit"])
    assert policy is not None
    assert left is not None
    assert policy[1] == left[1]
    return policy[1], int(policy[2]), int(left[2]), int(left[3])


class TestATokenInForce:
    def test_asks_as_often_as_it_may_and_then_waits(self, api: httpx.Client, moving: Moving) -> None:
        # The first request shows that it is in force, and counts for the address still.
        assert standing(api.get("/campaigns"))[:3] == ("address", 3, 2)
        left = [standing(api.get("/campaigns")) for _ in range(5)]
        assert left == [("signed-in", 5, remaining, 60) for remaining in (4, 3, 2, 1, 0)]
        moving.now += 20
        answer = api.get("/campaigns")
        refused(answer, 429, "rate.limited")
        assert standing(answer) == ("signed-in", 5, 0, 40)
        assert answer.headers["retry-after"] == "40"

    def test_is_given_each_request_back_a_minute_later(self, api: httpx.Client, moving: Moving) -> None:
        for _ in range(3):
            ok(api.get("/campaigns"))
        moving.now += 30
        for _ in range(3):
            ok(api.get("/campaigns"))
        refused(api.get("/campaigns"), 429, "rate.limited")
        moving.now += 30.5
        # Two of the first half minute counted for the token, and none of the second is given back yet.
        assert [api.get("/campaigns").status_code for _ in range(3)] == [200, 200, 429]

    def test_does_not_use_up_another_ones(self, api: httpx.Client, house: House, moving: Moving) -> None:
        give_token(house.database, ANOTHER["Authorization"].removeprefix("Bearer "))
        while api.get("/campaigns").status_code == 200:
            pass
        assert standing(api.get("/campaigns", headers=ANOTHER))[0] == "address"
        assert standing(api.get("/campaigns", headers=ANOTHER))[:3] == ("signed-in", 5, 4)

    def test_counts_by_its_address_once_it_is_revoked(self, api: httpx.Client, house: House, moving: Moving) -> None:
        ok(api.get("/campaigns"))
        ok(api.get("/campaigns"))
        with house.database.write() as session:
            session.execute(update(ApiToken).values(revoked_at=house.clock.now()))
        refused(api.get("/campaigns"), 401, "not_signed_in")
        assert standing(api.get("/campaigns"))[0] == "address"


class TestAnAddress:
    def test_asks_as_often_as_it_may_and_then_waits(self, stranger: httpx.Client, moving: Moving) -> None:
        for _ in range(3):
            refused(stranger.get("/campaigns"), 401, "not_signed_in")
        refused(stranger.get("/campaigns"), 429, "rate.limited")
        moving.now += 60.5
        refused(stranger.get("/campaigns"), 401, "not_signed_in")

    def test_asks_no_oftener_with_made_up_tokens(self, stranger: httpx.Client, moving: Moving) -> None:
        statuses = [
            stranger.get(address, headers={"Authorization": f"Bearer fwk_{number}"}).status_code
            for number, address in enumerate(["/campaigns", "/openapi.json", "/session", "/openapi.json"])
        ]
        assert statuses[3] == 429

    def test_that_is_used_up_keeps_no_token_waiting_that_is_known(
        self, api: httpx.Client, stranger: httpx.Client, moving: Moving
    ) -> None:
        ok(api.get("/campaigns"))
        while stranger.get("/campaigns").status_code != 429:
            pass
        ok(api.get("/campaigns"))

    @pytest.mark.parametrize("address", ["/healthz", "/readyz", "/metrics", "/static/focusweek.css"])
    def test_may_always_ask_for_health_and_files(self, site: httpx.Client, moving: Moving, address: str) -> None:
        for _ in range(8):
            answer = site.get(address)
            assert answer.status_code != 429
            assert "ratelimit" not in answer.headers

    def test_counts_on_pages_as_well(self, site: httpx.Client, moving: Moving) -> None:
        statuses = [site.get("/sign-in", headers={"Authorization": ""}).status_code for _ in range(4)]
        assert statuses == [200, 200, 200, 429]


class TestAnotherHost:
    def test_that_is_refused_counts_for_nobody(self, stranger: httpx.Client, moving: Moving) -> None:
        for _ in range(8):
            answer = stranger.get("/campaigns", headers={"origin": "https://evil.example"})
            refused(answer, 403, "origin.refused")
        refused(stranger.get("/campaigns"), 401, "not_signed_in")


class TestRates:
    def test_are_off_at_nought(self, moving: Moving) -> None:
        rates = Rates(signed_in=0, by_address=0)
        assert [rates.ask(None, "192.0.2.1") for _ in range(1000)] == [(True, None)] * 1000

    def test_take_a_whole_ipv6_network_as_one_address(self, moving: Moving) -> None:
        rates = Rates(signed_in=1, by_address=2)
        answers = [rates.ask(None, address)[0] for address in ("2001:db8::1", "2001:db8::2", "2001:db8::3")]
        assert answers == [True, True, False]
        assert rates.ask(None, "2001:db8:0:1::1")[0]

    def test_remember_only_so_many_tokens(self, moving: Moving) -> None:
        rates = Rates(signed_in=10, by_address=10)
        for number in range(10_001):
            rates.remember(str(number))
        policies = [rates.ask(digest, "192.0.2.1")[1] for digest in ("0", "1", "10000")]
        assert [one.policy for one in policies if one is not None] == ["address", "signed-in", "signed-in"]


def test_nothing_else_is_asked_before_the_limit(api: httpx.Client, moving: Moving) -> None:
    """An answer that was given before counts as any other."""
    headers = {"Idempotency-Key": "a-key"}
    statuses = [api.post("/campaigns", json={"year": 2027}, headers=headers).status_code for _ in range(7)]
    assert statuses == [201] * 6 + [429]


def test_the_minute_is_the_machine_s_own(api: httpx.Client) -> None:
    before = time.time()
    assert standing(api.get("/campaigns"))[3] in (59, 60)
    assert time.time() - before < 60


def test_a_token_that_was_found_in_force_is_what_the_house_remembers(api: httpx.Client, house: House) -> None:
    ok(api.get("/campaigns", headers=BEARER))
    assert standing(api.get("/openapi.json"))[0] == "signed-in"
