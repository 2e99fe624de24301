"""What a pack update does to one post."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.models import Campaign, Post, Variant
from app.packs.schema import PackPost
from app.services.scope import Scope
from app.services.writers import add_writer

#: What decides what goes out.
_SAID = frozenset({"text", "variants", "language", "media"})


def add_post(scope: Scope, campaign: Campaign, entry: PackPost, pins: Sequence[str]) -> Post:
    """Add a post of a new version to a campaign; `pins` are its ISO dates in the campaign's year."""
    post = Post(
        organization_id=scope.organization_id, campaign_id=campaign.id, key=entry.key, position=0,
        writers=[], created_at=scope.now, updated_at=scope.now, **columns_of(entry, pins),
    )  # fmt: skip
    # A file says what its bringer lets it say, whoever is named as its issuer.
    add_writer(post, scope.who)
    scope.session.add(post)
    scope.session.flush()
    _set_variants(scope, post, entry)
    return post


def apply_fields(scope: Scope, post: Post, entry: PackPost, fields: Sequence[str], pins: Sequence[str]) -> None:
    """Give a post the new version's value of these fields (those of `packs.comparing`)."""
    columns = columns_of(entry, pins)
    for field in fields:
        if field == "variants":
            _set_variants(scope, post, entry)
        else:
            setattr(post, field, columns[field])
    if "text" in fields:
        post.links = columns["links"]
    if _SAID & set(fields):
        add_writer(post, scope.who)
    post.version += 1
    post.updated_at = scope.now


def leave_out(scope: Scope, post: Post, why: str) -> bool:
    """Leave a post out of every plan, and say whether it was not left out before."""
    if post.left_out:
        return False
    post.left_out = why
    post.version += 1
    post.updated_at = scope.now
    return True


def in_order(posts: Sequence[Post]) -> None:
    """Give posts their places in this order; those that stand there already are left alone."""
    for position, post in enumerate(posts):
        if post.position != position:
            post.position = position


def columns_of(entry: PackPost, pins: Sequence[str]) -> dict[str, Any]:
    """Return a pack's post as the columns of a post's row."""
    return {
        "week": entry.week,
        "section": entry.section or "",
        "resource": entry.resource or "",
        "language": entry.language,
        "text": entry.text,
        "links": [link.model_dump(mode="json", include={"visible", "target"}) for link in entry.links],
        "media": [image.model_dump(mode="json") for image in entry.media],
        "tags": list(entry.tags),
        "pins": list(pins),
        "platforms": None if entry.platforms is None else list(entry.platforms),
        "accounts": None if entry.accounts is None else list(entry.accounts),
        "left_out": entry.left_out,
    }


def _set_variants(scope: Scope, post: Post, entry: PackPost) -> None:
    held = {row.platform: row for row in scope.session.scalars(scope.query(Variant).where(Variant.post_id == post.id))}
    for platform in held.keys() - entry.variants.keys():
        scope.session.delete(held[platform])
    for platform, text in entry.variants.items():
        if platform in held:
            held[platform].text, held[platform].updated_at = text, scope.now
        else:
            row = Variant(organization_id=scope.organization_id, post_id=post.id, platform=platform, text=text)
            row.updated_at = scope.now
            scope.session.add(row)
