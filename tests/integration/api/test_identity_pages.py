"""The pages before and around the sign-in, as a browser uses them: forms, redirects, cookies."""

from __future__ import annotations

import html
import re
import ssl
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pyotp
import pytest
from identity_client import carry
from sqlalchemy import select
from users import PASSWORD, give_organization, give_user

from app.bootstrap import House
from app.clock import VirtualClock
from app.identity.permissions import Role
from app.identity.principal import LOCAL
from app.models import Membership, Organization, User
from app.services.invitations import invite
from app.services.password_resets import reset_link
from app.services.set_up import new_set_up_link
from app.web.cookies import COOKIE

EMAIL = "author@agency.example"


@pytest.fixture
def page(api: httpx.Client) -> Iterator[httpx.Client]:
    """A browser outside the API; it says where its forms come from, as browsers do."""
    base = str(api.base_url).removesuffix("/api/v1/")
    with httpx.Client(
        base_url=base, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), headers={"sec-fetch-site": "same-origin"}
    ) as client:
        yield client


def token_of(link: str | None) -> str:
    assert link is not None
    return link.partition("?token=")[2]


def send_sign_in(page: httpx.Client, given: str = PASSWORD, **more: str) -> httpx.Response:
    return page.post("/sign-in", data={"email": EMAIL, "password": given, **more})


class TestWhoIsNotSignedIn:
    @pytest.mark.parametrize(
        ("wanted", "sent"),
        [
            ("/", "/sign-in"),
            ("/sandbox", "/sign-in?next=/sandbox"),
            ("/sandbox?platform=x&account=a", "/sign-in?next=/sandbox%3Fplatform%3Dx%26account%3Da"),
        ],
    )
    def test_is_led_to_the_sign_in_and_back(self, page: httpx.Client, house: House, wanted: str, sent: str) -> None:
        give_user(house.database, EMAIL)
        answer = page.get(wanted)
        assert (answer.status_code, answer.headers["location"]) == (303, sent)
        form = page.get(sent).text
        following = re.search(r'name="next" value="([^"]*)"', form)
        assert following is not None
        back = send_sign_in(page, next=html.unescape(following[1]))
        assert (back.status_code, back.headers["location"]) == (303, wanted)
        assert page.get(wanted).status_code == 200

    @pytest.mark.parametrize(
        "foreign",
        [
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil",
            "/a\nb",
            "javascript:alert(1)",
            "evil",
        ],
    )
    def test_is_never_led_to_another_site(self, page: httpx.Client, house: House, foreign: str) -> None:
        give_user(house.database, EMAIL)
        assert 'name="next" value="/"' in page.get("/sign-in", params={"next": foreign}).text
        answer = send_sign_in(page, next=foreign)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")

    def test_sees_what_a_kind_of_problem_is_all_the_same(self, page: httpx.Client) -> None:
        assert page.get("/problems/not_signed_in").status_code == 200

    def test_is_told_where_the_link_is_while_there_is_no_user(self, page: httpx.Client, house: House) -> None:
        assert "Nobody can sign in yet" in page.get("/sign-in").text
        give_user(house.database, EMAIL)
        assert "Nobody can sign in yet" not in page.get("/sign-in").text


