"""Pauses: a person stops what there is to stop, and lets it go on with a word on every post that waits."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.api.desk import ViewDesk, WriteDesk
from app.api.paging import AskedDep, RowIdPath
from app.api.schemas.base import PageOut
from app.api.schemas.pauses import (
    PauseCreate,
    PauseDetailOut,
    PauseOrder,
    PauseOut,
    ResumedOut,
    ResumeIn,
    ResumeOrder,
    pause_detail_out,
    pause_out,
    resumed_out,
)
from app.api.schemas.problems import problems
from app.models import Campaign, Pause
from app.services import pauses as service
from app.services.resuming import resume_campaign, resume_pause, waiting_for
from app.services.scope import Scope

router = APIRouter(tags=["pauses"])


@router.get("/pauses", responses=problems())
def list_pauses(
    desk: ViewDesk,
    asked: AskedDep,
    ended: Annotated[bool, Query(description="Those that have ended instead of those in force.")] = False,
) -> PageOut[PauseOut]:
    """List the pauses that touch the organization, the instance's among them, newest first."""
    with desk.read() as scope:
        page = service.pauses_page(scope, asked, ended=ended)
        return PageOut(items=[pause_out(view) for view in page.items], next_cursor=page.next_cursor)


@router.post("/pauses", status_code=201, responses=problems(404, 409, 413, 415))
def pause_anything(desk: WriteDesk, body: PauseCreate, response: Response) -> PauseOut:
    """Stop an instance, organization, campaign, week or account, from the next post on. It is never lifted by itself.

    A thread that has begun is finished. What is with a person to be posted by hand stays with them.
    """
    with desk.write() as scope:
        answer = pause_out(_view(scope, _ordered(scope, body)))
    response.headers["Location"] = f"/api/v1/pauses/{answer.id}"
    return answer


@router.get("/pauses/{pause_id}", responses=problems(404))
def read_a_pause(desk: ViewDesk, pause_id: RowIdPath) -> PauseDetailOut:
    """Read a pause, with the posts that wait for it: those that would have gone out by now."""
    with desk.read() as scope:
        pause = service.find_pause(scope, pause_id)
        return pause_detail_out(_view(scope, pause), waiting_for(scope, pause))


@router.post("/pauses/{pause_id}/resume", responses=problems(404, 409, 413, 415))
def resume_a_pause(desk: WriteDesk, pause_id: RowIdPath, body: ResumeIn | None = None) -> ResumedOut:
    """End a pause. Every post that waits for it must be kept, moved or dropped; else nothing is changed.

    What is kept goes out from now on, the posts of one account some minutes apart. What lies ahead simply goes on.
    Where the answer does not cover exactly what waits, the problem's `waiting` lists it.
    """
    with desk.write() as scope:
        resumed = resume_pause(scope, pause_id, None if body is None else body.answer())
        return resumed_out(_view(scope, resumed.pause), resumed)


@router.post("/campaigns/{campaign_id}/pause", status_code=201, responses=problems(404, 409, 413, 415))
def pause_a_campaign(desk: WriteDesk, campaign_id: RowIdPath, body: PauseOrder) -> PauseOut:
    """Stop a campaign, or one of its weeks, from the next post on. It is never lifted by itself.

    A thread that has begun is finished.
    """
    with desk.write() as scope:
        campaign = scope.get(Campaign, campaign_id)
        return pause_out(_view(scope, service.pause_campaign(scope, campaign, reason=body.reason, week=body.week)))


@router.post("/campaigns/{campaign_id}/resume", responses=problems(404, 409, 413, 415))
def resume_a_campaign(desk: WriteDesk, campaign_id: RowIdPath, body: ResumeOrder | None = None) -> ResumedOut:
    """Let a campaign, or one of its weeks, go on. It asks as resuming its pause by id does."""
    body = body or ResumeOrder()
    with desk.write() as scope:
        resumed = resume_campaign(scope, scope.get(Campaign, campaign_id), body.answer(), week=body.week)
        return resumed_out(_view(scope, resumed.pause), resumed)


def _ordered(scope: Scope, body: PauseCreate) -> Pause:
    if body.campaign_id is not None:
        campaign = scope.get(Campaign, body.campaign_id)
        return service.pause_campaign(scope, campaign, reason=body.reason, week=body.week)
    if body.account is not None:
        return service.pause_account(scope, body.account, reason=body.reason)
    if body.scope == "instance":
        return service.pause_instance(scope, reason=body.reason)
    return service.pause_organization(scope, reason=body.reason)


def _view(scope: Scope, pause: Pause) -> service.PauseView:
    return service.pause_views(scope, [pause])[0]
