"""Deleting posts of which nothing was ever attempted; what went out, or may have, stays on record."""

from __future__ import annotations

from sqlalchemy import delete, exists, or_, select, update

from app.errors import Conflict
from app.models import (
    Approval,
    Attempt,
    Campaign,
    Correction,
    Delivery,
    DeliveryEvent,
    Post,
    Review,
    ReviewComment,
    State,
    Variant,
)
from app.models.alert import Alert
from app.services.campaigns import touch
from app.services.scope import Scope


def delete_post(scope: Scope, post: Post, campaign: Campaign) -> None:
    """Delete a post (locked, and its campaign before it) with its variants, reviews and planned deliveries.

    The audit trail keeps what it said, and that it was deleted.

    Raises:
        Conflict: It was attempted, handed to a person, or is about to be sent; or it corrects what was withdrawn.
    """
    remove_post(scope, post)
    touch(scope, campaign, posts=())


def remove_post(scope: Scope, post: Post) -> None:
    """Delete a post as `delete_post` does; its campaign is not told.

    Raises:
        Conflict: As there.
    """
    session = scope.session
    query = scope.query(Delivery).where(Delivery.post_id == post.id).order_by(Delivery.id)
    rows = session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()
    ids = [row.id for row in rows]
    # What a person was handed to post may be out, whatever they have said of it.
    given = or_(
        exists(select(Attempt.id).where(Attempt.delivery_id == Delivery.id)), Delivery.handed_over_at.is_not(None)
    )
    if session.scalars(select(Delivery.id).where(Delivery.id.in_(ids), given).limit(1)).first() is not None:
        raise Conflict(
            "The post was attempted, so it stays on record.",
            hint="Leave it out of further plans instead (left_out), and withdraw what is out.",
        )
    if any(row.state == State.SENDING for row in rows):
        raise Conflict("The post is about to be sent.", hint="Cancel its delivery, or look again in a minute.")
    session.execute(
        update(Alert).where(Alert.delivery_id.in_(ids), Alert.closed_at.is_(None)).values(closed_at=scope.now)
    )
    session.execute(delete(DeliveryEvent).where(DeliveryEvent.delivery_id.in_(ids)))
    session.execute(delete(Correction).where(or_(Correction.post_id == post.id, Correction.delivery_id.in_(ids))))
    for row in rows:
        session.delete(row)
    session.flush()
    for table in (Variant, Review, ReviewComment, Approval):
        for part in session.scalars(scope.query(table).where(table.post_id == post.id)):
            session.delete(part)
    session.flush()
    session.delete(post)
    session.flush()
