"""Posts of a campaign: written, changed, and looked at as each network would get them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import count
from typing import Any

from sqlalchemy import func, select

from app.composing.values import PostText
from app.errors import AlreadyExists, InvalidInput
from app.models import Account, Campaign, Post, Variant
from app.platforms.registry import network
from app.services.campaigns import touch
from app.services.scope import Scope
from app.services.voices import pack_of, post_text_of, variants_of
from app.services.writers import add_writer

#: What of a post a person may change.
FIELDS = (
    "week", "section", "resource", "language", "text", "links", "pins", "platforms", "accounts", "left_out",
)  # fmt: skip


def create_post(scope: Scope, campaign: Campaign, values: Mapping[str, Any]) -> Post:
    """Add a post at the end of a campaign. `values` are those of `FIELDS`, `key` and `variants`.

    Raises:
        AlreadyExists: The campaign has a post of that key.
        InvalidInput: A week, pin, network or account is none of the campaign's.
    """
    position = scope.session.scalar(select(func.max(Post.position)).where(Post.campaign_id == campaign.id))
    position = 0 if position is None else position + 1
    taken = set(scope.session.scalars(select(Post.key).where(Post.campaign_id == campaign.id)))
    key = values.get("key") or next(made for n in count(position + 1) if (made := f"post-{n}") not in taken)
    if key in taken:
        raise AlreadyExists(f"The campaign has a post {key!r} already.", hint="Choose another key.")
    post = Post(
        organization_id=scope.organization_id, campaign_id=campaign.id, key=key, position=position,
        week=0, language=pack_of(campaign).language, text="", created_at=scope.now, updated_at=scope.now,
    )  # fmt: skip
    _apply(scope, campaign, post, values)
    scope.session.add(post)
    scope.session.flush()
    _set_variants(scope, post, values.get("variants") or {})
    add_writer(post, scope.who)
    touch(scope, campaign, posts=())
    return post


def change_post(scope: Scope, post: Post, values: Mapping[str, Any]) -> Post:
    """Change what is given of a post; what is not given stays. `variants` replaces all of them.

    Deliveries already out keep the text that went out; those still ahead go out with the new one, once it is approved:
    approvals of what would go out no more are voided.

    Raises:
        InvalidInput: A week, pin, network or account is none of the campaign's.
    """
    campaign = scope.get(Campaign, post.campaign_id)
    apply_change(scope, campaign, post, values)
    touch(scope, campaign, posts=[post])
    return post


def apply_change(scope: Scope, campaign: Campaign, post: Post, values: Mapping[str, Any]) -> None:
    """Change a post as `change_post` does; its campaign is not told: `campaigns.touch` does that for many at once.

    Raises:
        InvalidInput: As there.
    """
    before = _says(scope, post)
    _apply(scope, campaign, post, values)
    post.version += 1
    post.updated_at = scope.now
    if "variants" in values:
        _set_variants(scope, post, values["variants"] or {})
    if _says(scope, post) != before:
        add_writer(post, scope.who)


def post_to_change(scope: Scope, post_id: int) -> Post:
    """Return a post, locked, and its campaign before it: in the order of all other lockers.

    Raises:
        NotFound: There is none.
    """
    scope.get(Campaign, scope.get(Post, post_id).campaign_id, lock=True)
    return scope.get(Post, post_id, lock=True)


def posts_of(scope: Scope, campaign: Campaign) -> Sequence[Post]:
    """Return a campaign's posts in the pack's order."""
    query = scope.query(Post).where(Post.campaign_id == campaign.id)
    return scope.session.scalars(query.order_by(Post.position, Post.id)).all()


def is_meant_for(post: Post, account: Account) -> bool:
    """Return whether a post is for an account; both restrictions count where both are given."""
    wanted = (post.platforms, account.platform), (post.accounts, account.slug)
    return all(chosen is None or name in chosen for chosen, name in wanted)


def count_posts(scope: Scope, campaign: Campaign) -> int:
    """Return how many posts a campaign has."""
    query = select(func.count()).where(Post.organization_id == scope.organization_id, Post.campaign_id == campaign.id)
    return scope.session.scalar(query) or 0


def _says(scope: Scope, post: Post) -> PostText:
    """Return all of a post that its readers get."""
    return post_text_of(post, variants_of(scope.session, [post])[post.id])


def _apply(scope: Scope, campaign: Campaign, post: Post, values: Mapping[str, Any]) -> None:
    given = {field: values[field] for field in FIELDS if field in values}
    weeks = {week.number for week in pack_of(campaign).weeks}
    if "week" in given and given["week"] not in weeks:
        raise InvalidInput(
            f"The campaign has no week {given['week']}.", hint=f"Its weeks are {', '.join(map(str, sorted(weeks)))}."
        )
    if "pins" in given:
        given["pins"] = _checked_pins(campaign, given["pins"])
    for platform in given.get("platforms") or ():
        network(platform)
    _refuse_unknown_accounts(scope, given.get("accounts") or ())
    for field, value in given.items():
        setattr(post, field, value)


def _checked_pins(campaign: Campaign, pins: Sequence[date]) -> list[str]:
    for pin in pins:
        if not campaign.starts_on <= pin <= campaign.ends_on:
            raise InvalidInput(
                f"The pin {pin} lies outside the campaign ({campaign.starts_on} to {campaign.ends_on}).",
                hint="Pin the post to a day of the campaign.",
            )
    return [pin.isoformat() for pin in dict.fromkeys(pins)]


def _refuse_unknown_accounts(scope: Scope, slugs: Sequence[str]) -> None:
    if not slugs:
        return
    known = set(scope.session.scalars(select(Account.slug).where(Account.organization_id == scope.organization_id)))
    for slug in slugs:
        if slug not in known:
            raise InvalidInput(f"There is no account {slug!r}.", hint=f"The accounts are: {', '.join(sorted(known))}.")


def _set_variants(scope: Scope, post: Post, texts: Mapping[str, str]) -> None:
    held = {row.platform: row for row in scope.session.scalars(scope.query(Variant).where(Variant.post_id == post.id))}
    for platform in held.keys() - texts.keys():
        scope.session.delete(held[platform])
    for platform, text in texts.items():
        network(platform)
        if platform in held:
            held[platform].text, held[platform].updated_at = text, scope.now
        else:
            row = Variant(organization_id=scope.organization_id, post_id=post.id, platform=platform, text=text)
            row.updated_at = scope.now
            scope.session.add(row)
    scope.session.flush()
