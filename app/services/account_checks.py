"""Asking a network about an account. The question travels outside any unit of work: no row waits for a network."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from app.clock import Clock
from app.delivery.credentials import connection_for
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
    """
    with house.read() as scope:
        account = scope.get(Account, account_id)
    adapter = house.platforms.adapter(account.platform, Via(account.via))
    connection = connection_for(account, house.credentials(account.id))
    answer = adapter.check_account(connection, deadline=house.clock.monotonic() + CHECK_SECONDS)
    with house.write() as scope:
        account = scope.get(Account, account_id, lock=True)
        note_check(account, answer)
        return account
