"""Pauses: a person stops a campaign or one of its weeks, and lets it go on."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.house import HouseDep
from app.api.paging import RowIdPath
from app.api.schemas.campaigns import PauseOrder, PauseOut, ResumeOrder, pause_out
from app.api.schemas.problems import problems
from app.models import Campaign
from app.services.pauses import pause_campaign, resume_campaign

router = APIRouter(prefix="/campaigns/{campaign_id}", tags=["campaigns"])


@router.post("/pause", status_code=201, responses=problems(404, 409, 413, 415))
def pause_a_campaign(house: HouseDep, campaign_id: RowIdPath, body: PauseOrder) -> PauseOut:
    """Stop a campaign, or one of its weeks, from the next post on. It is never lifted by itself.

    A thread that has begun is finished.
    """
    with house.write() as scope:
        campaign = scope.get(Campaign, campaign_id, lock=True)
        return pause_out(pause_campaign(scope, campaign, reason=body.reason, week=body.week), campaign.time_zone)


@router.post("/resume", responses=problems(404, 409, 413, 415))
def resume_a_campaign(house: HouseDep, campaign_id: RowIdPath, body: ResumeOrder | None = None) -> PauseOut:
    """Let a campaign, or one of its weeks, go on. Answers with the pause that has ended."""
    week = None if body is None else body.week
    with house.write() as scope:
        campaign = scope.get(Campaign, campaign_id, lock=True)
        return pause_out(resume_campaign(scope, campaign, week=week), campaign.time_zone)
