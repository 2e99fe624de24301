"""The audit trail: looked through, and never changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.api.desk import OperatorDesk, ReviewDesk
from app.api.paging import AskedDep
from app.api.schemas.audit import AuditEventOut, audit_event_out
from app.api.schemas.base import Instant, PageOut
from app.api.schemas.problems import problems
from app.services.audit import Sought, audit_page, instance_audit_page

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
    words: Annotated[
        str | None, Query(max_length=500, pattern=r"^[^\x00]+$", description="Words that all occur in it.")
    ] = None,
) -> Sought:
    return Sought(
        since=since, until=until, state=state, actor=actor, action=action, subject=subject, subject_id=subject_id,
        words=words,
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
        page = audit_page(scope, replace(sought, account=account), asked)
        return PageOut(items=[audit_event_out(row) for row in page.items], next_cursor=page.next_cursor)


@router.get("/instance-audit-events", responses=problems())
def list_instance_audit_events(desk: OperatorDesk, asked: AskedDep, sought: SoughtDep) -> PageOut[AuditEventOut]:
    """Look through what was done to the service itself and belongs to no organization, the newest first."""
    with desk.read_instance() as scope:
        page = instance_audit_page(scope, sought, asked)
        return PageOut(items=[audit_event_out(row) for row in page.items], next_cursor=page.next_cursor)
