from __future__ import annotations

import httpx
import pytest
from api_client import Json, made, ok, refused
from api_token import give_token
from sqlalchemy import select

from app.bootstrap import House
from app.identity.permissions import EVERYTHING
from app.identity.principal import Principal
from app.models import Campaign, Membership, Organization, Pause, Post, User
from app.services.post_set_copies import Copied, copy_posts

LIST = "slug,name,admin_email\ncounty-health,County Health,admin@county.example\ncity-health,City Health,\n"


def add(api: httpx.Client, slug: str = "partner") -> int:
    return int(made(api.post("/organizations", json={"slug": slug, "name": "A partner"}))["id"])


def member(house: House, role: str, *organizations: int) -> Principal:
    """Return somebody with a role in these organizations, who is signed in to the first one."""
    with house.database.write() as session:
        user = User(email="author@agency.example", created_at=house.clock.now())
        session.add(user)
        session.flush()
        for organization_id in (1, *organizations):
            session.add(
                Membership(
                    organization_id=organization_id, user_id=user.id, role=role, created_by="tests",
                    created_at=house.clock.now(),
                )
            )  # fmt: skip
        return Principal(user.email, EVERYTHING, 1, user_id=user.id, via="session")


class TestAdding:
    def test_one_is_listed_by_its_slug(self, api: httpx.Client) -> None:
        id_ = add(api)
        assert [row["slug"] for row in ok(api.get("/organizations"))["items"]] == ["default", "partner"]
        assert ok(api.get(f"/organizations/{id_}"))["name"] == "A partner"

    def test_a_slug_is_taken_once(self, api: httpx.Client) -> None:
        add(api)
        refused(api.post("/organizations", json={"slug": "partner", "name": "Another"}), 409, "already_exists")

    def test_many_are_looked_at_first_then_added_and_the_same_list_again_adds_none(self, api: httpx.Client) -> None:
        looked = ok(api.post("/organizations/import", json={"csv": LIST}))
        assert [(row["row"], row["action"]) for row in looked["items"]] == [(2, "added"), (3, "added")]
        assert len(ok(api.get("/organizations"))["items"]) == 1
        done = ok(api.post("/organizations/import", json={"csv": LIST, "commit": "all"}))
        assert done["items"][0]["invitation"].startswith("http")
        assert done["items"][1]["invitation"] is None
        again = ok(api.post("/organizations/import", json={"csv": LIST, "commit": "all"}))
        assert {row["action"] for row in again["items"]} == {"unchanged"}
        assert len(ok(api.get("/organizations"))["items"]) == 3

    @pytest.mark.parametrize("bad", ["Bad Slug,Name,", "ok,,", "ok,Name,no-address", "city-health,Twice,"])
    def test_of_a_list_with_a_bad_line_all_or_only_the_good_ones_are_added(self, api: httpx.Client, bad: str) -> None:
        text = f"{LIST}{bad}\n"
        problem = refused(api.post("/organizations/import", json={"csv": text, "commit": "all"}), 422, "input.invalid")
        assert "Line 4" in problem["detail"]
        assert len(ok(api.get("/organizations"))["items"]) == 1
        done = ok(api.post("/organizations/import", json={"csv": text, "commit": "good"}))
        assert [row["action"] for row in done["items"]] == ["added", "added", "refused"]
        assert len(ok(api.get("/organizations"))["items"]) == 3

    def test_a_file_with_other_columns_is_refused(self, api: httpx.Client) -> None:
        refused(api.post("/organizations/import", json={"csv": "name,slug\na,b\n"}), 422, "input.invalid")


class TestClosing:
    def test_lets_nobody_in_and_pauses_what_it_would_publish(self, api: httpx.Client, house: House) -> None:
        id_ = add(api)
        give_token(house.database, "fwk_theirs", organization_id=id_)
        theirs = {"Authorization": "Bearer fwk_theirs"}
        ok(api.get("/campaigns", headers=theirs))
        assert ok(api.patch(f"/organizations/{id_}", json={"state": "closed"}))["state"] == "closed"
        refused(api.get("/campaigns", headers=theirs), 401, "not_signed_in")
        ok(api.patch(f"/organizations/{id_}", json={"state": "active"}))
        assert [p["scope"] for p in ok(api.get("/pauses", headers=theirs))["items"]] == ["organization"]
        with house.database.read() as session:
            assert session.scalars(select(Pause.organization_id)).all() == [id_]


