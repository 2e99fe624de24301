"""Urgent corrections: what an issuer has withdrawn, and what of it is still out."""

from __future__ import annotations

from fastapi import APIRouter, Response

from app.api.desk import OperatorDesk, ViewDesk
from app.api.paging import AskedDep, RowIdPath
from app.api.schemas.base import PageOut
from app.api.schemas.problems import problems
from app.api.schemas.withdrawals import HitOut, hit_out
from app.api.schemas.withdrawn_facts import IssuedOut, WithdrawFactIn, WithdrawnFactOut, fact_out, issued_out
from app.services import withdrawn_facts as service

router = APIRouter(prefix="/withdrawn-facts", tags=["withdrawn facts"])


@router.post("", status_code=201, responses=problems(409, 413, 415))
def withdraw_a_fact(desk: OperatorDesk, body: WithdrawFactIn, response: Response) -> IssuedOut:
    """Withdraw a number, link or wording of a pack. At once nothing that says it goes out, in any organization.

    The answer counts, for each organization, what was stopped and what is out; it shows none of their texts.
    """
    issued = service.withdraw_fact(desk.house, desk.who, body.value())
    response.headers["Location"] = f"/api/v1/withdrawn-facts/{issued.fact.id}"
    return issued_out(issued)


@router.get("", responses=problems())
def list_withdrawn_facts(desk: ViewDesk, asked: AskedDep) -> PageOut[WithdrawnFactOut]:
    """List what was withdrawn of the packs that the organization's campaigns are made of, newest first."""
    with desk.read() as scope:
        page = service.withdrawn_facts_page(scope, asked)
        return PageOut(items=[fact_out(fact) for fact in page.items], next_cursor=page.next_cursor)


@router.get("/{fact_id}", responses=problems(404))
def read_a_withdrawn_fact(desk: ViewDesk, fact_id: RowIdPath) -> WithdrawnFactOut:
    """Read one withdrawn fact."""
    with desk.read() as scope:
        return fact_out(service.withdrawn_fact(scope, fact_id))


@router.delete("/{fact_id}", status_code=204, responses=problems(404))
def lift_a_withdrawn_fact(desk: OperatorDesk, fact_id: RowIdPath) -> None:
    """Take a withdrawal back that was a mistake. What it had blocked is looked at anew."""
    service.lift_fact(desk.house, desk.who, fact_id)


@router.get("/{fact_id}/published", responses=problems(404))
def list_what_is_out_with_a_withdrawn_fact(desk: ViewDesk, fact_id: RowIdPath, asked: AskedDep) -> PageOut[HitOut]:
    """List the organization's deliveries that are out, or may be, and say a withdrawn fact: they are to be withdrawn.

    A page may have fewer rows than asked for, or none: go on as long as there is a cursor.
    """
    with desk.read() as scope:
        page = service.published_with(scope, fact_id, asked)
        return PageOut(items=[hit_out(hit) for hit in page.items], next_cursor=page.next_cursor)
