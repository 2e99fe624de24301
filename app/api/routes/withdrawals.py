"""Taking back what is out: found by what it says, deleted by the engine or by a person, and corrected."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.desk import ViewDesk, WriteDesk
from app.api.paging import AskedDep, RowIdPath
from app.api.schemas.base import PageOut
from app.api.schemas.deliveries import DeliveryOut, delivery_out
from app.api.schemas.problems import problems
from app.api.schemas.withdrawals import (
    CorrectedOut,
    HitOut,
    WithdrawAnswersOut,
    WithdrawIn,
    WithdrawManyIn,
    WithdrawnByHandIn,
    answer_out,
    corrected_out,
    hit_out,
)
from app.services import published_search
from app.services import withdrawals as service

router = APIRouter(tags=["withdrawals"])
_CHANGES = problems(404, 409, 413, 415)


@router.get("/published-search", responses=problems(404))
def search_what_is_published(
    desk: ViewDesk,
    asked: AskedDep,
    number: Annotated[
        str | None, Query(max_length=40, description="A telephone number or short code, in any grouping.")
    ] = None,
    link: Annotated[
        str | None, Query(max_length=2000, description="A web address; without a path, any of its host's.")
    ] = None,
    words: Annotated[str | None, Query(max_length=500, description="Words that all stand in one message.")] = None,
    campaign_id: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="Only this campaign's.")] = None,
) -> PageOut[HitOut]:
    """Find deliveries that are out, or may be, by what they say, the newest first. All that is given must fit.

    A page may have fewer rows than asked for, or none: go on as long as there is a cursor.
    """
    sought = published_search.Sought(number, link, words, campaign_id)
    with desk.read() as scope:
        page = published_search.search(scope, sought, asked)
        return PageOut(items=[hit_out(hit) for hit in page.items], next_cursor=page.next_cursor)


@router.post("/withdrawals", responses=problems(413, 415))
def withdraw_many_deliveries(desk: WriteDesk, body: WithdrawManyIn) -> WithdrawAnswersOut:
    """Have many deliveries taken back. Each is wholly taken on or not at all; the answer says which, and why not."""
    answers = service.withdraw_many(desk, body.delivery_ids, body.reason, correct=body.correct)
    return WithdrawAnswersOut(items=[answer_out(answer) for answer in answers])


@router.post("/deliveries/{delivery_id}/withdraw", responses=_CHANGES)
def withdraw_a_delivery(desk: WriteDesk, delivery_id: RowIdPath, body: WithdrawIn) -> DeliveryOut:
    """Have a published delivery taken back: deleted where its network allows, else by a person.

    A thread that waits for review with parts out is finished as it stands and taken back.
    """
    with desk.write() as scope:
        return delivery_out(service.withdraw(scope, delivery_id, body.reason))


@router.post("/deliveries/{delivery_id}/withdraw-and-correct", responses=_CHANGES)
def withdraw_and_correct_a_delivery(desk: WriteDesk, delivery_id: RowIdPath, body: WithdrawIn) -> CorrectedOut:
    """Have a delivery taken back, and open a draft with the same text to correct; it is left out until taken in."""
    with desk.write() as scope:
        return corrected_out(*service.withdraw_and_correct(scope, delivery_id, body.reason))


@router.post("/deliveries/{delivery_id}/withdraw-again", responses=_CHANGES)
def withdraw_a_delivery_again(desk: WriteDesk, delivery_id: RowIdPath) -> DeliveryOut:
    """Try once more to take a delivery back that could not be."""
    with desk.write() as scope:
        return delivery_out(service.withdraw_again(scope, delivery_id))


@router.post("/deliveries/{delivery_id}/withdrawn-by-hand", responses=_CHANGES)
def say_that_a_delivery_was_deleted_by_hand(
    desk: WriteDesk, delivery_id: RowIdPath, body: WithdrawnByHandIn
) -> DeliveryOut:
    """Record that a person deleted all of a delivery, or that it cannot be deleted."""
    with desk.write() as scope:
        if body.detail is not None:
            return delivery_out(service.cannot_be_deleted(scope, delivery_id, body.detail))
        return delivery_out(service.withdrawn_by_hand(scope, delivery_id))
