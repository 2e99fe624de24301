from __future__ import annotations

import httpx
import pytest
from api_client import Json, made, ok, refused

TEXT = "Learn to see the signs at train.org. #Partner2Prevent"


@pytest.fixture
def post(api: httpx.Client, campaign: Json) -> Json:
    return made(api.post("/posts", json={"campaign_id": campaign["id"], "week": 2, "text": TEXT}))


class TestListingPosts:
    def test_pages_follow_the_pack_s_order_and_leave_nothing_out(self, api: httpx.Client, campaign: Json) -> None:
        keys: list[str] = []
        cursor: str | None = None
        while True:
            params = {"campaign_id": campaign["id"], "limit": 10} | ({"cursor": cursor} if cursor else {})
            page = ok(api.get("/posts", params=params))
            keys += [post["key"] for post in page["items"]]
            if (cursor := page["next_cursor"]) is None:
                break
        assert len(keys) == len(set(keys)) == 36

    def test_they_can_be_narrowed_to_a_week_and_a_language(self, api: httpx.Client, campaign: Json) -> None:
        params = {"campaign_id": campaign["id"], "week": 2, "language": "EN"}
        assert len(ok(api.get("/posts", params=params))["items"]) == 9
        assert ok(api.get("/posts", params=params | {"language": "es"}))["items"] == []

    @pytest.mark.parametrize(("params", "status"), [({}, 422), ({"campaign_id": "x"}, 422), ({"campaign_id": 99}, 404)])
    def test_a_campaign_that_is_there_must_be_named(self, api: httpx.Client, params: Json, status: int) -> None:
        assert api.get("/posts", params=params).status_code == status


class TestWritingPosts:
    def test_a_new_post_stands_at_the_end(self, api: httpx.Client, campaign: Json, post: Json) -> None:
        assert (post["week"], post["text"], post["language"]) == (2, TEXT, "en")
        last = ok(api.get("/posts", params={"campaign_id": campaign["id"], "limit": 200}))["items"][-1]
        assert last == post == ok(api.get(f"/posts/{post['id']}"))

    def test_what_is_given_changes_and_the_rest_stays(self, api: httpx.Client, post: Json) -> None:
        body = {"pins": ["2027-01-11"], "variants": {"x": "Short. #Partner2Prevent"}, "platforms": ["x", "bluesky"]}
        changed = ok(api.patch(f"/posts/{post['id']}", json=body))
        assert {name: changed[name] for name in body} == body
        assert changed["text"] == TEXT
        assert changed["version"] == post["version"] + 1

    def test_null_takes_a_restriction_away(self, api: httpx.Client, post: Json) -> None:
        ok(api.patch(f"/posts/{post['id']}", json={"platforms": ["x"], "left_out": "Not this year."}))
        changed = ok(api.patch(f"/posts/{post['id']}", json={"platforms": None, "left_out": None}))
        assert (changed["platforms"], changed["left_out"]) == (None, None)

    def test_a_key_that_is_taken_is_a_conflict(self, api: httpx.Client, campaign: Json, post: Json) -> None:
        body = {"campaign_id": campaign["id"], "week": 1, "text": TEXT, "key": post["key"]}
        refused(api.post("/posts", json=body), 409, "already_exists")

    def test_a_key_that_is_made_is_none_that_is_taken(self, api: httpx.Client, campaign: Json, post: Json) -> None:
        body = {"campaign_id": campaign["id"], "week": 1, "text": TEXT}
        following = f"post-{int(post['key'].removeprefix('post-')) + 2}"
        made(api.post("/posts", json=body | {"key": following}))
        assert made(api.post("/posts", json=body))["key"] not in {post["key"], following}

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"text": " "}, "validation.failed"),
            ({"text": None}, "validation.failed"),
            ({"text": "x" * 20_001}, "validation.failed"),
            ({"text": "a\u0000b"}, "validation.failed"),
            ({"week": 0}, "validation.failed"),
            ({"week": 9}, "input.invalid"),
            ({"pins": ["2027-02-30"]}, "validation.failed"),
            ({"pins": ["2027-03-01"]}, "input.invalid"),
            ({"platforms": ["no-such-network"]}, "platform.unknown"),
            ({"variants": {"no-such-network": "x"}}, "platform.unknown"),
            ({"accounts": ["no-such-account"]}, "input.invalid"),
            ({"links": [{"visible": "x", "target": "javascript:alert(1)"}]}, "validation.failed"),
            ({"language": "not a tag"}, "validation.failed"),
            ({"campaign_id": 2}, "validation.failed"),
        ],
    )
    def test_what_cannot_be_used_changes_nothing(self, api: httpx.Client, post: Json, change: Json, code: str) -> None:
        refused(api.patch(f"/posts/{post['id']}", json=change), 422, code)
        assert ok(api.get(f"/posts/{post['id']}")) == post

    def test_half_a_surrogate_pair_is_refused(self, api: httpx.Client, post: Json) -> None:
        response = api.patch(
            f"/posts/{post['id']}", content=rb'{"text":"\ud83d alone"}', headers={"content-type": "application/json"}
        )
        refused(response, 422, "validation.failed")

    def test_an_unknown_post_or_campaign_is_not_found(self, api: httpx.Client) -> None:
        refused(api.get("/posts/9"), 404, "not_found")
        refused(api.patch("/posts/9", json={}), 404, "not_found")
        refused(api.post("/posts", json={"campaign_id": 9, "week": 1, "text": "x"}), 404, "not_found")


