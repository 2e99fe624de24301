"""Deliveries: listed, looked at with their history, and what a person does to them."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from app.api.desk import ViewDesk, WriteDesk
from app.api.paging import PLAIN_SLUG, AskedDep, ReviewState, RowIdPath
from app.api.schemas.base import Instant, PageOut
from app.api.schemas.deliveries import (
    CancelIn,
    DeliveryDetailOut,
    DeliveryOut,
    PostedByHandIn,
    RescheduleIn,
    ResolveReviewIn,
    delivery_detail_out,
    delivery_out,
)
from app.api.schemas.problems import problems
from app.models import State
from app.services import deliveries as service
from app.services.delivery_lists import Wanted, deliveries

router = APIRouter(prefix="/deliveries", tags=["deliveries"])
_CHANGES = problems(404, 409, 413, 415)


@router.get("", responses=problems(404))
def list_deliveries(
    desk: ViewDesk,
    asked: AskedDep,
    campaign_id: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="Only this campaign's.")] = None,
    week: Annotated[int | None, Query(ge=1, le=99, description="Only those of this focus week's posts.")] = None,
    state: Annotated[list[State] | None, Query(max_length=20, description="Only in these states; repeatable.")] = None,
    account: Annotated[
        str | None, Query(max_length=64, pattern=r"^[A-Za-z0-9_-]+$", description="Only on this account (slug).")
    ] = None,
    since: Annotated[
        Instant | None, Query(alias="from", description="Only those due at or after this instant.")
    ] = None,
    until: Annotated[Instant | None, Query(alias="to", description="Only those due before this instant.")] = None,
    post_id: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="Only this post's.")] = None,
    platform: Annotated[
        str | None, Query(max_length=32, pattern=PLAIN_SLUG, description="Only on this network's accounts.")
    ] = None,
    reason: Annotated[
        str | None,
        Query(max_length=64, pattern=r"^[a-z0-9_.]+$", description="Only with this code as their state_reason."),
    ] = None,
    review_state: Annotated[ReviewState | None, Query(description="Only those whose post stands so in review.")] = None,
    sort: Annotated[
        Literal["due", "-due", "updated", "-updated"],
        Query(description="When they are due, or when their state last changed; with - the latest first."),
    ] = "due",
) -> PageOut[DeliveryOut]:
    """List deliveries, in the order of their times unless another is asked for.

    Times carry their offset; in a URL, + is written %2B.
    """
    states = tuple(dict.fromkeys(one.value for one in state or ()))
    wanted = Wanted(
        campaign_id, week, states, account, since, until, post_id, platform, reason, review_state, sort
    )  # fmt: skip
    with desk.read() as scope:
        page = deliveries(scope, wanted, asked)
        return PageOut(items=[delivery_out(view) for view in page.items], next_cursor=page.next_cursor)


@router.get("/{delivery_id}", responses=problems(404))
def read_a_delivery(desk: ViewDesk, delivery_id: RowIdPath) -> DeliveryDetailOut:
    """Read a delivery with its attempts, their exact parts, and every change of its state."""
    with desk.read() as scope:
        return delivery_detail_out(service.delivery_history(scope, desk.platforms, delivery_id))


@router.post("/{delivery_id}/reschedule", responses=_CHANGES)
def reschedule_a_delivery(desk: WriteDesk, delivery_id: RowIdPath, body: RescheduleIn) -> DeliveryOut:
    """Move a delivery that has not gone out to another time."""
    with desk.write() as scope:
        return delivery_out(service.reschedule(scope, delivery_id, body.due_at))


@router.post("/{delivery_id}/cancel", responses=_CHANGES)
def cancel_a_delivery(desk: WriteDesk, delivery_id: RowIdPath, body: CancelIn | None = None) -> DeliveryOut:
    """Cancel a delivery for good. Where it is being sent, a stop is asked for and honoured if nothing went out."""
    with desk.write() as scope:
        return delivery_out(service.cancel(scope, delivery_id, None if body is None else body.reason))


@router.post("/{delivery_id}/retry", responses=_CHANGES)
def retry_a_delivery(desk: WriteDesk, delivery_id: RowIdPath) -> DeliveryOut:
    """Try a delivery again that failed, was missed, blocked or held; the gate looks at it again."""
    with desk.write() as scope:
        return delivery_out(service.retry(scope, delivery_id))


@router.post("/{delivery_id}/send-now", responses=_CHANGES)
def send_a_delivery_now(desk: WriteDesk, delivery_id: RowIdPath) -> DeliveryOut:
    """Make a delivery due now, with a window of its own. It passes the gate like any other."""
    with desk.write() as scope:
        return delivery_out(service.send_now(scope, delivery_id))


@router.post("/{delivery_id}/posted-by-hand", responses=_CHANGES)
def confirm_a_delivery_posted_by_hand(desk: WriteDesk, delivery_id: RowIdPath, body: PostedByHandIn) -> DeliveryOut:
    """Record that a person posted what was handed over, and where it stands."""
    with desk.write() as scope:
        return delivery_out(service.posted_by_hand(scope, delivery_id, body.url))


@router.post("/{delivery_id}/resolve-review", responses=_CHANGES)
def resolve_a_delivery_in_review(desk: WriteDesk, delivery_id: RowIdPath, body: ResolveReviewIn) -> DeliveryOut:
    """Settle a delivery of which nobody could tell whether it went out, or whose thread could not finish."""
    with desk.write() as scope:
        return delivery_out(service.resolve_review(scope, delivery_id, body.decision, body.url))
