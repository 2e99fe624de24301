"""What a change does to approvals, and who has written what."""

from __future__ import annotations

from datetime import timedelta

import pytest
from review_agency import CLEAN, Agency

from app.errors import NotAllowed
from app.identity.principal import Principal
from app.models import AuditEvent, Campaign, Post, State
from app.services.campaigns import change_settings, set_fill_ins
from app.services.own_organization import change_organization
from app.services.voices import pack_of


@pytest.fixture
def fill_in(agency: Agency) -> tuple[str, str]:
    """The key and the placeholder of the first fill-in that takes any text."""
    with agency.house.read(agency.author) as scope:
        pack = pack_of(scope.get(Campaign, agency.campaign_id))
        return next((one.key, one.text) for one in pack.fill_ins if one.kind == "text")


def fill(agency: Agency, key: str, value: str | None, who: Principal | None = None) -> None:
    with agency.house.write(who or agency.author) as scope:
        set_fill_ins(scope, scope.get(Campaign, agency.campaign_id, lock=True), {key: value})


class TestAnEdit:
    def test_voids_what_would_go_out_no_more_and_makes_it_a_draft(self, agency: Agency) -> None:
        post = agency.post()
        agency.approve(post)
        agency.change(post, text=f"{CLEAN} Again.")
        (approval,) = agency.approvals(post)
        assert approval.voided_at == agency.clock.now()
        assert approval.void_reason
        assert agency.state(post) == "draft"

    def test_back_to_the_old_text_revives_nothing(self, agency: Agency) -> None:
        post = agency.post()
        agency.approve(post)
        agency.change(post, text=f"{CLEAN} Again.")
        agency.change(post, text=CLEAN)
        assert agency.findings(post) == ["approval.missing"]

    def test_of_one_variant_leaves_the_others_approved(self, agency: Agency) -> None:
        agency.account("moss", "mastodon")
        post = agency.post(variants={"mastodon": f"{CLEAN} On Mastodon."})
        agency.approve(post)
        assert len(agency.approvals(post)) == 2
        agency.change(post, variants={"mastodon": f"{CLEAN} On Mastodon, again."})
        assert agency.findings(post, "sky") == []
        assert agency.findings(post, "moss") == ["approval.missing"]
        assert agency.state(post) == "draft"

    def test_of_what_readers_do_not_get_changes_nothing(self, agency: Agency) -> None:
        post = agency.post()
        agency.approve(post)
        agency.change(post, section="Elsewhere", week=2, pins=[])
        assert agency.state(post) == "approved"
        assert agency.row(post).writers == []

    def test_is_noted_with_the_approvals_that_it_voids(self, agency: Agency) -> None:
        post = agency.post()
        agency.approve(post)
        agency.change(post, text=f"{CLEAN} Again.")
        with agency.house.read(agency.author) as scope:
            rows = scope.session.query(AuditEvent).filter_by(subject="approval", action="changed").all()
            assert [(row.actor, bool((row.after or {})["voided_at"])) for row in rows] == [
                ("author@agency.example", True)
            ]
            (deed,) = scope.session.query(AuditEvent).filter_by(subject="post", action="approved").all()
            assert (deed.actor, deed.user_id) == ("reviewer@agency.example", agency.reviewer.user_id)


class TestIdenticalParts:
    def test_of_several_networks_take_one_decision(self, agency: Agency) -> None:
        agency.account("moss", "mastodon")
        agency.account("face", "facebook")
        post = agency.post()
        (one,) = agency.sets(post)
        assert one.platforms == ("bluesky", "mastodon", "facebook")
        agency.approve(post)
        assert len(agency.approvals(post)) == 1
        assert [agency.findings(post, slug) for slug in ("sky", "moss", "face")] == [[], [], []]

    def test_on_an_account_that_comes_later_need_none(self, agency: Agency) -> None:
        post = agency.post()
        agency.approve(post)
        agency.account("moss", "mastodon")
        assert agency.findings(post, "moss") == []


class TestAFillIn:
    def test_is_part_of_what_is_approved(self, agency: Agency, fill_in: tuple[str, str]) -> None:
        key, placeholder = fill_in
        post = agency.post(f"{placeholder} {CLEAN}")
        other = agency.post()
        fill(agency, key, "The agency")
        for one in (post, other):
            agency.approve(one)
        fill(agency, key, "Another agency")
        assert agency.findings(post) == ["approval.missing"]
        assert agency.findings(other) == []
        assert (agency.state(post), agency.state(other)) == ("draft", "approved")

    def test_makes_whoever_gave_it_a_writer(self, agency: Agency, fill_in: tuple[str, str]) -> None:
        key, placeholder = fill_in
        post = agency.post(f"{placeholder} {CLEAN}")
        fill(agency, key, "The agency", agency.reviewer)
        with pytest.raises(NotAllowed, match="own text"):
            agency.approve(post)
        agency.approve(post, who=agency.other)
        assert agency.row(post).writers == []

    def test_of_the_organization_makes_whoever_gave_it_a_writer_too(
        self, agency: Agency, fill_in: tuple[str, str]
    ) -> None:
        key, placeholder = fill_in
        post, other = agency.post(f"{placeholder} {CLEAN}"), agency.post()
        with agency.house.write(agency.admin) as scope:
            change_organization(scope, {"fill_ins": {key: "The agency"}})
        with pytest.raises(NotAllowed, match="own text"):
            agency.approve(post, who=agency.admin)
        agency.approve(other, who=agency.admin)
        agency.approve(post)
        with agency.house.write(agency.admin) as scope:
            change_organization(scope, {"fill_ins": {key: "Another agency"}})
        assert agency.findings(post) == ["approval.missing"]
        assert agency.findings(other) == []


