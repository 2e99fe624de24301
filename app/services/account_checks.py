"""Asking a network about an account. The question travels outside any unit of work: no row waits for a network."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from app.clock import Clock
from app.delivery.credentials import connection_for
from app.delivery.hold import hold_account, release_account
from app.errors import Conflict
from app.models import Account
from app.platforms.base import Credentials, Via
from app.platforms.registry import Platforms
from app.services.accounts import note_check
from app.services.scope import Scope

#: How long a network may take to answer, in seconds.
CHECK_SECONDS = 20.0


class Reach(Protocol):
    """What a check needs of the house."""

    clock: Clock
    platforms: Platforms

    @property
    def read(self) -> Callable[..., AbstractContextManager[Scope]]:
        """Give a unit of work that changes nothing."""
        ...

    @property
    def write(self) -> Callable[..., AbstractContextManager[Scope]]:
        """Give a unit of work that is committed."""
        ...

    def credentials(self, account_id: int) -> Credentials:
        """Return an account's secrets."""
        ...


def check_account(house: Reach, account_id: int) -> Account:
    """Ask the network who an account is and what its limits are, and keep the answer with it.

    Raises:
        NotFound: The organization has no such account.
        NotAllowed: The network's API is not spoken yet.
        Conflict: The account is disconnected, so there is nothing to ask with.
    """
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
        return account


def _connected(account: Account) -> Account:
    if account.state == "disconnected":
        raise Conflict(
            f"{account.name or account.slug} is disconnected.",
            hint=f"Connect it again with its secrets: POST /api/v1/accounts/{account.id}/connect, or "
            f"focusweek accounts connect {account.slug}.",
        )
    return account
