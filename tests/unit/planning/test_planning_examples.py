from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.errors import InvalidInput
from app.planning.changes import changes
from app.planning.plan import make_plan
from app.planning.times import active_spans, from_ticks, resolve
from app.planning.values import Cadence, Existing, PlanAccount, PlanPost, WeekSpan, Window

NEW_YORK = ZoneInfo("America/New_York")
BEFORE = datetime(2026, 12, 1, 12, tzinfo=UTC)
X = (PlanAccount("x", "x"),)


def january(number, year=2027):
    return date(year, 1, number)


WINDOW = Window(
    january(1),
    january(28),
    NEW_YORK,
    tuple(WeekSpan(week, f"Week {week}", january(7 * week - 6), january(7 * week)) for week in (1, 2, 3, 4)),
)
POSTS = (
    PlanPost("opening", 1, pins=(january(1), january(11))),
    *(PlanPost(f"post-{index}", week) for index, week in enumerate([1] * 16 + [2] * 9 + [3] * 7 + [4] * 3)),
)


def one_day(**cadence):
    window = Window(january(5), january(5), NEW_YORK, (WeekSpan(1, "A day", january(5), january(5)),))
    posts = [PlanPost(f"post-{index}", 1) for index in range(50)]
    return make_plan(posts, X, window, Cadence(**cadence), now=BEFORE)


def stand(plan, *, movable=True):
    return [Existing(one.post, one.account, one.occurrence, one.utc, movable) for one in plan.placed]


def per_day(plan, account="x"):
    return Counter(one.local.day for one in plan.placed if one.account == account)


class TestJanuary2027:
    def test_with_weekends_and_federal_holidays_off_uses_working_days_and_keeps_the_pins(self):
        cadence = Cadence(weekends_off=True, holiday_country="US")
        plan = make_plan(POSTS, X, WINDOW, cadence, now=BEFORE)
        assert not plan.unplaced
        days = per_day(plan)
        # New Year's Day has its pin and nothing else; 18 January is Martin Luther King Jr. Day.
        assert days[1] == 1
        assert not {2, 3, 9, 10, 16, 17, 18, 23, 24} & set(days)
        assert [days[day] for day in (4, 5, 6, 7)] == [4, 4, 4, 4]
        assert [days[day] for day in (8, 11, 12, 13, 14)] == [2, 2, 2, 2, 2]

    def test_puts_seventeen_posts_on_seven_days_two_or_three_a_day_in_slots(self):
        plan = make_plan(POSTS, X, WINDOW, Cadence(), now=BEFORE)
        assert {per_day(plan)[day] for day in range(1, 8)} == {2, 3}
        slots = Counter(one.local.time() for one in plan.placed)
        assert set(slots) == {time(9), time(12, 30), time(16)}
        assert max(slots.values()) - min(slots.values()) <= 1

    def test_counts_a_pin_for_its_posts_own_week_and_for_the_day_that_it_goes_out(self):
        plan = make_plan(POSTS, X, WINDOW, Cadence(), now=BEFORE)
        (pinned,) = [one for one in plan.placed if one.occurrence == "2027-01-11"]
        assert (pinned.post, pinned.week, pinned.local.time()) == ("opening", 1, time(9))
        assert dict(plan.coverage.by_week) == {1: 18, 2: 9, 3: 7, 4: 3}
        assert dict(plan.coverage.by_day)[january(11)] == per_day(plan)[11]
        assert [day.day for _, day in plan.coverage.gaps] == [22, 24, 26, 28]

    def test_sends_no_post_to_two_networks_in_the_same_minute(self):
        accounts = [PlanAccount(slug, slug) for slug in ("x", "bluesky", "mastodon", "threads")]
        plan = make_plan(POSTS, accounts, WINDOW, Cadence(), now=BEFORE)
        assert len({one.utc for one in plan.placed}) == len(plan.placed) == 4 * 37
        first = sorted(one.local.time() for one in plan.placed if one.occurrence == "2027-01-01")
        assert first == [time(9), time(9, 5), time(9, 10), time(9, 15)]


