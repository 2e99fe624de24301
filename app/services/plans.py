"""Plans: what would go out where and when, looked at first, then committed as deliveries."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from hashlib import sha256

from sqlalchemy import select

from app.composing.values import Composition
from app.delivery import reasons
from app.delivery.commands import move_delivery, remove_planned
from app.errors import Conflict, NotAllowed, PlanChanged
from app.models import Account, Attempt, Campaign, Delivery, DeliveryEvent, Post
from app.planning.changes import Changes, changes
from app.planning.plan import make_plan
from app.planning.values import Existing, Plan, PlanAccount, Planned, PlanPost
from app.platforms.base import Via
from app.platforms.registry import network
from app.services.accounts import accounts_of
from app.services.approval_gate import approvals_in_force
from app.services.cadences import CadenceSettings
from app.services.campaigns import window_of
from app.services.compositions import Made, made
from app.services.contacts import unconfirmed
from app.services.posts import posts_of
from app.services.scope import Scope
from app.services.voices import post_text_of, variants_of, voice_of

#: Why a delivery has a time that a person gave it.
_TIMED_BY_A_PERSON = (
    reasons.RESCHEDULED,
    reasons.SENT_NOW,
    reasons.RETRIED,
    reasons.RESUME_KEPT,
    reasons.RESUME_MOVED,
)


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A post that the gate would not let out on an account as it stands, and the first reason."""

    post: str
    account: str
    reason: str


@dataclass(frozen=True, slots=True)
class PlanPreview:
    """A plan, what committing it would add, move and remove, and what the gate would hold back as things stand.

    `digest` is to be sent with the commit. `unapproved` counts what is planned and not approved yet: drafts may be
    planned, so they are no trouble, and an approval that comes meanwhile changes nothing of the plan.
    """

    plan: Plan
    digest: str
    added: tuple[Planned, ...]
    moved: tuple[Planned, ...]
    kept: int
    removed: tuple[Existing, ...]
    held_back: tuple[HeldBack, ...]
    unapproved: int = 0


@dataclass(frozen=True, slots=True)
class PlanCommit:
    """What a commit did."""

    added: int
    moved: int
    removed: int
    kept: int


def preview_plan(scope: Scope, campaign: Campaign) -> PlanPreview:
    """Plan a campaign on the organization's connected accounts from now on; nothing is written."""
    posts = posts_of(scope, campaign)
    accounts = accounts_of(scope)
    rows = _existing_rows(scope, campaign)
    names = _Names(posts, accounts)
    settled = _settled(scope, campaign)
    existing = tuple(names.existing(row, movable=row.state == "scheduled" and row.id not in settled) for row in rows)
    plan = make_plan(
        [_plan_post(post) for post in posts],
        [PlanAccount(a.slug, a.platform, a.min_gap_minutes) for a in accounts if a.state != "disconnected"],
        window_of(campaign),
        CadenceSettings.model_validate(campaign.cadence).to_value(),
        now=scope.now,
        existing=existing,
    )
    would = changes(plan, existing)
    composed = made_for(scope, campaign, posts, sorted({account.platform for account in accounts}))
    held_back = _held_back(composed, plan.placed)
    return PlanPreview(
        plan=plan,
        digest=_digest(plan, would, held_back),
        added=would.added,
        moved=tuple(move.after for move in would.moved),
        kept=len(would.kept),
        removed=tuple(gone for gone in (*would.superfluous, *would.without_place) if gone.movable),
        held_back=held_back,
        unapproved=_unapproved(scope, posts, composed, plan.placed),
    )


def _digest(plan: Plan, would: Changes, held_back: tuple[HeldBack, ...]) -> str:
    """Return the digest of all that a preview shows: the plan, what it changes, and what would be held back.

    With the changes in it, a second commit of one preview is refused instead of doing nothing unnoticed.
    """
    shown = [
        plan.digest,
        [[one.post, one.account, one.occurrence] for one in would.added],
        [[move.after.post, move.after.account, move.after.occurrence, _utc(move.before)] for move in would.moved],
        [[one.post, one.account, one.occurrence, _utc(one)] for one in would.without_place],
        [[one.post, one.account, one.reason] for one in held_back],
    ]
    return sha256(json.dumps(shown, separators=(",", ":")).encode()).hexdigest()


def _utc(existing: Existing) -> str:
    return existing.due_at.astimezone(UTC).isoformat()


def commit_plan(scope: Scope, campaign: Campaign, digest: str) -> PlanCommit:
    """Make the previewed plan true: deliveries are added, moved and removed, all or nothing.

    Raises:
        PlanChanged: Posts, accounts, cadence or deliveries changed since the preview of that digest, or it is
            committed already.
        NotAllowed: A real account is planned for and contact facts are unconfirmed.
        Conflict: There is no account to plan for.
    """
    scope.get(Campaign, campaign.id, lock=True)
    preview = preview_plan(scope, campaign)
    _done(preview.digest == digest)
    accounts = {account.slug: account for account in accounts_of(scope)}
    if not accounts:
        raise Conflict("There is no account to plan for.", hint="Add an account first.")
    refuse_unconfirmed(scope, campaign, [accounts[p.account] for p in preview.plan.placed])
    posts = {post.key: post for post in posts_of(scope, campaign)}
    names = _Names(tuple(posts.values()), tuple(accounts.values()))
    rows = {names.key(row): row for row in _existing_rows(scope, campaign)}
    for planned in preview.added:
        scope.session.add(_delivery(scope, campaign, posts[planned.post], accounts[planned.account], planned))
    scope.session.flush()
    for planned in preview.moved:
        row = rows[planned.post, planned.account, planned.occurrence]
        _done(move_delivery(scope.session, row.id, due_at=planned.utc, now=scope.now, actor=scope.actor))
    for gone in preview.removed:
        # Never attempted and no longer wanted: it was only a plan. What a person cancels stays cancelled instead.
        _done(remove_planned(scope.session, rows[gone.post, gone.account, gone.occurrence].id))
    return PlanCommit(len(preview.added), len(preview.moved), len(preview.removed), preview.kept)


