"""Alerts: what a person should know of now."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from app.api.desk import Open, ViewDesk
from app.api.paging import PLAIN_SLUG, AskedDep
from app.api.schemas.alerts import AlertKindsOut, AlertOut, alert_out, kind_out
from app.api.schemas.base import PageOut
from app.api.schemas.problems import problems
from app.services.alerting.kinds import KINDS
from app.services.alerting.open_alerts import alerts_page

router = APIRouter(tags=["alerts"])


@router.get("/alerts", responses=problems(404))
def list_alerts(
    desk: ViewDesk,
    asked: AskedDep,
    closed: Annotated[bool, Query(description="Those that are over, instead of those that are open.")] = False,
    kind: Annotated[str | None, Query(pattern=r"^[a-z_]{1,32}$", description="Only of this kind.")] = None,
    campaign_id: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="Only this campaign's.")] = None,
    account: Annotated[
        str | None, Query(max_length=64, pattern=PLAIN_SLUG, description="Only of this account (slug).")
    ] = None,
    delivery_id: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="Only of this delivery.")] = None,
    sort: Annotated[
        Literal["-opened", "opened"], Query(description="When they were opened; with - the newest first.")
    ] = "-opened",
) -> PageOut[AlertOut]:
    """List the open alerts, or those that are over, the newest first. An alert ends by itself with its cause."""
    with desk.read() as scope:
        page = alerts_page(
            scope, asked, closed=closed, kind=kind, campaign_id=campaign_id, account=account, delivery_id=delivery_id,
            sort=sort,
        )  # fmt: skip
        links = desk.alerting.links
        return PageOut(items=[alert_out(told, links) for told in page.items], next_cursor=page.next_cursor)


@router.get("/alert-kinds", dependencies=[Open], responses=problems())
def list_alert_kinds() -> AlertKindsOut:
    """List the kinds of alert, the gravest first, with what a person does about each."""
    return AlertKindsOut(items=[kind_out(kind) for kind in KINDS])
