from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import httpx
import pytest
from api_client import ok, refused
from identity_client import browser_of, carry, cookie, me, sign_in
from sqlalchemy import select, update
from users import PASSWORD, give_organization, give_user

from app.bootstrap import House
from app.clock import VirtualClock
from app.identity.permissions import Role
from app.models import AuditEvent, Throttle, User, UserSession
from app.web.cookies import COOKIE

EMAIL = "author@agency.example"

Browser = Callable[[], httpx.Client]


@pytest.fixture
def browser(api: httpx.Client, house: House) -> Iterator[httpx.Client]:
    give_user(house.database, EMAIL)
    with browser_of(api) as client:
        yield client


class TestSigningIn:
    def test_the_right_password_gives_a_cookie_that_only_this_site_sends(self, browser: httpx.Client) -> None:
        answer = sign_in(browser, f"  {EMAIL.upper()} ")
        assert ok(answer) == {"second_factor_needed": False}
        set_cookie = answer.headers["set-cookie"]
        assert set_cookie.startswith(f"{COOKIE}=")
        for part in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=604800"):
            assert part in set_cookie
        assert "Secure" not in set_cookie
        assert cookie(browser) not in answer.text
        found = me(browser)
        assert (found["name"], found["via"]) == (EMAIL, "session")
        assert found["organization"]["role"] == "author"
        assert found["permissions"] == ["view", "write"]

    def test_without_it_nothing_is_answered(self, browser: httpx.Client) -> None:
        refused(browser.get("/me"), 401, "not_signed_in")
        refused(browser.get("/campaigns"), 401, "not_signed_in")

    def test_a_session_may_what_its_role_may(self, browser: httpx.Client) -> None:
        sign_in(browser, EMAIL)
        ok(browser.get("/campaigns"))
        refused(browser.get("/users"), 403, "not_allowed")
        refused(browser.post("/invitations", json={"email": "b@agency.example", "role": "admin"}), 403, "not_allowed")

    def test_a_cookie_that_was_planted_beforehand_is_worth_nothing_afterwards(
        self, browser: httpx.Client, house: House
    ) -> None:
        carry(browser, "planted-by-somebody-else")
        sign_in(browser, EMAIL)
        first = cookie(browser)
        assert first != "planted-by-somebody-else"
        sign_in(browser, EMAIL)
        assert cookie(browser) != first
        # The former session has ended: nobody who knows its cookie can use it.
        carry(browser, first)
        refused(browser.get("/me"), 401, "not_signed_in")
        with house.database.read() as session:
            assert first not in [row.digest for row in session.scalars(select(UserSession))]

    def test_signing_out_ends_it_at_once(self, browser: httpx.Client) -> None:
        sign_in(browser, EMAIL)
        kept = cookie(browser)
        assert browser.delete("/session").status_code == 204
        assert COOKIE not in browser.cookies
        carry(browser, kept)
        refused(browser.get("/me"), 401, "not_signed_in")
        assert browser.delete("/session").status_code == 204

    def test_it_ends_after_twelve_idle_hours_and_after_seven_days_at_the_latest(
        self, browser: httpx.Client, clock: VirtualClock
    ) -> None:
        sign_in(browser, EMAIL)
        for _ in range(14):
            clock.advance(timedelta(hours=11, minutes=59))
            me(browser)
        clock.advance(timedelta(hours=3))
        refused(browser.get("/me"), 401, "not_signed_in")
        sign_in(browser, EMAIL)
        clock.advance(timedelta(hours=12))
        refused(browser.get("/me"), 401, "not_signed_in")

    def test_a_disabled_user_is_refused_from_the_next_request_on(
        self, browser: httpx.Client, house: House, api: httpx.Client
    ) -> None:
        sign_in(browser, EMAIL)
        token = browser.post("/api-tokens", json={"name": "t", "scopes": ["view"]}).json()["token"]
        bearer = {"Authorization": f"Bearer {token}"}
        ok(api.get("/campaigns", headers=bearer))
        user_id = me(browser)["user"]["id"]
        ok(api.patch(f"/users/{user_id}", json={"state": "disabled"}))
        refused(browser.get("/me"), 401, "not_signed_in")
        refused(api.get("/campaigns", headers=bearer), 401, "not_signed_in")
        refused(sign_in(browser, EMAIL), 401, "not_signed_in")
        ok(api.patch(f"/users/{user_id}", json={"state": "active"}))
        # The session stays ended; signing in works again.
        refused(browser.get("/me"), 401, "not_signed_in")
        ok(sign_in(browser, EMAIL))

    def test_whoever_is_in_several_organizations_says_which(self, browser: httpx.Client, house: House) -> None:
        other = give_organization(house.database, "county")
        give_user(house.database, EMAIL, Role.ADMIN, organization_id=other)
        sign_in(browser, EMAIL)
        assert me(browser)["organization"] is None
        assert [one["slug"] for one in me(browser)["organizations"]] == ["county", "default"]
        refused(browser.get("/campaigns"), 403, "not_allowed")
        ok(browser.get("/campaigns", headers={"Focusweek-Organization": "county"}))
        assert (
            ok(browser.post("/session/organization", json={"organization": "county"}))["organization"]["role"]
            == "admin"
        )
        assert me(browser)["permissions"] == ["view", "write", "review", "administer"]
        refused(browser.post("/session/organization", json={"organization": "nowhere"}), 404, "not_found")
        # The next sign-in looks where the last one looked.
        sign_in(browser, EMAIL)
        assert me(browser)["organization"]["slug"] == "county"


