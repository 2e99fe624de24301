"""The audit trail: looked through, and never changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.api.desk import OperatorDesk, ReviewDesk
from app.api.paging import AskedDep, RowIdPath
from app.api.schemas.audit import AuditEventOut, audit_event_out
from app.api.schemas.base import Instant, PageOut
from app.api.schemas.problems import problems
from app.models import AuditEvent, Campaign, Post
from app.services.audit import Sought, audit_page, history_page, instance_audit_page
from app.services.pages import Page

router = APIRouter(tags=["audit"])

_Word = Query(max_length=64, pattern=r"^[a-z_]+$")


def _sought(
    since: Annotated[Instant | None, Query(alias="from", description="Only what was at or after this instant.")] = None,
    until: Annotated[Instant | None, Query(alias="to", description="Only what was before this instant.")] = None,
    state: Annotated[str | None, _Word] = None,
    actor: Annotated[
        str | None, Query(max_length=320, pattern=r"^[^\x00]+$", description="A part of who acted.")
    ] = None,
    action: Annotated[str | None, _Word] = None,
    subject: Annotated[str | None, _Word] = None,
    subject_id: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="Only of this one.")] = None,
    post_id: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="Only what is part of this post.")] = None,
    campaign_id: Annotated[
        int | None, Query(ge=1, le=2**63 - 1, description="Only what is part of this campaign.")
    ] = None,
    words: Annotated[
        str | None, Query(max_length=500, pattern=r"^[^\x00]+$", description="Words that all occur in it.")
    ] = None,
) -> Sought:
    return Sought(
        since=since, until=until, state=state, actor=actor, action=action, subject=subject, subject_id=subject_id,
        post_id=post_id, campaign_id=campaign_id, words=words,
    )  # fmt: skip


SoughtDep = Annotated[Sought, Depends(_sought)]


@router.get("/audit-events", responses=problems())
def list_audit_events(
    desk: ReviewDesk,
    asked: AskedDep,
    sought: SoughtDep,
    account: Annotated[
        str | None, Query(max_length=64, pattern=r"^[A-Za-z0-9_-]+$", description="Only on this account (slug).")
    ] = None,
) -> PageOut[AuditEventOut]:
    """Look through the organization's audit trail, the newest first. All that is given must fit."""
    with desk.read() as scope:
        return _page_out(audit_page(scope, replace(sought, account=account), asked))


@router.get("/posts/{post_id}/history", responses=problems(404))
def list_history_of_post(desk: ReviewDesk, post_id: RowIdPath, asked: AskedDep) -> PageOut[AuditEventOut]:
    """Return what happened to a post, its variants, reviews and deliveries, the newest first."""
    with desk.read() as scope:
        return _page_out(history_page(scope, scope.get(Post, post_id), asked))


@router.get("/campaigns/{campaign_id}/history", responses=problems(404))
def list_history_of_campaign(desk: ReviewDesk, campaign_id: RowIdPath, asked: AskedDep) -> PageOut[AuditEventOut]:
    """Return what happened to a campaign, its posts, fill-ins and deliveries, the newest first."""
    with desk.read() as scope:
        return _page_out(history_page(scope, scope.get(Campaign, campaign_id), asked))


@router.get("/instance-audit-events", responses=problems())
def list_instance_audit_events(desk: OperatorDesk, asked: AskedDep, sought: SoughtDep) -> PageOut[AuditEventOut]:
    """Look through what was done to the service itself and belongs to no organization, the newest first."""
    with desk.read_instance() as scope:
        return _page_out(instance_audit_page(scope, sought, asked))


def _page_out(page: Page[AuditEvent]) -> PageOut[AuditEventOut]:
    return PageOut(items=[audit_event_out(row) for row in page.items], next_cursor=page.next_cursor)