class TestOnesOwn:
    def test_is_changed_by_its_admins(self, api: httpx.Client) -> None:
        changed = ok(api.patch("/organization", json={"name": "Our agency", "allows_own_approval": True}))
        assert (changed["name"], changed["allows_own_approval"]) == ("Our agency", True)
        assert ok(api.get("/organization")) == changed

    def test_a_second_clearance_has_a_name_and_a_role(self, api: httpx.Client) -> None:
        refused(api.patch("/organization", json={"second_clearance": "Legal"}), 422, "input.invalid")
        both = {"second_clearance": "Legal", "second_clearance_role": "admin"}
        assert ok(api.patch("/organization", json=both)).items() >= both.items()


class TestPortfolio:
    def test_shows_each_of_ones_own_and_no_other(self, api: httpx.Client, house: House, planned: Json) -> None:
        mine = add(api, "mine")
        add(api, "another")
        give_token(house.database, "fwk_mine", organization_id=mine)
        seen = ok(api.get("/portfolio"))["items"]
        assert [row["slug"] for row in seen] == ["default"]
        assert seen[0]["next_due"]["utc"].startswith("2027-01-")
        theirs = ok(api.get("/portfolio", headers={"Authorization": "Bearer fwk_mine"}))["items"]
        assert [(row["slug"], row["by_state"], row["next_due"]) for row in theirs] == [("mine", {}, None)]


class TestCopyingPosts:
    def copy(self, house: House, who: Principal, sheet: str | None = None) -> Copied:
        return copy_posts(house, who, 1, ["partner"], sheet)[0]

    def test_brings_the_edited_texts_with_fill_ins_of_its_own_once(
        self, api: httpx.Client, house: House, campaign: Json
    ) -> None:
        there = add(api)
        who = member(house, "author", there)
        post = ok(api.get("/posts", params={"campaign_id": 1}))["items"][0]
        ok(api.patch(f"/posts/{post['id']}", json={"text": "Our own words. 1-888-373-7888"}))
        extra = {"campaign_id": 1, "week": 1, "key": "ours", "text": "Call 1-888-373-7888."}
        made(api.post("/posts", json=extra))
        key = ok(api.get("/campaigns/1/fill-ins"))["items"][0]["key"]
        sheet = f"organization,{key}\npartner,https://partner.example/page\n"
        first = self.copy(house, who, sheet)
        assert (first.problem, first.added, first.changed, first.fill_ins) == (None, 1, 1, 1)
        again = self.copy(house, who)
        assert (again.added, again.changed, again.unchanged, again.kept) == (0, 0, 37, ())
        with house.database.read() as session:
            theirs = session.scalars(select(Post).where(Post.organization_id == there, Post.key == post["key"])).one()
        assert theirs.text == "Our own words. 1-888-373-7888"

    def test_keeps_what_its_own_people_have_changed(self, api: httpx.Client, house: House, campaign: Json) -> None:
        there = add(api)
        who = member(house, "author", there)
        self.copy(house, who)
        post = ok(api.get("/posts", params={"campaign_id": 1}))["items"][0]
        with house.database.write() as session:
            mine = session.scalars(select(Post).where(Post.organization_id == there, Post.key == post["key"])).one()
            mine.text = "Theirs. 1-888-373-7888"
        ok(api.patch(f"/posts/{post['id']}", json={"text": "Ours. 1-888-373-7888"}))
        assert self.copy(house, who).kept == (post["key"],)

    def test_needs_an_authors_rights_there_and_changes_nothing_without(
        self, api: httpx.Client, house: House, campaign: Json
    ) -> None:
        there = add(api)
        viewer = member(house, "viewer", there)
        done = self.copy(house, viewer)
        assert done.problem is not None
        assert done.problem.code == "not_allowed"
        with house.database.read() as session:
            assert session.scalars(select(Campaign).where(Campaign.organization_id == there)).all() == []

    def test_an_organization_in_which_one_is_nobody_is_not_there(
        self, api: httpx.Client, house: House, campaign: Json
    ) -> None:
        add(api)
        problem = self.copy(house, member(house, "admin")).problem
        assert problem is not None
        assert problem.code == "not_found"
        with house.database.read() as session:
            assert session.scalars(select(Organization.slug)).all() == ["default", "partner"]
