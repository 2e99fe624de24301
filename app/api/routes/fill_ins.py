"""A campaign's fill-ins."""

from __future__ import annotations

from fastapi import APIRouter, Response

from app.api.desk import ViewDesk, WriteDesk
from app.api.etags import READ, EditDep, LookDep, edition, tag, tagged
from app.api.paging import RowIdPath
from app.api.schemas.contacts import FillInOut, FillInsOut, FillInsPut
from app.api.schemas.problems import problems
from app.models import Campaign
from app.services.campaigns import set_fill_ins
from app.services.fill_ins import fill_in_views
from app.services.scope import Scope

router = APIRouter(prefix="/campaigns/{campaign_id}/fill-ins", tags=["campaigns"])


@router.get("", responses=READ | problems(404))
def list_fill_ins(desk: ViewDesk, campaign_id: RowIdPath, look: LookDep, response: Response) -> FillInsOut:
    """List a campaign's fill-ins; posts whose texts have an open one are held back."""
    with desk.read() as scope:
        answer = _out(scope, scope.get(Campaign, campaign_id))
    tag(response, answer, edition(answer))
    look.refuse_known(response)
    return answer


@router.put("", responses=tagged() | problems(404, 409, 412, 413, 415))
def set_values_of_fill_ins(
    desk: WriteDesk, campaign_id: RowIdPath, body: FillInsPut, edit: EditDep, response: Response
) -> FillInsOut:
    """Set values of fill-ins by key; null opens one again. Deliveries that were blocked are looked at again."""
    with desk.write() as scope:
        campaign = scope.get(Campaign, campaign_id, lock=True)
        edit.require(edition(_out(scope, campaign)))
        set_fill_ins(scope, campaign, body.values)
        answer = _out(scope, campaign)
    tag(response, answer, edition(answer))
    return answer


def _out(scope: Scope, campaign: Campaign) -> FillInsOut:
    views = fill_in_views(scope, campaign)
    return FillInsOut(items=[FillInOut.model_validate(view, from_attributes=True) for view in views])
