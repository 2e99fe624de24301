from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pyotp
import pytest
from api_client import Json, made, ok, refused
from identity_client import browser_of, carry, cookie, me, sign_in
from sqlalchemy import select
from users import PASSWORD, give_user

from app.bootstrap import House
from app.clock import VirtualClock
from app.models import AuditEvent, User

EMAIL = "author@agency.example"


@pytest.fixture
def browser(api: httpx.Client, house: House) -> Iterator[httpx.Client]:
    give_user(house.database, EMAIL)
    with browser_of(api) as client:
        sign_in(client, EMAIL)
        yield client


class App:
    """Somebody's authenticator app, on the tests' clock."""

    def __init__(self, secret: str, clock: VirtualClock) -> None:
        self._totp, self._clock = pyotp.TOTP(secret), clock

    def code(self, steps: int = 0) -> str:
        return self._totp.at(self._clock.now() + timedelta(seconds=30 * steps))


@pytest.fixture
def enrolled(browser: httpx.Client, clock: VirtualClock) -> tuple[App, list[str]]:
    """The app of a user whose second factor is in force, and their recovery codes."""
    begun = made(browser.post("/me/second-factor", json={"password": PASSWORD}))
    app = App(begun["secret"], clock)
    codes = ok(browser.post("/me/second-factor/confirm", json={"code": app.code()}))["codes"]
    clock.advance(timedelta(minutes=5))
    return app, codes


def give_code(browser: httpx.Client, code: str) -> httpx.Response:
    return browser.post("/session/second-factor", json={"code": code})


class TestSettingItUp:
    def test_it_counts_from_its_first_code_on(self, browser: httpx.Client, clock: VirtualClock) -> None:
        begun = made(browser.post("/me/second-factor", json={"password": PASSWORD}))
        address = urlsplit(begun["address"])
        assert (address.scheme, address.netloc) == ("otpauth", "totp")
        assert parse_qs(address.query)["secret"] == [begun["secret"]]
        assert ok(sign_in(browser, EMAIL)) == {"second_factor_needed": False}
        app = App(begun["secret"], clock)
        refused(browser.post("/me/second-factor/confirm", json={"code": "000000"}), 403, "not_allowed")
        codes = ok(browser.post("/me/second-factor/confirm", json={"code": f" {app.code()[:3]} {app.code()[3:]}"}))[
            "codes"
        ]
        assert len(set(codes)) == 10
        assert (me(browser)["user"]["second_factor"], me(browser)["user"]["recovery_codes_left"]) == (True, 10)
        refused(browser.post("/me/second-factor", json={"password": PASSWORD}), 409, "conflict")
        refused(browser.post("/me/second-factor/confirm", json={"code": app.code(1)}), 409, "conflict")

    def test_other_sessions_end_with_it(self, browser: httpx.Client, api: httpx.Client, clock: VirtualClock) -> None:
        with browser_of(api) as elsewhere:
            sign_in(elsewhere, EMAIL)
            secret = made(browser.post("/me/second-factor", json={"password": PASSWORD}))["secret"]
            ok(browser.post("/me/second-factor/confirm", json={"code": App(secret, clock).code()}))
            refused(elsewhere.get("/me"), 401, "not_signed_in")
            me(browser)

    def test_each_change_asks_for_the_password_once_more_and_slows_guessing_down(self, browser: httpx.Client) -> None:
        for address in ("/me/second-factor", "/me/second-factor/remove", "/me/recovery-codes"):
            refused(browser.post(address, json={"password": "not the password"}), 403, "not_allowed")
        for _ in range(2):
            browser.post("/me/recovery-codes", json={"password": "not the password"})
        refused(browser.post("/me/second-factor", json={"password": PASSWORD}), 429, "too_many_tries")

    def test_removing_it_ends_it_and_its_codes(self, browser: httpx.Client, enrolled: tuple[App, list[str]]) -> None:
        assert browser.post("/me/second-factor/remove", json={"password": PASSWORD}).status_code == 204
        assert ok(sign_in(browser, EMAIL)) == {"second_factor_needed": False}
        refused(browser.post("/me/recovery-codes", json={"password": PASSWORD}), 409, "conflict")
        assert me(browser)["user"]["recovery_codes_left"] == 0

    def test_the_operator_removes_it_for_whoever_has_lost_it(
        self, browser: httpx.Client, api: httpx.Client, enrolled: tuple[App, list[str]]
    ) -> None:
        user_id = me(browser)["user"]["id"]
        assert ok(api.post(f"/users/{user_id}/remove-second-factor"))["second_factor"] is False
        refused(browser.get("/me"), 401, "not_signed_in")
        assert ok(sign_in(browser, EMAIL)) == {"second_factor_needed": False}

    def test_a_token_changes_nothing_of_its_user(self, browser: httpx.Client, api: httpx.Client) -> None:
        token = made(browser.post("/api-tokens", json={"name": "t", "scopes": ["view"]}))["token"]
        bearer = {"Authorization": f"Bearer {token}"}
        assert ok(api.get("/me", headers=bearer))["user"]["email"] == EMAIL
        writes: list[tuple[str, str, Any]] = [
            ("POST", "/me/second-factor", {"password": PASSWORD}),
            ("POST", "/me/password", {"present": PASSWORD, "new": "another few words here"}),
            ("PATCH", "/me", {"name": "x"}),
            ("POST", "/session/organization", {"organization": "default"}),
            ("DELETE", "/me/sessions", None),
            ("GET", "/me/sessions", None),
        ]
        for method, address, body in writes:
            answer = api.request(method, address, json=body, headers=bearer)
            refused(answer, 403, "not_allowed")