class TestGuessing:
    def test_an_unknown_address_gets_the_same_answer_as_a_wrong_password(self, browser: httpx.Client) -> None:
        wrong = sign_in(browser, EMAIL, "not the password at all")
        unknown = sign_in(browser, "nobody@agency.example", "not the password at all")
        assert refused(wrong, 401, "not_signed_in") == refused(unknown, 401, "not_signed_in")
        assert wrong.headers.keys() == unknown.headers.keys()
        assert "set-cookie" not in wrong.headers

    @pytest.mark.parametrize("email", [EMAIL, "nobody@agency.example"])
    def test_five_tries_are_free_and_each_further_one_waits_twice_as_long(
        self, browser: httpx.Client, clock: VirtualClock, email: str
    ) -> None:
        for _ in range(5):
            refused(sign_in(browser, email, "wrong password"), 401, "not_signed_in")
        for wait in (30, 60, 120, 240, 480, 900, 900):
            answer = sign_in(browser, email, PASSWORD)
            refused(answer, 429, "too_many_tries")
            assert answer.headers["retry-after"] == str(wait)
            clock.advance(timedelta(seconds=wait - 1))
            refused(sign_in(browser, email), 429, "too_many_tries")
            clock.advance(timedelta(seconds=1))
            refused(sign_in(browser, email, "wrong password"), 401, "not_signed_in")

    def test_the_right_password_after_the_wait_forgets_the_tries(
        self, browser: httpx.Client, clock: VirtualClock
    ) -> None:
        for _ in range(5):
            sign_in(browser, EMAIL, "wrong password")
        clock.advance(timedelta(seconds=30))
        ok(sign_in(browser, EMAIL))
        for _ in range(5):
            refused(sign_in(browser, EMAIL, "wrong password"), 401, "not_signed_in")

    def test_many_accounts_from_one_address_are_slowed_down_too(
        self, browser: httpx.Client, clock: VirtualClock
    ) -> None:
        for number in range(30):
            refused(sign_in(browser, f"n{number}@agency.example", "wrong"), 401, "not_signed_in")
        refused(sign_in(browser, "another@agency.example", "wrong"), 429, "too_many_tries")
        # Signing in oneself in between does not set the count back.
        clock.advance(timedelta(seconds=30))
        ok(sign_in(browser, EMAIL))
        refused(sign_in(browser, "another@agency.example", "wrong"), 401, "not_signed_in")
        refused(sign_in(browser, "another@agency.example", "wrong"), 429, "too_many_tries")

    def test_what_was_not_tried_for_a_day_is_forgotten(self, browser: httpx.Client, clock: VirtualClock) -> None:
        for _ in range(5):
            sign_in(browser, EMAIL, "wrong password")
        clock.advance(timedelta(days=1))
        for _ in range(5):
            refused(sign_in(browser, EMAIL, "wrong password"), 401, "not_signed_in")

    def test_what_is_kept_of_it_names_nobody(self, browser: httpx.Client, house: House) -> None:
        sign_in(browser, "nobody@agency.example", "wrong password")
        with house.database.read() as session:
            keys = list(session.scalars(select(Throttle.key)))
            rows = [f"{row.actor} {row.words} {row.after}" for row in session.scalars(select(AuditEvent))]
        assert len(keys) == 2
        assert not [key for key in keys if "nobody" in key or "127.0.0.1" in key]
        assert not [row for row in rows if "nobody@" in row or "wrong password" in row]

    @pytest.mark.parametrize(
        "email", ["a\u0000b@agency.example", "\ud800@agency.example", "'; DROP TABLE user; --", "%"]
    )
    def test_no_address_breaks_it(self, browser: httpx.Client, email: str) -> None:
        import json  # noqa: PLC0415 - a lone surrogate is written by hand

        body = json.dumps({"email": email, "password": "wrong password"})
        answer = browser.post("/session", content=body, headers={"content-type": "application/json"})
        assert answer.status_code in {401, 422}

    def test_a_refused_body_does_not_say_the_password_again(self, browser: httpx.Client) -> None:
        secret = "s3cret-" * 200
        answer = browser.post("/session", json={"email": EMAIL, "password": secret})
        refused(answer, 422, "validation.failed")
        assert "s3cret" not in answer.text


class TestTheTrail:
    def test_signing_in_failing_and_out_are_on_record_with_their_address(
        self, browser: httpx.Client, house: House
    ) -> None:
        sign_in(browser, EMAIL, "wrong password")
        sign_in(browser, EMAIL)
        browser.delete("/session")
        with house.database.read() as session:
            user_id = session.scalars(select(User.id)).one()
            rows = list(session.scalars(select(AuditEvent).where(AuditEvent.subject == "user").order_by(AuditEvent.id)))
        assert [(row.action, row.actor) for row in rows] == [
            ("sign_in_failed", "nobody signed in"),
            ("signed_in", EMAIL),
            ("signed_out", EMAIL),
        ]
        assert {(row.subject_id, row.origin) for row in rows} == {(user_id, "127.0.0.1")}

    def test_a_weaker_hash_is_made_anew_at_the_next_sign_in(self, browser: httpx.Client, house: House) -> None:
        from argon2 import PasswordHasher  # noqa: PLC0415 - only here

        weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
        with house.database.write() as session:
            session.execute(update(User).values(password_hash=weak))
        ok(sign_in(browser, EMAIL))
        with house.database.read() as session:
            kept = session.scalars(select(User.password_hash)).one()
        assert kept is not None
        assert "m=65536,t=3" in kept
        ok(sign_in(browser, EMAIL))
