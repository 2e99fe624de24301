"""Campaigns: made from a pack, looked at, changed."""

from __future__ import annotations

import json
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from app.api.desk import ViewDesk, WriteDesk
from app.api.etags import READ, EditDep, LookDep, tag, tagged
from app.api.paging import PLAIN_SLUG, AskedDep, RowIdPath
from app.api.schemas.base import PageOut
from app.api.schemas.campaigns import (
    CampaignBrief,
    CampaignChange,
    CampaignCreate,
    CampaignOut,
    campaign_brief,
    campaign_out,
)
from app.api.schemas.problems import problems
from app.models import Campaign
from app.packs.bundled import DEFAULT_PACK, bundled_pack
from app.packs.reading import parse_pack
from app.packs.schema import Pack
from app.services.campaigns import campaigns_page, change_settings, create_campaign, window_of
from app.services.contacts import contact_facts
from app.services.deliveries import counts_by_state
from app.services.fill_ins import fill_in_views
from app.services.pauses import pauses_of
from app.services.posts import count_posts
from app.services.scope import Scope

router = APIRouter(prefix="/campaigns", tags=["campaigns"])


@router.post("", status_code=201, responses=tagged(201) | problems(404, 409, 413, 415))
def create_a_campaign(desk: WriteDesk, body: CampaignCreate, response: Response) -> CampaignOut:
    """Make a campaign of a pack for a year, with all its posts. Nothing is planned yet."""
    pack = _pack(body)
    with desk.write() as scope:
        campaign = create_campaign(
            scope, pack, year=body.year, slug=body.slug, name=body.name, time_zone=body.time_zone
        )
        answer = _out(scope, campaign)
    tag(response, answer, answer.version)
    response.headers["Location"] = f"/api/v1/campaigns/{answer.id}"
    return answer


@router.get("", responses=problems())
def list_campaigns(
    desk: ViewDesk,
    asked: AskedDep,
    year: Annotated[int | None, Query(ge=1, le=9999, description="Only of this year.")] = None,
    pack: Annotated[
        str | None, Query(max_length=100, pattern=PLAIN_SLUG, description="Only made from the pack with this key.")
    ] = None,
    sort: Annotated[
        Literal["-created", "created", "name", "-name", "year", "-year", "updated", "-updated"],
        Query(description="When they were made, name, year, or last change; with - the other way round."),
    ] = "-created",
) -> PageOut[CampaignBrief]:
    """List the campaigns, newest first unless another order is asked for."""
    with desk.read() as scope:
        page = campaigns_page(scope, asked, year=year, pack=pack, sort=sort)
        return PageOut(items=[campaign_brief(row) for row in page.items], next_cursor=page.next_cursor)


@router.get("/{campaign_id}", responses=READ | problems(404))
def read_a_campaign(desk: ViewDesk, campaign_id: RowIdPath, look: LookDep, response: Response) -> CampaignOut:
    """Read a campaign: its days and weeks, its settings, what is paused and what is still open."""
    with desk.read() as scope:
        answer = _out(scope, scope.get(Campaign, campaign_id))
    tag(response, answer, answer.version)
    look.refuse_known(response)
    return answer


@router.patch("/{campaign_id}", responses=tagged() | problems(404, 409, 412, 413, 415))
def change_a_campaign(
    desk: WriteDesk, campaign_id: RowIdPath, body: CampaignChange, edit: EditDep, response: Response
) -> CampaignOut:
    """Change name, cadence, lateness or rule levels. Deliveries that were blocked are looked at again.

    A changed cadence moves nothing by itself: preview and commit a plan.
    """
    with desk.write() as scope:
        campaign = scope.get(Campaign, campaign_id, lock=True)
        edit.require(campaign.version)
        change_settings(scope, campaign, body.changes(campaign))
        answer = _out(scope, campaign)
    tag(response, answer, answer.version)
    return answer


def _pack(body: CampaignCreate) -> Pack:
    document = body.pack_document
    if document is None:
        return bundled_pack(body.pack or DEFAULT_PACK)
    text = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
    return parse_pack(text, "pack_document")


def _out(scope: Scope, campaign: Campaign) -> CampaignOut:
    facts = contact_facts(scope.session, campaign)
    return campaign_out(
        campaign,
        window_of(campaign),
        pauses=pauses_of(scope, campaign),
        posts=count_posts(scope, campaign),
        deliveries=dict(counts_by_state(scope, campaign)),
        open_contact_facts=[fact.key for fact in facts if fact.confirmation is None],
        open_fill_ins=[view.key for view in fill_in_views(scope, campaign) if view.value is None],
    )
