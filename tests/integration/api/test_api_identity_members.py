from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import httpx
import pytest
from alert_servers import Mailbox, free_port, mail_server, text_of
from api_client import Json, made, ok, refused
from api_token import give_token
from identity_client import browser_of, carry, cookie, me, sign_in
from sqlalchemy import select
from users import PASSWORD, give_organization, give_user

from app.bootstrap import House
from app.clock import VirtualClock
from app.identity.permissions import Permission, Role
from app.models import AuditEvent
from app.services.set_up import new_set_up_link
from app.web.cookies import COOKIE, SECURE_COOKIE

ADMIN, AUTHOR = "admin@agency.example", "author@agency.example"

Open = Callable[[str], httpx.Client]


@pytest.fixture
def signed_in(api: httpx.Client, house: House) -> Iterator[Open]:
    """Open a browser in which somebody is signed in."""
    opened: list[httpx.Client] = []

    def give(email: str) -> httpx.Client:
        opened.append(browser_of(api))
        ok(sign_in(opened[-1], email))
        return opened[-1]

    give_user(house.database, ADMIN, Role.ADMIN)
    give_user(house.database, AUTHOR, Role.AUTHOR)
    yield give
    for one in opened:
        one.close()


def member(browser: httpx.Client, email: str) -> Json:
    found: list[Json] = [one for one in ok(browser.get("/members"))["items"] if one["email"] == email]
    return found[0]


