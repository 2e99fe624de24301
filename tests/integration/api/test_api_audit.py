"""The audit trail as a client looks through it: who changed what, from where, and what was refused."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from api_client import Json, made, ok, refused
from api_token import ACTOR, give_token
from identity_client import browser_of, sign_in
from users import give_user

from app.bootstrap import House
from app.identity.permissions import Permission, Role

Events = Callable[..., list[Json]]


@pytest.fixture
def events(api: httpx.Client) -> Events:
    def ask(address: str = "/audit-events", **params: object) -> list[Json]:
        items: list[Json] = ok(api.get(address, params={key.rstrip("_"): value for key, value in params.items()}))[
            "items"
        ]
        return items

    return ask


def rename(api: httpx.Client, name: str) -> None:
    ok(api.patch("/campaigns/1", json={"name": name}))


class TestWhoChangedWhat:
    def test_by_a_token_is_told_with_its_name_and_where_it_came_from(
        self, api: httpx.Client, campaign: Json, events: Events
    ) -> None:
        rename(api, "Another name")
        event = events(subject="campaign", action="changed")[0]
        assert (event["actor"], event["via"], event["origin"]) == (ACTOR, "token", "127.0.0.1")
        assert (event["before"]["name"], event["after"]["name"]) == (campaign["name"], "Another name")
        assert event["subject_id"] == event["campaign_id"] == 1
        assert event["request"]
        assert event["at"]["utc"] == "2026-12-01T12:00:00Z"

    def test_in_a_browser_is_told_with_who_is_signed_in(
        self, api: httpx.Client, house: House, campaign: Json, events: Events
    ) -> None:
        give_user(house.database, "author@agency.example", Role.AUTHOR)
        with browser_of(api) as browser:
            assert sign_in(browser, "author@agency.example").status_code == 200
            rename(browser, "A name by a person")
        event = events(words="a name by a person")[0]
        assert (event["actor"], event["via"]) == ("author@agency.example", "session")

    def test_in_one_request_stands_together(self, api: httpx.Client, planned: Json, events: Events) -> None:
        new = {"campaign_id": 1, "week": 1, "text": "Help: 1-888-373-7888.", "variants": {"bluesky": "Short."}}
        post = made(api.post("/posts", json=new))
        told = [event for event in events(post_id=post["id"]) if event["action"] == "added"]
        assert {event["subject"] for event in told} == {"post", "variant"}
        assert len({event["request"] for event in told}) == 1


class TestWhatWasRefused:
    def test_is_told_with_what_it_would_have_taken(self, api: httpx.Client, house: House, events: Events) -> None:
        give_token(house.database, "fwk_of-a-viewer", scopes=(Permission.VIEW,))
        viewer = {"Authorization": "Bearer fwk_of-a-viewer"}
        refused(api.post("/campaigns", json={}, headers=viewer), 403, "not_allowed")
        event = events(action="refused")[0]
        assert event["after"] == {"needed": "write", "asked": "POST /campaigns"}
        assert (event["subject"], event["via"]) == ("permission", "token")

    def test_is_no_trail_of_whoever_is_not_known(self, api: httpx.Client, events: Events) -> None:
        before = len(events(limit=200))
        refused(api.get("/campaigns", headers={"Authorization": "Bearer fwk_unknown"}), 401, "not_signed_in")
        assert len(events(limit=200)) == before

    def test_of_a_sign_in_is_told_without_the_password(self, api: httpx.Client, house: House, events: Events) -> None:
        give_user(house.database, "author@agency.example", Role.AUTHOR)
        with browser_of(api) as browser:
            assert sign_in(browser, "author@agency.example", "not the password").status_code == 401
        event = events("/instance-audit-events", action="sign_in_failed")[0]
        assert "not the password" not in repr(event)
        assert event["origin"] == "127.0.0.1"


class TestSearching:
    def test_by_account_and_state_finds_what_a_person_did_to_a_delivery(
        self, api: httpx.Client, deliveries: list[Json], events: Events
    ) -> None:
        ok(api.post(f"/deliveries/{deliveries[0]['id']}/cancel", json={"reason": "No longer wanted."}))
        why, event = events(account="bluesky", state="cancelled")
        assert (event["subject"], event["subject_id"]) == ("delivery", deliveries[0]["id"])
        assert (event["before"]["state"], event["after"]["state"]) == ("scheduled", "cancelled")
        assert why["after"]["detail"] == "No longer wanted."
        assert events(account="bluesky", state="published") == []
        refused(api.get("/audit-events", params={"account": "nobody"}), 422, "input.invalid")

    def test_a_moved_delivery_is_told_from_when_to_when(
        self, api: httpx.Client, deliveries: list[Json], events: Events
    ) -> None:
        first = deliveries[0]
        ok(api.post(f"/deliveries/{first['id']}/reschedule", json={"due_at": "2027-01-09T10:00:00-05:00"}))
        event = events(subject="delivery", subject_id=first["id"], action="moved")[0]
        assert event["before"]["due_at"] == first["due"]["utc"]
        assert event["after"]["due_at"] == "2027-01-09T15:00:00Z"

    def test_by_time_is_from_the_first_instant_on_and_before_the_last(
        self, api: httpx.Client, campaign: Json, events: Events
    ) -> None:
        rename(api, "Punctual")
        now, next_second = "2026-12-01T12:00:00Z", "2026-12-01T12:00:01Z"
        inside = events(words="punctual", from_=now, to=next_second)
        assert [event["after"]["name"] for event in inside] == ["Punctual"]
        assert events(words="punctual", to=now) == []
        refused(api.get("/audit-events", params={"from": next_second, "to": now}), 422, "input.invalid")

    def test_pages_show_everything_once_the_newest_first(
        self, api: httpx.Client, planned: Json, events: Events
    ) -> None:
        found: list[int] = []
        page = ok(api.get("/audit-events", params={"limit": 7}))
        while True:
            found += [event["id"] for event in page["items"]]
            if page["next_cursor"] is None or len(found) > 60:
                break
            page = ok(api.get("/audit-events", params={"limit": 7, "cursor": page["next_cursor"]}))
        assert len(found) > 7
        assert found == sorted(set(found), reverse=True)


class TestHistories:
    def test_of_a_post_has_what_is_part_of_it(self, api: httpx.Client, deliveries: list[Json], events: Events) -> None:
        post, delivery = deliveries[0]["post"]["id"], deliveries[0]["id"]
        ok(api.patch(f"/posts/{post}", json={"variants": {"bluesky": "Short. Hotline: 1-888-373-7888"}}))
        ok(api.post(f"/deliveries/{delivery}/cancel", json={"reason": "No longer wanted."}))
        told = {(event["subject"], event["action"]) for event in events(f"/posts/{post}/history")}
        assert {("post", "added"), ("variant", "added"), ("delivery", "moved")} <= told
        assert {event["post_id"] for event in events(f"/posts/{post}/history")} == {post}

    def test_of_a_campaign_has_what_is_part_of_it(self, api: httpx.Client, campaign: Json, events: Events) -> None:
        rename(api, "Another name")
        told = events("/campaigns/1/history")
        assert told[0]["after"]["name"] == "Another name"
        refused(api.get("/campaigns/999/history"), 404, "not_found")


class TestWhoMayLook:
    @pytest.mark.parametrize("address", ["/audit-events", "/posts/1/history", "/campaigns/1/history"])
    def test_reviewers_may_and_authors_may_not(
        self, api: httpx.Client, house: House, campaign: Json, address: str
    ) -> None:
        for name, scopes in (("author", (Permission.VIEW, Permission.WRITE)), ("reviewer", (Permission.REVIEW,))):
            give_token(house.database, f"fwk_{name}", scopes=scopes)
        refused(api.get(address, headers={"Authorization": "Bearer fwk_author"}), 403, "not_allowed")
        ok(api.get(address, headers={"Authorization": "Bearer fwk_reviewer"}))

    def test_admins_may_not_look_at_what_is_the_operators(self, api: httpx.Client, house: House) -> None:
        give_token(house.database, "fwk_admin", scopes=(Permission.ADMINISTER,))
        admin = {"Authorization": "Bearer fwk_admin"}
        refused(api.get("/instance-audit-events", headers=admin), 403, "not_allowed")
