"""Which pauses hold a delivery."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from app.db import RowId
from app.models import Delivery, Pause


def reaches(pause: type[Pause] = Pause) -> ColumnElement[bool]:
    """A condition on a pause and `Delivery`: the delivery lies in its scope, whether it is in force or has ended."""
    mine = pause.organization_id == Delivery.organization_id
    campaign = pause.campaign_id == Delivery.campaign_id
    return or_(
        pause.scope == "instance",
        and_(mine, pause.scope == "organization"),
        and_(mine, pause.scope == "campaign", campaign),
        and_(mine, pause.scope == "week", campaign, pause.week == Delivery.week),
        and_(mine, pause.scope == "account", pause.account_id == Delivery.account_id),
    )


def _holds() -> ColumnElement[bool]:
    return and_(Pause.ended_at.is_(None), reaches())


def paused() -> ColumnElement[bool]:
    """A condition on `Delivery` in a query: some pause holds it."""
    return exists(select(Pause.id).where(_holds()).correlate(Delivery))


def pauses_on(session: Session, delivery_ids: Sequence[int]) -> dict[int, Pause]:
    """Return by delivery the oldest pause that holds it now; a delivery that none holds has no entry."""
    found: dict[int, Pause] = {}
    for delivery_id, pause in session.execute(_PAUSES_ON, {"deliveries": list(delivery_ids)}):
        found.setdefault(delivery_id, pause)
    return found


_PAUSES_ON = (
    select(Delivery.id, Pause)
    .join(Pause, _holds())
    .where(Delivery.id.in_(bindparam("deliveries", type_=RowId, expanding=True)))
    .order_by(Pause.id)
)