class TestObservedHolidays:
    def test_are_days_off_even_where_the_holiday_itself_lies_in_the_next_year(self):
        days = (date(2027, 12, 30), date(2027, 12, 31))
        window = Window(*days, NEW_YORK, (WeekSpan(1, "Turn of the year", *days),))
        posts = [PlanPost("a", 1), PlanPost("b", 1)]
        plan = make_plan(posts, X, window, Cadence(holiday_country="us"), now=BEFORE)
        assert {one.local.date() for one in plan.placed} == {days[0]}


class TestStartingLate:
    def test_on_10_january_plans_what_is_left_and_reports_what_is_past(self):
        now = datetime(2027, 1, 10, 10, 0, 20, tzinfo=NEW_YORK)
        plan = make_plan(POSTS, X, WINDOW, Cadence(), now=now)
        assert Counter(one.reason for one in plan.unplaced) == {"week.past": 16, "pin.past": 1}
        assert all(one.utc >= now + timedelta(minutes=1) for one in plan.placed)
        assert len(plan.placed) == 1 + 9 + 7 + 3
        assert all("7 January 2027" in one.message for one in plan.unplaced if one.reason == "week.past")
        assert plan.unplaced[1].choices == ("move to another week", "leave it out")

    def test_after_the_window_leaves_everything_unplaced(self):
        plan = make_plan(POSTS, X, WINDOW, Cadence(), now=datetime(2027, 2, 1, tzinfo=UTC))
        assert not plan.placed
        assert len(plan.unplaced) == 37
        assert "extend the campaign's dates" in plan.unplaced[-1].choices

    def test_late_on_the_last_evening_of_a_week_it_is_past(self):
        plan = make_plan(POSTS, X, WINDOW, Cadence(), now=datetime(2027, 1, 7, 20, 59, tzinfo=NEW_YORK))
        assert Counter(one.reason for one in plan.unplaced)["week.past"] == 16


class TestAFullDay:
    def test_holds_as_many_as_the_gap_allows_and_reports_the_rest(self):
        plan = one_day()
        # From 07:00 to before 21:00 at an hour apart.
        assert len(plan.placed) == 14
        assert {one.reason for one in plan.unplaced} == {"week.full"}
        assert len(plan.unplaced) == 36
        assert "shorten the minimum gap" in plan.unplaced[0].choices

    def test_holds_all_fifty_at_a_quarter_of_an_hour(self):
        plan = one_day(min_gap_minutes=15)
        assert len(plan.placed) == 50
        assert {time(9), time(12, 30), time(16)} <= {one.local.time() for one in plan.placed}

    def test_of_days_off_only_says_so_and_offers_to_allow_them(self):
        plan = one_day(days_off=(january(5),))
        assert {one.reason for one in plan.unplaced} == {"week.all_days_off"}
        assert "remove a day off" in plan.unplaced[0].choices

    def test_keeps_staggered_accounts_out_of_the_quiet_hours(self):
        accounts = [PlanAccount(f"account-{number:02}", "x") for number in range(20)]
        cadence = Cadence(slots=(time(20, 50),))
        plan = make_plan([PlanPost("late", 2)], accounts, WINDOW, cadence, now=BEFORE)
        times = [one.local.time() for one in plan.placed]
        assert len(set(times)) == 20
        assert max(times) < time(21)

    def test_makes_way_for_a_new_pin(self):
        plan = one_day()
        window = Window(january(5), january(6), NEW_YORK, (WeekSpan(1, "Two days", january(5), january(6)),))
        posts = [PlanPost("pinned", 1, pins=(january(5),)), *(PlanPost(one.post, 1) for one in plan.placed)]
        there = stand(plan)
        again = make_plan(posts, X, window, Cadence(), now=BEFORE, existing=there)
        told = changes(again, there)
        assert not again.unplaced
        assert [one.post for one in told.added] == ["pinned"]
        assert len(told.kept) >= 12
        assert all(one.after.local.date() == january(6) for one in told.moved)


