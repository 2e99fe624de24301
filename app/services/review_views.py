"""A post as its reviewer sees it: what would go out where, what was approved before, and what has changed since."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from app.models import Approval, Campaign, Organization, Post, Review, ReviewComment
from app.policy.facts import PART_SEPARATOR
from app.policy.finding import Finding
from app.services.approval_gate import is_issuers_own
from app.services.approvals import standings_of
from app.services.approving import Standing
from app.services.review_sets import PartsSet
from app.services.reviews import open_review
from app.services.scope import Scope
from app.services.voices import pack_of, variants_of

_WORDS = re.compile(r"\s+|[^\s]+")
#: Longer texts are shown side by side only: comparing costs the square of their length.
_LONGEST_COMPARED = 20_000


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of text that stayed (`same`), was `removed` or `added` since the last approval."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class SetView:
    """One set of parts to decide on.

    `warnings` are by the keys that acknowledge them, `acknowledged` those that the approval in force accepts.
    `previous` is the newest earlier approval for one of the same networks whose parts were others, with the `changes`
    since then.
    """

    parts: PartsSet
    first: Approval | None
    second: Approval | None
    previous: Approval | None
    changes: tuple[Change, ...]

    @property
    def warnings(self) -> dict[str, Finding]:
        """The warnings to acknowledge."""
        return self.parts.warnings

    @property
    def acknowledged(self) -> frozenset[str]:
        """The keys that are acknowledged by the approval in force."""
        return frozenset(self.first.acknowledged) if self.first is not None else frozenset()


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A post in review. `cleared_by` is the issuer where the text is theirs, unchanged; see `suffices`."""

    post: Post
    campaign: Campaign
    organization: Organization
    review: Review | None
    sets: tuple[SetView, ...]
    voided: tuple[Approval, ...]
    reviews: tuple[Review, ...]
    comments: int
    cleared_by: str | None

    @property
    def suffices(self) -> bool:
        """Whether the organization takes the issuer's clearance for an approval."""
        return self.cleared_by is not None and self.organization.issuer_clearance_suffices


def review_view(scope: Scope, post_id: int) -> ReviewView:
    """Return a post as its reviewer sees it.

    Raises:
        NotFound: There is no such post.
    """
    post = scope.get(Post, post_id)
    campaign = scope.get(Campaign, post.campaign_id)
    standing = standings_of(scope, campaign, [post])[post.id]
    approvals = scope.session.scalars(
        scope.query(Approval).where(Approval.post_id == post.id).order_by(Approval.id.desc())
    ).all()
    asked = scope.session.scalars(scope.query(Review).where(Review.post_id == post.id).order_by(Review.id.desc())).all()
    open_comments = scope.query(ReviewComment).where(
        ReviewComment.post_id == post.id, ReviewComment.settled_at.is_(None)
    )
    pack = pack_of(campaign)
    own = is_issuers_own(pack, post, variants_of(scope.session, [post])[post.id])
    return ReviewView(
        post=post,
        campaign=campaign,
        organization=standing.organization,
        review=open_review(scope, post),
        sets=tuple(_set_view(standing, parts, approvals) for parts in standing.sets),
        voided=tuple(one for one in approvals if one.voided_at is not None),
        reviews=tuple(asked),
        comments=len(scope.session.scalars(open_comments).all()),
        cleared_by=pack.issuer if own else None,
    )


def _set_view(standing: Standing, parts: PartsSet, approvals: Sequence[Approval]) -> SetView:
    previous = next(
        (
            one
            for one in approvals
            if one.step == 1 and one.digest != parts.digest and set(one.platforms) & set(parts.platforms)
        ),
        None,
    )
    changes: tuple[Change, ...] = ()
    if previous is not None:
        before = PART_SEPARATOR.join(part["text"] for part in previous.parts)
        changes = tuple(changes_between(before, text_of(parts)))
    first, second = standing.first(parts.digest), standing.second(parts.digest)
    return SetView(parts, first, second, previous, changes)


def text_of(parts: PartsSet) -> str:
    """Return the parts joined as findings' spans count them."""
    return PART_SEPARATOR.join(part.text for part in parts.composition.parts)


def parts_json(approval: Approval) -> list[dict[str, Any]]:
    """Return the parts that an approval was given to, as they were kept with it."""
    return list(approval.parts)


def changes_between(before: str, after: str) -> Iterator[Change]:
    """Give what has changed from one text to another, word by word; nothing of texts too long to compare."""
    if len(before) + len(after) > _LONGEST_COMPARED:
        return
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Change("same", "".join(old[a:b]))
            continue
        if a < b:
            yield Change("removed", "".join(old[a:b]))
        if c < d:
            yield Change("added", "".join(new[c:d]))
