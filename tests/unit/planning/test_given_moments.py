"""Posts to which a person has given a moment of their own."""

from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from app.errors import InvalidInput
from app.planning.changes import changes
from app.planning.plan import make_plan
from app.planning.values import Cadence, Existing, PlanAccount, PlanPost, WeekSpan, Window

BEFORE = datetime(2026, 12, 1, 12, tzinfo=UTC)
X = (PlanAccount("x", "x"), PlanAccount("y", "bluesky"))
WINDOW = Window(
    date(2027, 1, 1),
    date(2027, 1, 14),
    ZoneInfo("America/New_York"),
    (WeekSpan(1, "One", date(2027, 1, 1), date(2027, 1, 7)), WeekSpan(2, "Two", date(2027, 1, 8), date(2027, 1, 14))),
)
#: Half past three in the night of a Saturday in another week than the post's: no plan would choose it.
AT = datetime(2027, 1, 9, 8, 30, tzinfo=UTC)


def planned(*posts, now=BEFORE, existing=()):
    return make_plan(posts, X, WINDOW, Cadence(weekends_off=True), now=now, existing=existing)


class TestAMomentOfItsOwn:
    def test_is_kept_to_the_second_on_every_account_it_is_for(self):
        plan = planned(PlanPost("given", 1, at=AT), PlanPost("other", 1))
        times = {one.account: one.utc for one in plan.placed if one.post == "given"}
        assert times == {"x": AT, "y": AT}
        assert {one.occurrence for one in plan.placed} == {"week"}

    def test_other_posts_keep_their_distance_from_it(self):
        at = datetime(2027, 1, 4, 14, 0, tzinfo=UTC)  # nine o'clock there, a slot
        plan = planned(PlanPost("given", 1, at=at), *(PlanPost(f"post-{n}", 1) for n in range(20)))
        mine = sorted(one.utc for one in plan.placed if one.account == "x")
        assert at in mine
        assert all((later - earlier).total_seconds() >= 3600 for earlier, later in pairwise(mine))

    def test_stands_beside_pins(self):
        plan = planned(PlanPost("given", 1, pins=(date(2027, 1, 11),), at=AT))
        assert {one.occurrence for one in plan.placed} == {"week", "2027-01-11"}

    def test_moves_a_delivery_that_was_planned_before_and_stays_then(self):
        before = planned(PlanPost("given", 1))
        stands = [Existing(one.post, one.account, one.occurrence, one.utc, movable=True) for one in before.placed]
        plan = planned(PlanPost("given", 1, at=AT), existing=stands)
        assert [move.after.utc for move in changes(plan, stands).moved] == [AT, AT]
        again = [Existing(one.post, one.account, one.occurrence, one.utc, movable=True) for one in plan.placed]
        kept = changes(planned(PlanPost("given", 1, at=AT), existing=again), again)
        assert (len(kept.kept), kept.moved, kept.added) == (2, (), ())

    def test_yields_to_a_delivery_that_cannot_move(self):
        stands = [Existing("given", "x", "week", datetime(2027, 1, 5, 15, tzinfo=UTC), movable=False)]
        plan = planned(PlanPost("given", 1, at=AT), existing=stands)
        assert {one.account: one.utc for one in plan.placed} == {"x": stands[0].due_at, "y": AT}

    def test_that_has_passed_is_told_and_not_dropped(self):
        plan = planned(PlanPost("given", 1, at=AT), now=datetime(2027, 1, 9, 9, 0, tzinfo=UTC))
        assert not plan.placed
        assert [(one.post, one.reason) for one in plan.unplaced] == [("given", "at.past")] * 2

    def test_without_a_zone_is_refused(self):
        with pytest.raises(InvalidInput, match="time zone"):
            planned(PlanPost("given", 1, at=datetime(2027, 1, 5, 9)))  # noqa: DTZ001 - what is refused
