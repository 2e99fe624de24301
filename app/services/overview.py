"""How an organization's campaigns stand: deliveries by state, what is next, what waits for a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, and_, or_, select

from app.clock import utc_text
from app.models import Account, Campaign, Delivery, Post
from app.services.alerting.open_alerts import alerts_overview
from app.services.campaigns import campaigns
from app.services.deliveries import counts_by_state
from app.services.pauses import PauseView, pauses_in_force, pauses_of
from app.services.resuming import waiting_for
from app.services.scope import Scope

#: States in which nothing happens until a person acts.
WAITING = ("needs_review", "unknown", "held", "blocked", "failed", "missed", "handed_over", "withdraw_failed")
_MOST_LISTED = 200


def overview(scope: Scope) -> dict[str, Any]:
    """Return what is paused, which alerts are open, how every campaign stands, and what waits for a person.

    What waits comes oldest first, 200 deliveries at most.
    """
    pauses = {view.pause.id: _pause(scope, view) for view in pauses_in_force(scope)}
    return {
        "pauses": list(pauses.values()),
        "alerts": alerts_overview(scope),
        "campaigns": [_campaign(scope, campaign, pauses) for campaign in campaigns(scope)],
        "needs_a_person": [
            {
                "delivery": delivery.id,
                "post": post,
                "account": account,
                "state": delivery.state,
                "reason": delivery.state_detail or delivery.state_reason,
                "utc": utc_text(delivery.due_at),
            }
            for delivery, post, account in _waiting(scope)
        ],
    }


def _pause(scope: Scope, view: PauseView) -> dict[str, Any]:
    pause = view.pause
    return {
        "id": pause.id,
        "scope": pause.scope,
        "of": view.of,
        "week": pause.week,
        "reason": pause.reason,
        "by": pause.started_by,
        "since": utc_text(pause.started_at),
        "waiting": waiting_for(scope, pause).count,
    }


def _campaign(scope: Scope, campaign: Campaign, pauses: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
    upcoming = scope.session.execute(
        _named(scope)
        .where(Delivery.campaign_id == campaign.id, Delivery.state == "scheduled")
        .order_by(Delivery.ready_at, Delivery.id)
        .limit(1)
    ).first()
    return {
        "id": campaign.id,
        "slug": campaign.slug,
        "name": campaign.name,
        "starts_on": campaign.starts_on.isoformat(),
        "ends_on": campaign.ends_on.isoformat(),
        "time_zone": campaign.time_zone,
        "by_state": dict(counts_by_state(scope, campaign)),
        "next": None
        if upcoming is None
        else {"post": upcoming[1], "account": upcoming[2], "utc": utc_text(upcoming[0].ready_at)},
        "pauses": [pauses[view.pause.id] for view in pauses_of(scope, campaign)],
    }


def _waiting(scope: Scope) -> list[tuple[Delivery, str, str]]:
    # Of what is being taken back, the engine has no next try where a person is to delete it.
    by_hand = and_(Delivery.state == "withdrawing", Delivery.withdraw_at.is_(None))
    waits = or_(Delivery.state.in_(WAITING), by_hand)
    query = _named(scope).where(waits).order_by(Delivery.due_at, Delivery.id).limit(_MOST_LISTED)
    return [(delivery, post, account) for delivery, post, account in scope.session.execute(query)]


def _named(scope: Scope) -> Select[Delivery, str, str]:
    return (
        select(Delivery, Post.key, Account.slug)
        .join(Post, Post.id == Delivery.post_id)
        .join(Account, Account.id == Delivery.account_id)
        .where(Delivery.organization_id == scope.organization_id)
    )
