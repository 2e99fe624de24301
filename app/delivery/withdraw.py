"""Taking a published delivery back: part by part, deleted where the network's API allows, else by a person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.delivery.deps import Deps
from app.models import Delivery, State


def waiting(deps: Deps, session: Session) -> list[tuple[int, datetime]]:  # noqa: ARG001  # the errands' signature
    """Return the deliveries that the engine takes back, and from when."""
    rows = session.execute(
        select(Delivery.id, Delivery.withdraw_at).where(
            Delivery.state == State.WITHDRAWING.value, Delivery.withdraw_at.is_not(None)
        )
    )
    return [(row[0], row[1]) for row in rows if row[1] is not None]


def take_back(deps: Deps, delivery_id: int) -> None:
    """Take one delivery's parts back, the last one first."""
    raise NotImplementedError
