"""API tokens: programs' keys to the organization."""

from __future__ import annotations

from fastapi import APIRouter, Response

from app.api.desk import ViewDesk
from app.api.paging import AskedDep, RowIdPath
from app.api.schemas.api_tokens import ApiTokenCreate, ApiTokenOut, NewApiTokenOut, token_out
from app.api.schemas.base import PageOut
from app.api.schemas.problems import problems
from app.services import api_tokens as service

router = APIRouter(prefix="/api-tokens", tags=["api-tokens"])


@router.get("")
def list_api_tokens(desk: ViewDesk, asked: AskedDep) -> PageOut[ApiTokenOut]:
    """List tokens, newest first: your own, and for admins those of the whole organization."""
    with desk.read() as scope:
        page = service.tokens_page(scope, asked)
        return PageOut(items=[token_out(scope, row) for row in page.items], next_cursor=page.next_cursor)


@router.post("", status_code=201, responses=problems(413, 415))
def create_an_api_token(desk: ViewDesk, body: ApiTokenCreate, response: Response) -> NewApiTokenOut:
    """Make a token, shown this one time. It may do no more than you, now and later. A token cannot make another."""
    with desk.write() as scope:
        row, secret = service.create_token(scope, body.name, set(body.scopes), body.days)
        answer = NewApiTokenOut(**token_out(scope, row).model_dump(), token=secret)
    response.headers["Location"] = f"/api/v1/api-tokens/{answer.id}"
    return answer


@router.get("/{token_id}", responses=problems(404))
def read_an_api_token(desk: ViewDesk, token_id: RowIdPath) -> ApiTokenOut:
    """Read a token, without what makes it one."""
    with desk.read() as scope:
        return token_out(scope, service.token(scope, token_id))


@router.delete("/{token_id}", status_code=204, responses=problems(404, 409, 415))
def revoke_an_api_token(desk: ViewDesk, token_id: RowIdPath) -> None:
    """Revoke a token: it is refused from the next request on. Admins may revoke anybody's of the organization."""
    with desk.write() as scope:
        service.revoke_token(scope, token_id)
