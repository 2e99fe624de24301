"""A new version of a pack over the one that a campaign was made from: looked at first, then committed.

What the issuer changed is taken, what the agency changed is kept, and what both changed a person decides, post by post.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from pydantic import ValidationError

from app.errors import Conflict, InvalidInput
from app.models import Campaign, ContactConfirmation, Post
from app.packs.comparing import Comparison, Kind, PostChange, Side, compare
from app.packs.reading import pack_digest
from app.packs.schema import Pack
from app.packs.window import build_window, plan_posts
from app.records import journal
from app.services.campaigns import touch
from app.services.merging import add_post, apply_fields, in_order, leave_out
from app.services.posts import posts_of
from app.services.present_packs import present_posts
from app.services.scope import Scope
from app.services.voices import pack_of


@dataclass(frozen=True, slots=True)
class PackUpdate:
    """What a new version would change in a campaign, and what stands in its way. `digest` goes with the commit."""

    from_version: str
    to_version: str
    comparison: Comparison
    problems: tuple[str, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class PackUpdated:
    """What a commit did: posts changed, added, left out, and left as the agency has them."""

    version: str
    changed: int
    added: int
    left_out: int
    kept: int


def preview_update(scope: Scope, campaign: Campaign, new: Pack) -> PackUpdate:
    """Compare a new version with a campaign; nothing is written.

    Raises:
        InvalidInput: It is another pack.
        Conflict: The campaign's posts cannot be compared as they are.
    """
    base = pack_of(campaign)
    if new.key != campaign.pack_key:
        raise InvalidInput(
            f"The campaign is made of the pack {campaign.pack_key!r}, and this is {new.key!r}.",
            hint="Make a campaign of its own from another pack.",
        )
    rows = posts_of(scope, campaign)
    try:
        comparison = compare(base, new, present_posts(scope, campaign, rows))
    except ValidationError as error:
        raise Conflict(
            f"A post cannot be compared as it is: {error.errors(include_url=False, include_input=False)[0]['msg']}",
            hint="Export the campaign as a pack to see which one, and correct it.",
        ) from None
    return PackUpdate(
        from_version=campaign.pack_version,
        to_version=new.version,
        comparison=comparison,
        problems=tuple(_problems(campaign, new, rows, comparison, {})),
        digest=_digest(campaign, new, rows),
    )


def commit_update(
    scope: Scope, campaign: Campaign, new: Pack, digest: str, choices: Mapping[str, Side], *, rest: Side | None = None
) -> PackUpdated:
    """Make a previewed update true, all or nothing. `choices` are by post key, `rest` for the conflicts not named.

    Contact facts whose value changed must be confirmed again; a plan that is already committed stays until the next.

    Raises:
        Conflict: Something changed since the preview of that digest, or the agency's own posts do not fit.
        InvalidInput: A conflict is left without a choice, or a choice is for a post without one.
    """
    scope.get(Campaign, campaign.id, lock=True)
    update = preview_update(scope, campaign, new)
    if update.digest != digest:
        raise Conflict(
            "The campaign or the pack has changed since this update was previewed; nothing was done.",
            hint="Preview it again, then commit that one.",
        )
    sides = _sides(update.comparison, choices, rest)
    if problems := _problems(campaign, new, posts_of(scope, campaign), update.comparison, sides):
        raise Conflict(f"The new version does not fit: {problems[0]}", hint="Correct that post first.")
    done = _apply(scope, campaign, new, update.comparison, sides)
    _take_pack(scope, campaign, new, update.comparison)
    after = {"version": new.version, "changed": done.changed, "added": done.added, "left_out": done.left_out}
    before = {"version": update.from_version}
    journal.note(scope.session, "pack_updated", "campaign", campaign.id, before=before, after=after)
    touch(scope, campaign)
    return done


def _sides(comparison: Comparison, choices: Mapping[str, Side], rest: Side | None) -> dict[str, Side]:
    asked = [post.key for post in comparison.of(Kind.CONFLICT)]
    if unknown := sorted(set(choices) - set(asked)):
        raise InvalidInput(
            f"There is nothing to choose for {unknown[0]!r}.", hint=f"To choose for: {', '.join(asked) or 'none'}."
        )
    sides = {key: side for key in asked if (side := choices.get(key, rest)) is not None}
    if open_keys := [key for key in asked if key not in sides]:
        raise InvalidInput(
            f"Both sides have changed {', '.join(open_keys[:5])}{' and more' if len(open_keys) > 5 else ''}.",  # noqa: PLR2004 - five fit a line
            hint="Choose ours or theirs for each, or say one for all.",
        )
    return sides


def _apply(
    scope: Scope, campaign: Campaign, new: Pack, comparison: Comparison, sides: Mapping[str, Side]
) -> PackUpdated:
    rows = {post.key: post for post in posts_of(scope, campaign)}
    entries = {entry.key: entry for entry in new.posts}
    pins = {post.key: [pin.isoformat() for pin in post.pins] for post in plan_posts(new, campaign.year)}
    changed = added = left_out = kept = 0
    for post in comparison.posts:
        if post.kind is Kind.ADDED:
            rows[post.key] = add_post(scope, campaign, entries[post.key], pins[post.key])
            added += 1
        elif post.kind is Kind.REMOVED:
            left_out += leave_out(scope, rows[post.key], f"Left out by version {new.version} of the pack")
        elif taken := _taken(post, sides):
            apply_fields(scope, rows[post.key], entries[post.key], taken, pins[post.key])
            changed += 1
        else:
            kept += post.kind in {Kind.KEPT, Kind.CONFLICT, Kind.REMOVED_KEPT}
    in_order([rows[post.key] for post in comparison.posts if post.key in rows])
    scope.session.flush()
    return PackUpdated(new.version, changed, added, left_out, kept)


def _taken(post: PostChange, sides: Mapping[str, Side]) -> list[str]:
    """Return the fields of a post that get the new version's value."""
    return [change.field for change in post.fields if (change.side or sides.get(post.key)) is Side.THEIRS]


