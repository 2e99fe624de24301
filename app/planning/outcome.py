"""From posts to wants, and from wants to what a plan says of them."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from app.planning.account import AccountPlanner, Want
from app.planning.times import from_ticks, to_ticks
from app.planning.values import LeftOut, PlanAccount, Planned, PlanPost, Unplaced

#: The occurrence of a post that is planned into its week.
WEEK = "week"


def is_for(post: PlanPost, account: PlanAccount) -> bool:
    """Return whether a post is meant for an account; both restrictions count where both are given."""
    return (post.accounts is None or account.slug in post.accounts) and (
        post.platforms is None or account.platform in post.platforms
    )


def wants_of(order: int, post: PlanPost, account: PlanAccount) -> list[Want]:
    """Return a post's occurrences on an account: one per pin, one at a moment of its own, or one in its week."""
    if post.left_out is not None or not is_for(post, account):
        return []
    pins = [Want(order, pin.isoformat(), post.week, pin) for pin in sorted(post.pins)]
    if post.at is not None:
        return [Want(order, WEEK, post.week, None, to_ticks(post.at)), *pins]
    return pins or [Want(order, WEEK, post.week, None)]


def not_meant(posts: Sequence[PlanPost], accounts: Sequence[PlanAccount]) -> list[LeftOut]:
    """Return the posts that are for no account at all, and the accounts that a post is not for, with the reason."""
    found: list[LeftOut] = []
    for post in posts:
        if post.left_out is not None:
            found.append(LeftOut(post.key, None, post.left_out))
            continue
        others = [account for account in accounts if not is_for(post, account)]
        if len(others) == len(accounts):
            found.append(LeftOut(post.key, None, "This post is for none of the campaign's accounts."))
            continue
        found += [
            LeftOut(post.key, account.slug, "This post is for other accounts or networks only.") for account in others
        ]
    return found


def placed_by(
    planner: AccountPlanner, posts: Sequence[PlanPost], account: PlanAccount, zone: ZoneInfo
) -> list[Planned]:
    """Return what the planner placed on its account."""
    found: list[Planned] = []
    for want, at in planner.placed.items():
        utc = from_ticks(at)
        post = posts[want.order]
        local = utc.astimezone(zone)
        found.append(Planned(post.key, account.slug, account.platform, post.week, want.occurrence, local, utc))
    return found


def unplaced_by(planner: AccountPlanner, posts: Sequence[PlanPost], account: PlanAccount) -> list[Unplaced]:
    """Return what the planner found no place for on its account, in pack order."""
    found: list[Unplaced] = []
    for want, why in sorted(planner.unplaced.items(), key=lambda item: item[0]):
        post = posts[want.order]
        found.append(
            Unplaced(
                post.key,
                account.slug,
                account.platform,
                post.week,
                want.occurrence,
                why.code,
                why.message,
                why.choices,
            )
        )
    return found
