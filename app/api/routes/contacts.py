"""A campaign's contact facts and their confirmations."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.desk import ViewDesk, WriteDesk
from app.api.paging import RowIdPath
from app.api.schemas.contacts import ContactConfirm, ContactFactsOut, contact_facts_out
from app.api.schemas.problems import problems
from app.models import Campaign
from app.services.contacts import confirm_contacts, contact_facts

router = APIRouter(prefix="/campaigns/{campaign_id}", tags=["campaigns"])


@router.get("/contact-facts", responses=problems(404))
def list_contact_facts(desk: ViewDesk, campaign_id: RowIdPath) -> ContactFactsOut:
    """List the hotline's numbers, pages and claims, and who confirmed each for this campaign."""
    with desk.read() as scope:
        campaign = scope.get(Campaign, campaign_id)
        return contact_facts_out(contact_facts(scope.session, campaign), campaign)


@router.post("/contact-confirmations", status_code=201, responses=problems(404, 409, 413, 415))
def confirm_contact_facts(desk: WriteDesk, campaign_id: RowIdPath, body: ContactConfirm) -> ContactFactsOut:
    """Record that a named person confirmed contact facts. Real accounts wait until all are confirmed."""
    with desk.write() as scope:
        campaign = scope.get(Campaign, campaign_id, lock=True)
        confirm_contacts(scope, campaign, body.facts, by=body.by, method=body.method)
        scope.session.flush()
        return contact_facts_out(contact_facts(scope.session, campaign), campaign)
