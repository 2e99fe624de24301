"""Delegates: who reviews in a reviewer's place."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.desk import ReviewDesk, ViewDesk
from app.api.paging import AskedDep, RowIdPath
from app.api.schemas.base import PageOut
from app.api.schemas.problems import problems
from app.api.schemas.review_talk import DelegateIn, DelegateOut, delegate_out
from app.services.review_delegates import delegates_page, end_delegate, name_delegate

router = APIRouter(prefix="/review-delegates", tags=["reviews"])


@router.get("")
def list_delegates(desk: ViewDesk, asked: AskedDep) -> PageOut[DelegateOut]:
    """List who stands in for whom, now or later."""
    with desk.read() as scope:
        page = delegates_page(scope, asked)
        return PageOut(items=[delegate_out(view) for view in page.items], next_cursor=page.next_cursor)


@router.post("", status_code=201, responses=problems(413, 415))
def name_a_delegate(desk: ReviewDesk, body: DelegateIn) -> DelegateOut:
    """Name who reviews in your place for a while. What is asked of you is asked of both."""
    with desk.write() as scope:
        view = name_delegate(scope, body.delegate_id, since=body.since, until=body.until, user_id=body.user_id)
        return delegate_out(view)


@router.delete("/{delegate_id}", status_code=204, responses=problems(404, 415))
def end_a_delegate(desk: ReviewDesk, delegate_id: RowIdPath) -> None:
    """Let somebody stand in no longer."""
    with desk.write() as scope:
        end_delegate(scope, delegate_id)
