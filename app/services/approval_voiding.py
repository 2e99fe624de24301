"""What a change does to approvals: those of parts that no account would get any more are voided, the others stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from app.composing.approving import unacknowledged
from app.models import Account, Approval, Campaign, Post
from app.platforms.registry import NETWORKS
from app.services.compositions import Made, account_profile, made
from app.services.scope import Scope
from app.services.voices import post_text_of, variants_of, voice_of
from app.text.profile import TextProfile

CHANGED = "What would go out has changed."
REPLACED = "Approved anew."


def reconsider(scope: Scope, campaign: Campaign, posts: Sequence[Post] | None = None) -> int:
    """Look at the approvals in force of some posts, or of all of a campaign, after a change of text, fill-in or rule.

    An approval is voided where no account or network would get its parts any more, or where they have an error or
    warning now that it did not acknowledge. A voided one stays voided, whatever is changed back.

    Returns:
        How many were voided.
    """
    if posts is not None and not posts:
        return 0
    query = scope.query(Approval).join(Post, Post.id == Approval.post_id)
    query = query.where(Post.campaign_id == campaign.id, Approval.voided_at.is_(None))
    if posts is not None:
        query = query.where(Post.id.in_({post.id for post in posts}))
    held: dict[int, list[Approval]] = defaultdict(list)
    for row in scope.session.scalars(query.order_by(Approval.id)):
        held[row.post_id].append(row)
    if not held:
        return 0
    approved = scope.session.scalars(scope.query(Post).where(Post.id.in_(held)).order_by(Post.id)).all()
    produced = _produced(scope, campaign, approved, held)
    return sum(_reconsider(scope, post, held[post.id], produced[post.id]) for post in approved)


def void(scope: Scope, approvals: Iterable[Approval], reason: str) -> None:
    """Void approvals, with the reason that stays on record."""
    for approval in approvals:
        approval.voided_at, approval.void_reason = scope.now, reason
    # Another of the same parts may come now, and of those in force there is one.
    scope.session.flush()


def why_void(approval: Approval, of_these: Sequence[Made]) -> str | None:
    """Return why an approval cannot stand, or None; `of_these` is what has its digest now, wherever it would go."""
    if not of_these:
        return CHANGED
    sendable = [one for one in of_these if one.composition.sendable]
    if not sendable:
        error = of_these[0].composition.verdict.errors[0]
        return f"The rules have an error on it now ({error.code}): {error.message}"
    for one in sendable if approval.step == 1 else ():
        for warning in unacknowledged(one.warnings, approval.acknowledged)[:1]:
            return f"The rules have a warning on it now that was not acknowledged ({warning.code}): {warning.message}"
    return None


def _reconsider(scope: Scope, post: Post, held: Sequence[Approval], produced: Mapping[str, Sequence[Made]]) -> int:
    # The first step goes with its reason, and the second with the first.
    gone: dict[str, str] = {}
    for approval in sorted(held, key=lambda one: one.step):
        reason = gone.get(approval.digest) or why_void(approval, produced.get(approval.digest, ()))
        if reason is not None:
            gone[approval.digest] = reason
    voided = [approval for approval in held if approval.digest in gone]
    for approval in voided:
        void(scope, [approval], gone[approval.digest])
    if voided and post.review_state == "approved":
        post.review_state = "draft"
    return len(voided)


def _produced(
    scope: Scope, campaign: Campaign, posts: Sequence[Post], held: Mapping[int, Sequence[Approval]]
) -> dict[int, dict[str, list[Made]]]:
    """Return by post and digest what would go out: on every account, and on networks that approvals name besides."""
    voice = voice_of(scope.session, campaign)
    accounts = scope.session.scalars(scope.query(Account).order_by(Account.id)).all()
    profiles = dict.fromkeys(account_profile(account) for account in accounts)
    with_accounts = {account.platform for account in accounts}
    variants = variants_of(scope.session, posts)
    found: dict[int, dict[str, list[Made]]] = {}
    for post in posts:
        text = post_text_of(post, variants[post.id])
        named = {slug for approval in held[post.id] for slug in approval.platforms} - with_accounts
        by_digest: dict[str, list[Made]] = defaultdict(list)
        for profile in (*profiles, *_profiles(named)):
            one = made(text, profile, voice)
            by_digest[one.digest].append(one)
        found[post.id] = by_digest
    return found


def _profiles(slugs: Iterable[str]) -> list[TextProfile]:
    return [NETWORKS[slug].profile for slug in sorted(slugs) if slug in NETWORKS]
