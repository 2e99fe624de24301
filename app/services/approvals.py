"""Approvals: given to exact parts, one post at a time or many, and what follows for the deliveries that waited."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.delivery.reevaluate import reevaluate
from app.errors import Conflict, FocusweekError
from app.identity.permissions import Permission
from app.models import Approval, Campaign, Organization, Post, Review
from app.records import journal
from app.services.approval_gate import DEMONSTRATION
from app.services.approving import Standing, Word, give, refuse_approver, refuse_writer
from app.services.review_sets import sets_of
from app.services.scope import Scope


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one post of many: `done`, or why not, with the error's code."""

    post_id: int
    key: str
    done: bool
    code: str | None = None
    reason: str | None = None


def approve(scope: Scope, post_id: int, word: Word) -> Post:
    """Approve parts of a post; what was blocked for want of it is looked at anew, and missed if its moment has passed.

    Raises:
        NotFound: There is no such post.
        NotAllowed, InvalidInput: See `approving.refuse_approver`.
        Conflict, WarningsUnacknowledged: See `approving.give`; or all of it is approved already.
    """
    scope.who.require(Permission.REVIEW)
    post = scope.get(Post, post_id, lock=True)
    standing = standings_of(scope, scope.get(Campaign, post.campaign_id), [post])[post.id]
    refuse_approver(scope, standing)
    if not give(scope, standing, word, by=scope.actor):
        raise Conflict("It is approved already.", hint="There is nothing more to do.")
    _follow(scope, standing)
    return post


def approve_clean(scope: Scope, posts: Sequence[Post]) -> list[Outcome]:
    """Approve each of these posts on which the rules find neither an error nor a warning.

    Raises:
        NotAllowed: Whoever asks may not review.
    """
    scope.who.require(Permission.REVIEW)
    return [_one_clean(scope, standing) for standing in _standings(scope, posts)]


def approve_everything(
    scope: Scope,
    campaign: Campaign,
    *,
    by: str | None = None,
    demonstration: bool = False,
    posts: Sequence[Post] | None = None,
) -> list[Outcome]:
    """Approve `posts` of a campaign, or all of them, as they stand, every warning acknowledged.

    Posts that are left out stay as they are.

    `by` is who goes on record, whoever acts without it. A `demonstration` approves for the sandbox only, and so its
    own texts, too.

    Raises:
        NotAllowed: Whoever asks may not review.
    """
    scope.who.require(Permission.REVIEW)
    if posts is None:
        posts = scope.session.scalars(scope.query(Post).where(Post.campaign_id == campaign.id)).all()
    word, outcomes = Word(all_warnings=True), []
    for standing in _standings(scope, [post for post in posts if post.left_out is None]):
        try:
            if not demonstration:
                refuse_writer(standing, scope.who) if by else refuse_approver(scope, standing)
            role = DEMONSTRATION if demonstration else None
            if give(scope, standing, word, by=by or scope.actor, role=role):
                _follow(scope, standing)
            outcomes.append(_done(standing))
        except FocusweekError as error:
            outcomes.append(_not_done(standing, error))
    return outcomes


def standings_of(scope: Scope, campaign: Campaign, posts: Sequence[Post]) -> dict[int, Standing]:
    """Return posts of one campaign with what there is to approve of them and what is approved, by post id."""
    organization = scope.session.get_one(Organization, scope.organization_id)
    sets = sets_of(scope, campaign, posts)
    standings = {post.id: Standing(post, sets[post.id], organization, []) for post in posts}
    query = scope.query(Approval).where(Approval.post_id.in_(standings), Approval.voided_at.is_(None))
    for approval in scope.session.scalars(query.order_by(Approval.id)):
        standings[approval.post_id].held.append(approval)
    return standings


def _standings(scope: Scope, posts: Sequence[Post]) -> Iterable[Standing]:
    """Give the standings of posts of any campaigns, each locked."""
    by_campaign: dict[int, list[Post]] = {}
    for post in posts:
        by_campaign.setdefault(post.campaign_id, []).append(post)
    for campaign_id, of_campaign in by_campaign.items():
        locked = (
            scope.query(Post)
            .where(Post.id.in_([post.id for post in of_campaign]))
            .order_by(Post.id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
        rows = scope.session.scalars(locked).all()
        yield from standings_of(scope, scope.get(Campaign, campaign_id), rows).values()


def _one_clean(scope: Scope, standing: Standing) -> Outcome:
    try:
        refuse_approver(scope, standing)
        found = [finding for one in standing.sets if not one.clean for finding in one.findings]
        if found:
            raise Conflict(f"The rules find something on it: {found[0].message}", hint="Look at it by itself.")
        if not give(scope, standing, Word(), by=scope.actor):
            raise Conflict("It is approved already.", hint="There is nothing more to do.")
    except FocusweekError as error:
        return _not_done(standing, error)
    _follow(scope, standing)
    return _done(standing)


def _follow(scope: Scope, standing: Standing) -> None:
    """Bring the post's state, its open review and its blocked deliveries up to what has been approved."""
    post = standing.post
    scope.session.flush()
    sendable = [one for one in standing.sets if one.sendable]
    if sendable and all(standing.covered(one.digest) for one in sendable):
        post.review_state = "approved"
        if all(standing.covered(one.digest) for one in standing.sets):
            # Of parts that nobody could approve yet, whoever wrote them still may not.
            post.writers = []
        query = scope.query(Review).where(Review.post_id == post.id, Review.state == "open")
        for review in scope.session.scalars(query):
            review.state, review.decided_by, review.decided_at = "approved", scope.actor, scope.now
    # Whoever has the post open to change it is to know that it was approved meanwhile.
    post.version += 1
    scope.session.flush()
    digests = [one.digest for one in standing.held]
    journal.note(scope.session, "approved", "post", post.id, after={"state": post.review_state, "parts": digests})
    reevaluate(scope.session, post.campaign_id, now=scope.now, actor=scope.actor, post_id=post.id)


def _done(standing: Standing) -> Outcome:
    return Outcome(standing.post.id, standing.post.key, done=True)


def _not_done(standing: Standing, error: FocusweekError) -> Outcome:
    return Outcome(standing.post.id, standing.post.key, done=False, code=error.code, reason=error.message)
