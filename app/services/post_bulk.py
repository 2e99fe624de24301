"""The same thing done to many posts: left out, taken in, given a week or networks, deleted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

from sqlalchemy import select

from app.errors import Conflict, InvalidInput, NotFound
from app.models import Campaign, Post
from app.platforms.registry import network
from app.services.bulk import Outcome, in_chunks, wholly
from app.services.campaigns import touch
from app.services.house import House
from app.services.post_removal import remove_post
from app.services.posts import apply_change
from app.services.scope import Scope


class PostAction(StrEnum):
    """What may be done to many posts at once."""

    LEAVE_OUT = "leave_out"
    TAKE_IN = "take_in"
    SET_WEEK = "set_week"
    ADD_PLATFORMS = "add_platforms"
    REMOVE_PLATFORMS = "remove_platforms"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class PostsChange:
    """What is done; `reason`, `week` and `platforms` (slugs) go with the actions that need them."""

    action: PostAction
    reason: str | None = None
    week: int | None = None
    platforms: Sequence[str] = ()


def change_posts(house: House, post_ids: Sequence[int], change: PostsChange) -> list[Outcome]:
    """Do it to each post, wholly or not at all, and say of each what became of it, in the order asked for.

    A post's `state` is `planned`, `left_out` or `deleted`.

    Raises:
        InvalidInput: What the action needs is missing.
        UnknownPlatform: There is no such network.
    """
    _refuse_incomplete(change)

    def settle(scope: Scope, chunk: Sequence[int]) -> Iterator[Outcome]:
        campaigns = _lock_campaigns(scope, chunk)
        query = scope.query(Post).where(Post.id.in_(chunk)).order_by(Post.id)
        locked = query.with_for_update(key_share=True).execution_options(populate_existing=True)
        posts = {post.id: post for post in scope.session.scalars(locked)}
        changed: dict[int, list[Post]] = {}
        outcomes = []
        for post_id in chunk:
            post = posts.get(post_id)
            if post is None:
                missing = NotFound(f"There is no post {post_id}.", hint="List the posts to see which there are.")
                outcomes.append(Outcome(post_id, None, missing))
                continue
            campaign, before = campaigns[post.campaign_id], _state(post)
            done = wholly(scope, partial(_change, scope, campaign, post, change))
            if isinstance(done, str):
                changed.setdefault(campaign.id, []).extend([] if done == "deleted" else [post])
                outcomes.append(Outcome(post_id, done))
            else:
                outcomes.append(Outcome(post_id, before, done))
        # Once for all: what was blocked is looked at again.
        for campaign_id, its_posts in sorted(changed.items()):
            touch(scope, campaigns[campaign_id], posts=its_posts)
        return iter(outcomes)

    return in_chunks(house, post_ids, settle)


def _lock_campaigns(scope: Scope, post_ids: Sequence[int]) -> Mapping[int, Campaign]:
    """Lock the posts' campaigns before the posts, in the order of all other lockers."""
    theirs = select(Post.campaign_id).where(Post.id.in_(post_ids))
    query = scope.query(Campaign).where(Campaign.id.in_(theirs)).order_by(Campaign.id)
    locked = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return {campaign.id: campaign for campaign in scope.session.scalars(locked)}


def _change(scope: Scope, campaign: Campaign, post: Post, change: PostsChange) -> str:
    if change.action is PostAction.DELETE:
        remove_post(scope, post)
        return "deleted"
    values = _values(post, change)
    if any(getattr(post, name) != value for name, value in values.items()):
        apply_change(scope, campaign, post, values)
        scope.session.flush()
    return _state(post)


def _values(post: Post, change: PostsChange) -> dict[str, Any]:
    match change.action:
        case PostAction.LEAVE_OUT:
            return {"left_out": change.reason}
        case PostAction.TAKE_IN:
            return {"left_out": None}
        case PostAction.SET_WEEK:
            return {"week": change.week}
        case PostAction.ADD_PLATFORMS:
            # One that is for every network is for these already.
            held = post.platforms
            return {} if held is None else {"platforms": [*held, *(p for p in change.platforms if p not in held)]}
        case _:
            return {"platforms": _without(post, change.platforms)}


def _without(post: Post, platforms: Sequence[str]) -> list[str]:
    if post.platforms is None:
        raise Conflict(
            f"The post {post.key} is for every network.", hint="Give it the networks that it is for (platforms) first."
        )
    left = [platform for platform in post.platforms if platform not in platforms]
    if not left:
        raise Conflict(f"The post {post.key} would be for no network.", hint="Leave it out of the plan instead.")
    return left


def _state(post: Post) -> str:
    return "planned" if post.left_out is None else "left_out"


def _refuse_incomplete(change: PostsChange) -> None:
    needed = {
        PostAction.LEAVE_OUT: ("a reason", bool((change.reason or "").strip())),
        PostAction.SET_WEEK: ("a week", change.week is not None),
        PostAction.ADD_PLATFORMS: ("networks", bool(change.platforms)),
        PostAction.REMOVE_PLATFORMS: ("networks", bool(change.platforms)),
    }
    what, given = needed.get(change.action, ("", True))
    if not given:
        raise InvalidInput(f"{change.action.value} needs {what}.", hint=f"Give {what} for all of the posts.")
    for platform in change.platforms:
        network(platform)
