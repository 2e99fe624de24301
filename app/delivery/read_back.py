"""Reading back: does what readers see of a published delivery still carry its contact facts, links and length?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.delivery.deps import Deps
from app.models import Delivery


def waiting(deps: Deps, session: Session) -> list[tuple[int, datetime]]:  # noqa: ARG001  # the errands' signature
    """Return the deliveries that are read back, and from when."""
    rows = session.execute(
        select(Delivery.id, Delivery.read_back_at)
        .where(Delivery.read_back_at.is_not(None))
        .order_by(Delivery.read_back_at)
    )
    return [(row[0], row[1]) for row in rows if row[1] is not None]


def read_back(deps: Deps, delivery_id: int) -> None:
    """Read one published delivery back and compare."""
    raise NotImplementedError
