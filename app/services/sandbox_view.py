"""The sandbox's feed as its audience would see it: threads together, links and hashtags where the network has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from app.errors import NotFound
from app.models import Attempt, AttemptPart, Campaign, Delivery, Post, SandboxPost
from app.platforms.registry import NETWORKS
from app.services.pages import Asked, Page, page_of
from app.services.scope import Scope
from app.text.counting import length
from app.text.hashtags import find_hashtags
from app.text.links import find_links
from app.text.profile import Clickable, HashtagDialect, LinkDialect


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text: plain, or looking like a link or hashtag. `target` is a link's http(s) address."""

    text: str
    kind: str = "plain"
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """One message: its pieces in order, its length and limit in the network's count, when it came out (aware, UTC)."""

    id: str
    pieces: tuple[Piece, ...]
    length: int | None
    limit: int | None
    language: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a message comes from, as far as the records tell."""

    delivery_id: int
    post_key: str
    week: int
    campaign: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Thread:
    """A message and those that continue it. `account` is the slug."""

    platform: str
    platform_name: str
    account: str
    posts: tuple[Shown, ...]
    origin: Origin | None


@dataclass(frozen=True, slots=True)
class FeedPage:
    """A page of the feed, newest first, and what it can be narrowed to (slug and name of networks, account slugs)."""

    page: Page[Thread]
    platforms: tuple[tuple[str, str], ...]
    accounts: tuple[str, ...]


def feed_page(
    scope: Scope, asked: Asked, *, platform: str | None = None, account: str | None = None, post: str | None = None
) -> FeedPage:
    """Return a page of the organization's feed, of one network or account (slug) where named.

    With `post`, the page begins with the thread that this message stands in.

    Raises:
        BadCursor: The cursor is none of this list's.
        NotFound: The feed has no such message.
    """
    mine = SandboxPost.account.startswith(_prefix(scope), autoescape=True)
    known = scope.session.execute(select(SandboxPost.platform, SandboxPost.account).where(mine).distinct()).all()
    parent = aliased(SandboxPost)
    continues = select(parent.id).where(parent.post_id == SandboxPost.parent_id).exists()
    # A message whose beginning was taken back is shown as a beginning.
    query = select(SandboxPost).where(mine, ~continues)
    if platform is not None:
        query = query.where(SandboxPost.platform == platform)
    if account is not None:
        query = query.where(SandboxPost.account == _prefix(scope) + account)
    if post is not None:
        root = _beginning(scope, post)
        newer = and_(SandboxPost.created_at == root.created_at, SandboxPost.id > root.id)
        query = query.where(SandboxPost.created_at <= root.created_at, ~newer)
    columns = (SandboxPost.created_at, SandboxPost.id)
    page = page_of(scope.session, query, columns, lambda row: (row.created_at, row.id), asked, newest_first=True)
    return FeedPage(
        page=Page(_threads(scope, page.items), page.next_cursor),
        platforms=tuple(sorted({(row.platform, _name(row.platform)) for row in known})),
        accounts=tuple(sorted({_slug(row.account) for row in known})),
    )


def _beginning(scope: Scope, post_id: str) -> SandboxPost:
    """Return the message that the thread of this one begins with."""
    mine = select(SandboxPost).where(SandboxPost.account.startswith(_prefix(scope), autoescape=True))
    row = scope.session.scalars(mine.where(SandboxPost.post_id == post_id)).first()
    if row is None:
        raise NotFound("The sandbox has no such post.", hint="It was taken back, or it never went out here.")
    while row.parent_id is not None:
        before = scope.session.scalars(mine.where(SandboxPost.post_id == row.parent_id)).first()
        if before is None:
            break
        row = before
    return row


def _prefix(scope: Scope) -> str:
    return f"{scope.organization_id}/"


def _slug(account: str) -> str:
    return account.partition("/")[2]


def _name(platform: str) -> str:
    return NETWORKS[platform].profile.name if platform in NETWORKS else platform


def _threads(scope: Scope, roots: Sequence[SandboxPost]) -> list[Thread]:
    following = _following(scope, roots)
    origins = _origins(scope, [root.post_id for root in roots])
    threads: list[Thread] = []
    for root in roots:
        rows = [root]
        while (after := following.get(rows[-1].post_id)) is not None:
            rows.append(after)
        threads.append(
            Thread(
                platform=root.platform,
                platform_name=_name(root.platform),
                account=_slug(root.account),
                posts=tuple(_shown(row) for row in rows),
                origin=origins.get(root.post_id),
            )
        )
    return threads


def _following(scope: Scope, roots: Sequence[SandboxPost]) -> Mapping[str, SandboxPost]:
    """Return what continues each message, a level of the threads at a time."""
    found: dict[str, SandboxPost] = {}
    level = [root.post_id for root in roots]
    while level:
        rows = scope.session.scalars(
            select(SandboxPost).where(SandboxPost.parent_id.in_(level)).order_by(SandboxPost.id.desc())
        ).all()
        fresh = {row.parent_id: row for row in rows if row.parent_id is not None and row.parent_id not in found}
        found |= fresh
        level = [row.post_id for row in fresh.values()]
    return found


def _origins(scope: Scope, post_ids: Sequence[str]) -> Mapping[str, Origin]:
    query = (
        select(AttemptPart.remote_id, Delivery.id, Post.key, Delivery.week, Campaign.name, Campaign.time_zone)
        .join(Attempt, Attempt.id == AttemptPart.attempt_id)
        .join(Delivery, Delivery.id == Attempt.delivery_id)
        .join(Post, Post.id == Delivery.post_id)
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .where(AttemptPart.organization_id == scope.organization_id, AttemptPart.remote_id.in_(post_ids))
    )
    rows = scope.session.execute(query)
    return {row[0]: Origin(row[1], row[2], row[3], row[4], row[5]) for row in rows if row[0] is not None}


def _shown(row: SandboxPost) -> Shown:
    language = row.details.get("language")
    profile = NETWORKS[row.platform].profile if row.platform in NETWORKS else None
    return Shown(
        id=row.post_id,
        pieces=tuple(_pieces(row.text, _marks(row))),
        length=None if profile is None else length(row.text, profile),
        limit=None if profile is None else profile.limit,
        language=language if isinstance(language, str) else None,
        created_at=row.created_at,
    )


@dataclass(frozen=True, slots=True)
class _Mark:
    start: int
    end: int
    kind: str
    target: str | None = None


def _marks(row: SandboxPost) -> list[_Mark]:
    """Return where the network would link something: by the record that was sent, else by the network's own rules."""
    profile = NETWORKS[row.platform].profile if row.platform in NETWORKS else None
    links, tags = row.details.get("links"), row.details.get("hashtags")
    marks: list[_Mark] = []
    if profile is None or profile.clickable is not Clickable.NEVER:
        if isinstance(links, list):
            marks += [_Mark(one["start"], one["end"], "link", _web(one.get("target"))) for one in links]
        else:
            found = find_links(row.text, profile.links if profile else LinkDialect.PLAIN)
            marks += [_Mark(*link.span, "link", _web(link.url)) for link in found]
    if isinstance(tags, list):
        marks += [_Mark(one["start"], one["end"], "hashtag") for one in tags]
    else:
        dialect = profile.hashtags if profile else HashtagDialect.PLAIN
        marks += [_Mark(*tag.span, "hashtag") for tag in find_hashtags(row.text, dialect)]
    return sorted(marks, key=lambda mark: (mark.start, mark.end))


def _web(target: Any) -> str | None:  # noqa: ANN401 - out of a JSON column
    return target if isinstance(target, str) and target.startswith(("https://", "http://")) else None


def _pieces(text: str, marks: Sequence[_Mark]) -> Iterator[Piece]:
    position = 0
    for mark in marks:
        if not position <= mark.start < mark.end <= len(text):
            continue
        if mark.start > position:
            yield Piece(text[position : mark.start])
        yield Piece(text[mark.start : mark.end], mark.kind, mark.target)
        position = mark.end
    if position < len(text):
        yield Piece(text[position:])
