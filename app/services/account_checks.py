"""Asking a network about an account. The question travels outside any unit of work: no row waits for a network."""

from __future__ import annotations

from app.delivery.credentials import connection_for
from app.delivery.hold import hold_account, release_account
from app.errors import Conflict
from app.models import Account
from app.platforms.base import Via
from app.platforms.results import AccountCheck
from app.services.accounts import note_check
from app.services.house import House

#: How long a network may take to answer, in seconds.
CHECK_SECONDS = 20.0


def check_account(house: House, account_id: int) -> Account:
    """Ask the network who an account is and what its limits are, and keep the answer with it.

    Raises:
        NotFound: The organization has no such account.
        NotAllowed: The network's API is not spoken yet.
        Conflict: The account is disconnected, so there is nothing to ask with.
    """
    return ask_account(house, account_id)[0]


def ask_account(house: House, account_id: int) -> tuple[Account, AccountCheck]:
    """Do as `check_account`, and return the network's answer as well: it may be that it could not be asked."""
    with house.read() as scope:
        account = _connected(scope.get(Account, account_id))
    adapter = house.platforms.adapter(account.platform, Via(account.via))
    connection = connection_for(account, house.credentials(account.id))
    answer = adapter.check_account(connection, deadline=house.clock.monotonic() + CHECK_SECONDS)
    with house.write() as scope:
        # It may have been disconnected while the network was asked.
        account = _connected(scope.get(Account, account_id, lock=True))
        waited = account.state == "needs_reconnect"
        note_check(account, answer)
        if waited and account.state == "connected":
            release_account(scope.session, account, scope.now, actor=scope.actor)
        elif account.state == "needs_reconnect":
            hold_account(scope.session, account, scope.now)
        return account, answer


def _connected(account: Account) -> Account:
    if account.state == "disconnected":
        raise Conflict(
            f"{account.name or account.slug} is disconnected.",
            hint=f"Connect it again with its secrets: POST /api/v1/accounts/{account.id}/connect, or "
            f"focusweek accounts connect {account.slug}.",
        )
    return account
