"""From rows to the values that composing and the rules take. What is costly to prepare is kept while in use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.composing.values import LinkTarget, PostText, Voice
from app.models import Campaign, FillIn, Organization, Post, Variant
from app.packs.schema import Pack
from app.packs.voice import build_voice
from app.policy.finding import Level


def pack_of(campaign: Campaign) -> Pack:
    """Return the campaign's pack as it was when the campaign was made."""
    # Every change of a campaign raises its version, so what was read once need not even be loaded again.
    key = (campaign.pack_digest, campaign.id, campaign.version, campaign.updated_at)
    kept = _packs.get(key)
    if kept is None:
        kept = _same_document(campaign.pack_digest, campaign.pack)
        if len(_packs) >= _MOST_KEPT:
            _packs.clear()
        _packs[key] = kept
    return kept


def _same_document(digest: str, document: dict[str, Any]) -> Pack:
    """Return one pack for all campaigns and versions of the same document."""
    known = _documents.get(digest)
    # The digest only finds it; that it is the same is seen from the document, which is compared in microseconds.
    if known is not None and known[0] == document:
        return known[1]
    pack = Pack.model_validate(document)
    if len(_documents) >= _MOST_KEPT:
        _documents.clear()
    _documents[digest] = (document, pack)
    return pack


#: Packs in use: by campaign and version, and by digest with the document that each was read from.
_packs: dict[tuple[str, int, int, datetime], Pack] = {}
_documents: dict[str, tuple[dict[str, Any], Pack]] = {}
_MOST_KEPT = 32


def fill_ins_of(session: Session, campaign: Campaign) -> dict[str, str]:
    """Return the values of a campaign's fill-ins: its own before the organization's defaults."""
    pack_keys = {fill_in.key for fill_in in pack_of(campaign).fill_ins}
    organization = session.get_one(Organization, campaign.organization_id)
    values = {key: str(value) for key, value in organization.fill_ins.items() if key in pack_keys}
    own = session.scalars(select(FillIn).where(FillIn.campaign_id == campaign.id))
    return values | {row.key: row.value for row in own}


def voice_of(session: Session, campaign: Campaign) -> Voice:
    """Return the campaign's voice: its policy with the levels it changed, its forms and its filled fill-ins."""
    return voice_for(pack_of(campaign), campaign.year, campaign.levels, fill_ins_of(session, campaign))


def voice_for(pack: Pack, year: int, levels: Mapping[str, str], fill_ins: Mapping[str, str]) -> Voice:
    """Return the voice for a pack, a year, changed rule levels and filled fill-ins; kept while in use."""
    return _voice(_ByIdentity(pack), year, tuple(sorted(levels.items())), tuple(sorted(fill_ins.items())))


class _ByIdentity:
    """A pack as a key: packs do not change once read, and comparing two whole packs costs more than it saves."""

    __slots__ = ("pack",)

    def __init__(self, pack: Pack) -> None:
        self.pack = pack

    def __hash__(self) -> int:
        return id(self.pack)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByIdentity) and other.pack is self.pack


@lru_cache(maxsize=128)
def _voice(
    key: _ByIdentity, year: int, levels: tuple[tuple[str, str], ...], fill_ins: tuple[tuple[str, str], ...]
) -> Voice:
    changed = {code: Level(level) for code, level in levels}
    return build_voice(key.pack, year=year, fill_ins=dict(fill_ins), levels=changed)


def post_text_of(post: Post, variants: Iterable[Variant]) -> PostText:
    """Return a post as composing takes it."""
    return PostText(
        key=post.key,
        text=post.text,
        language=post.language,
        links=tuple(LinkTarget(link["visible"], link["target"]) for link in post.links if link.get("target")),
        variants=tuple((variant.platform, variant.text) for variant in variants),
    )


def variants_of(session: Session, posts: Sequence[Post]) -> dict[int, list[Variant]]:
    """Return the variants of posts, by post id; every post has an entry."""
    found: dict[int, list[Variant]] = {post.id: [] for post in posts}
    for variant in session.scalars(select(Variant).where(Variant.post_id.in_(found)).order_by(Variant.platform)):
        found[variant.post_id].append(variant)
    return found