class TestChangedRules:
    def test_a_new_error_voids_and_unchanged_ones_stand(self, agency: Agency) -> None:
        loud, quiet = agency.post(f"{CLEAN} #AnotherTag"), agency.post()
        (one,) = agency.sets(loud)
        agency.approve(loud, *one.warnings)
        agency.approve(quiet)
        with agency.house.write(agency.admin) as scope:
            campaign = scope.get(Campaign, agency.campaign_id, lock=True)
            change_settings(scope, campaign, {"levels": {"hashtag.unapproved": "error"}})
        assert next(str(row.void_reason) for row in agency.approvals(loud)).startswith(
            "The rules have an error on it now"
        )
        assert agency.state(loud) == "draft"
        assert [row.voided_at for row in agency.approvals(quiet)] == [None]
        assert agency.findings(quiet) == []

    def test_a_level_that_falls_voids_nothing(self, agency: Agency) -> None:
        post = agency.post(f"{CLEAN} #AnotherTag")
        (one,) = agency.sets(post)
        agency.approve(post, *one.warnings)
        with agency.house.write(agency.admin) as scope:
            campaign = scope.get(Campaign, agency.campaign_id, lock=True)
            change_settings(scope, campaign, {"levels": {"hashtag.unapproved": "note"}})
        assert agency.findings(post) == []

    def test_the_rules_version_is_on_record(self, agency: Agency) -> None:
        post = agency.post()
        agency.approve(post)
        (approval,) = agency.approvals(post)
        (one,) = agency.sets(post)
        assert approval.policy_version == one.policy_version
        assert [part["text"] for part in approval.parts] == [part.text for part in one.composition.parts]


class TestTheIssuersClearance:
    def unchanged(self, agency: Agency) -> int:
        with agency.house.read(agency.author) as scope:
            posts = scope.query(Post).where(Post.campaign_id == agency.campaign_id).order_by(Post.position)
            return next(
                post.id for post in scope.session.scalars(posts) if "[" not in post.text and "(insert" not in post.text
            )

    def test_does_not_suffice_by_itself(self, agency: Agency) -> None:
        assert "approval.missing" in agency.findings(self.unchanged(agency))

    def test_suffices_where_the_organization_says_so_as_long_as_the_text_is_the_issuers(self, agency: Agency) -> None:
        agency.setting(issuer_clearance_suffices=True)
        post = self.unchanged(agency)
        assert agency.findings(post) == []
        assert agency.findings(agency.post()) == ["approval.missing"]
        agency.change(post, text=f"{agency.row(post).text} Really.")
        assert "approval.missing" in agency.findings(post)

    def test_a_delivery_goes_out_by_it(self, agency: Agency) -> None:
        agency.setting(issuer_clearance_suffices=True)
        delivery = agency.delivery(self.unchanged(agency))
        agency.tick_after(10)
        assert agency.get(delivery).state == State.PUBLISHED


class TestTheSecondClearance:
    @pytest.fixture(autouse=True)
    def _legal(self, agency: Agency) -> None:
        agency.setting(second_clearance="Legal", second_clearance_role="admin")

    def test_is_waited_for(self, agency: Agency) -> None:
        post = agency.post()
        agency.approve(post)
        assert agency.findings(post) == ["approval.second_missing"]
        assert agency.state(post) != "approved"
        agency.approve(post, who=agency.admin, second=True)
        assert agency.findings(post) == []
        assert agency.state(post) == "approved"

    def test_takes_the_role_that_is_named(self, agency: Agency) -> None:
        post = agency.post()
        agency.approve(post)
        with pytest.raises(NotAllowed):
            agency.approve(post, who=agency.other, second=True)

    def test_takes_another_person(self, agency: Agency) -> None:
        post = agency.post()
        agency.approve(post, who=agency.admin)
        with pytest.raises(NotAllowed, match="another person"):
            agency.approve(post, who=agency.admin, second=True)

    def test_falls_with_the_first(self, agency: Agency) -> None:
        post = agency.post()
        agency.approve(post)
        agency.approve(post, who=agency.admin, second=True)
        agency.change(post, text=f"{CLEAN} Again.")
        assert all(row.voided_at is not None for row in agency.approvals(post))

    def test_after_the_moment_makes_it_missed(self, agency: Agency) -> None:
        post = agency.post()
        agency.approve(post)
        delivery = agency.delivery(post)
        agency.clock.advance(timedelta(minutes=15))
        agency.approve(post, who=agency.admin, second=True)
        agency.tick_after(1)
        assert agency.get(delivery).state == State.MISSED
