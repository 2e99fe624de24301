"""All organizations of one person at a glance: what is blocked, missed or waiting in each. No texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Select, func, select

from app.identity.principal import Principal
from app.models import Delivery, Membership, Organization, Review, State
from app.services.scope import InstanceScope

T = TypeVar("T")

_COUNTED = (State.BLOCKED, State.MISSED, State.NEEDS_REVIEW, State.HELD, State.UNKNOWN, State.FAILED)


@dataclass(frozen=True, slots=True)
class Standing:
    """How one organization stands. `by_state` has the states that want a person; `next_due` is aware, UTC."""

    organization: Organization
    role: str | None
    by_state: Mapping[str, int]
    in_review: int
    next_due: datetime | None


def portfolio(scope: InstanceScope, who: Principal) -> Sequence[Standing]:
    """Return how each organization of whoever asks stands, by slug: one query a count, however many there are."""
    roles = _roles(scope, who)
    rows = scope.session.scalars(
        select(Organization)
        .where(Organization.id.in_(roles), Organization.state == "active")
        .order_by(Organization.slug)
    ).all()
    theirs = [row.id for row in rows]
    states: dict[int, dict[str, int]] = {}
    query = (
        select(Delivery.organization_id, Delivery.state, func.count())
        .where(Delivery.organization_id.in_(theirs), Delivery.state.in_([state.value for state in _COUNTED]))
        .group_by(Delivery.organization_id, Delivery.state)
    )
    for organization_id, state, count in scope.session.execute(query):
        states.setdefault(organization_id, {})[state] = count
    in_review = _by_organization(
        scope,
        select(Review.organization_id, func.count())
        .where(Review.organization_id.in_(theirs), Review.state == "open")
        .group_by(Review.organization_id),
    )
    next_due = _by_organization(
        scope,
        select(Delivery.organization_id, func.min(Delivery.due_at))
        .where(Delivery.organization_id.in_(theirs), Delivery.state == State.SCHEDULED.value)
        .group_by(Delivery.organization_id),
    )
    return [
        Standing(row, roles[row.id], states.get(row.id, {}), in_review.get(row.id, 0), next_due.get(row.id))
        for row in rows
    ]


def _roles(scope: InstanceScope, who: Principal) -> dict[int, str | None]:
    """Return the organizations of whoever asks, with their role: all of them for the command line."""
    if who.via == "local":
        return dict.fromkeys(scope.session.scalars(select(Organization.id)))
    if who.via == "token" or who.user_id is None:
        return {} if who.organization_id is None else {who.organization_id: None}
    mine = select(Membership.organization_id, Membership.role).where(Membership.user_id == who.user_id)
    return {row.organization_id: row.role for row in scope.session.execute(mine)}


def _by_organization(scope: InstanceScope, query: Select[int, T]) -> dict[int, T]:
    return {row[0]: row[1] for row in scope.session.execute(query)}
