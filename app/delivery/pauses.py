"""Which pauses hold a delivery."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from app.db import RowId
from app.models import Delivery, Pause


def _holds() -> ColumnElement[bool]:
    mine = Pause.organization_id == Delivery.organization_id
    campaign = Pause.campaign_id == Delivery.campaign_id
    return and_(
        Pause.ended_at.is_(None),
        or_(
            Pause.scope == "instance",
            and_(mine, Pause.scope == "organization"),
            and_(mine, Pause.scope == "campaign", campaign),
            and_(mine, Pause.scope == "week", campaign, Pause.week == Delivery.week),
            and_(mine, Pause.scope == "account", Pause.account_id == Delivery.account_id),
        ),
    )


def paused() -> ColumnElement[bool]:
    """A condition on `Delivery` in a query: some pause holds it."""
    return exists(select(Pause.id).where(_holds()).correlate(Delivery))


def pause_on(session: Session, delivery_id: int) -> Pause | None:
    """Return the oldest pause that holds a delivery now, or None."""
    return session.scalars(_PAUSE_ON, {"delivery": delivery_id}).first()


_PAUSE_ON = (
    select(Pause)
    .join(Delivery, _holds())
    .where(Delivery.id == bindparam("delivery", type_=RowId))
    .order_by(Pause.id)
    .limit(1)
)
