"""Deliveries: looked at with their history, and what a person does to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import defer

from app.composing.values import Composition
from app.delivery import commands, reasons, review, transitions
from app.delivery.deps import Adapters
from app.delivery.pauses import pauses_on
from app.errors import InvalidInput
from app.models import Account, Attempt, AttemptPart, Campaign, Delivery, DeliveryEvent, Pause, Post, State
from app.services.composer import CampaignComposer
from app.services.scope import Scope


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """A delivery with what its ids stand for; `pause` is the one that holds it, where it is scheduled."""

    delivery: Delivery
    post: Post
    account: Account
    campaign: Campaign
    pause: Pause | None = None


@dataclass(frozen=True, slots=True)
class AttemptView:
    """An attempt with its parts, as they were frozen before anything was sent."""

    attempt: Attempt
    parts: tuple[AttemptPart, ...]


@dataclass(frozen=True, slots=True)
class DeliveryHistory:
    """A delivery with all that happened to it.

    `composition` is what would go out as things stand, where nothing was attempted yet; else None, and the last
    attempt's parts are what counts.
    """

    view: DeliveryView
    attempts: tuple[AttemptView, ...]
    events: tuple[DeliveryEvent, ...]
    composition: Composition | None


def delivery_view(scope: Scope, delivery_id: int) -> DeliveryView:
    """Return one delivery, as the database has it now.

    Raises:
        NotFound: There is none.
    """
    row = scope.get(Delivery, delivery_id)
    scope.session.refresh(row)
    return views_of(scope, [row])[0]


def delivery_history(scope: Scope, adapters: Adapters, delivery_id: int) -> DeliveryHistory:
    """Return one delivery with its attempts, events, and what would go out where nothing was attempted.

    Raises:
        NotFound: There is none.
    """
    view = delivery_view(scope, delivery_id)
    attempts = _attempts(scope, delivery_id)
    events = scope.session.scalars(
        scope.query(DeliveryEvent).where(DeliveryEvent.delivery_id == delivery_id).order_by(DeliveryEvent.id)
    ).all()
    composition = None
    if not attempts:
        composer = CampaignComposer(adapters)
        composed = composer.compose(scope.session, post=view.post, account=view.account, campaign=view.campaign)
        composition = composed.composition
    return DeliveryHistory(view, attempts, tuple(events), composition)


def counts_by_state(scope: Scope, campaign: Campaign) -> Mapping[str, int]:
    """Return how many deliveries of a campaign stand in each state; states without any are left out."""
    rows = scope.session.execute(
        select(Delivery.state, func.count())
        .where(Delivery.organization_id == scope.organization_id, Delivery.campaign_id == campaign.id)
        .group_by(Delivery.state)
        .order_by(Delivery.state)
    )
    return {row[0]: row[1] for row in rows}


def reschedule(scope: Scope, delivery_id: int, due_at: datetime) -> DeliveryView:
    """Move a delivery to another instant (aware), with a window of its own.

    Raises:
        NotFound, InvalidInput, StateRefused: See `delivery.commands` and `delivery.review`.
    """
    _mine(scope, delivery_id)
    commands.reschedule(scope.session, delivery_id, due_at=due_at, now=scope.now, actor=scope.actor)
    return delivery_view(scope, delivery_id)


def cancel(scope: Scope, delivery_id: int, reason: str | None = None) -> DeliveryView:
    """Cancel a delivery, or ask for a stop where it is on its way; `reason` is a person's own words.

    Raises:
        NotFound, StateRefused: See `delivery.commands` and `delivery.review`.
    """
    _mine(scope, delivery_id)
    state = commands.cancel(scope.session, delivery_id, now=scope.now, actor=scope.actor)
    if reason:
        transitions.adjust(
            scope.session, delivery_id, state, at=scope.now, reason=reasons.CANCELLED, detail=reason,
            actor=scope.actor, values={"state_detail": reason},
        )  # fmt: skip
    return delivery_view(scope, delivery_id)


def retry(scope: Scope, delivery_id: int) -> DeliveryView:
    """Try a delivery again that failed, was missed, blocked or held.

    Raises:
        NotFound, StateRefused: See `delivery.commands` and `delivery.review`.
    """
    _mine(scope, delivery_id)
    commands.retry(scope.session, delivery_id, now=scope.now, actor=scope.actor)
    return delivery_view(scope, delivery_id)


def send_now(scope: Scope, delivery_id: int) -> DeliveryView:
    """Make a delivery due now.

    Raises:
        NotFound, StateRefused: See `delivery.commands` and `delivery.review`.
    """
    _mine(scope, delivery_id)
    commands.send_now(scope.session, delivery_id, now=scope.now, actor=scope.actor)
    return delivery_view(scope, delivery_id)


def posted_by_hand(scope: Scope, delivery_id: int, url: str) -> DeliveryView:
    """Record that a person posted what was handed over, and where.

    Raises:
        NotFound, InvalidInput, StateRefused: See `delivery.commands` and `delivery.review`.
    """
    _mine(scope, delivery_id)
    review.confirm_posted(scope.session, delivery_id, link=url, now=scope.now, actor=scope.actor)
    return delivery_view(scope, delivery_id)


def resolve_review(scope: Scope, delivery_id: int, decision: str, url: str | None = None) -> DeliveryView:
    """Settle a delivery that needs review: `went_out`, `send_again` or `send_rest`; `url` is for `went_out` only.

    Raises:
        NotFound, InvalidInput, StateRefused: See `delivery.commands` and `delivery.review`.
    """
    _mine(scope, delivery_id)
    session, now, actor = scope.session, scope.now, scope.actor
    match decision:
        case "went_out":
            review.resolve_went_out(session, delivery_id, link=url, now=now, actor=actor)
        case "send_again":
            review.resolve_send_again(session, delivery_id, now=now, actor=actor)
        case "send_rest":
            review.resolve_send_rest(session, delivery_id, now=now, actor=actor)
        case _:
            raise InvalidInput(f"There is no decision {decision!r}.", hint="Say went_out, send_again or send_rest.")
    return delivery_view(scope, delivery_id)


def _mine(scope: Scope, delivery_id: int) -> None:
    """Refuse what belongs to another organization; the commands below know deliveries by their id only."""
    scope.get(Delivery, delivery_id)


def views_of(scope: Scope, rows: Sequence[Delivery]) -> list[DeliveryView]:
    """Return deliveries, as they were read, with what their ids stand for."""
    posts = {
        post.id: post for post in scope.session.scalars(scope.query(Post).where(Post.id.in_({r.post_id for r in rows})))
    }
    accounts = {
        account.id: account
        for account in scope.session.scalars(scope.query(Account).where(Account.id.in_({r.account_id for r in rows})))
    }
    campaigns = {
        campaign.id: campaign
        for campaign in scope.session.scalars(
            # Nothing of the pack is shown, which is a fifth of a megabyte.
            scope.query(Campaign).where(Campaign.id.in_({r.campaign_id for r in rows})).options(defer(Campaign.pack))
        )
    }
    # A thread that has begun is finished whatever is paused.
    held = pauses_on(scope.session, [r.id for r in rows if r.state == State.SCHEDULED and not r.parts_out])
    return [
        DeliveryView(r, posts[r.post_id], accounts[r.account_id], campaigns[r.campaign_id], held.get(r.id))
        for r in rows
    ]


def _attempts(scope: Scope, delivery_id: int) -> tuple[AttemptView, ...]:
    attempts = scope.session.scalars(
        scope.query(Attempt).where(Attempt.delivery_id == delivery_id).order_by(Attempt.id)
    ).all()
    parts: dict[int, list[AttemptPart]] = {attempt.id: [] for attempt in attempts}
    query = scope.query(AttemptPart).where(AttemptPart.attempt_id.in_(parts))
    for part in scope.session.scalars(query.order_by(AttemptPart.attempt_id, AttemptPart.index)):
        parts[part.attempt_id].append(part)
    return tuple(AttemptView(attempt, tuple(parts[attempt.id])) for attempt in attempts)
