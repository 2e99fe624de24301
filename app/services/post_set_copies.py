"""One organization's posts in others: an agency's partners get the same set, each with its own fill-ins."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select

from app.errors import FocusweekError, InvalidInput
from app.identity.permissions import Permission
from app.identity.principal import Principal
from app.models import Account, Campaign, Post
from app.packs.schema import Pack
from app.services.campaigns import create_campaign, set_fill_ins
from app.services.elsewhere import in_organization
from app.services.house import House
from app.services.posts import change_post, create_post, posts_of
from app.services.scope import Scope
from app.services.voices import pack_of, variants_of

_COPIED = ("week", "section", "resource", "language", "text", "platforms", "left_out")
_MOST = 200
_NOT_HERE = "It was for accounts that this organization does not have."


@dataclass(frozen=True, slots=True)
class Copied:
    """What became of a set in one organization. `kept` posts were changed there by its own people, and stay so.

    Where there is a `problem`, nothing at all was changed there.
    """

    organization: str
    campaign_id: int | None = None
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    kept: tuple[str, ...] = ()
    fill_ins: int = 0
    problem: FocusweekError | None = None


@dataclass(frozen=True, slots=True)
class _Set:
    pack: Pack
    slug: str
    name: str
    year: int
    time_zone: str
    posts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def copy_posts(
    house: House, who: Principal, campaign_id: int, organizations: Sequence[str], sheet: str | None = None
) -> list[Copied]:
    """Copy a campaign's posts to the organizations of these slugs; in each of them all or nothing.

    There, the campaign of the same slug is used, or made of the same pack and year. Whoever asks needs the rights of an
    author in each. `sheet` is a CSV text: `organization`, then a column for each fill-in; an empty cell sets nothing.
    Doing it again changes nothing.

    Raises:
        NotFound: There is no such campaign.
        InvalidInput: The sheet cannot be read, or names an organization that is not asked for.
    """
    wanted = list(dict.fromkeys(organizations))
    if len(wanted) > _MOST:
        raise InvalidInput(f"Posts are copied to at most {_MOST} organizations at a time.", hint="Split the list.")
    fill_ins = _sheet(sheet, wanted)
    with house.read(who) as scope:
        copied = _set_of(scope, scope.get(Campaign, campaign_id))
    return [_copy(house, who, copied, slug, fill_ins.get(slug, {})) for slug in wanted]


def _copy(house: House, who: Principal, copied: _Set, slug: str, fill_ins: Mapping[str, str]) -> Copied:
    try:
        with house.read_instance(who) as instance:
            there = in_organization(instance, who, slug)
        there.require(Permission.WRITE)
        if there.organization_id == who.organization_id:
            raise InvalidInput("The posts are there already: it is their own organization.", hint="Leave it out.")
        with house.write(there) as scope:
            return _into(scope, copied, slug, fill_ins)
    except FocusweekError as problem:
        return Copied(slug, problem=problem)


def _into(scope: Scope, copied: _Set, slug: str, fill_ins: Mapping[str, str]) -> Copied:
    campaign = scope.session.scalars(scope.query(Campaign).where(Campaign.slug == copied.slug)).first()
    if campaign is None:
        campaign = create_campaign(
            scope, copied.pack, year=copied.year, slug=copied.slug, name=copied.name, time_zone=copied.time_zone
        )
    campaign = scope.get(Campaign, campaign.id, lock=True)
    printed = {post.key: post.text for post in pack_of(campaign).posts}
    accounts = set(scope.session.scalars(select(Account.slug).where(Account.organization_id == scope.organization_id)))
    present = {post.key: post for post in posts_of(scope, campaign)}
    values = _values_of(scope, list(present.values()))
    done = {"added": 0, "changed": 0, "unchanged": 0}
    kept = []
    for key, post in copied.posts.items():
        wanted = _fitting(post, accounts)
        if key not in present:
            create_post(scope, campaign, {**wanted, "key": key})
            done["added"] += 1
        elif values[key] == wanted:
            done["unchanged"] += 1
        elif present[key].text in (printed.get(key), wanted["text"]):
            change_post(scope, present[key], wanted)
            done["changed"] += 1
        else:
            kept.append(key)
    if fill_ins:
        set_fill_ins(scope, campaign, fill_ins)
    return Copied(
        slug, campaign.id, done["added"], done["changed"], done["unchanged"], kept=tuple(kept), fill_ins=len(fill_ins)
    )


def _fitting(post: Mapping[str, Any], accounts: set[str]) -> dict[str, Any]:
    """Return a post as it is in another organization: for those of its accounts that there are, or for none."""
    wanted = post["accounts"]
    if wanted is None:
        return dict(post)
    here = [slug for slug in wanted if slug in accounts]
    return {**post, "accounts": here or None, "left_out": post["left_out"] if here else _NOT_HERE}


def _set_of(scope: Scope, campaign: Campaign) -> _Set:
    posts = _values_of(scope, posts_of(scope, campaign))
    pack = pack_of(campaign)
    return _Set(pack, campaign.slug, campaign.name, campaign.year, campaign.time_zone, posts)


def _values_of(scope: Scope, posts: Sequence[Post]) -> dict[str, dict[str, Any]]:
    variants = variants_of(scope.session, posts)
    return {
        post.key: {
            **{name: getattr(post, name) for name in _COPIED},
            "links": post.links,
            "pins": [date.fromisoformat(pin) for pin in post.pins],
            "accounts": post.accounts,
            "variants": {variant.platform: variant.text for variant in variants[post.id]},
        }
        for post in posts
    }


def _sheet(text: str | None, wanted: Sequence[str]) -> dict[str, dict[str, str]]:
    if text is None:
        return {}
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    found: dict[str, dict[str, str]] = {}
    try:
        if "organization" not in (reader.fieldnames or ()):
            raise InvalidInput(
                "The sheet has no column organization.",
                hint="Its first line is: organization, then the fill-ins' keys.",
            )
        for row in reader:
            slug = (row.pop("organization") or "").strip()
            if slug not in wanted or slug in found:
                raise InvalidInput(
                    f"Line {reader.line_num} of the sheet is for {slug!r}: not asked for, or there twice.",
                    hint="Name each organization once, in the sheet and in the list.",
                )
            found[slug] = {key: value for key, value in row.items() if key and isinstance(value, str) and value.strip()}
    except csv.Error as error:
        raise InvalidInput(f"The sheet is no CSV: {error}.", hint="Save it as CSV (UTF-8).") from None
    return found
