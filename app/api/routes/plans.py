"""Plans: previewed, then committed."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.desk import ViewDesk, WriteDesk
from app.api.paging import RowIdPath
from app.api.schemas.plans import PlanCommitIn, PlanCommitOut, PlanPreviewOut, plan_preview_out
from app.api.schemas.problems import problems
from app.models import Campaign
from app.services.plans import commit_plan, preview_plan

router = APIRouter(prefix="/campaigns/{campaign_id}/plan", tags=["plans"])


@router.post("/preview", responses=problems(404, 415))
def preview_a_plan(desk: ViewDesk, campaign_id: RowIdPath) -> PlanPreviewOut:
    """Plan the campaign from now on, on the accounts that there are. Nothing is written."""
    with desk.read() as scope:
        return plan_preview_out(preview_plan(scope, scope.get(Campaign, campaign_id)))


@router.post("/commit", responses=problems(404, 409, 413, 415))
def commit_a_plan(desk: WriteDesk, campaign_id: RowIdPath, body: PlanCommitIn) -> PlanCommitOut:
    """Make the previewed plan true, all or nothing. Refused (409) when anything changed since its preview."""
    with desk.write() as scope:
        done = commit_plan(scope, scope.get(Campaign, campaign_id, lock=True), body.digest)
        return PlanCommitOut.model_validate(done, from_attributes=True)
