"""Reviewing, as a client of the API does it."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from api_client import Json, made, ok, refused
from api_token import give_token
from users import give_user

from app.bootstrap import House
from app.identity.permissions import ALLOWED, Role
from app.identity.secret_words import digest_of
from app.models import ApiToken, Organization

CLEAN = "Help is there, day and night. Call 1-888-373-7888. #Partner2Prevent"
WARNED = f"{CLEAN} We stand with every victim."
KEY = "language.victim: victim"


def _as(api: httpx.Client, house: House, name: str, role: Role) -> httpx.Client:
    """Return a client with a token of a user of the organization."""
    user_id = give_user(house.database, f"{name}@agency.example", role)
    token = f"fwk_of-{name}-which-is-long-enough"
    give_token(house.database, token, scopes=tuple(ALLOWED[role]))
    with house.database.write() as session:
        row = session.query(ApiToken).filter_by(digest=digest_of(token)).one()
        row.user_id = user_id
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=api.base_url, headers=headers, verify=False)  # noqa: S501 - loopback, no TLS


@pytest.fixture
def author(api: httpx.Client, house: House, campaign: Json) -> Iterator[httpx.Client]:
    with _as(api, house, "author", Role.AUTHOR) as client:
        yield client


@pytest.fixture
def reviewer(api: httpx.Client, house: House, campaign: Json) -> Iterator[httpx.Client]:
    with _as(api, house, "reviewer", Role.REVIEWER) as client:
        yield client


@pytest.fixture
def post(author: httpx.Client) -> Json:
    return made(author.post("/posts", json={"campaign_id": 1, "week": 1, "text": WARNED}))


def digests(client: httpx.Client, post: Json) -> list[str]:
    return [one["digest"] for one in ok(client.get(f"/posts/{post['id']}/review"))["sets"]]


class TestAReview:
    def test_goes_from_draft_over_review_to_approved(
        self, author: httpx.Client, reviewer: httpx.Client, post: Json
    ) -> None:
        asked = ok(author.post(f"/posts/{post['id']}/ask-review", json={"due": "2026-12-10T12:00:00Z"}))
        assert (asked["state"], asked["review"]["due"]["utc"]) == ("in_review", "2026-12-10T12:00:00Z")
        (item,) = ok(reviewer.get("/reviews", params={"whose": "mine"}))["items"]
        assert (item["post_id"], item["key"], item["text"]) == (post["id"], post["key"], WARNED)
        (one,) = [one for one in asked["sets"] if "bluesky" in one["platforms"]]
        assert [warning["key"] for warning in one["warnings"]] == [KEY]
        body = {"digests": digests(reviewer, post), "acknowledged": [KEY]}
        done = ok(reviewer.post(f"/posts/{post['id']}/approve", json=body))
        assert done["state"] == "approved"
        assert {one["approval"]["approved_by"] for one in done["sets"]} == {"reviewer@agency.example (token tests)"}
        assert ok(reviewer.get("/reviews"))["items"] == []

    def test_an_approval_lists_the_warnings_that_it_left_out(self, reviewer: httpx.Client, post: Json) -> None:
        answer = reviewer.post(f"/posts/{post['id']}/approve", json={"digests": digests(reviewer, post)})
        problem = refused(answer, 409, "approval.unacknowledged")
        assert [warning["key"] for warning in problem["warnings"]] == [KEY]
        assert problem["warnings"][0]["code"] == "language.victim"

    def test_what_was_seen_and_is_no_more_is_not_approved(
        self, author: httpx.Client, reviewer: httpx.Client, post: Json
    ) -> None:
        seen = digests(reviewer, post)
        ok(author.patch(f"/posts/{post['id']}", json={"text": f"{WARNED} Really."}))
        body = {"digests": seen, "acknowledged": [KEY]}
        refused(reviewer.post(f"/posts/{post['id']}/approve", json=body), 409, "conflict")

    def test_an_author_may_not_approve_and_a_writer_not_their_own(
        self, author: httpx.Client, reviewer: httpx.Client, post: Json
    ) -> None:
        body = {"digests": digests(author, post), "acknowledged": [KEY]}
        refused(author.post(f"/posts/{post['id']}/approve", json=body), 403, "not_allowed")
        ok(reviewer.patch(f"/posts/{post['id']}", json={"text": CLEAN}))
        body = {"digests": digests(reviewer, post)}
        refused(reviewer.post(f"/posts/{post['id']}/approve", json=body), 403, "not_allowed")

    def test_a_token_that_belongs_to_nobody_approves_nothing(self, api: httpx.Client, post: Json) -> None:
        body = {"digests": digests(api, post), "acknowledged": [KEY]}
        problem = refused(api.post(f"/posts/{post['id']}/approve", json=body), 403, "not_allowed")
        assert "belongs to no user" in problem["detail"]

    def test_is_returned_with_a_reason(self, author: httpx.Client, reviewer: httpx.Client, post: Json) -> None:
        ok(author.post(f"/posts/{post['id']}/ask-review"))
        done = ok(reviewer.post(f"/posts/{post['id']}/return", json={"reason": "Name the source."}))
        assert (done["state"], done["reviews"][0]["reason"]) == ("returned", "Name the source.")
        refused(reviewer.post(f"/posts/{post['id']}/return", json={"reason": "Again."}), 409, "conflict")

    def test_is_taken_back(self, author: httpx.Client, post: Json) -> None:
        ok(author.post(f"/posts/{post['id']}/ask-review"))
        assert ok(author.post(f"/posts/{post['id']}/take-back"))["state"] == "draft"
        refused(author.post(f"/posts/{post['id']}/take-back"), 409, "conflict")

    def test_the_clean_ones_are_approved_together(
        self, author: httpx.Client, reviewer: httpx.Client, post: Json
    ) -> None:
        clean = made(author.post("/posts", json={"campaign_id": 1, "week": 1, "text": CLEAN}))
        ids = [post["id"], clean["id"]]
        outcomes = ok(author.post("/reviews/ask", json={"post_ids": ids}))["items"]
        assert [one["done"] for one in outcomes] == [True, True]
        outcomes = ok(reviewer.post("/reviews/approve-clean", json={"campaign_id": 1}))["items"]
        assert {one["post_id"]: one["done"] for one in outcomes} == {post["id"]: False, clean["id"]: True}


class TestCommentsAndDelegates:
    def test_comments_are_said_listed_and_settled(self, author: httpx.Client, post: Json) -> None:
        said = made(author.post(f"/posts/{post['id']}/comments", json={"text": "Is it so?"}))
        assert ok(author.get(f"/posts/{post['id']}/comments"))["items"] == [said]
        settled = ok(author.post(f"/comments/{said['id']}/settle"))
        assert settled["settled_by"] == "author@agency.example (token tests)"
        refused(author.post(f"/comments/{said['id']}/settle"), 409, "conflict")

    def test_a_delegate_is_named_listed_and_ended(
        self, house: House, reviewer: httpx.Client, author: httpx.Client
    ) -> None:
        other = give_user(house.database, "other@agency.example", Role.REVIEWER)
        span = {"since": "2026-12-01T00:00:00Z", "until": "2026-12-20T00:00:00Z"}
        named = made(reviewer.post("/review-delegates", json={"delegate_id": other, **span}))
        assert (named["user"], named["delegate"]) == ("reviewer@agency.example", "other@agency.example")
        assert ok(author.get("/review-delegates"))["items"] == [named]
        assert reviewer.delete(f"/review-delegates/{named['id']}").status_code == 204
        refused(reviewer.delete(f"/review-delegates/{named['id']}"), 404, "not_found")


class TestDraftsInPlans:
    def test_are_planned_counted_and_shown_so(self, api: httpx.Client, campaign: Json) -> None:
        made(api.post("/accounts", json={"slug": "sky", "platform": "bluesky", "via": "sandbox"}))
        preview = ok(api.post("/campaigns/1/plan/preview"))
        assert preview["unapproved"] == preview["planned"] > 0
        assert not any("approved" in one["reason"] for one in preview["held_back"])
        ok(api.post("/campaigns/1/plan/commit", json={"digest": preview["digest"]}))
        items = ok(api.get("/deliveries", params={"campaign_id": 1}))["items"]
        assert {item["review"] for item in items} == {"draft"}

    def test_are_approved_in_time(self, api: httpx.Client, deliveries: list[Json], house: House) -> None:
        assert {item["review"] for item in deliveries} <= {"approved", "draft"}
        assert "approved" in {item["review"] for item in deliveries}


class TestAGuest:
    def test_without_a_mail_server_is_not_invited(self, author: httpx.Client, post: Json) -> None:
        body = {"email": "counsel@partner.example", "post_ids": [post["id"]]}
        refused(author.post("/guest-reviews", json=body), 409, "conflict")

    def test_with_a_made_up_token_finds_nothing(self, api: httpx.Client) -> None:
        token = "x" * 43
        with httpx.Client(base_url=api.base_url, verify=False) as nobody:  # noqa: S501 - loopback, no TLS
            refused(nobody.get(f"/guest/{token}"), 404, "not_found")
            refused(nobody.post(f"/guest/{token}/code"), 404, "not_found")
            refused(nobody.post(f"/guest/{token}/session", json={"code": "123456"}), 404, "not_found")
            refused(nobody.get(f"/guest/{token}/posts"), 404, "not_found")


def test_the_settings_of_an_organization_count(house: House, reviewer: httpx.Client, post: Json) -> None:
    with house.database.write() as session:
        session.query(Organization).one().second_clearance = "Legal"
    body = {"digests": digests(reviewer, post), "acknowledged": [KEY]}
    done = ok(reviewer.post(f"/posts/{post['id']}/approve", json=body))
    assert (done["state"], done["second_clearance"]) == ("draft", "Legal")
    refused(reviewer.post(f"/posts/{post['id']}/approve", json=body | {"second": True}), 403, "not_allowed")
