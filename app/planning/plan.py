"""Posts x accounts x window x cadence -> a plan. Pure and deterministic: the same input gives the same plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter

from app.planning.account import AccountPlanner, Want
from app.planning.checks import check_input
from app.planning.coverage import count_coverage
from app.planning.digest import plan_digest
from app.planning.grid import Grid
from app.planning.lane import Lane
from app.planning.outcome import not_meant, placed_by, unplaced_by, wants_of
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
    there = {(one.post, one.account, one.occurrence): one for one in existing}
    wanted, cancelled = _wanted(posts, ordered, there)
    left_out = (*not_meant(posts, ordered), *cancelled)
    earliest = ceil_minute(to_ticks(now) + LEAD_MINUTES * MINUTE)
    grid = Grid(window.zone, cadence, earliest=earliest, accounts=len(ordered))
    taken = {to_ticks(one.due_at) for one in existing if not one.cancelled}
    standing: dict[str, list[Existing]] = defaultdict(list)
    for _, one in sorted(there.items(), key=itemgetter(0)):
        if not one.cancelled:
            standing[one.account].append(one)
    placed: list[Planned] = []
    unplaced: list[Unplaced] = []
    for number, account in enumerate(ordered):
        gap = cadence.min_gap_minutes if account.min_gap_minutes is None else account.min_gap_minutes
        stand = Stand(number, cadence.stagger_minutes * MINUTE, Lane(gap * MINUTE), taken)
        planner = AccountPlanner(stand, grid, window, now=to_ticks(now))
        _plan_account(planner, stand.lane, wanted[account.slug], standing[account.slug])
        taken.update(planner.placed.values())
        placed += placed_by(planner, posts, account, window.zone)
        unplaced += unplaced_by(planner, posts, account)
    placed.sort(key=lambda one: (one.utc, one.account, one.post, one.occurrence))
    superfluous = tuple(
        one
        for key, one in sorted(there.items(), key=itemgetter(0))
        if key not in wanted.get(key[1], {}) and not one.cancelled
    )
    return Plan(
        placed=tuple(placed),
        unplaced=tuple(unplaced),
        left_out=left_out,
        coverage=count_coverage(placed, ordered, window, is_off=lambda day: grid.days_off.why(day) is not None),
        digest=plan_digest(placed, unplaced, left_out, superfluous),
        superfluous=superfluous,
    )


def _wanted(
    posts: Sequence[PlanPost], accounts: Sequence[PlanAccount], there: Mapping[_Key, Existing]
) -> tuple[dict[str, dict[_Key, Want]], list[LeftOut]]:
    """Return what each account is to send, and what a person cancelled: the same occurrence is never made twice."""
    wanted: dict[str, dict[_Key, Want]] = {account.slug: {} for account in accounts}
    cancelled: list[LeftOut] = []
    for order, post in enumerate(posts):
        for account in accounts:
            for want in wants_of(order, post, account):
                key = (post.key, account.slug, want.occurrence)
                if key in there and there[key].cancelled:
                    cancelled.append(LeftOut(post.key, account.slug, "This delivery was cancelled.", want.occurrence))
                else:
                    wanted[account.slug][key] = want
    return wanted, cancelled


def _plan_account(planner: AccountPlanner, lane: Lane, wanted: Mapping[_Key, Want], there: Sequence[Existing]) -> None:
    fixed: dict[Want, int] = {}
    movable: dict[Want, int] = {}
    for one in there:
        key = (one.post, one.account, one.occurrence)
        at = to_ticks(one.due_at)
        if not one.movable:
            lane.add(at)
        if key in wanted:
            (movable if one.movable else fixed)[wanted[key]] = at
    planner.plan(tuple(wanted.values()), fixed, movable)