class TestClockChanges:
    @pytest.mark.parametrize(
        ("zone", "day", "wall", "utc"),
        [
            ("America/New_York", date(2027, 3, 14), time(2, 30), datetime(2027, 3, 14, 7, tzinfo=UTC)),
            ("America/New_York", date(2027, 11, 7), time(1, 30), datetime(2027, 11, 7, 5, 30, tzinfo=UTC)),
            ("Pacific/Chatham", date(2027, 9, 26), time(3), datetime(2027, 9, 25, 14, tzinfo=UTC)),
            ("America/Sao_Paulo", date(2018, 11, 4), time(0), datetime(2018, 11, 4, 3, tzinfo=UTC)),
            ("Asia/Kolkata", date(2027, 1, 1), time(9), datetime(2027, 1, 1, 3, 30, tzinfo=UTC)),
        ],
    )
    def test_move_a_skipped_time_to_the_end_of_the_gap_and_take_the_first_of_two(self, zone, day, wall, utc):
        assert resolve(day, wall, ZoneInfo(zone)) == utc

    def test_leave_out_quiet_wall_time_both_times_that_it_is_shown(self):
        spans = active_spans(date(2027, 11, 7), time(23), time(1, 30), NEW_YORK)
        shown = [tuple(from_ticks(edge).strftime("%H:%M") for edge in span) for span in spans]
        # 01:30 to 02:00 in summer time, then 01:30 to 23:00 in winter time.
        assert shown == [("05:30", "06:00"), ("06:30", "04:00")]

    def test_give_no_place_on_a_day_that_a_zone_skipped(self):
        day = date(2011, 12, 30)
        window = Window(day, day, ZoneInfo("Pacific/Apia"), (WeekSpan(1, "Skipped", day, day),))
        posts = [PlanPost("a", 1), PlanPost("b", 1, pins=(day,))]
        plan = make_plan(posts, X, window, Cadence(), now=datetime(2011, 12, 1, tzinfo=UTC))
        assert not plan.placed
        assert len(plan.unplaced) == 2


class TestWhatAPostIsFor:
    def test_is_respected_and_the_rest_is_left_out_with_a_reason(self):
        accounts = (*X, PlanAccount("sky", "bluesky"))
        posts = [
            PlanPost("x-only", 1, platforms=frozenset({"x"})),
            PlanPost("one-account", 1, accounts=frozenset({"sky"})),
            PlanPost("nobody", 1, platforms=frozenset({"threads"})),
            PlanPost("draft", 1, left_out="Its fill-ins are open."),
        ]
        plan = make_plan(posts, accounts, WINDOW, Cadence(), now=BEFORE)
        assert {(one.post, one.account) for one in plan.placed} == {("x-only", "x"), ("one-account", "sky")}
        assert {(one.post, one.account) for one in plan.left_out} == {
            ("x-only", "sky"),
            ("one-account", "x"),
            ("nobody", None),
            ("draft", None),
        }
        assert plan.left_out[-1].reason == "Its fill-ins are open."

    def test_is_nothing_without_accounts(self):
        plan = make_plan(POSTS, [], WINDOW, Cadence(), now=BEFORE)
        assert len(plan.left_out) == len(POSTS)


