"""Signing in with a real OpenID Connect provider, as browsers do it, and every way in which it can go wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import httpx
import pyotp
import pytest
from real_provider import query_of, sign_in_there
from signed_in import Visit, refused
from sqlalchemy import select, update
from users import give_organization, give_user

from app.identity import second_factor
from app.identity.permissions import Role
from app.models import Membership, OneTimeLink, User
from app.services.invitations import invite
from app.services.users import forget_openid, user_by_email

EMAIL = "author@agency.example"
pytestmark = pytest.mark.node


@pytest.fixture
def author(house) -> int:
    return give_user(house.database, EMAIL)


class TestAUser:
    def test_signs_in_and_is_led_on(self, author: int, visit: Visit) -> None:
        answer = visit.sign_in(EMAIL, "/sandbox?platform=x")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sandbox?platform=x")
        assert visit.me().json()["user"]["email"] == EMAIL
        assert [event.user_id for event in visit.trail("signed_in")] == [author]
        (linked,) = visit.trail("openid_linked")
        assert (linked.actor, linked.subject_id) == (EMAIL, author)

    def test_sees_the_link_on_the_sign_in_page(self, visit: Visit) -> None:
        page = visit.browser.get("/sign-in", params={"next": "/sandbox"})
        assert '<a href="/sign-in/openid?next=/sandbox">Sign in with the agency</a>' in page.text

    def test_is_known_by_their_subject_from_then_on(self, author: int, visit: Visit) -> None:
        visit.sign_in(EMAIL)
        user = visit.user(EMAIL)
        assert user is not None
        assert (user.issuer, user.subject) == (visit.house.settings.oidc_issuer, EMAIL)
        with visit.house.database.write() as session:
            session.execute(update(User).values(email="another@agency.example"))
        assert visit.sign_in(EMAIL).status_code == 303
        assert visit.me().json()["user"]["email"] == "another@agency.example"

    def test_is_nobody_else_with_the_same_address(self, author: int, visit: Visit) -> None:
        visit.sign_in(EMAIL)
        refused(visit.sign_in(f"{EMAIL}#2"), "somebody else at the provider")
        with visit.house.write_instance() as scope:
            forget_openid(scope, user_by_email(scope, EMAIL))
        assert visit.sign_in(f"{EMAIL}#2").status_code == 303

    def test_whose_address_stands_at_the_user_info_only(self, visit: Visit) -> None:
        give_user(visit.house.database, "slim-author@agency.example")
        assert visit.sign_in("slim-author@agency.example").status_code == 303

    def test_gives_the_second_factor_still(self, author: int, visit: Visit) -> None:
        with visit.house.database.write() as session:
            user = session.get_one(User, author)
            begun = second_factor.begin(user, visit.house.vault)
            user.totp_since = visit.house.clock.now()
        answer = visit.sign_in(EMAIL, "/sandbox")
        assert (answer.status_code, 'action="/sign-in/code"' in answer.text) == (200, True)
        assert visit.me().status_code == 401
        code = pyotp.TOTP(begun[0]).at(visit.house.clock.now())
        headers = {"sec-fetch-site": "same-origin"}
        given = visit.browser.post("/sign-in/code", data={"code": code, "next": "/sandbox"}, headers=headers)
        assert (given.status_code, given.headers["location"]) == (303, "/sandbox")
        assert visit.me().status_code == 200

    def test_who_is_disabled_is_refused(self, visit: Visit) -> None:
        give_user(visit.house.database, EMAIL, state="disabled")
        refused(visit.sign_in(EMAIL), "is disabled")
        assert visit.user(EMAIL).subject is None

    def test_ends_the_session_that_the_browser_had(self, author: int, visit: Visit) -> None:
        visit.sign_in(EMAIL)
        before = visit.browser.cookies["focusweek_session"]
        visit.sign_in(EMAIL)
        assert visit.browser.cookies["focusweek_session"] != before
        with httpx.Client(base_url=visit.browser.base_url, cookies={"focusweek_session": before}) as old:
            assert old.get("/api/v1/me").status_code == 401


class TestAPublicClient:
    @pytest.fixture
    def settings_change(self) -> dict[str, object]:
        return {"oidc_client_id": "focusweek-public", "oidc_client_secret": None}

    def test_signs_in_by_pkce_alone(self, author: int, visit: Visit) -> None:
        assert visit.sign_in(EMAIL).status_code == 303


class TestAClientThatGivesItsSecretInTheForm:
    """As the provider registers it; a provider that offers no other way is told apart by what it says of itself."""

    @pytest.fixture
    def settings_change(self) -> dict[str, object]:
        return {"oidc_client_id": "focusweek-post"}

    def test_signs_in_where_only_that_is_offered(self, author: int, visit: Visit) -> None:
        openid = visit.house.openid
        assert openid is not None
        openid._discovered()["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
        assert visit.sign_in(EMAIL).status_code == 303


class TestAWrongSecret:
    @pytest.fixture
    def settings_change(self) -> dict[str, object]:
        return {"oidc_client_secret": "not the one"}

    def test_is_a_refusal_that_says_nothing_of_it(self, author: int, visit: Visit) -> None:
        answer = visit.sign_in(EMAIL)
        refused(answer, "did not accept the sign-in")
        assert "not the one" not in answer.text


class TestWhoIsNoUser:
    def test_is_refused(self, author: int, visit: Visit) -> None:
        refused(visit.sign_in("stranger@agency.example"), "has no user here and no open invitation")
        assert visit.user("stranger@agency.example") is None
        (event,) = visit.trail("sign_in_failed")
        assert event.after["email"] == "stranger@agency.example"

    def test_gets_in_where_they_are_invited(self, author: int, visit: Visit) -> None:
        with visit.house.read() as scope:
            ours = scope.who
        theirs = replace(ours, organization_id=give_organization(visit.house.database, "other"))
        invite(visit.house, ours, "invited@agency.example", Role.REVIEWER)
        invite(visit.house, theirs, "invited@agency.example", Role.VIEWER)
        assert visit.sign_in("invited@agency.example").status_code == 303
        user = visit.user("invited@agency.example")
        assert user is not None
        assert (user.name, user.password_hash) == ("Somebody of the agency", None)
        with visit.house.database.read() as session:
            places = select(Membership.role).where(Membership.user_id == user.id)
            assert sorted(session.scalars(places)) == ["reviewer", "viewer"]
            open_ones = select(OneTimeLink).where(OneTimeLink.used_at.is_(None))
            assert session.scalars(open_ones).all() == []

    def test_whose_invitation_is_over_is_refused(self, visit: Visit, clock) -> None:
        with visit.house.read() as scope:
            who = scope.who
        invite(visit.house, who, "invited@agency.example", Role.VIEWER)
        with visit.house.database.write() as session:
            session.execute(update(OneTimeLink).values(expires_at=clock.now()))
        refused(visit.sign_in("invited@agency.example"), "no open invitation")


class TestAnAddressThatNobodyHasVerified:
    def test_opens_nothing(self, visit: Visit) -> None:
        give_user(visit.house.database, "unverified-author@agency.example")
        refused(visit.sign_in("unverified-author@agency.example"), "has not verified your e-mail address")
        assert visit.user("unverified-author@agency.example").subject is None

    def test_is_of_no_matter_once_the_subject_is_known(self, visit: Visit) -> None:
        give_user(visit.house.database, "unverified-author@agency.example")
        with visit.house.database.write() as session:
            known = {"issuer": visit.house.settings.oidc_issuer, "subject": "unverified-author@agency.example"}
            session.execute(update(User).values(known))
        assert visit.sign_in("unverified-author@agency.example").status_code == 303


class TestTheWayBack:
    def test_with_another_state_is_refused(self, author: int, visit: Visit) -> None:
        address = sign_in_there(visit.begin(), EMAIL)
        state = query_of(address)["state"]
        for wrong in ("", "wrong", f"{state}x", state.partition(".")[0], "\u00e9", "x" * 3000):
            refused(visit.back(address, state=wrong), "is over already")
        assert visit.back(address).status_code == 303, "a wrong state uses nothing up"

    def test_in_another_browser_is_refused(self, author: int, visit: Visit) -> None:
        address = sign_in_there(visit.begin(), EMAIL)
        with httpx.Client(base_url=visit.browser.base_url) as other:
            for headers in ({}, {"cookie": "focusweek_openid=planted"}):
                given = other.get("/sign-in/openid/callback", params=query_of(address), headers=headers)
                refused(given, "begun in another browser")
        assert visit.back(address).status_code == 303

    def test_works_once(self, author: int, visit: Visit) -> None:
        address = sign_in_there(visit.begin(), EMAIL)
        cookie = visit.browser.cookies["focusweek_openid"]
        assert visit.back(address).status_code == 303
        assert "focusweek_openid" not in visit.browser.cookies
        visit.browser.cookies.set("focusweek_openid", cookie, domain="127.0.0.1", path="/")
        refused(visit.back(address), "is over already")

    def test_with_a_code_that_was_used_is_refused(self, author: int, visit: Visit) -> None:
        first = sign_in_there(visit.begin(), EMAIL)
        visit.back(first)
        second = sign_in_there(visit.begin(), EMAIL)
        refused(visit.back(second, code=query_of(first)["code"]), "did not accept the sign-in")

    def test_with_somebody_else_s_code_is_refused(self, author: int, visit: Visit) -> None:
        theirs = sign_in_there(visit.begin(), "attacker@agency.example")
        ours = sign_in_there(visit.begin(), EMAIL)
        refused(visit.back(ours, code=query_of(theirs)["code"]), "did not accept the sign-in")

    def test_with_another_nonce_is_refused(self, author: int, visit: Visit) -> None:
        url = httpx.URL(visit.begin())
        address = sign_in_there(str(url.copy_set_param("nonce", "another")), EMAIL)
        refused(visit.back(address), "not to be trusted")
        assert visit.me().status_code == 401

    def test_after_the_token_has_expired_is_refused(self, author: int, visit: Visit, clock) -> None:
        address = sign_in_there(visit.begin(), EMAIL)
        # A minute is the token's own time, another what clocks may differ.
        clock.move_to(clock.now() + timedelta(minutes=3))
        refused(visit.back(address), "or no longer")

    def test_after_ten_minutes_is_refused(self, author: int, visit: Visit, clock) -> None:
        address = sign_in_there(visit.begin(), EMAIL)
        clock.move_to(clock.now() + timedelta(minutes=10))
        refused(visit.back(address), "is over already")

    @pytest.mark.parametrize("issuer", ["https://evil.example", ""])
    def test_from_another_provider_is_refused(self, author: int, visit: Visit, issuer: str) -> None:
        refused(visit.back(sign_in_there(visit.begin(), EMAIL), iss=issuer), "none of the provider")

    def test_with_a_refusal_of_the_provider_says_so(self, visit: Visit) -> None:
        visit.begin()
        answer = visit.browser.get("/sign-in/openid/callback", params={"error": "access_denied", "state": "x"})
        refused(answer, "did not sign you in")

    def test_leads_nowhere_else(self, author: int, visit: Visit) -> None:
        assert visit.sign_in(EMAIL, "https://evil.example/").headers["location"] == "/"


class TestWhatIsKept:
    def test_is_nothing_to_go_on_with(self, author: int, visit: Visit) -> None:
        sent = query_of(visit.begin())
        secret = visit.browser.cookies["focusweek_openid"]
        with visit.house.database.read() as session:
            (link,) = session.scalars(select(OneTimeLink).where(OneTimeLink.purpose == "oidc"))
        kept = f"{link.digest} {link.details}"
        for hidden in (secret, sent["state"], sent["nonce"]):
            assert hidden not in kept
        assert (sent["code_challenge_method"], sent["response_type"]) == ("S256", "code")

    def test_is_a_cookie_that_scripts_do_not_see(self, visit: Visit) -> None:
        answer = visit.browser.get("/sign-in/openid")
        for word in ("HttpOnly", "SameSite=lax", "Max-Age=600", "Path=/"):
            assert word in answer.headers["set-cookie"]


class TestAProviderThatDoesNotAnswer:
    @pytest.fixture
    def settings_change(self) -> dict[str, object]:
        return {"oidc_issuer": "http://127.0.0.1:9"}

    def test_is_said_on_the_page(self, visit: Visit) -> None:
        refused(visit.browser.get("/sign-in/openid"), "could not be asked", 502)


class TestAProviderOnAPrivateAddress:
    @pytest.fixture
    def settings_change(self) -> dict[str, object]:
        return {"allow_private_targets": False}

    def test_is_asked_only_where_the_operator_allows_it(self, visit: Visit) -> None:
        refused(visit.browser.get("/sign-in/openid"), "could not be asked", 502)


class TestWithoutAProvider:
    @pytest.fixture
    def settings_change(self) -> dict[str, object]:
        return {"oidc_issuer": None}

    def test_there_is_no_link_and_nothing_behind_it(self, visit: Visit) -> None:
        assert "openid" not in visit.browser.get("/sign-in").text
        for address in ("/sign-in/openid", "/sign-in/openid/callback?code=a&state=b"):
            refused(visit.browser.get(address), "No OpenID Connect provider is set up", 404)