class TestPreviewingAPost:
    def test_a_network_shows_the_exact_parts_with_their_lengths(self, api: httpx.Client, post: Json) -> None:
        (preview,) = ok(api.get(f"/posts/{post['id']}/preview", params={"platform": "mastodon"}))["items"]
        assert preview["sendable"] is True
        assert preview["mention_added"] is not None
        (part,) = preview["parts"]
        assert set(part) == {"text", "length"}
        assert part["text"].startswith("Learn to see the signs at https://train.org")
        assert part["text"].endswith(preview["mention_added"])
        assert part["length"] <= preview["limit"] == 500

    def test_without_a_network_every_account_that_it_is_for_is_shown(self, api: httpx.Client, post: Json) -> None:
        for slug in ("x", "bluesky", "mastodon"):
            made(api.post("/accounts", json={"slug": f"our-{slug}", "platform": slug, "via": "sandbox"}))
        ok(api.patch(f"/posts/{post['id']}", json={"platforms": ["x", "bluesky"]}))

        items = ok(api.get(f"/posts/{post['id']}/preview"))["items"]
        assert [(item["account"], item["platform"]) for item in items] == [("our-bluesky", "bluesky"), ("our-x", "x")]

    def test_unconfirmed_facts_hold_a_real_account_back(self, api: httpx.Client, post: Json) -> None:
        body = {"slug": "page", "platform": "facebook", "via": "by_hand", "person": "Who posts"}
        made(api.post("/accounts", json=body))
        (preview,) = ok(api.get(f"/posts/{post['id']}/preview"))["items"]
        assert preview["sendable"] is False
        assert "contact.unconfirmed" in [finding["code"] for finding in preview["findings"]]

    def test_unknown_networks_and_posts_are_refused(self, api: httpx.Client, post: Json) -> None:
        address = f"/posts/{post['id']}/preview"
        refused(api.get(address, params={"platform": "myspace"}), 422, "platform.unknown")
        refused(api.get("/posts/99/preview"), 404, "not_found")


class TestCheckingAPost:
    def test_the_text_is_judged_as_it_stands(self, api: httpx.Client, post: Json) -> None:
        check = ok(api.post(f"/posts/{post['id']}/check"))
        assert check["sendable"] is False
        assert [f["code"] for f in check["findings"] if f["level"] == "error"] == ["mention.missing"]
        assert (check["platform"], check["length"], check["measure"]) == (None, None, None)

    def test_a_network_s_variant_is_measured_there(self, api: httpx.Client, post: Json) -> None:
        ok(api.patch(f"/posts/{post['id']}", json={"variants": {"x": "Call 1-888-373-7888. #Partner2Prevent"}}))
        check = ok(api.post(f"/posts/{post['id']}/check", json={"platform": "x"}))
        assert check["sendable"] is True
        assert check["measure"] == {"length": 37, "limit": 280, "fits": True, "hashtags": ["Partner2Prevent"]}

    def test_unknown_networks_and_posts_are_refused(self, api: httpx.Client, post: Json) -> None:
        refused(api.post(f"/posts/{post['id']}/check", json={"platform": "myspace"}), 422, "platform.unknown")
        refused(api.post("/posts/99/check"), 404, "not_found")


class TestCheckingAnyText:
    def test_the_default_pack_s_rules_apply(self, api: httpx.Client) -> None:
        text = "Help victims: call 1-888-373-7889 #EndTrafficking #SexTrafficking #ForcedLabor"
        check = ok(api.post("/check", json={"text": text}))
        codes = {finding["code"] for finding in check["findings"]}
        assert {"hashtag.limit", "mention.wrong_number", "language.victim"} <= codes
        for finding in check["findings"]:
            start, end = finding["span"]
            assert 0 <= start <= end <= len(text)

    def test_spans_count_code_points(self, api: httpx.Client) -> None:
        text = "😀 Help victims 1-888-373-7888"
        check = ok(api.post("/check", json={"text": text}))
        (finding,) = [f for f in check["findings"] if f["code"] == "language.victim"]
        assert text[slice(*finding["span"])] == "victims"

    def test_a_campaign_s_levels_apply(self, api: httpx.Client, campaign: Json) -> None:
        ok(api.patch(f"/campaigns/{campaign['id']}", json={"levels": {"language.victim": "error"}}))
        body = {"text": "Help victims 1-888-373-7888", "campaign_id": campaign["id"]}
        assert ok(api.post("/check", json=body))["sendable"] is False

    def test_a_network_adds_its_length(self, api: httpx.Client) -> None:
        check = ok(api.post("/check", json={"text": "call 1-888-373-7888 " + "x" * 300, "platform": "x"}))
        assert check["measure"]["fits"] is False
        assert "text.too_long" in [finding["code"] for finding in check["findings"]]

    def test_any_text_is_read(self, api: httpx.Client) -> None:
        for text in ("", "\u0000", "\u202e", "a" * 100_000):
            ok(api.post("/check", json={"text": text}))

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            ({}, 422, "validation.failed"),
            ({"text": None}, 422, "validation.failed"),
            ({"text": "x" * 100_001}, 422, "validation.failed"),
            ({"text": "x", "platform": "myspace"}, 422, "platform.unknown"),
            ({"text": "x", "campaign_id": 77}, 404, "not_found"),
            ({"text": "x", "pack": "../../etc/passwd"}, 404, "not_found"),
            ({"text": "x", "pack": "a", "campaign_id": 1}, 422, "validation.failed"),
            ({"text": "x", "campaign_id": 2**63}, 422, "validation.failed"),
        ],
    )
    def test_bad_requests_are_refused(self, api: httpx.Client, body: Json, status: int, code: str) -> None:
        refused(api.post("/check", json=body), status, code)
