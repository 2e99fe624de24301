"""What all outboxes share: which messages wait, and how one of them is claimed.

A message is claimed by moving its next try ahead, so that of several processes one sends it, and one that was killed
while sending leaves it to the next. What a receiver may then get twice has the same id both times.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.models import AlertChannel, AlertMessage, Webhook, WebhookMessage

#: How long a claim holds: longer than any sending may take.
LEASE = timedelta(minutes=5)

M = TypeVar("M", AlertMessage, WebhookMessage)
O = TypeVar("O", AlertChannel, Webhook)  # noqa: E741 - the owner's


def new_key() -> str:
    """Return a new message's key, the same on every try."""
    return f"msg_{secrets.token_hex(16)}"


def claimed(
    session: Session, message: type[M], owner: type[O], owner_id: InstrumentedAttribute[int], row_id: int, now: datetime
) -> tuple[M, O] | None:
    """Return a message that is due at `now` (aware) with its owner, locked; None where somebody else has either.

    Until it says otherwise the message is the caller's for `LEASE`.
    """
    # The owner first, as everywhere, so that no two wait for one another.
    owned = select(owner_id).where(message.id == row_id).scalar_subquery()
    its_owner = session.scalars(select(owner).where(owner.id == owned).with_for_update(skip_locked=True)).first()
    if its_owner is None:
        return None
    waits = (message.id == row_id, message.next_try_at <= now)
    found = session.scalars(select(message).where(*waits)).first()
    if found is None:
        return None
    if its_owner.state == "on":
        found.next_try_at, found.tries = now + LEASE, found.tries + 1
    return found, its_owner
