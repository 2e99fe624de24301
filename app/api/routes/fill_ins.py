"""A campaign's fill-ins."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.desk import ViewDesk, WriteDesk
from app.api.paging import RowIdPath
from app.api.schemas.contacts import FillInOut, FillInsOut, FillInsPut
from app.api.schemas.problems import problems
from app.models import Campaign
from app.services.campaigns import set_fill_ins
from app.services.fill_ins import fill_in_views
from app.services.scope import Scope

router = APIRouter(prefix="/campaigns/{campaign_id}/fill-ins", tags=["campaigns"])


@router.get("", responses=problems(404))
def list_fill_ins(desk: ViewDesk, campaign_id: RowIdPath) -> FillInsOut:
    """List a campaign's fill-ins; posts whose texts have an open one are held back."""
    with desk.read() as scope:
        return _out(scope, scope.get(Campaign, campaign_id))


@router.put("", responses=problems(404, 409, 413, 415))
def set_values_of_fill_ins(desk: WriteDesk, campaign_id: RowIdPath, body: FillInsPut) -> FillInsOut:
    """Set values of fill-ins by key; null opens one again. Deliveries that were blocked are looked at again."""
    with desk.write() as scope:
        campaign = scope.get(Campaign, campaign_id, lock=True)
        set_fill_ins(scope, campaign, body.values)
        return _out(scope, campaign)


def _out(scope: Scope, campaign: Campaign) -> FillInsOut:
    views = fill_in_views(scope, campaign)
    return FillInsOut(items=[FillInOut.model_validate(view, from_attributes=True) for view in views])
