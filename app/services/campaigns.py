"""Campaigns: made from a pack, set up for a year, and changed."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import defer

from app.delivery.reevaluate import reevaluate
from app.errors import AlreadyExists, InvalidInput
from app.models import Campaign, FillIn, Post, Variant
from app.packs.reading import pack_digest
from app.packs.rule_checks import rule_codes
from app.packs.schema import Pack, PackPost
from app.packs.voice import filled_values, refuse_unknown_fill_ins, stand_ins
from app.packs.window import build_window, default_year, plan_posts
from app.planning.values import Window
from app.policy.finding import Level
from app.policy.policy import FIXED_CODES
from app.services.approval_voiding import reconsider
from app.services.cadences import CadenceSettings
from app.services.pages import Asked, Page, Sort, both_ways, chosen, orders, sorted_page
from app.services.scope import Scope
from app.services.voices import pack_of, variants_of
from app.services.writers import add_writer


def create_campaign(
    scope: Scope,
    pack: Pack,
    *,
    year: int | None = None,
    slug: str | None = None,
    name: str | None = None,
    time_zone: str | None = None,
) -> Campaign:
    """Make a campaign of a pack for a year, with all its posts.

    Without a year, the next whose window has not ended. `time_zone` is an IANA name; the pack's where it is None.

    Raises:
        AlreadyExists: The organization has a campaign of that slug.
        InvalidInput: The zone or the year cannot be used.
    """
    year = default_year(pack, scope.now) if year is None else year
    window = build_window(pack, year=year, zone=time_zone)
    slug = slug or f"{pack.key}-{year}"
    if scope.session.scalars(scope.query(Campaign).where(Campaign.slug == slug)).first():
        raise AlreadyExists(f"There is a campaign {slug!r} already.", hint="Choose another slug, or use that campaign.")
    campaign = Campaign(
        organization_id=scope.organization_id,
        slug=slug,
        name=name or f"{pack.title} {year}",
        pack_key=pack.key,
        pack_version=pack.version,
        pack_digest=pack_digest(pack),
        pack=pack.model_dump(mode="json"),
        year=year,
        time_zone=str(window.zone),
        starts_on=window.starts_on,
        ends_on=window.ends_on,
        cadence=CadenceSettings().model_dump(mode="json"),
        levels={},
        created_at=scope.now,
        updated_at=scope.now,
    )
    scope.session.add(campaign)
    scope.session.flush()
    _add_posts(scope, campaign, pack)
    return campaign


def _add_posts(scope: Scope, campaign: Campaign, pack: Pack) -> None:
    pins = {post.key: [pin.isoformat() for pin in post.pins] for post in plan_posts(pack, campaign.year)}
    for position, entry in enumerate(pack.posts):
        post = _post_row(scope, campaign, entry, position, pins[entry.key])
        scope.session.add(post)
        scope.session.flush()
        scope.session.add_all(
            Variant(
                organization_id=scope.organization_id,
                post_id=post.id,
                platform=platform,
                text=text,
                updated_at=scope.now,
            )
            for platform, text in entry.variants.items()
        )
    scope.session.flush()


def _post_row(scope: Scope, campaign: Campaign, entry: PackPost, position: int, pins: list[str]) -> Post:
    return Post(
        organization_id=scope.organization_id,
        campaign_id=campaign.id,
        key=entry.key,
        position=position,
        week=entry.week,
        section=entry.section or "",
        resource=entry.resource or "",
        language=entry.language or campaign.pack["language"],
        text=entry.text,
        links=[link.model_dump(mode="json", include={"visible", "target"}) for link in entry.links],
        pins=pins,
        platforms=list(entry.platforms) if entry.platforms is not None else None,
        accounts=list(entry.accounts) if entry.accounts is not None else None,
        left_out=entry.left_out,
        media=[image.model_dump(mode="json") for image in entry.media],
        tags=list(entry.tags),
        created_at=scope.now,
        updated_at=scope.now,
    )


def window_of(campaign: Campaign) -> Window:
    """Return the campaign's window with its focus weeks, in its zone."""
    return build_window(pack_of(campaign), year=campaign.year, zone=campaign.time_zone)


def change_settings(scope: Scope, campaign: Campaign, changes: Mapping[str, Any]) -> Campaign:
    """Change name, cadence, lateness (minutes) or rule levels; deliveries that were blocked are looked at again.

    Raises:
        InvalidInput: There is no such rule, or a level is none or falls below what the rule allows.
    """
    for field in ("name", "lateness_minutes", "cadence"):
        if field in changes:
            setattr(campaign, field, changes[field])
    if "levels" in changes:
        campaign.levels = _checked_levels(pack_of(campaign), changes["levels"])
    return touch(scope, campaign, posts=None if "levels" in changes else ())


