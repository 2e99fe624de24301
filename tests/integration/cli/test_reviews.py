"""Reviewing at the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.bootstrap import open_house
from app.models import Approval, Campaign, Organization, Post
from app.packs.bundled import default_pack
from app.platforms.base import Via
from app.services.accounts import NewAccount, add_account
from app.services.campaigns import create_campaign
from app.services.demo import APPROVED_BY, set_up_demo
from app.services.posts import create_post
from app.settings import Settings

CLEAN = "Help is there, day and night. Call 1-888-373-7888. #Partner2Prevent"
KEY = "language.victim: victim"


@pytest.fixture
def posts(tmp_path: Path) -> tuple[str, str]:
    """A campaign on one account; the keys of a clean post and of one with a warning, written by somebody else."""
    house = open_house(Settings(data_dir=tmp_path / "data"))
    try:
        with house.write() as scope:
            campaign = create_campaign(scope, default_pack(), year=2027, slug="month")
            add_account(scope, house.vault, NewAccount("sky", "bluesky", Via.SANDBOX))
            keys = [
                create_post(scope, campaign, {"text": text, "week": 1}).key
                for text in (CLEAN, f"{CLEAN} We stand with every victim.")
            ]
            for row in scope.session.scalars(scope.query(Post)):
                row.writers = []
    finally:
        house.close()
    return keys[0], keys[1]


@pytest.fixture
def approvals(tmp_path: Path):
    def look() -> list[tuple[str, list[str]]]:
        house = open_house(Settings(data_dir=tmp_path / "data"))
        try:
            with house.read() as scope:
                return [(row.approved_by, row.acknowledged) for row in scope.session.scalars(scope.query(Approval))]
        finally:
            house.close()

    return look


class TestReview:
    def test_goes_from_asking_to_approved_under_a_name(self, run, posts, approvals) -> None:
        clean, warned = posts
        ran = run("review", "ask", clean, warned)
        assert (ran.code, ran.out) == (0, f"{clean}: in review\n{warned}: in review\n")
        ran = run("review", "queue", "--json")
        assert [line["post"] for line in ran.lines] == [clean, warned]
        ran = run("review", "approve-clean", "--as", "Reviewer on duty")
        assert ran.out.startswith(f"{clean}: approved\n{warned}: not approved.")
        ran = run("review", "approve", warned, "--as", "Reviewer on duty")
        assert ran.code == 1
        assert KEY in ran.err
        ran = run("review", "show", warned)
        assert f"key: {KEY}" in ran.out
        ran = run("review", "approve", warned, "--as", "Reviewer on duty", "--acknowledge", KEY)
        assert (ran.code, ran.out) == (0, f"{warned}: approved\n")
        assert sorted(approvals()) == [("Reviewer on duty (local)", []), ("Reviewer on duty (local)", [KEY])]
        assert run("review", "queue").out == "Nothing is in review.\n"

    def test_an_approval_takes_a_name(self, run, posts, approvals) -> None:
        assert run("review", "approve", posts[0]).code == 2
        assert run("review", "approve", posts[0], "--as", " ").code == 2
        assert approvals() == []

    def test_what_was_written_on_this_machine_is_not_approved_on_it(self, run, posts, tmp_path) -> None:
        house = open_house(Settings(data_dir=tmp_path / "data"))
        with house.write() as scope:
            campaign = scope.session.scalars(scope.query(Campaign)).one()
            own = create_post(scope, campaign, {"text": CLEAN, "week": 1}).key
        house.close()
        ran = run("review", "approve", own, "--as", "Reviewer on duty")
        assert ran.code == 1
        assert "own text" in ran.err
        house = open_house(Settings(data_dir=tmp_path / "data"))
        with house.write() as scope:
            scope.session.get_one(Organization, scope.organization_id).allows_own_approval = True
        house.close()
        assert run("review", "approve", own, "--as", "Reviewer on duty").code == 0

    def test_everything_is_approved_at_once_as_it_stands(self, run, posts, approvals) -> None:
        ran = run("review", "approve", "--all", "--as", "Reviewer on duty", "--json")
        done = {line["post"]: line["done"] for line in ran.lines}
        assert ran.code == 0
        assert done[posts[0]]
        assert done[posts[1]]
        # What has an open fill-in cannot be approved.
        assert not all(done.values())
        assert ("Reviewer on duty (local)", [KEY]) in approvals()

    def test_is_returned_and_taken_back(self, run, posts) -> None:
        clean, warned = posts
        run("review", "ask", clean, warned)
        assert run("review", "take-back", clean).code == 0
        ran = run("review", "return", warned, "--as", "Reviewer on duty", "--reason", "Person first, please.")
        assert (ran.code, ran.out) == (0, f"{warned} is returned.\n")
        assert run("review", "take-back", warned).code == 1

    @pytest.mark.parametrize("arguments", [("approve", "--as", "X"), ("show", "no-such-post"), ("ask", "no-such-post")])
    def test_bad_input_is_said(self, run, posts, arguments) -> None:
        assert run("review", *arguments).code == 2


def test_the_demonstration_approves_its_own_posts_and_says_so(tmp_path: Path) -> None:
    house = open_house(Settings(data_dir=tmp_path / "data"))
    try:
        with house.write() as scope:
            set_up_demo(scope, house.vault, default_pack(), 2027, {})
        with house.read() as scope:
            rows = scope.session.scalars(scope.query(Approval)).all()
            assert {(row.approved_by, row.role) for row in rows} == {(APPROVED_BY, "demonstration")}
            states = [post.review_state for post in scope.session.scalars(scope.query(Post))]
            assert states.count("approved") > 20
    finally:
        house.close()


class TestTalk:
    def test_comments_are_said_listed_and_settled(self, run, posts) -> None:
        ran = run("review", "comment", posts[0], "Is it so?", "--as", "Reviewer on duty")
        assert (ran.code, ran.err) == (0, "")
        (line,) = run("review", "comments", posts[0], "--json").lines
        assert (line["by"], line["text"], line["settled"]) == ("Reviewer on duty (local)", "Is it so?", None)
        assert run("review", "settle", str(line["id"]), "--as", "Author").code == 0
        assert run("review", "comments", posts[0], "--json").lines[0]["settled"] is not None
        assert run("review", "settle", str(line["id"]), "--as", "Author").code == 1

    def test_a_delegate_must_be_a_reviewer(self, run, posts) -> None:
        ran = run("review", "delegate", "nobody@agency.example", "other@agency.example", "--until", "2099-01-01")
        assert ran.code == 2
        assert "There is no user nobody@agency.example" in ran.err
        assert run("review", "delegates").out == ""

    def test_a_guest_needs_a_mail_server_and_is_listed_and_revoked(self, run, posts) -> None:
        mine = ("review", "guest", "counsel@partner.example", posts[0], "--as", "Reviewer on duty")
        assert run(*mine).code == 1
        mail = {"FOCUSWEEK_SMTP_HOST": "127.0.0.1", "FOCUSWEEK_SMTP_FROM": "f@agency.example"}
        ran = run(*mine, "--decides", **mail)
        assert ran.code == 0
        assert len(ran.out.strip()) > 30
        (line,) = run("review", "guests", "--json").lines
        assert (line["email"], line["decides"], line["revoked"]) == ("counsel@partner.example", True, None)
        assert run("review", "revoke-guest", str(line["id"])).code == 0
        assert run("review", "guests", "--json").lines[0]["revoked"] is not None
