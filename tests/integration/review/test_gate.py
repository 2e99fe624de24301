"""Nothing goes out that is not approved exactly as it is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from review_agency import CLEAN, Agency

from app.errors import Conflict, NotAllowed
from app.models import Campaign, State
from app.platforms.base import Via
from app.services.approvals import approve_everything
from app.services.approving import WarningsUnacknowledged
from app.services.campaigns import change_settings

WARNED = f"{CLEAN} We stand with every victim."


class TestTheGateSendsOnlyWhatIsApproved:
    def test_an_unapproved_post_is_blocked_at_its_moment_and_says_why(self, agency: Agency) -> None:
        delivery = agency.delivery(agency.post())
        agency.tick_after(10)
        row = agency.get(delivery)
        assert (row.state, row.state_reason) == (State.BLOCKED, "approval")
        assert [finding["code"] for finding in row.verdict or []] == ["approval.missing"]

    def test_an_approved_post_goes_out(self, agency: Agency) -> None:
        post = agency.post()
        delivery = agency.delivery(post)
        agency.approve(post)
        agency.tick_after(10)
        assert agency.get(delivery).state == State.PUBLISHED

    def test_a_changed_text_needs_a_new_approval(self, agency: Agency) -> None:
        post = agency.post()
        delivery = agency.delivery(post)
        agency.approve(post)
        agency.change(post, text=f"{CLEAN} Again.")
        agency.tick_after(10)
        assert agency.get(delivery).state == State.BLOCKED
        assert agency.findings(post) == ["approval.missing"]

    def test_a_link_that_leads_elsewhere_is_another_text(self, agency: Agency) -> None:
        text = f"{CLEAN} Read more at train.org"
        post = agency.post(text, links=[{"visible": "train.org", "target": "https://www.train.org"}])
        agency.approve(post)
        assert agency.findings(post) == []
        agency.change(post, links=[{"visible": "train.org", "target": "https://elsewhere.example"}])
        assert agency.findings(post) == ["approval.missing"]

    def test_an_approval_after_the_moment_makes_it_missed_never_late(self, agency: Agency) -> None:
        post = agency.post()
        delivery = agency.delivery(post)
        agency.tick_after(10)
        agency.tick_after(1)
        agency.approve(post)
        row = agency.get(delivery)
        assert (row.state, row.state_reason) == (State.MISSED, "late.approval")

    def test_an_approval_while_the_engine_was_away_past_the_moment_makes_it_missed(self, agency: Agency) -> None:
        post = agency.post()
        delivery = agency.delivery(post)
        # Nothing ticks for fifteen minutes; in the lateness window the post would still go out.
        agency.clock.advance(timedelta(minutes=15))
        agency.approve(post)
        agency.tick_after(1)
        row = agency.get(delivery)
        assert (row.state, row.state_reason) == (State.MISSED, "late.approval")

    def test_what_lies_ahead_goes_out_after_its_approval(self, agency: Agency) -> None:
        post = agency.post()
        first, second = agency.delivery(post), None
        agency.account("square", "bluesky")
        second = agency.delivery(post, "square", in_minutes=60)
        agency.tick_after(11)
        agency.approve(post)
        agency.tick_after(49)
        assert (agency.get(first).state, agency.get(second).state) == (State.MISSED, State.PUBLISHED)

    def test_by_hand_is_handed_over_only_when_approved(self, agency: Agency) -> None:
        agency.account("hand", "facebook", Via.BY_HAND)
        post = agency.post()
        assert "approval.missing" in agency.findings(post, "hand")


class TestWarningsAreAcknowledgedOneByOne:
    def test_an_approval_that_leaves_one_out_is_refused_and_lists_it(self, agency: Agency) -> None:
        post = agency.post(WARNED)
        with pytest.raises(WarningsUnacknowledged) as refused:
            agency.approve(post)
        assert list(refused.value.warnings) == ["language.victim: victim"]
        assert agency.approvals(post) == []
        agency.approve(post, "language.victim: victim")
        assert agency.findings(post) == []

    def test_a_new_warning_under_changed_rules_voids_it(self, agency: Agency) -> None:
        post = agency.post(f"{CLEAN} #EndTrafficking")
        quiet = agency.post()
        for one in (post, quiet):
            agency.approve(one)
        with agency.house.write(agency.admin) as scope:
            campaign = scope.get(Campaign, agency.campaign_id, lock=True)
            change_settings(scope, campaign, {"levels": {"text.grade_level": "warning"}})
        states = {one: agency.state(one) for one in (post, quiet)}
        found = {one: agency.findings(one) for one in (post, quiet)}
        for one in (post, quiet):
            voided = [row for row in agency.approvals(one) if row.voided_at is not None]
            assert bool(voided) == (states[one] == "draft") == (found[one] == ["approval.missing"])


class TestNobodyApprovesTheirOwnText:
    def test_a_reviewer_who_wrote_it_is_refused(self, agency: Agency) -> None:
        post = agency.post(who=agency.reviewer)
        with pytest.raises(NotAllowed, match="own text"):
            agency.approve(post)
        agency.approve(post, who=agency.other)
        assert agency.state(post) == "approved"

    def test_unless_the_organization_lets_them(self, agency: Agency) -> None:
        agency.setting(allows_own_approval=True)
        post = agency.post(who=agency.reviewer)
        agency.approve(post)
        assert agency.state(post) == "approved"

    def test_approving_twice_says_that_it_is_done(self, agency: Agency) -> None:
        post = agency.post()
        agency.approve(post)
        with pytest.raises(Conflict, match="already"):
            agency.approve(post)


class TestEverything:
    def test_a_demonstration_counts_in_the_sandbox_only(self, agency: Agency) -> None:
        agency.account("hand", "bluesky", Via.BY_HAND)
        post = agency.post()
        with agency.house.write() as scope:
            approve_everything(
                scope, scope.get(Campaign, agency.campaign_id), by="the demonstration", demonstration=True
            )
        assert agency.findings(post) == []
        assert "approval.missing" in agency.findings(post, "hand")
        agency.approve(post)
        assert "approval.missing" not in agency.findings(post, "hand")
