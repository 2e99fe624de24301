"""Accounts: places to publish to."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from app.api.desk import AdminDesk, ViewDesk
from app.api.etags import READ, LookDep, tag
from app.api.paging import PLAIN_SLUG, AskedDep, RowIdPath
from app.api.schemas.accounts import AccountConnect, AccountCreate, AccountOut, account_out
from app.api.schemas.base import PageOut
from app.api.schemas.problems import problems
from app.models import Account
from app.services.account_checks import check_account
from app.services.account_connections import connect_account
from app.services.accounts import accounts_page, add_account, disconnect_account
from app.services.pauses import account_pauses
from app.services.scope import Scope

router = APIRouter(prefix="/accounts", tags=["accounts"])


@router.get("", responses=problems())
def list_accounts(
    desk: ViewDesk,
    asked: AskedDep,
    platform: Annotated[
        str | None, Query(max_length=32, pattern=PLAIN_SLUG, description="Only on this network.")
    ] = None,
    state: Annotated[
        Literal["connected", "needs_reconnect", "disconnected"] | None, Query(description="Only in this state.")
    ] = None,
    via: Annotated[
        Literal["network", "sandbox", "by_hand"] | None, Query(description="Only those whose posts leave this way.")
    ] = None,
    sort: Annotated[
        Literal["slug", "-slug", "platform", "-platform", "created", "-created"],
        Query(description="By slug, network, or when they were added; with - the other way round."),
    ] = "slug",
) -> PageOut[AccountOut]:
    """List the accounts, by slug unless another order is asked for."""
    with desk.read() as scope:
        page = accounts_page(scope, asked, platform=platform, state=state, via=via, sort=sort)
        paused = account_pauses(scope, page.items)
        rows = [account_out(row, paused.get(row.id)) for row in page.items]
        return PageOut(items=rows, next_cursor=page.next_cursor)


@router.post("", status_code=201, responses=problems(409, 413, 415))
def create_an_account(desk: AdminDesk, body: AccountCreate, response: Response) -> AccountOut:
    """Add an account. Its secrets are kept encrypted and are never given back. The network is not asked yet."""
    with desk.write() as scope:
        answer = account_out(add_account(scope, desk.vault, body.value()))
    response.headers["Location"] = f"/api/v1/accounts/{answer.id}"
    return answer


@router.get("/{account_id}", responses=READ | problems(404))
def read_an_account(desk: ViewDesk, account_id: RowIdPath, look: LookDep, response: Response) -> AccountOut:
    """Read an account, without its secrets."""
    with desk.read() as scope:
        account = scope.get(Account, account_id)
        answer = _out(scope, account)
    tag(response, answer, account.version)
    look.refuse_known(response)
    return answer


@router.post("/{account_id}/check", responses=problems(404, 409, 415))
def check_an_account(desk: AdminDesk, account_id: RowIdPath) -> AccountOut:
    """Ask the network who the account is and what its limits are, and keep the answer."""
    account = check_account(desk, account_id)
    with desk.read() as scope:
        return _out(scope, account)


@router.post("/{account_id}/connect", responses=problems(404, 409, 413, 415))
def connect_an_account(desk: AdminDesk, account_id: RowIdPath, body: AccountConnect | None = None) -> AccountOut:
    """Connect an account again with new secrets, which the network is asked about first.

    What it accepts is kept encrypted, and deliveries that were held go on if they are still in time. Secrets that it
    refuses change nothing. Where it cannot be reached the new ones are kept, and the account waits for a check.
    """
    body = body or AccountConnect()
    account = connect_account(desk, account_id, body.plain_secrets(), body.server)
    with desk.read() as scope:
        return _out(scope, account)


@router.post("/{account_id}/disconnect", responses=problems(404, 409, 415))
def disconnect_an_account(desk: AdminDesk, account_id: RowIdPath) -> AccountOut:
    """Forget an account's secrets. What it published stays on record; what waits for it is held."""
    with desk.write() as scope:
        return _out(scope, disconnect_account(scope, scope.get(Account, account_id, lock=True)))


def _out(scope: Scope, account: Account) -> AccountOut:
    return account_out(account, account_pauses(scope, [account]).get(account.id))