class TestSigningIn:
    def test_a_wrong_password_shows_the_form_again_without_it(self, page: httpx.Client, house: House) -> None:
        give_user(house.database, EMAIL)
        answer = send_sign_in(page, "wrong-password-here")
        assert answer.status_code == 401
        assert 'role="alert"' in answer.text
        assert EMAIL in answer.text
        assert "wrong-password-here" not in answer.text
        assert COOKIE not in answer.cookies

    def test_too_many_tries_are_told_how_long_to_wait(self, page: httpx.Client, house: House) -> None:
        give_user(house.database, EMAIL)
        for _ in range(5):
            send_sign_in(page, "wrong")
        answer = send_sign_in(page)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")
        assert "Wait for 30 seconds" in answer.text

    def test_a_form_of_another_site_is_refused(self, page: httpx.Client, house: House) -> None:
        give_user(house.database, EMAIL)
        for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}, {"origin": "null"}):
            answer = page.post("/sign-in", data={"email": EMAIL, "password": PASSWORD}, headers=headers)
            assert answer.status_code == 403
            assert "set-cookie" not in answer.headers

    def test_pages_let_browsers_say_that_their_forms_are_ours(self, page: httpx.Client) -> None:
        # With no-referrer, a browser sends Origin: null with every form.
        headers = page.get("/sign-in").headers
        assert headers["referrer-policy"] == "same-origin"
        assert "script-src" not in headers["content-security-policy"]
        assert "form-action 'self'" in headers["content-security-policy"]

    def test_signing_out_is_a_button_and_ends_the_session(self, page: httpx.Client, house: House) -> None:
        give_user(house.database, EMAIL)
        send_sign_in(page)
        start = page.get("/")
        assert 'action="/sign-out"' in start.text
        assert EMAIL in start.text
        kept = page.cookies[COOKIE]
        answer = page.post("/sign-out")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        carry(page, kept)
        assert page.get("/").status_code == 303

    def test_a_second_factor_is_asked_for_and_the_cookie_is_new_after_it(
        self, page: httpx.Client, house: House, clock: VirtualClock
    ) -> None:
        user_id = give_user(house.database, EMAIL)
        secret = pyotp.random_base32()
        with house.database.write() as session:
            user = session.get_one(User, user_id)
            user.totp = house.vault.encrypt({"totp": secret, "user": str(user_id)})
            user.totp_since = clock.now()
        first = send_sign_in(page, next="/sandbox")
        assert first.status_code == 200
        assert 'name="code"' in first.text
        half = page.cookies[COOKIE]
        assert page.get("/sandbox").status_code == 303
        assert page.post("/sign-in/code", data={"code": "000000", "next": "/sandbox"}).status_code == 401
        code = pyotp.TOTP(secret).at(clock.now())
        done = page.post("/sign-in/code", data={"code": code, "next": "/sandbox"})
        assert (done.status_code, done.headers["location"]) == (303, "/sandbox")
        whole = page.cookies[COOKIE]
        assert whole != half
        assert page.get("/sandbox").status_code == 200
        carry(page, half)
        assert page.get("/sandbox").status_code == 303

    def test_whoever_is_in_several_organizations_chooses_one(self, page: httpx.Client, house: House) -> None:
        give_user(house.database, EMAIL)
        give_user(house.database, EMAIL, Role.VIEWER, organization_id=give_organization(house.database, "county"))
        send_sign_in(page)
        answer = page.get("/sandbox")
        assert answer.headers["location"] == "/organization?next=/sandbox"
        assert "County" in page.get("/organization?next=/sandbox").text
        chosen = page.post("/organization", data={"organization": "county", "next": "/sandbox"})
        assert chosen.headers["location"] == "/sandbox"
        assert page.get("/sandbox").status_code == 200
        assert page.post("/organization", data={"organization": "not\0mine"}).headers["location"] == "/organization"

    def test_whoever_is_in_none_is_told_so(self, page: httpx.Client, house: House) -> None:
        give_user(house.database, EMAIL, None)
        send_sign_in(page)
        assert page.get("/").headers["location"] == "/organization"
        assert "You belong to no organization" in page.get("/organization").text


