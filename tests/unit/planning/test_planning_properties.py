"""What holds for every plan, over generated campaigns in zones and months where the clocks change."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from app.planning.changes import changes
from app.planning.days import DaysOff
from app.planning.plan import make_plan
from app.planning.values import Cadence, Existing, PlanAccount, PlanPost, WeekSpan, Window

ZONES = (
    "America/New_York",
    "Pacific/Chatham",
    "Asia/Kolkata",
    "Africa/Casablanca",
    "America/Sao_Paulo",
    "Europe/London",
)
MINUTE = timedelta(minutes=1)


@st.composite
def windows(draw):
    first = date(
        draw(st.integers(2015, 2032)), draw(st.sampled_from([1, 2, 3, 4, 9, 10, 11])), draw(st.integers(1, 28))
    )
    weeks, start = [], first
    for number in range(1, draw(st.integers(1, 4)) + 1):
        end = start + timedelta(days=draw(st.integers(0, 8)))
        weeks.append(WeekSpan(number, f"Week {number}", start, end))
        start = end + timedelta(days=1)
    return Window(first, weeks[-1].ends_on, ZoneInfo(draw(st.sampled_from(ZONES))), tuple(weeks))


@st.composite
def cadences(draw):
    quiet_from, quiet_until = draw(
        st.sampled_from([(time(21), time(7)), (time(0), time(0)), (time(1), time(5)), (time(23, 30), time(1, 30))])
    )
    slots = draw(
        st.sampled_from(
            [
                (time(9), time(12, 30), time(16)),
                (time(20, 55), time(8)),
                (time(0, 15), time(2, 30), time(9), time(23, 20)),
                (time(12),),
            ]
        )
    )
    return Cadence(
        slots=slots,
        min_gap_minutes=draw(st.sampled_from([0, 15, 60, 240, 700, 2000])),
        stagger_minutes=draw(st.sampled_from([0, 1, 5, 17])),
        quiet_from=quiet_from,
        quiet_until=quiet_until,
        weekends_off=draw(st.booleans()),
        holiday_country=draw(st.sampled_from([None, "US"])),
    )


@st.composite
def campaigns(draw):
    window = draw(windows())
    length = (window.ends_on - window.starts_on).days
    accounts = [
        PlanAccount(slug, platform, draw(st.sampled_from([None, None, 30])))
        for slug, platform in (("x", "x"), ("sky", "bluesky"), ("toot", "mastodon"))[: draw(st.integers(1, 3))]
    ]
    pin = st.integers(0, length).map(lambda days: window.starts_on + timedelta(days=days))
    posts = [
        PlanPost(
            f"post-{index}",
            draw(st.integers(1, len(window.weeks))),
            pins=tuple(draw(st.lists(pin, max_size=2, unique=True))) if draw(st.integers(0, 4)) == 0 else (),
            platforms=draw(st.sampled_from([None, None, None, frozenset({"x"}), frozenset({"bluesky", "mastodon"})])),
            left_out=draw(st.sampled_from([None] * 9 + ["It has no text."])),
        )
        for index in range(draw(st.integers(0, 30)))
    ]
    begin = datetime.combine(window.starts_on, time(0), tzinfo=UTC)
    now = begin + timedelta(
        minutes=draw(st.integers(-3 * 24 * 60, (length + 3) * 24 * 60)), seconds=draw(st.integers(0, 59))
    )
    if draw(st.booleans()):
        now = begin - timedelta(days=30)
    return posts, accounts, window, draw(cadences()), now


def standing(plan, *, movable=True):
    return [Existing(one.post, one.account, one.occurrence, one.utc, movable) for one in plan.placed]


def key(one):
    return one.post, one.account, one.occurrence


def assert_gaps(plan, accounts, cadence):
    times = defaultdict(list)
    for one in plan.placed:
        times[one.account].append(one.utc)
    for account in accounts:
        gap = cadence.min_gap_minutes if account.min_gap_minutes is None else account.min_gap_minutes
        line = sorted(times[account.slug])
        for before, after in pairwise(line):
            assert after - before >= max(gap, 1) * MINUTE


def is_quiet(wall, cadence):
    begin, end = cadence.quiet_from, cadence.quiet_until
    if begin == end:
        return False
    return begin <= wall < end if begin < end else wall >= begin or wall < end


class TestEveryPlan:
    @settings(max_examples=80, deadline=None)
    @given(campaigns())
    def test_keeps_week_pin_gap_quiet_hours_days_off_and_now(self, campaign):
        posts, accounts, window, cadence, now = campaign
        plan = make_plan(posts, accounts, window, cadence, now=now)
        weeks = {week.number: week for week in window.weeks}
        off = DaysOff(cadence)
        assert_gaps(plan, accounts, cadence)
        for one in plan.placed:
            day = one.local.date()
            assert one.utc >= now + MINUTE
            assert one.local == one.utc
            assert one.local.utcoffset() == one.utc.astimezone(window.zone).utcoffset()
            assert not is_quiet(one.local.time(), cadence)
            if one.occurrence == "week":
                assert weeks[one.week].starts_on <= day <= weeks[one.week].ends_on
                assert off.why(day) is None
            else:
                assert one.occurrence == day.isoformat()

    @settings(max_examples=60, deadline=None)
    @given(campaigns())
    def test_accounts_for_every_occurrence_exactly_once(self, campaign):
        posts, accounts, window, cadence, now = campaign
        plan = make_plan(posts, accounts, window, cadence, now=now)
        found = Counter(key(one) for one in (*plan.placed, *plan.unplaced))
        left_out = {(one.post, one.account) for one in plan.left_out}
        for post in posts:
            for account in accounts:
                meant = not {(post.key, None), (post.key, account.slug)} & left_out
                may = post.left_out is None and (post.platforms is None or account.platform in post.platforms)
                assert meant == may
                for occurrence in [pin.isoformat() for pin in post.pins] or ["week"]:
                    assert found.pop((post.key, account.slug, occurrence), 0) == (1 if meant else 0)
        assert not found
        assert all(one.reason and one.message and one.choices for one in plan.unplaced)
        assert sum(count for _, count in plan.coverage.by_week) == len(plan.placed)
        assert sum(count for _, count in plan.coverage.by_day) == len(plan.placed)
        assert sum(count for _, count in plan.coverage.by_account) == len(plan.placed)

    @settings(max_examples=40, deadline=None)
    @given(campaigns(), st.randoms(use_true_random=False))
    def test_is_the_same_for_the_same_input_whatever_the_order_of_accounts(self, campaign, random):
        posts, accounts, window, cadence, now = campaign
        plan = make_plan(posts, accounts, window, cadence, now=now)
        shuffled = list(accounts)
        random.shuffle(shuffled)
        assert make_plan(posts, shuffled, window, cadence, now=now) == plan

    @settings(max_examples=60, deadline=None)
    @given(windows(), st.integers(0, 60), st.sampled_from(ZONES))
    def test_spreads_evenly_over_the_usable_days(self, window, number, zone):
        window = Window(window.starts_on, window.ends_on, ZoneInfo(zone), window.weeks)
        posts = [PlanPost(f"post-{index}", index % len(window.weeks) + 1) for index in range(number)]
        now = datetime.combine(window.starts_on, time(0), tzinfo=UTC) - timedelta(days=3)
        plan = make_plan(posts, [PlanAccount("x", "x")], window, Cadence(), now=now)
        counts = Counter(one.local.date() for one in plan.placed)
        for week in window.weeks:
            days = (week.ends_on - week.starts_on).days + 1
            per_day = [counts[week.starts_on + timedelta(days=index)] for index in range(days)]
            assert max(per_day) - min(per_day) <= 1


class TestEveryReplan:
    @settings(max_examples=80, deadline=None)
    @given(campaigns(), st.randoms(use_true_random=False))
    def test_of_what_it_planned_itself_changes_nothing(self, campaign, random):
        posts, accounts, window, cadence, now = campaign
        plan = make_plan(posts, accounts, window, cadence, now=now)
        there = standing(plan)
        random.shuffle(there)
        again = make_plan(posts, accounts, window, cadence, now=now, existing=there)
        assert again == plan
        assert not changes(again, there).moved

    @settings(max_examples=50, deadline=None)
    @given(campaigns(), st.integers(0, 40))
    def test_after_a_removal_moves_nothing_that_stays(self, campaign, index):
        posts, accounts, window, cadence, now = campaign
        plan = make_plan(posts, accounts, window, cadence, now=now)
        fewer = [post for number, post in enumerate(posts) if number != index]
        there = standing(plan)
        again = make_plan(fewer, accounts, window, cadence, now=now, existing=there)
        told = changes(again, there)
        gone = posts[index].key if index < len(posts) else None
        assert {one.post for one in told.superfluous} <= {gone}
        assert not plan.unplaced or len(again.unplaced) <= len(plan.unplaced)
        if not plan.unplaced:
            assert not told.moved
            assert not told.added

    @settings(max_examples=50, deadline=None)
    @given(campaigns(), st.integers(0, 2**32), st.integers(0, 20 * 24 * 60))
    def test_keeps_all_rules_around_what_cannot_move(self, campaign, choice, later):
        posts, accounts, window, cadence, now = campaign
        plan = make_plan(posts, accounts, window, cadence, now=now)
        there = [
            Existing(one.post, one.account, one.occurrence, one.due_at, movable=bool(choice >> index % 32 & 1))
            for index, one in enumerate(standing(plan))
        ]
        moment = now + later * MINUTE
        again = make_plan(posts, accounts, window, cadence, now=moment, existing=there)
        assert_gaps(again, accounts, cadence)
        fixed = {key(one): one.due_at for one in there if not one.movable}
        for one in again.placed:
            if key(one) in fixed:
                assert one.utc == fixed.pop(key(one))
            else:
                assert one.utc >= moment
        assert not fixed
        assert {key(one) for one in (*again.placed, *again.unplaced)} == {
            key(one) for one in (*plan.placed, *plan.unplaced)
        }

    @settings(max_examples=30, deadline=None)
    @given(windows(), st.integers(0, 5), st.integers(0, 5))
    def test_with_one_more_post_and_account_moves_nothing_where_there_is_room(self, window, number, place):
        posts = [PlanPost(f"post-{index}", index % len(window.weeks) + 1) for index in range(number)]
        now = datetime.combine(window.starts_on, time(0), tzinfo=UTC) - timedelta(days=3)
        accounts = [PlanAccount("m", "x"), PlanAccount("z", "bluesky")]
        there = standing(make_plan(posts, accounts, window, Cadence(), now=now))
        more = [*posts[:place], PlanPost("new", 1), *posts[place:]]
        again = make_plan(more, [PlanAccount("a", "mastodon"), *accounts], window, Cadence(), now=now, existing=there)
        told = changes(again, there)
        assert not told.moved
        assert not again.unplaced
        assert len(told.kept) == len(there)
        assert len({one.utc for one in again.placed}) == len(again.placed)
