from __future__ import annotations

import httpx
from api_client import Json, commit, made, ok, refused


def add_account(api: httpx.Client, slug: str, **more: object) -> Json:
    return made(api.post("/accounts", json={"slug": slug, "platform": slug, "via": "sandbox", **more}))


class TestPreviewingAPlan:
    def test_every_post_without_open_fill_ins_is_placed_and_the_others_are_held_back(
        self, api: httpx.Client, campaign: Json
    ) -> None:
        add_account(api, "bluesky")
        preview = ok(api.post(f"/campaigns/{campaign['id']}/plan/preview"))

        assert preview["planned"] == len(preview["added"]) >= 36
        assert (preview["kept"], preview["moved"], preview["removed"]) == (0, [], [])
        assert len({held["post"] for held in preview["held_back"]}) == 2
        assert sum(day["deliveries"] for day in preview["coverage"]["by_day"]) == preview["planned"]
        assert {week["week"] for week in preview["coverage"]["by_week"]} == {1, 2, 3, 4}

    def test_times_stand_in_the_campaign_s_zone_and_in_utc(self, api: httpx.Client, campaign: Json) -> None:
        add_account(api, "bluesky")
        first = ok(api.post(f"/campaigns/{campaign['id']}/plan/preview"))["added"][0]
        assert first["local"].endswith("-05:00")
        assert first["utc"].endswith("Z")

    def test_nothing_is_written_by_it(self, api: httpx.Client, campaign: Json) -> None:
        add_account(api, "bluesky")
        once = ok(api.post(f"/campaigns/{campaign['id']}/plan/preview"))
        assert ok(api.post(f"/campaigns/{campaign['id']}/plan/preview")) == once
        assert ok(api.get("/deliveries"))["items"] == []

    def test_an_unknown_campaign_is_not_found(self, api: httpx.Client) -> None:
        refused(api.post("/campaigns/3/plan/preview"), 404, "not_found")


class TestCommittingAPlan:
    def test_the_previewed_deliveries_are_there(self, api: httpx.Client, campaign: Json) -> None:
        add_account(api, "x")
        preview = ok(api.post(f"/campaigns/{campaign['id']}/plan/preview"))
        done = ok(api.post(f"/campaigns/{campaign['id']}/plan/commit", json={"digest": preview["digest"]}))

        assert done == {"added": preview["planned"], "moved": 0, "removed": 0, "kept": 0}
        found = ok(api.get("/deliveries", params={"limit": 200}))["items"]
        assert [(d["post"]["key"], d["due"]["utc"]) for d in found] == [(p["post"], p["utc"]) for p in preview["added"]]
        assert ok(api.get(f"/campaigns/{campaign['id']}"))["deliveries"] == {"scheduled": preview["planned"]}

    def test_a_plan_that_changed_meanwhile_is_refused(self, api: httpx.Client, campaign: Json) -> None:
        add_account(api, "x")
        preview = ok(api.post(f"/campaigns/{campaign['id']}/plan/preview"))
        ok(api.patch(f"/campaigns/{campaign['id']}", json={"cadence": {"slots": ["11:00"]}}))

        address = f"/campaigns/{campaign['id']}/plan/commit"
        refused(api.post(address, json={"digest": preview["digest"]}), 409, "plan.changed")
        assert ok(api.get("/deliveries"))["items"] == []

    def test_a_second_commit_of_the_same_plan_finds_it_done(self, api: httpx.Client, planned: Json) -> None:
        again = commit(api, planned["id"])
        assert (again["added"], again["moved"], again["removed"]) == (0, 0, 0)

    def test_real_accounts_wait_for_confirmed_contact_facts(self, api: httpx.Client, campaign: Json) -> None:
        made(
            api.post(
                "/accounts", json={"slug": "page", "platform": "facebook", "via": "by_hand", "person": "Who posts"}
            )
        )
        preview = ok(api.post(f"/campaigns/{campaign['id']}/plan/preview"))
        address = f"/campaigns/{campaign['id']}/plan/commit"
        refused(api.post(address, json={"digest": preview["digest"]}), 403, "not_allowed")

        body = {"facts": campaign["open_contact_facts"], "by": "Reviewer on duty", "method": "called"}
        made(api.post(f"/campaigns/{campaign['id']}/contact-confirmations", json=body))
        assert commit(api, campaign["id"])["added"] > 0

    def test_bad_digests_are_refused(self, api: httpx.Client, planned: Json) -> None:
        address = f"/campaigns/{planned['id']}/plan/commit"
        refused(api.post(address, json={}), 422, "validation.failed")
        refused(api.post(address, json={"digest": "0" * 64}), 409, "plan.changed")
        refused(api.post("/campaigns/99/plan/commit", json={"digest": "x"}), 404, "not_found")