class TestSettingUp:
    def answers(self, token: str, **other: str) -> dict[str, str]:
        return {
            "token": token, "email": " Operator@Agency.example", "name": "O. Perator", "password": PASSWORD,
            "organization": "Agency of  Examples", "works_alone": "yes",
        } | other  # fmt: skip

    def test_the_first_user_runs_the_service_and_administers_the_first_organization(
        self, page: httpx.Client, house: House
    ) -> None:
        token = token_of(new_set_up_link(house))
        assert 'name="works_alone"' in page.get(f"/set-up?token={token}").text
        answer = page.post("/set-up", data=self.answers(token))
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert page.get("/").status_code == 200
        with house.database.read() as session:
            user = session.scalars(select(User)).one()
            organization = session.scalars(select(Organization)).one()
            member = session.scalars(select(Membership)).one()
        assert (user.email, user.name, user.is_operator) == ("operator@agency.example", "O. Perator", True)
        assert (organization.name, organization.allows_own_approval) == ("Agency of Examples", True)
        assert (member.user_id, member.role) == (user.id, "admin")
        assert page.post("/set-up", data=self.answers(token)).status_code == 404

    def test_a_form_that_is_refused_keeps_what_was_typed_and_the_link(self, page: httpx.Client, house: House) -> None:
        token = token_of(new_set_up_link(house))
        for other in (
            {"password": "short"}, {"email": "nobody"}, {"organization": ""}, {"works_alone": ""}, {"name": "a\u202eb"},
            {"name": "a\0b"}, {"organization": "x" * 201},
        ):  # fmt: skip
            answer = page.post("/set-up", data=self.answers(token, **other))
            assert answer.status_code == 422, other
            assert "O. Perator" in answer.text or "name" in other
            assert PASSWORD not in answer.text
        assert page.post("/set-up", data=self.answers(token, works_alone="no")).status_code == 303

    @pytest.mark.parametrize("token", ["", "x", "ä" * 50, "a" * 5000, "a.b", "\0"])
    def test_what_is_no_link_says_so(self, page: httpx.Client, token: str) -> None:
        answer = page.get("/set-up", params={"token": token})
        assert answer.status_code == 404
        assert "This link does not work" in answer.text
        assert page.post("/set-up", data=self.answers(token)).status_code == 404


class TestLinksInLetters:
    def test_an_invitation_makes_a_user_and_signs_them_in(self, page: httpx.Client, house: House) -> None:
        link = invite(house, LOCAL, "new@agency.example", Role.REVIEWER).link
        shown = page.get(f"/invitation?token={token_of(link)}")
        assert "new@agency.example" in shown.text
        data = {"token": token_of(link), "name": "N. Ew", "password": "short"}
        assert page.post("/invitation", data=data).status_code == 422
        answer = page.post("/invitation", data=data | {"password": PASSWORD})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert page.get("/").status_code == 200
        assert page.get(f"/invitation?token={token_of(link)}").status_code == 404

    def test_somebody_who_has_a_user_signs_in_to_accept(self, page: httpx.Client, house: House) -> None:
        give_user(house.database, EMAIL, None)
        token = token_of(invite(house, LOCAL, EMAIL, Role.VIEWER).link)
        shown = page.get(f"/invitation?token={token}").text
        assert 'name="password"' not in shown
        assert page.post("/invitation", data={"token": token, "password": PASSWORD}).status_code == 401
        found = re.search(r'href="(/sign-in\?next=[^"]*)"', shown)
        assert found is not None
        form = page.get(html.unescape(found[1])).text
        following = re.search(r'name="next" value="([^"]*)"', form)
        assert following is not None
        back = send_sign_in(page, next=html.unescape(following[1]))
        assert "Accept as" in page.get(back.headers["location"]).text
        assert page.post("/invitation", data={"token": token}).headers["location"] == "/"
        assert page.get("/").status_code == 200

    def test_a_new_password_is_set_by_a_link_once(self, page: httpx.Client, house: House, clock: VirtualClock) -> None:
        give_user(house.database, EMAIL)
        token = token_of(reset_link(house, EMAIL))
        assert EMAIL in page.get(f"/password-reset?token={token}").text
        assert page.post("/password-reset", data={"token": token, "password": "short"}).status_code == 422
        done = page.post("/password-reset", data={"token": token, "password": "another four words here"})
        assert done.status_code == 200
        assert "The new password is set" in done.text
        assert (
            page.post("/password-reset", data={"token": token, "password": "yet another few words"}).status_code == 404
        )
        assert send_sign_in(page).status_code == 401
        assert send_sign_in(page, "another four words here").status_code == 303
        clock.advance(timedelta(hours=1))
        late = token_of(reset_link(house, EMAIL))
        clock.advance(timedelta(hours=1))
        assert page.get(f"/password-reset?token={late}").status_code == 404

    def test_without_a_mail_server_the_page_says_whom_to_ask(self, page: httpx.Client) -> None:
        assert "focusweek users reset-password" in page.get("/password-reset").text
