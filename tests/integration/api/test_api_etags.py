from __future__ import annotations

import threading
from collections.abc import Callable

import httpx
import pytest
from api_client import Json, made, ok, refused


def tag_of(answer: httpx.Response) -> str:
    assert answer.is_success, answer.text
    tag = answer.headers["etag"]
    assert tag.startswith('"')
    return tag


def weak(tag: str) -> str:
    return f"W/{tag}"


@pytest.fixture
def post(api: httpx.Client, campaign: Json) -> Json:
    return ok(api.get("/posts", params={"campaign_id": campaign["id"], "limit": 1}))["items"][0]


def change(api: httpx.Client, post: Json, section: str, *conditions: str) -> httpx.Response:
    headers = [("if-match", condition) for condition in conditions]
    return api.patch(f"/posts/{post['id']}", json={"section": section}, headers=headers)


class TestAChange:
    def test_of_the_state_that_was_read_is_made(self, api: httpx.Client, post: Json) -> None:
        before = tag_of(api.get(f"/posts/{post['id']}"))
        answer = change(api, post, "New", before)
        assert ok(answer)["section"] == "New"
        assert tag_of(answer) == tag_of(api.get(f"/posts/{post['id']}")) != before
        ok(change(api, post, "Newer", tag_of(answer)))

    def test_of_a_state_that_is_past_is_refused(self, api: httpx.Client, post: Json) -> None:
        before = tag_of(api.get(f"/posts/{post['id']}"))
        ok(change(api, post, "Theirs"))
        refused(change(api, post, "Ours", before), 412, "precondition.failed")
        assert ok(api.get(f"/posts/{post['id']}"))["section"] == "Theirs"

    def test_without_a_condition_is_made(self, api: httpx.Client, post: Json) -> None:
        ok(change(api, post, "New"))

    def test_of_whatever_is_there_is_made(self, api: httpx.Client, post: Json) -> None:
        ok(change(api, post, "New", "*"))
        missing = api.patch("/posts/99999", json={"section": "New"}, headers={"if-match": "*"})
        refused(missing, 404, "not_found")

    def test_may_name_several_states(self, api: httpx.Client, post: Json) -> None:
        before = tag_of(api.get(f"/posts/{post['id']}"))
        ok(change(api, post, "New", f'"other", {before}'))
        ok(change(api, post, "Newer", '"other"', tag_of(api.get(f"/posts/{post['id']}"))))
        refused(change(api, post, "Newest", '"other", "one"'), 412, "precondition.failed")

    def test_may_name_the_version_alone(self, api: httpx.Client, post: Json) -> None:
        ok(change(api, post, "New", f'"{post["version"]}"'))
        refused(change(api, post, "Newer", f'"{post["version"]}"'), 412, "precondition.failed")

    @pytest.mark.parametrize("condition", ["7", "", '"', '"1" "2"', '"1", 2', "**", "W/"])
    def test_with_a_condition_that_is_none_is_refused(self, api: httpx.Client, post: Json, condition: str) -> None:
        refused(change(api, post, "New", condition), 412, "precondition.failed")

    def test_with_a_weak_tag_is_refused(self, api: httpx.Client, post: Json) -> None:
        before = tag_of(api.get(f"/posts/{post['id']}"))
        refused(change(api, post, "New", weak(before)), 412, "precondition.failed")

    def test_is_made_once_where_two_come_at_the_same_time(self, api_on_each: httpx.Client) -> None:
        api = api_on_each
        campaign = made(api.post("/campaigns", json={"year": 2027}))
        post = ok(api.get("/posts", params={"campaign_id": campaign["id"], "limit": 1}))["items"][0]
        before = tag_of(api.get(f"/posts/{post['id']}"))
        answers: list[int] = []
        start = threading.Barrier(4)

        def ask(section: str) -> None:
            start.wait()
            answers.append(change(api, post, section, before).status_code)

        askers = [threading.Thread(target=ask, args=(f"By {who}",)) for who in range(4)]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()
        assert sorted(answers) == [200, 412, 412, 412]


class TestADeletion:
    def test_of_a_state_that_is_past_is_refused(self, api: httpx.Client, post: Json) -> None:
        before = tag_of(api.get(f"/posts/{post['id']}"))
        after = tag_of(change(api, post, "New"))
        refused(api.delete(f"/posts/{post['id']}", headers={"if-match": before}), 412, "precondition.failed")
        assert api.delete(f"/posts/{post['id']}", headers={"if-match": after}).status_code == 204


class TestACampaign:
    def test_is_not_overwritten(self, api: httpx.Client, campaign: Json) -> None:
        before = tag_of(api.get(f"/campaigns/{campaign['id']}"))
        answer = api.patch(f"/campaigns/{campaign['id']}", json={"name": "Ours"}, headers={"if-match": before})
        assert tag_of(answer) != before
        again = api.patch(f"/campaigns/{campaign['id']}", json={"name": "Theirs"}, headers={"if-match": before})
        refused(again, 412, "precondition.failed")
        assert ok(api.get(f"/campaigns/{campaign['id']}"))["name"] == "Ours"

    def test_can_be_changed_while_its_posts_go_out(
        self, api: httpx.Client, planned: Json, deliveries: list[Json], later: Callable[[Json, float], None]
    ) -> None:
        before = tag_of(api.get(f"/campaigns/{planned['id']}"))
        later(deliveries[0], 0)
        looked = api.get(f"/campaigns/{planned['id']}", headers={"if-none-match": before})
        assert tag_of(looked) != before, "the counts by state are part of what is read"
        ok(api.patch(f"/campaigns/{planned['id']}", json={"name": "Ours"}, headers={"if-match": before}))