class TestReplanning:
    def test_reports_what_nothing_asks_for_and_never_makes_a_cancelled_one_again(self):
        there = stand(make_plan(POSTS, X, WINDOW, Cadence(), now=BEFORE))
        cancelled = Existing("post-3", "x", "week", BEFORE, movable=False, cancelled=True)
        known = [one for one in there if one.post != "post-3"]
        foreign = Existing("post-1", "gone", "week", BEFORE, movable=True)
        plan = make_plan(POSTS[:-1], X, WINDOW, Cadence(), now=BEFORE, existing=[*known, cancelled, foreign])
        assert {(one.post, one.account) for one in plan.superfluous} == {(POSTS[-1].key, "x"), ("post-1", "gone")}
        assert [(one.post, one.occurrence) for one in plan.left_out] == [("post-3", "week")]
        assert not changes(plan, known).added

    def test_moves_only_what_stands_on_a_new_day_off(self):
        there = stand(make_plan(POSTS, X, WINDOW, Cadence(), now=BEFORE))
        plan = make_plan(POSTS, X, WINDOW, Cadence(days_off=(january(20),)), now=BEFORE, existing=there)
        moved = changes(plan, there).moved
        assert {move.before.due_at.astimezone(NEW_YORK).date() for move in moved} == {january(20)}

    def test_lists_what_is_asked_for_and_has_no_place_any_more(self):
        there = stand(make_plan(POSTS, X, WINDOW, Cadence(), now=BEFORE))
        off = tuple(january(day) for day in range(22, 29))
        plan = make_plan(POSTS, X, WINDOW, Cadence(days_off=off), now=BEFORE, existing=there)
        assert len(changes(plan, there).without_place) == 3

    def test_changes_the_digest_with_anything_that_it_would_do_otherwise(self):
        plan = make_plan(POSTS, X, WINDOW, Cadence(), now=BEFORE)
        digests = {
            plan.digest,
            make_plan(POSTS[:-1], X, WINDOW, Cadence(), now=BEFORE).digest,
            make_plan(POSTS, X, WINDOW, Cadence(slots=(time(10),)), now=BEFORE).digest,
            make_plan(POSTS[:-1], X, WINDOW, Cadence(), now=BEFORE, existing=stand(plan)).digest,
            make_plan((*POSTS, PlanPost("draft", 1, left_out="No text.")), X, WINDOW, Cadence(), now=BEFORE).digest,
        }
        assert len(digests) == 5


class TestImpossibleInput:
    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"window": Window(january(9), january(8), NEW_YORK, WINDOW.weeks)}, "before it starts"),
            ({"window": Window(january(1), january(28), NEW_YORK, ())}, "no weeks"),
            ({"window": Window(january(2), january(28), NEW_YORK, WINDOW.weeks)}, "outside the campaign"),
            ({"window": Window(january(1), january(1, 2029), NEW_YORK, WINDOW.weeks)}, "longer than"),
            ({"window": Window(january(1, 1900), january(2, 1900), NEW_YORK, WINDOW.weeks)}, "year"),
            ({"window": Window(january(1), january(28), NEW_YORK, WINDOW.weeks[:1] * 2)}, "twice"),
            (
                {"window": Window(january(1), january(9), NEW_YORK, (WeekSpan(1, "", january(3), january(2)),))},
                "ends before",
            ),
            ({"cadence": Cadence(slots=())}, "no slots"),
            ({"cadence": Cadence(slots=(time(3), time(22)))}, "quiet hours"),
            ({"cadence": Cadence(slots=(time(9, tzinfo=UTC),))}, "time zone"),
            ({"cadence": Cadence(min_gap_minutes=-1)}, "negative"),
            ({"cadence": Cadence(holiday_country="XX")}, "No holidays"),
            ({"posts": [PlanPost("a", 9)]}, "week 9"),
            ({"posts": [PlanPost("a", 1), PlanPost("a", 2)]}, "twice"),
            ({"posts": [PlanPost("a", 1, pins=(january(1), january(1)))]}, "twice"),
            ({"accounts": [*X, *X]}, "twice"),
            ({"accounts": [PlanAccount("x", "x", -5)]}, "negative"),
            ({"now": BEFORE.replace(tzinfo=None)}, "without a time zone"),
            ({"existing": [Existing("a", "x", "week", BEFORE, movable=True)] * 2}, "twice"),
        ],
    )
    def test_is_refused_in_words(self, change, words):
        given = {"posts": POSTS, "accounts": X, "window": WINDOW, "cadence": Cadence(), "now": BEFORE} | change
        with pytest.raises(InvalidInput, match=words):
            make_plan(**given)

    def test_in_a_pin_outside_the_window_is_reported_and_not_placed(self):
        plan = make_plan([PlanPost("a", 1, pins=(january(30),))], X, WINDOW, Cadence(), now=BEFORE)
        assert [one.reason for one in plan.unplaced] == ["pin.outside_window"]
