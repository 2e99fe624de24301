"""Posts x accounts x window x cadence -> a plan. Pure and deterministic: the same input gives the same plan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from app.planning.account import AccountPlanner, Want
from app.planning.checks import check_input
from app.planning.coverage import count_coverage
from app.planning.digest import plan_digest
from app.planning.grid import Grid
from app.planning.lane import Lane
from app.planning.placing import Stand
from app.planning.times import MINUTE, ceil_minute, to_ticks
from app.planning.values import (
    Cadence,
    Existing,
    LeftOut,
    Plan,
    PlanAccount,
    Planned,
    PlanPost,
    Unplaced,
    Window,
)

#: The occurrence of a post that is planned into its week.
WEEK = "week"

#: Nothing new is planned closer than this to now.
LEAD_MINUTES = 1

_Key = tuple[str, str, str]


def make_plan(
    posts: Sequence[PlanPost],
    accounts: Sequence[PlanAccount],
    window: Window,
    cadence: Cadence,
    *,
    now: datetime,
    existing: Sequence[Existing] = (),
) -> Plan:
    """Place every occurrence of every post on every account that it is for, or say why not.

    Posts keep the order given, accounts go by slug. Each occurrence is exactly once in `placed`, `unplaced` or
    `left_out`. Nothing new stands before `now` plus a minute; what is there and may stay keeps its time.
    Raises InvalidInput for input that no plan can be made of.
    """
    check_input(posts, accounts, window, cadence, now=now, existing=existing)
    ordered = sorted(accounts, key=lambda account: account.slug)
    left_out = _left_out(posts, ordered)
    there = {(one.post, one.account, one.occurrence): one for one in existing}
    wanted: dict[_Key, Want] = {}
    for order, post in enumerate(posts):
        for account in ordered:
            for want in _wants(order, post) if _is_for(post, account) else ():
                key = (post.key, account.slug, want.occurrence)
                if key in there and there[key].cancelled:
                    reason = "This delivery was cancelled."
                    left_out.append(LeftOut(post.key, account.slug, reason, want.occurrence))
                else:
                    wanted[key] = want
    earliest = ceil_minute(to_ticks(now) + LEAD_MINUTES * MINUTE)
    grid = Grid(window.zone, cadence, earliest=earliest, accounts=len(ordered))
    taken = {to_ticks(one.due_at) for one in existing if not one.cancelled}
    placed: list[Planned] = []
    unplaced: list[Unplaced] = []
    for number, account in enumerate(ordered):
        gap = cadence.min_gap_minutes if account.min_gap_minutes is None else account.min_gap_minutes
        stand = Stand(number, cadence.stagger_minutes * MINUTE, Lane(gap * MINUTE), taken)
        planner = AccountPlanner(stand, grid, window, now=to_ticks(now))
        fixed: dict[Want, int] = {}
        movable: dict[Want, int] = {}
        for key, one in there.items():
            if one.account != account.slug or one.cancelled:
                continue
            if not one.movable:
                stand.lane.add(to_ticks(one.due_at))
            if key in wanted:
                (movable if one.movable else fixed)[wanted[key]] = to_ticks(one.due_at)
        planner.plan([want for key, want in wanted.items() if key[1] == account.slug], fixed, movable)
        taken.update(planner.placed.values())
        placed += _placed(planner, posts, account, window)
        unplaced += _unplaced(planner, posts, account)
    placed.sort(key=lambda one: (one.utc, one.account, one.post, one.occurrence))
    superfluous = tuple(one for key, one in sorted(there.items()) if key not in wanted and not one.cancelled)
    return Plan(
        placed=tuple(placed),
        unplaced=tuple(unplaced),
        left_out=tuple(left_out),
        coverage=count_coverage(placed, ordered, window, is_off=lambda day: grid.days_off.why(day) is not None),
        digest=plan_digest(placed, unplaced, left_out, superfluous),
        superfluous=superfluous,
    )