class TestMembers:
    def test_members_see_one_another_and_an_admin_changes_their_roles(self, signed_in: Open) -> None:
        admin, author = signed_in(ADMIN), signed_in(AUTHOR)
        seen = member(author, AUTHOR)
        assert (seen["role"], seen["state"], seen["added_by"]) == ("author", "active", "tests")
        refused(author.patch(f"/members/{seen['id']}", json={"role": "admin"}), 403, "not_allowed")
        assert ok(admin.patch(f"/members/{seen['id']}", json={"role": "reviewer"}))["role"] == "reviewer"
        assert me(author)["permissions"] == ["view", "write", "review"]
        assert ok(admin.get(f"/members/{seen['id']}"))["role"] == "reviewer"

    def test_who_is_taken_out_is_nobody_there_from_the_next_request_on(
        self, signed_in: Open, api: httpx.Client
    ) -> None:
        admin, author = signed_in(ADMIN), signed_in(AUTHOR)
        token = made(author.post("/api-tokens", json={"name": "t", "scopes": ["view"]}))["token"]
        assert admin.delete(f"/members/{member(admin, AUTHOR)['id']}").status_code == 204
        refused(author.get("/campaigns"), 403, "not_allowed")
        assert me(author)["organizations"] == []
        refused(api.get("/campaigns", headers={"Authorization": f"Bearer {token}"}), 401, "not_signed_in")

    def test_the_last_admin_stays(self, signed_in: Open, house: House) -> None:
        admin = signed_in(ADMIN)
        own = f"/members/{member(admin, ADMIN)['id']}"
        refused(admin.patch(own, json={"role": "author"}), 409, "conflict")
        refused(admin.delete(own), 409, "conflict")
        ok(admin.patch(own, json={"role": "admin"}))
        # A disabled admin is none who could let anybody in again.
        give_user(house.database, "gone@agency.example", Role.ADMIN, state="disabled")
        refused(admin.delete(own), 409, "conflict")
        give_user(house.database, "second@agency.example", Role.ADMIN)
        assert admin.delete(own).status_code == 204

    def test_another_organization_s_are_not_found(self, signed_in: Open, house: House) -> None:
        other = give_organization(house.database, "county")
        give_user(house.database, "b@county.example", Role.ADMIN, organization_id=other)
        foreign = member(signed_in("b@county.example"), "b@county.example")["id"]
        admin = signed_in(ADMIN)
        for answer in (
            admin.get(f"/members/{foreign}"),
            admin.patch(f"/members/{foreign}", json={"role": "viewer"}),
            admin.delete(f"/members/{foreign}"),
        ):
            refused(answer, 404, "not_found")
        assert {one["email"] for one in ok(admin.get("/members"))["items"]} == {ADMIN, AUTHOR}

    def test_a_long_list_comes_in_pages(self, signed_in: Open, house: House) -> None:
        for number in range(5):
            give_user(house.database, f"n{number}@agency.example", Role.VIEWER)
        admin, emails, cursor = signed_in(ADMIN), [], ""
        while True:
            page = ok(admin.get(f"/members?limit=3{cursor}"))
            emails += [one["email"] for one in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = f"&cursor={page['next_cursor']}"
        assert len(emails) == len(set(emails)) == 7


class TestTokens:
    def test_a_token_is_shown_once_and_does_what_its_scopes_say(self, signed_in: Open, api: httpx.Client) -> None:
        author = signed_in(AUTHOR)
        created = made(author.post("/api-tokens", json={"name": "import", "scopes": ["view"], "days": 7}))
        assert created["token"].startswith(created["hint"])
        bearer = {"Authorization": f"Bearer {created['token']}"}
        found = ok(api.get("/me", headers=bearer))
        assert (found["name"], found["via"], found["permissions"]) == (f"{AUTHOR} (token import)", "token", ["view"])
        refused(api.post("/campaigns", json={}, headers=bearer), 403, "not_allowed")
        listed = author.get("/api-tokens")
        assert created["token"] not in listed.text
        row = ok(listed)["items"][0]
        assert row["used"] is not None
        assert (row["state"], row["created_by"]) == ("active", AUTHOR)

    def test_nobody_gives_one_more_than_they_may(self, signed_in: Open) -> None:
        author = signed_in(AUTHOR)
        for scope in ("review", "administer", "operate"):
            refused(author.post("/api-tokens", json={"name": "t", "scopes": ["view", scope]}), 403, "not_allowed")
        for body in (
            {"scopes": []},
            {"scopes": ["all"]},
            {"scopes": ["view"], "days": 0},
            {"scopes": ["view"], "days": 367},
        ):
            refused(author.post("/api-tokens", json={"name": "t"} | body), 422, "validation.failed")

    def test_it_may_no_more_than_its_user_later_on(self, signed_in: Open, api: httpx.Client) -> None:
        admin, author = signed_in(ADMIN), signed_in(AUTHOR)
        token = made(author.post("/api-tokens", json={"name": "t", "scopes": ["view", "write"]}))["token"]
        bearer = {"Authorization": f"Bearer {token}"}
        assert ok(api.get("/me", headers=bearer))["permissions"] == ["view", "write"]
        ok(admin.patch(f"/members/{member(admin, AUTHOR)['id']}", json={"role": "viewer"}))
        assert ok(api.get("/me", headers=bearer))["permissions"] == ["view"]

    def test_one_of_nobody_neither_sees_nor_revokes_others_of_nobody(self, api: httpx.Client, house: House) -> None:
        give_token(house.database, "fwk_view-only", scopes=(Permission.VIEW,))
        bearer = {"Authorization": "Bearer fwk_view-only"}
        first = ok(api.get("/api-tokens"))["items"][-1]["id"]
        assert ok(api.get("/api-tokens", headers=bearer))["items"] == []
        refused(api.get(f"/api-tokens/{first}", headers=bearer), 404, "not_found")
        refused(api.delete(f"/api-tokens/{first}", headers=bearer), 404, "not_found")

    def test_a_token_cannot_make_another(self, api: httpx.Client) -> None:
        refused(api.post("/api-tokens", json={"name": "t", "scopes": ["view"]}), 403, "not_allowed")

    def test_it_ends_by_itself_and_when_it_is_revoked(
        self, signed_in: Open, api: httpx.Client, clock: VirtualClock
    ) -> None:
        author = signed_in(AUTHOR)
        short, long = (
            made(author.post("/api-tokens", json={"name": "t", "scopes": ["view"], "days": days})) for days in (1, 2)
        )
        assert author.delete(f"/api-tokens/{long['id']}").status_code == 204
        refused(api.get("/me", headers={"Authorization": f"Bearer {long['token']}"}), 401, "not_signed_in")
        refused(author.delete(f"/api-tokens/{long['id']}"), 409, "conflict")
        ok(api.get("/me", headers={"Authorization": f"Bearer {short['token']}"}))
        clock.advance(timedelta(days=1))
        refused(api.get("/me", headers={"Authorization": f"Bearer {short['token']}"}), 401, "not_signed_in")
        sign_in(author, AUTHOR)
        states = {row["id"]: row["state"] for row in ok(author.get("/api-tokens"))["items"]}
        assert states == {short["id"]: "expired", long["id"]: "revoked"}

    def test_others_see_theirs_alone_and_an_admin_all_of_the_organization(self, signed_in: Open, house: House) -> None:
        author, admin = signed_in(AUTHOR), signed_in(ADMIN)
        of_admin = made(admin.post("/api-tokens", json={"name": "t", "scopes": ["view"]}))["id"]
        of_author = made(author.post("/api-tokens", json={"name": "t", "scopes": ["view"]}))["id"]
        refused(author.get(f"/api-tokens/{of_admin}"), 404, "not_found")
        refused(author.delete(f"/api-tokens/{of_admin}"), 404, "not_found")
        assert [row["id"] for row in ok(author.get("/api-tokens"))["items"]] == [of_author]
        assert {of_admin, of_author} <= {row["id"] for row in ok(admin.get("/api-tokens"))["items"]}
        assert admin.delete(f"/api-tokens/{of_author}").status_code == 204
        other = give_organization(house.database, "county")
        give_user(house.database, "b@county.example", Role.ADMIN, organization_id=other)
        refused(signed_in("b@county.example").delete(f"/api-tokens/{of_admin}"), 404, "not_found")


class TestOwnSessions:
    def test_one_sees_where_one_is_signed_in_and_ends_it_there(self, signed_in: Open) -> None:
        here, there = signed_in(AUTHOR), signed_in(AUTHOR)
        rows = ok(here.get("/me/sessions"))["items"]
        assert len(rows) == 2
        assert {row["address"] for row in rows} == {"127.0.0.1"}
        assert all(row["agent"].startswith("python-httpx") for row in rows)
        other = next(row for row in rows if not row["is_this"])
        assert here.delete(f"/me/sessions/{other['id']}").status_code == 204
        refused(there.get("/me"), 401, "not_signed_in")
        refused(here.delete(f"/me/sessions/{other['id']}"), 404, "not_found")
        me(here)

    def test_nobody_ends_somebody_else_s(self, signed_in: Open) -> None:
        author, admin = signed_in(AUTHOR), signed_in(ADMIN)
        theirs = ok(admin.get("/me/sessions"))["items"][0]["id"]
        refused(author.delete(f"/me/sessions/{theirs}"), 404, "not_found")
        me(admin)

    def test_signing_out_everywhere_means_here_as_well(self, signed_in: Open) -> None:
        here, there = signed_in(AUTHOR), signed_in(AUTHOR)
        kept = cookie(here)
        assert here.delete("/me/sessions").status_code == 204
        carry(here, kept)
        for browser in (here, there):
            refused(browser.get("/me"), 401, "not_signed_in")

    def test_a_new_password_ends_all_and_goes_on_here_with_a_new_cookie(self, signed_in: Open) -> None:
        here, there = signed_in(AUTHOR), signed_in(AUTHOR)
        before, new = cookie(here), "some other words of mine"
        refused(here.post("/me/password", json={"present": "wrong", "new": new}), 403, "not_allowed")
        refused(here.post("/me/password", json={"present": PASSWORD, "new": "password1234"}), 422, "input.invalid")
        assert here.post("/me/password", json={"present": PASSWORD, "new": new}).status_code == 204
        assert cookie(here) != before
        me(here)
        refused(there.get("/me"), 401, "not_signed_in")
        refused(sign_in(there, AUTHOR), 401, "not_signed_in")
        ok(sign_in(there, AUTHOR, new))

    def test_one_changes_one_s_name(self, signed_in: Open) -> None:
        author = signed_in(AUTHOR)
        assert ok(author.patch("/me", json={"name": "  A.  Name "}))["user"]["name"] == "A. Name"
        refused(author.patch("/me", json={"name": "a\u202eb"}), 422, "validation.failed")


class TestInvitationsOverTheApi:
    @pytest.fixture
    def mailbox(self) -> Mailbox:
        return Mailbox()

    @pytest.fixture
    def settings_change(self, mailbox: Mailbox) -> Iterator[Json]:
        port = free_port()
        with mail_server(mailbox, port):
            yield {
                "smtp_host": "127.0.0.1",
                "smtp_port": port,
                "smtp_security": "none",
                "smtp_from": "f@agency.example",
            }

    def test_somebody_new_is_invited_by_letter_and_comes_in(
        self, signed_in: Open, mailbox: Mailbox, api: httpx.Client
    ) -> None:
        admin = signed_in(ADMIN)
        sent = made(admin.post("/invitations", json={"email": "New@agency.example", "role": "reviewer"}))
        assert (sent["sent"], sent["link"], sent["email"]) == (True, None, "new@agency.example")
        assert [one["id"] for one in ok(admin.get("/invitations"))["items"]] == [sent["id"]]
        token = text_of(mailbox.letters[0]).partition("?token=")[2].split()[0]
        with browser_of(api) as new:
            refused(new.post(f"/invitations/{token}/accept"), 401, "not_signed_in")
            body = {"name": "N. Ew", "password": PASSWORD}
            assert ok(new.post(f"/invitations/{token}/accept", json=body))["role"] == "reviewer"
            assert me(new)["user"]["name"] == "N. Ew"
            refused(new.post(f"/invitations/{token}/accept", json=body), 404, "not_found")
        assert ok(admin.get("/invitations"))["items"] == []
        refused(admin.post("/invitations", json={"email": AUTHOR, "role": "admin"}), 409, "already_exists")

    def test_a_revoked_one_lets_nobody_in(self, signed_in: Open, mailbox: Mailbox, api: httpx.Client) -> None:
        admin = signed_in(ADMIN)
        sent = made(admin.post("/invitations", json={"email": "new@agency.example", "role": "viewer"}))
        token = text_of(mailbox.letters[0]).partition("?token=")[2].split()[0]
        assert admin.delete(f"/invitations/{sent['id']}").status_code == 204
        refused(admin.delete(f"/invitations/{sent['id']}"), 404, "not_found")
        refused(api.post(f"/invitations/{token}/accept", json={"password": PASSWORD}), 404, "not_found")

    def test_a_letter_that_is_not_taken_says_so(self, signed_in: Open, mailbox: Mailbox) -> None:
        mailbox.refuse_recipient = True
        answer = signed_in(ADMIN).post("/invitations", json={"email": "new@agency.example", "role": "viewer"})
        refused(answer, 502, "network.unreachable")

    def test_a_new_password_is_asked_for_with_one_answer_for_all(
        self, signed_in: Open, mailbox: Mailbox, api: httpx.Client, house: House
    ) -> None:
        answers = [
            api.post("/password-resets", json={"email": email})
            for email in (AUTHOR, "nobody@agency.example", "no address", "' OR 1=1")
        ]
        assert {(one.status_code, one.text) for one in answers} == {(202, answers[0].text)}
        house.errands.wait()
        assert mailbox.recipients == [AUTHOR]
        token = text_of(mailbox.letters[0]).partition("?token=")[2].split()[0]
        refused(api.post(f"/password-resets/{token}", json={"password": "password1234"}), 422, "input.invalid")
        assert api.post(f"/password-resets/{token}", json={"password": "words that are new"}).status_code == 204
        refused(api.post(f"/password-resets/{token}", json={"password": "words that are newer"}), 404, "not_found")
        refused(api.post("/password-resets/%00", json={"password": "words that are new"}), 404, "not_found")


class TestSettingUpOverTheApi:
    def test_it_makes_the_first_user_once(self, api: httpx.Client, house: House) -> None:
        link = new_set_up_link(house)
        assert link is not None
        body = {
            "token": link.partition("=")[2], "email": "First@agency.example", "password": PASSWORD,
            "organization": "Agency of Examples", "works_alone": False,
        }  # fmt: skip
        with browser_of(api) as browser:
            made(browser.post("/set-up", json=body))
            found = me(browser)
            assert (found["user"]["is_operator"], found["organization"]["role"]) == (True, "admin")
            assert found["permissions"] == ["view", "write", "review", "administer", "operate"]
            refused(browser.post("/set-up", json=body), 404, "not_found")


class TestUsersForTheOperator:
    def test_the_operator_lists_and_disables_but_never_themselves(self, signed_in: Open, house: House) -> None:
        give_user(house.database, "operator@agency.example", None, is_operator=True)
        operator = signed_in("operator@agency.example")
        rows = {row["email"]: row for row in ok(operator.get("/users"))["items"]}
        assert rows[AUTHOR]["organizations"] == [{"organization": "default", "role": "author"}]
        own = f"/users/{rows['operator@agency.example']['id']}"
        refused(operator.patch(own, json={"state": "disabled"}), 409, "conflict")
        refused(operator.patch(own, json={"is_operator": False}), 409, "conflict")
        theirs = f"/users/{rows[AUTHOR]['id']}"
        assert ok(operator.patch(theirs, json={"is_operator": True}))["is_operator"] is True
        assert ok(operator.patch(theirs, json={"state": "disabled"}))["state"] == "disabled"
        assert ok(operator.get(theirs))["state"] == "disabled"
        refused(operator.get("/users/999"), 404, "not_found")
        refused(operator.patch(theirs, json={}), 422, "validation.failed")

    def test_nobody_else_sees_them(self, signed_in: Open) -> None:
        refused(signed_in(ADMIN).get("/users"), 403, "not_allowed")

    def test_what_is_done_to_them_is_on_record(self, signed_in: Open, house: House) -> None:
        admin = signed_in(ADMIN)
        ok(admin.patch(f"/members/{member(admin, AUTHOR)['id']}", json={"role": "viewer"}))
        with house.database.read() as session:
            row = session.scalars(select(AuditEvent).where(AuditEvent.subject == "membership")).one()
        assert (row.actor, row.action, row.before, row.after) == (
            ADMIN, "changed", {"role": "author"}, {"role": "viewer"},
        )  # fmt: skip


class TestBehindHttps:
    @pytest.fixture
    def settings_change(self) -> Json:
        return {"public_url": "https://focusweek.example"}

    def test_the_cookie_is_sent_by_https_alone_and_a_plain_one_is_not_looked_at(
        self, api: httpx.Client, house: House
    ) -> None:
        give_user(house.database, AUTHOR)
        with browser_of(api) as browser:
            set_cookie = sign_in(browser, AUTHOR).headers["set-cookie"]
            assert set_cookie.startswith(f"{SECURE_COOKIE}=")
            assert "Secure" in set_cookie
            assert "Domain" not in set_cookie
            value = set_cookie.partition("=")[2].partition(";")[0]
            ok(browser.get("/me", headers={"cookie": f"{SECURE_COOKIE}={value}"}))
            refused(browser.get("/me", headers={"cookie": f"{COOKIE}={value}"}), 401, "not_signed_in")