def _checked_levels(pack: Pack, levels: Mapping[str, str]) -> dict[str, str]:
    known = rule_codes(pack)
    for code, level in levels.items():
        if code not in known:
            near = difflib.get_close_matches(code, known, n=1)
            meant = f"Did you mean {near[0]}? " if near else ""
            raise InvalidInput(f"There is no rule {code!r}.", hint=f"{meant}The rules are: {', '.join(known)}.")
        if level not in set(Level):
            raise InvalidInput(
                f"{code}: expected error, warning or note, found {level!r}.", hint="Say one of these three."
            )
        if code in FIXED_CODES and level != Level.ERROR:
            raise InvalidInput(
                f"The rule {code} cannot fall below error.",
                hint="It protects the people who read the posts; leave it out of the levels.",
            )
    return dict(levels)


def set_fill_ins(
    scope: Scope, campaign: Campaign, values: Mapping[str, str | None], *, rehearsal: bool = False
) -> Campaign:
    """Set values of fill-ins by key; None opens one again. Deliveries that were blocked are looked at again.

    In a rehearsal any plain text may stand in for a link or number that is not known yet.

    Raises:
        InvalidInput: A key is none of the pack's, or a value cannot be used or is not of the fill-in's kind.
    """
    pack = pack_of(campaign)
    # A key that is to be opened again must be one of the pack's as well.
    refuse_unknown_fill_ins(pack, values)
    given = {key: value for key, value in values.items() if value is not None}
    filled = stand_ins(pack, given) if rehearsal else filled_values(pack, given)
    rows = scope.session.scalars(scope.query(FillIn).where(FillIn.campaign_id == campaign.id))
    held = {row.key: row for row in rows}
    before = {key: row.value for key, row in held.items()}
    for key in values:
        row = held.get(key)
        if values[key] is None:
            if row is not None:
                scope.session.delete(row)
        elif row is None:
            scope.session.add(
                FillIn(
                    organization_id=scope.organization_id,
                    campaign_id=campaign.id,
                    key=key,
                    value=filled[key],
                    user_id=scope.who.user_id,
                    updated_at=scope.now,
                )
            )
        else:
            row.value, row.user_id, row.updated_at = filled[key], scope.who.user_id, scope.now
    changed = [key for key in values if before.get(key) != filled.get(key)]
    return touch(scope, campaign, posts=note_filled(scope, campaign, changed))


def note_filled(scope: Scope, campaign: Campaign, keys: Collection[str]) -> Sequence[Post]:
    """Note that whoever acts has given these fill-ins, and so has written the posts with them; return those."""
    using = _posts_using(scope, campaign, [one.text for one in pack_of(campaign).fill_ins if one.key in keys])
    for post in using:
        add_writer(post, scope.who)
    return using


def _posts_using(scope: Scope, campaign: Campaign, placeholders: Sequence[str]) -> Sequence[Post]:
    """Return the posts in whose text, or in a variant of it, one of these placeholders stands."""
    if not placeholders:
        return ()
    posts = scope.session.scalars(scope.query(Post).where(Post.campaign_id == campaign.id).order_by(Post.id)).all()
    variants = variants_of(scope.session, posts)
    texts = {post.id: "\n".join([post.text, *(variant.text for variant in variants[post.id])]) for post in posts}
    return [post for post in posts if any(placeholder in texts[post.id] for placeholder in placeholders)]


def touch(scope: Scope, campaign: Campaign, *, posts: Sequence[Post] | None = None) -> Campaign:
    """Say that a campaign's texts or rules changed: its version rises, and what was blocked is looked at again.

    `posts` are those whose parts may be others now, None for all: approvals of parts that are no more are voided.
    """
    campaign.version += 1
    campaign.updated_at = scope.now
    scope.session.flush()
    reconsider(scope, campaign, posts)
    reevaluate(scope.session, campaign.id, now=scope.now, actor=scope.actor)
    return campaign


def campaigns(scope: Scope) -> Sequence[Campaign]:
    """Return the organization's campaigns, newest first."""
    return scope.session.scalars(_listed(scope).order_by(Campaign.id.desc())).all()


#: The orders of campaigns, the newest first where none is named.
SORTS: dict[str, Sort[Campaign]] = orders(
    "-created",
    both_ways("created", (Campaign.id,), lambda row: (row.id,)),
    both_ways("name", (Campaign.name, Campaign.id), lambda row: (row.name, row.id)),
    both_ways("year", (Campaign.year, Campaign.id), lambda row: (row.year, row.id)),
    both_ways("updated", (Campaign.updated_at, Campaign.id), lambda row: (row.updated_at, row.id)),
)


def campaigns_page(
    scope: Scope, asked: Asked, *, year: int | None = None, pack: str | None = None, sort: str | None = None
) -> Page[Campaign]:
    """Return a page of the organization's campaigns, newest first where no order is named; None asks for all.

    Raises:
        InvalidInput: There is no such order.
        BadCursor: The cursor is none of this list's, or of another order.
    """
    query = _listed(scope)
    if year is not None:
        query = query.where(Campaign.year == year)
    if pack is not None:
        query = query.where(Campaign.pack_key == pack)
    return sorted_page(scope.session, query, chosen(SORTS, sort), asked)


def _listed(scope: Scope) -> Select[Campaign]:
    # A list shows nothing of the packs, which are a fifth of a megabyte each.
    return scope.query(Campaign).options(defer(Campaign.pack))