def _done(as_previewed: bool) -> None:
    if not as_previewed:
        raise PlanChanged(
            "Things have changed since this plan was previewed, or it is committed already; nothing was done.",
            hint="Preview it again: it shows what is left to do, if anything. Then commit that one.",
        )


def refuse_unconfirmed(scope: Scope, campaign: Campaign, accounts: Sequence[Account]) -> None:
    """Refuse to go live on real accounts while contact facts are unconfirmed; sandboxes need no confirmation."""
    real = sorted({account.slug for account in accounts if account.via != Via.SANDBOX})
    if real and (open_facts := unconfirmed(scope.session, campaign)):
        raise NotAllowed(
            f"The campaign cannot go live on {', '.join(real)}: nobody has confirmed {', '.join(open_facts)}.",
            hint="Call, text or open each one, then confirm it for this campaign.",
        )


def compositions_for(
    scope: Scope, campaign: Campaign, posts: Sequence[Post], platforms: Sequence[str]
) -> dict[tuple[str, str], Composition]:
    """Return what each post would be on each network, by post key and platform."""
    return {place: one.composition for place, one in made_for(scope, campaign, posts, platforms).items()}


def made_for(
    scope: Scope, campaign: Campaign, posts: Sequence[Post], platforms: Sequence[str]
) -> dict[tuple[str, str], Made]:
    """Return the same with the digests of the parts."""
    voice = voice_of(scope.session, campaign)
    variants = variants_of(scope.session, posts)
    texts = {post.key: post_text_of(post, variants[post.id]) for post in posts}
    return {
        (key, platform): made(text, network(platform).profile, voice)
        for key, text in texts.items()
        for platform in platforms
    }


def _unapproved(
    scope: Scope, posts: Sequence[Post], composed: Mapping[tuple[str, str], Made], placed: Sequence[Planned]
) -> int:
    ids = {post.key: post.id for post in posts}
    held = approvals_in_force(scope.session, ids.values())
    approved = {(key, one.digest) for key, post_id in ids.items() for one in held[post_id]}
    return sum((one.post, composed[one.post, one.platform].digest) not in approved for one in placed)


def _held_back(composed: Mapping[tuple[str, str], Made], placed: Sequence[Planned]) -> tuple[HeldBack, ...]:
    found = {}
    for planned in placed:
        verdict = composed[planned.post, planned.platform].composition.verdict
        if not verdict.sendable:
            found[planned.post, planned.account] = verdict.errors[0].message
    return tuple(HeldBack(post, account, reason) for (post, account), reason in found.items())


def _existing_rows(scope: Scope, campaign: Campaign) -> Sequence[Delivery]:
    query = scope.query(Delivery).where(Delivery.campaign_id == campaign.id)
    return scope.session.scalars(query.order_by(Delivery.id)).all()


def _settled(scope: Scope, campaign: Campaign) -> frozenset[int]:
    """Return the deliveries that a re-plan leaves alone: attempted once, or given their time by a person."""
    mine = select(Delivery.id).where(Delivery.campaign_id == campaign.id)
    attempted = select(Attempt.delivery_id).where(Attempt.delivery_id.in_(mine))
    by_hand = select(DeliveryEvent.delivery_id).where(
        DeliveryEvent.delivery_id.in_(mine),
        DeliveryEvent.reason.in_(_TIMED_BY_A_PERSON),
    )
    return frozenset(scope.session.scalars(attempted)) | frozenset(scope.session.scalars(by_hand))


class _Names:
    """The keys and slugs that planning knows rows by."""

    def __init__(self, posts: Sequence[Post], accounts: Sequence[Account]) -> None:
        self._posts = {post.id: post.key for post in posts}
        self._accounts = {account.id: account.slug for account in accounts}

    def key(self, row: Delivery) -> tuple[str, str, str]:
        return self._posts[row.post_id], self._accounts[row.account_id], row.occurrence

    def existing(self, row: Delivery, *, movable: bool) -> Existing:
        return Existing(*self.key(row), row.due_at, movable=movable, cancelled=row.state == "cancelled")


def _plan_post(post: Post) -> PlanPost:
    return PlanPost(
        key=post.key,
        week=post.week,
        pins=tuple(date.fromisoformat(pin) for pin in post.pins),
        accounts=frozenset(post.accounts) if post.accounts is not None else None,
        platforms=frozenset(post.platforms) if post.platforms is not None else None,
        left_out=post.left_out,
        at=post.at,
    )


def _delivery(scope: Scope, campaign: Campaign, post: Post, account: Account, planned: Planned) -> Delivery:
    return Delivery(
        organization_id=scope.organization_id,
        campaign_id=campaign.id,
        post_id=post.id,
        account_id=account.id,
        occurrence=planned.occurrence,
        week=planned.week,
        state="scheduled",
        state_since=scope.now,
        due_at=planned.utc,
        ready_at=planned.utc,
        created_at=scope.now,
    )
