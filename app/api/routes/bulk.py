"""The same thing done to many deliveries or posts, with a word on each."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.desk import WriteDesk
from app.api.schemas.bulk import DeliveriesBulkIn, OutcomesOut, PostsBulkIn, outcomes_out
from app.api.schemas.problems import problems
from app.services.delivery_bulk import change_deliveries
from app.services.post_bulk import change_posts

router = APIRouter()


@router.post("/deliveries/bulk", tags=["deliveries"], responses=problems(413, 415))
def change_many_deliveries(desk: WriteDesk, body: DeliveriesBulkIn) -> OutcomesOut:
    """Move, cancel, try again or send many deliveries now. Each is changed wholly or not at all.

    The answer says of each what became of it, in the order asked for; a delivery that is named twice is one.
    """
    return outcomes_out(change_deliveries(desk, body.ids, body.value()))


@router.post("/posts/bulk", tags=["posts"], responses=problems(413, 415))
def change_many_posts(desk: WriteDesk, body: PostsBulkIn) -> OutcomesOut:
    """Leave many posts out, take them in, give them a week or networks, or delete them. Each wholly or not at all.

    Only posts of which nothing was ever attempted are deleted. A changed week moves nothing by itself: commit a plan.
    """
    return outcomes_out(change_posts(desk, body.ids, body.value()))
