"""A new version of a pack against the old one and against what a campaign has made of it: three sides, field by field.

Pure: `base` is the pack that the campaign was made from, `theirs` the new version, `ours` the posts as they are now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.packs.replacing import changed_facts
from app.packs.schema import Pack, PackPost

#: What of a post is compared; a text and the links in it stand or fall together.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "week": ("week",),
    "section": ("section",),
    "resource": ("resource",),
    "language": ("language",),
    "text": ("text", "links"),
    "variants": ("variants",),
    "media": ("media",),
    "tags": ("tags",),
    "pins": ("pins",),
    "platforms": ("platforms",),
    "accounts": ("accounts",),
    "left_out": ("left_out",),
}
#: What of a pack besides its posts is taken from the new version; names of the schema.
SECTIONS = (
    "title", "issuer", "source", "theme", "language", "time_zone", "window", "weeks", "key_dates", "hashtags",
    "contact", "mention_forms", "handles", "languages", "dated_phrases", "levels", "known_hosts", "grade_level_aim",
    "fill_ins", "kit",
)  # fmt: skip


class Kind(StrEnum):
    """What becomes of a post."""

    UNCHANGED = "unchanged"  # the new version changes nothing of it
    CHANGED = "changed"  # what the issuer changed is taken
    KEPT = "kept"  # the agency has changed it, the issuer has not
    CONFLICT = "conflict"  # both changed the same field: a person chooses
    ADDED = "added"  # new in this version
    REMOVED = "removed"  # gone from this version and never edited: it is left out
    REMOVED_KEPT = "removed_kept"  # gone from this version, but the agency has edited it: it stays
    OWN = "own"  # the agency's own, in neither version


class Side(StrEnum):
    """Whose version a field gets."""

    OURS = "ours"
    THEIRS = "theirs"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a post that is not the same on all sides; `side` is None where a person chooses."""

    field: str
    base: Any
    ours: Any
    theirs: Any
    side: Side | None


@dataclass(frozen=True, slots=True)
class PostChange:
    """What becomes of one post, and the fields that differ."""

    key: str
    kind: Kind
    fields: tuple[FieldChange, ...] = ()

    @property
    def conflicts(self) -> tuple[FieldChange, ...]:
        """The fields that both sides have changed."""
        return tuple(change for change in self.fields if change.side is None)


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that a new version would change. `facts` are contact facts (key) that must be confirmed again."""

    posts: tuple[PostChange, ...]
    sections: tuple[str, ...]
    facts: tuple[str, ...]

    def of(self, kind: Kind) -> tuple[PostChange, ...]:
        """Return the posts of one kind."""
        return tuple(post for post in self.posts if post.kind is kind)


def compare(base: Pack, theirs: Pack, ours: Sequence[PackPost]) -> Comparison:
    """Compare the three sides. Posts come in the new version's order, then those that it does not have."""
    old = {post.key: post for post in base.posts}
    new = {post.key: post for post in theirs.posts}
    mine = {post.key: post for post in ours}
    keys = [*new, *(key for key in mine if key not in new)]
    posts = tuple(change for key in keys if (change := _post(key, old.get(key), new.get(key), mine.get(key))))
    sections = tuple(name for name in SECTIONS if getattr(base, name) != getattr(theirs, name))
    return Comparison(posts, sections, changed_facts(base, theirs))


def _post(key: str, old: PackPost | None, new: PackPost | None, mine: PackPost | None) -> PostChange | None:
    if new is None:
        if mine is None or old is None:
            return PostChange(key, Kind.OWN) if mine is not None else None
        edited = tuple(_fields(old, old, mine))
        return PostChange(key, Kind.REMOVED_KEPT if edited else Kind.REMOVED, edited)
    if mine is None:
        # One that the agency has done away with does not come back by itself.
        return PostChange(key, Kind.ADDED) if old is None else None
    fields = tuple(_fields(old, new, mine))
    if any(change.side is None for change in fields):
        return PostChange(key, Kind.CONFLICT, fields)
    if any(change.side is Side.THEIRS for change in fields):
        return PostChange(key, Kind.CHANGED, fields)
    return PostChange(key, Kind.KEPT if fields else Kind.UNCHANGED, fields)


def _fields(old: PackPost | None, new: PackPost, mine: PackPost) -> list[FieldChange]:
    found: list[FieldChange] = []
    for name in FIELDS:
        base, theirs, ours = (None if post is None else value_of(post, name) for post in (old, new, mine))
        if ours == theirs:
            continue  # nothing to decide: unchanged, or both have made the same change
        if old is not None and theirs == base:
            side = Side.OURS
        elif old is not None and ours == base:
            side = Side.THEIRS
        else:
            side = None
        found.append(FieldChange(name, base, ours, theirs, side))
    return found


def value_of(post: PackPost, field: str) -> Any:  # noqa: ANN401 - whatever the field holds
    """Return what is compared of a post as plain data: of links only what a text needs, pins in their order."""
    document = post.model_dump(mode="json", include=set(FIELDS[field]))
    if field == "text":
        links = [(link["visible"], link["target"]) for link in document["links"]]
        return {"text": document["text"], "links": links}
    value = document[field]
    return sorted(value) if field == "pins" else value
