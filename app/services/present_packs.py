"""A campaign as a pack: its pack with its posts as they read now."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from pydantic import ValidationError

from app.errors import Conflict
from app.models import Campaign, Post, Variant
from app.packs.schema import Pack, PackPost
from app.packs.window import plan_posts
from app.services.posts import posts_of
from app.services.scope import Scope
from app.services.voices import pack_of, variants_of

_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_LONGEST = 1000


def present_pack(scope: Scope, campaign: Campaign) -> Pack:
    """Return a campaign as a pack, with its posts' present texts, variants, links, images, pins and `left_out`.

    Where a post has not been changed it is the pack's own, notes included; days are told in the campaign's zone. A link
    that stands in no text of its post any more is left out, for it leads nowhere. The moment that an imported row asked
    for belongs to one year, and so to no pack.

    Raises:
        Conflict: The campaign cannot be written as a pack as it is.
    """
    pack = pack_of(campaign)
    posts = posts_of(scope, campaign)
    if not posts:
        raise Conflict("The campaign has no posts, and a pack needs one.", hint="Add a post first.")
    try:
        return Pack.model_validate(
            pack.model_dump(mode="json")
            | {"posts": [one.model_dump() for one in present_posts(scope, campaign, posts)]}
        )
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise Conflict(
            f"The campaign cannot be written as a pack: {where}: {first['msg']}", hint="Correct that post first."
        ) from None


def present_posts(scope: Scope, campaign: Campaign, posts: Sequence[Post]) -> list[PackPost]:
    """Return posts of a campaign as its pack would hold them, in the same order.

    Raises:
        ValidationError: One of them cannot stand in a pack.
    """
    pack = pack_of(campaign)
    variants = variants_of(scope.session, posts)
    known = {post.key: post for post in pack.posts}
    pins = {post.key: post.pins for post in plan_posts(pack, campaign.year)}
    return [
        PackPost.model_validate(_document(post, variants[post.id], pack, known.get(post.key), pins.get(post.key, ())))
        for post in posts
    ]


def _document(
    post: Post, variants: Sequence[Variant], pack: Pack, base: PackPost | None, base_pins: Sequence[date]
) -> dict[str, Any]:
    texts = (post.text, *(variant.text for variant in variants))
    pins = [date.fromisoformat(pin) for pin in post.pins]
    return {
        "key": post.key,
        "week": post.week,
        "section": _line(post.section),
        "resource": _line(post.resource),
        "language": post.language,
        "text": post.text,
        "variants": {variant.platform: variant.text for variant in variants},
        "links": _links(post, base, texts),
        "media": [{"url": image["url"], "alt": image.get("alt") or None} for image in post.media],
        "tags": list(dict.fromkeys(tag for one in post.tags if (tag := _line(one)))),
        # 29 February is 28 February in most years: what has not been changed stays as the pack has it.
        "pins": base.pins
        if base is not None and sorted(pins) == sorted(base_pins)
        else list(dict.fromkeys(f"{pin:%m-%d}" for pin in pins)),
        "fill_ins": _fill_ins(pack, base, texts),
        "platforms": _unique(post.platforms),
        "accounts": _unique(post.accounts),
        "left_out": _line(post.left_out),
        "typos": []
        if base is None
        else [t.model_dump() for t in base.typos if any(t.printed in text for text in texts)],
        "note": None if base is None else base.note,
    }


def _links(post: Post, base: PackPost | None, texts: Sequence[str]) -> list[dict[str, Any]]:
    notes = {} if base is None else {(link.visible, link.target): link.note for link in base.links}
    return [
        {"visible": visible, "target": target, "note": notes.get((visible, target))}
        for visible, target in ((link["visible"], link.get("target")) for link in post.links)
        if any(visible in text for text in texts)
    ]


def _fill_ins(pack: Pack, base: PackPost | None, texts: Sequence[str]) -> list[str]:
    there = [fill_in.key for fill_in in pack.fill_ins if any(fill_in.text in text for text in texts)]
    return list(base.fill_ins) if base is not None and sorted(base.fill_ins) == sorted(there) else there


def _unique(names: Sequence[str] | None) -> list[str] | None:
    return None if names is None else list(dict.fromkeys(names))


def _line(text: str | None) -> str | None:
    """Return a text on one line as a pack takes it, or None where there is none."""
    return _UNFIT.sub(" ", text or "").strip()[:_LONGEST] or None