class TestOtherThings:
    """What has no version of its own: the state is what can be edited of it."""

    @pytest.fixture(params=["organization", "webhook", "channel", "fill-ins"])
    def edit(self, request: pytest.FixtureRequest, api: httpx.Client, campaign: Json) -> tuple[str, str, list[Json]]:
        """An address, the method of its edits, and two edits."""
        if request.param == "organization":
            return "/organization", "PATCH", [{"name": "Ours"}, {"name": "Theirs"}]
        if request.param == "fill-ins":
            address = f"/campaigns/{campaign['id']}/fill-ins"
            key = ok(api.get(address))["items"][0]["key"]
            values = ("https://agency.example/one", "https://agency.example/two")
            return address, "PUT", [{"values": {key: value}} for value in values]
        if request.param == "webhook":
            made(api.post("/webhooks", json={"url": "https://receiver.example/focusweek"}))
            return "/webhooks/1", "PATCH", [{"description": "Ours"}, {"description": "Theirs"}]
        channel = {"name": "Duty desk", "via": "webhook", "target": "https://receiver.example/alerts"}
        made(api.post("/alert-channels", json=channel))
        return "/alert-channels/1", "PATCH", [{"name": "Ours"}, {"name": "Theirs"}]

    def test_are_not_overwritten(self, api: httpx.Client, edit: tuple[str, str, list[Json]]) -> None:
        address, method, (ours, theirs) = edit
        before = tag_of(api.get(address))
        assert api.get(address, headers={"if-none-match": before}).status_code == 304
        answer = api.request(method, address, json=ours, headers={"if-match": before})
        assert tag_of(answer) == tag_of(api.get(address)) != before
        again = api.request(method, address, json=theirs, headers={"if-match": before})
        refused(again, 412, "precondition.failed")
        assert tag_of(api.get(address)) == tag_of(answer)
        ok(api.request(method, address, json=theirs, headers={"if-match": tag_of(answer)}))

    def test_the_organization_is_changed_once_where_two_come_at_the_same_time(self, api_on_each: httpx.Client) -> None:
        before = tag_of(api_on_each.get("/organization"))
        answers: list[int] = []
        start = threading.Barrier(4)

        def ask(name: str) -> None:
            start.wait()
            given = api_on_each.patch("/organization", json={"name": name}, headers={"if-match": before})
            answers.append(given.status_code)

        askers = [threading.Thread(target=ask, args=(f"By {who}",)) for who in range(4)]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()
        assert sorted(answers) == [200, 412, 412, 412]


class TestALook:
    @pytest.fixture(params=["/posts/1", "/campaigns/1", "/accounts/1"])
    def address(self, request: pytest.FixtureRequest, planned: Json) -> str:
        name: str = request.param
        return name

    def test_at_what_is_known_gives_nothing(self, api: httpx.Client, address: str) -> None:
        tag = tag_of(api.get(address))
        for known in (tag, weak(tag), "*", f'"other", {weak(tag)}'):
            answer = api.get(address, headers={"if-none-match": known})
            assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
            assert answer.headers["cache-control"] == "no-store"

    def test_at_what_has_changed_gives_it(self, api: httpx.Client, address: str) -> None:
        for known in ('"other"', "other", '"1"', ""):
            assert tag_of(api.get(address, headers={"if-none-match": known}))

    def test_at_an_account_sees_that_it_was_disconnected(self, api: httpx.Client, planned: Json) -> None:
        before = tag_of(api.get("/accounts/1"))
        ok(api.post("/accounts/1/disconnect"))
        assert ok(api.get("/accounts/1", headers={"if-none-match": before}))["state"] == "disconnected"


def test_what_is_made_comes_with_its_tag(api: httpx.Client) -> None:
    answer = api.post("/campaigns", json={"year": 2027})
    assert tag_of(answer) == tag_of(api.get(answer.headers["location"].removeprefix("/api/v1")))


def test_the_document_tells_of_conditions_and_tags(api: httpx.Client) -> None:
    paths = ok(api.get("/openapi.json"))["paths"]
    for noun, parameter in (("posts", "post_id"), ("campaigns", "campaign_id")):
        read, edit = (paths[f"/api/v1/{noun}/{{{parameter}}}"][method] for method in ("get", "patch"))
        assert "ETag" in read["responses"]["200"]["headers"]
        assert "304" in read["responses"]
        assert "ETag" in edit["responses"]["200"]["headers"]
        assert "412" in edit["responses"]
        assert "If-Match" in [one["name"] for one in edit["parameters"]]
        assert "If-None-Match" in [one["name"] for one in read["parameters"]]