def _take_pack(scope: Scope, campaign: Campaign, new: Pack, comparison: Comparison) -> None:
    window = build_window(new, year=campaign.year, zone=_zone(campaign, new))
    campaign.pack, campaign.pack_digest = new.model_dump(mode="json"), pack_digest(new)
    campaign.pack_version, campaign.time_zone = new.version, str(window.zone)
    campaign.starts_on, campaign.ends_on = window.starts_on, window.ends_on
    query = scope.query(ContactConfirmation).where(ContactConfirmation.campaign_id == campaign.id)
    for row in scope.session.scalars(query.where(ContactConfirmation.fact_key.in_(comparison.facts))).all():
        scope.session.delete(row)


def _zone(campaign: Campaign, new: Pack) -> str:
    """Return the campaign's zone: its own where it has chosen one, else the new version's."""
    return new.time_zone if campaign.time_zone == pack_of(campaign).time_zone else campaign.time_zone


def _problems(
    campaign: Campaign, new: Pack, rows: Sequence[Post], comparison: Comparison, sides: Mapping[str, Side]
) -> list[str]:
    """Say which posts would not fit the new version's weeks and days; what is not chosen yet may still fit."""
    weeks = {week.number for week in new.weeks}
    window = build_window(new, year=campaign.year, zone=_zone(campaign, new))
    changes = {post.key: post for post in comparison.posts}
    problems: list[str] = []
    for row in rows:
        post = changes[row.key]
        theirs = {c.field for c in post.fields if (c.side or sides.get(row.key, Side.THEIRS)) is Side.THEIRS}
        if row.week not in weeks and "week" not in theirs:
            problems.append(f"{row.key} is in week {row.week}, which the new version does not have.")
        beyond = [pin for pin in row.pins if not window.starts_on <= date.fromisoformat(pin) <= window.ends_on]
        if beyond and "pins" not in theirs:
            problems.append(f"{row.key} is pinned to {beyond[0]}, outside the new version's days.")
    return problems


def _digest(campaign: Campaign, new: Pack, rows: Sequence[Post]) -> str:
    """Return the digest of all that an update depends on: the campaign's version rises with every change of a text."""
    facts = [campaign.id, campaign.version, campaign.pack_digest, pack_digest(new)]
    posts = [[row.id, row.version] for row in rows]
    return sha256(json.dumps([facts, posts], separators=(",", ":")).encode()).hexdigest()
