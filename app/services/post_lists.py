"""Lists of a campaign's posts: filters and orders."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Text, cast, exists, func, or_, select

from app.models import Campaign, Post, Variant
from app.platforms.registry import network
from app.services.pages import Asked, Page, Sort, both_ways, chosen, orders, sorted_page
from app.services.scope import Scope

#: The orders of posts: the pack's, by the last change, by focus week.
SORTS: dict[str, Sort[Post]] = orders(
    "position",
    both_ways("position", (Post.position, Post.id), lambda row: (row.position, row.id)),
    both_ways("updated", (Post.updated_at, Post.id), lambda row: (row.updated_at, row.id)),
    both_ways("week", (Post.week, Post.position, Post.id), lambda row: (row.week, row.position, row.id)),
)


@dataclass(frozen=True, slots=True)
class WantedPosts:
    """Which posts are asked for; None asks for all.

    `language` is a tag in any case, `words` stand in a post's text or one of its variants in any case, `platform` is a
    network that a post is for, `sort` one of `SORTS`.
    """

    week: int | None = None
    language: str | None = None
    words: str | None = None
    left_out: bool | None = None
    review_state: str | None = None
    platform: str | None = None
    sort: str | None = None


def posts_page(scope: Scope, campaign: Campaign, wanted: WantedPosts, asked: Asked) -> Page[Post]:
    """Return a page of a campaign's posts, in the pack's order where none is named.

    Raises:
        InvalidInput: There is no such order.
        UnknownPlatform: There is no such network.
        BadCursor: The cursor is none of this list's, or of another order.
    """
    query = scope.query(Post).where(Post.campaign_id == campaign.id, *_filters(wanted))
    return sorted_page(scope.session, query, chosen(SORTS, wanted.sort), asked)


def _filters(wanted: WantedPosts) -> Iterable[ColumnElement[bool]]:
    if wanted.week is not None:
        yield Post.week == wanted.week
    if wanted.language is not None:
        yield func.lower(Post.language) == wanted.language.lower()
    if wanted.words:
        variant = exists(
            select(Variant.id).where(Variant.post_id == Post.id, Variant.text.icontains(wanted.words, autoescape=True))
        )
        yield or_(Post.text.icontains(wanted.words, autoescape=True), variant)
    if wanted.left_out is not None:
        yield Post.left_out.is_not(None) if wanted.left_out else Post.left_out.is_(None)
    if wanted.review_state is not None:
        yield Post.review_state == wanted.review_state
    if wanted.platform is not None:
        # None is kept as no value or as JSON's null, and means every network.
        chosen_ones = cast(Post.platforms, Text)
        network(wanted.platform)
        named = chosen_ones.contains(f'"{wanted.platform}"', autoescape=True)
        yield or_(Post.platforms.is_(None), chosen_ones == "null", named)