class TestSigningInWithIt:
    def test_half_a_sign_in_may_nothing_and_the_cookie_is_new_after_the_code(
        self, browser: httpx.Client, enrolled: tuple[App, list[str]]
    ) -> None:
        app, _ = enrolled
        before = cookie(browser)
        assert ok(sign_in(browser, EMAIL)) == {"second_factor_needed": True}
        half = cookie(browser)
        for address in ("/me", "/campaigns", "/me/sessions"):
            refused(browser.get(address), 401, "not_signed_in")
        assert ok(give_code(browser, app.code())) == {"second_factor_needed": False}
        whole = cookie(browser)
        assert len({before, half, whole}) == 3
        me(browser)
        for stale in (before, half):
            carry(browser, stale)
            refused(browser.get("/me"), 401, "not_signed_in")

    def test_a_code_works_once_and_for_its_neighbouring_steps_only(
        self, browser: httpx.Client, enrolled: tuple[App, list[str]], clock: VirtualClock
    ) -> None:
        app, _ = enrolled
        for steps in (-2, 2):
            sign_in(browser, EMAIL)
            refused(give_code(browser, app.code(steps)), 401, "not_signed_in")
        code = app.code()
        ok(give_code(browser, code))
        sign_in(browser, EMAIL)
        refused(give_code(browser, code), 401, "not_signed_in")
        # One of a step before the last used one neither.
        refused(give_code(browser, app.code(-1)), 401, "not_signed_in")
        ok(give_code(browser, app.code(1)))

    def test_a_recovery_code_works_once_in_any_writing(
        self, browser: httpx.Client, enrolled: tuple[App, list[str]]
    ) -> None:
        _, codes = enrolled
        sign_in(browser, EMAIL)
        ok(give_code(browser, codes[0].upper().replace("-", " ")))
        assert me(browser)["user"]["recovery_codes_left"] == 9
        sign_in(browser, EMAIL)
        refused(give_code(browser, codes[0]), 401, "not_signed_in")
        ok(give_code(browser, codes[1]))
        fresh = made(browser.post("/me/recovery-codes", json={"password": PASSWORD}))["codes"]
        sign_in(browser, EMAIL)
        refused(give_code(browser, codes[2]), 401, "not_signed_in")
        ok(give_code(browser, fresh[0]))

    @pytest.mark.parametrize("code", ["１２３４５６", "12345", "abc", "-", " ", "é" * 64])
    def test_what_is_no_code_is_refused_like_a_wrong_one(
        self, browser: httpx.Client, enrolled: tuple[App, list[str]], code: str
    ) -> None:
        sign_in(browser, EMAIL)
        refused(give_code(browser, code), 401, "not_signed_in")

    def test_guessing_codes_is_slowed_down_however_often_the_password_is_right(
        self, browser: httpx.Client, enrolled: tuple[App, list[str]], clock: VirtualClock
    ) -> None:
        app, _ = enrolled
        for _ in range(5):
            sign_in(browser, EMAIL)
            refused(give_code(browser, "000000"), 401, "not_signed_in")
        sign_in(browser, EMAIL)
        answer = give_code(browser, app.code())
        refused(answer, 429, "too_many_tries")
        assert answer.headers["retry-after"] == "30"
        clock.advance(timedelta(seconds=30))
        ok(give_code(browser, app.code()))

    def test_half_a_sign_in_waits_for_ten_minutes(
        self, browser: httpx.Client, enrolled: tuple[App, list[str]], clock: VirtualClock
    ) -> None:
        app, _ = enrolled
        sign_in(browser, EMAIL)
        clock.advance(timedelta(minutes=10))
        refused(give_code(browser, app.code()), 401, "not_signed_in")

    def test_without_a_first_step_there_is_no_second(self, browser: httpx.Client) -> None:
        refused(give_code(browser, "000000"), 401, "not_signed_in")

    def test_what_is_kept_and_what_is_on_record_holds_no_secret(
        self, browser: httpx.Client, house: House, enrolled: tuple[App, list[str]]
    ) -> None:
        _, codes = enrolled
        sign_in(browser, EMAIL)
        ok(give_code(browser, codes[0]))
        with house.database.read() as session:
            user = session.scalars(select(User)).one()
            rows: list[AuditEvent] = list(session.scalars(select(AuditEvent)))
        assert user.totp is not None
        secret = house.vault.decrypt(user.totp)["totp"]
        assert secret.encode() not in user.totp
        trail = " ".join(f"{row.words} {row.before} {row.after}" for row in rows).lower()
        kept: list[Json] = user.recovery_codes
        for word in (secret.lower(), *codes, *(code.replace("-", "") for code in codes), *map(str, kept)):
            assert word not in trail
        assert {"second_factor_set_up", "recovery_code_used"} <= {row.action for row in rows}
