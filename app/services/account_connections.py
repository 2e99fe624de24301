"""Connecting an account again, with new secrets. The network is asked first; only what it accepts takes their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import select

from app.delivery.credentials import connection_for
from app.delivery.hold import hold_account, release_account
from app.errors import Conflict, InvalidInput
from app.models import Account, Credential, Delivery
from app.platforms.base import Connection, Via
from app.platforms.credentials import MemoryCredentials
from app.platforms.results import AccountCheck
from app.platforms.vault import Vault
from app.services.account_checks import CHECK_SECONDS
from app.services.accounts import SECRETS, note_check, refuse_server
from app.services.house import House
from app.services.scope import Scope


def connect_account(house: House, account_id: int, secrets: Mapping[str, str], server: str | None = None) -> Account:
    """Connect an account with new secrets, and let go what was held for it and is still in time.

    Secrets that the network refuses are not kept, and the former ones stay. Where the network cannot be asked, the
    new ones are kept, and the account waits for a check. `server` is a base URL; the present one where it is None.

    Raises:
        NotFound: The organization has no such account.
        InvalidInput: A secret is missing, unknown or refused by the network, or the server is none.
        Conflict: The secrets are of another account, or a delivery's outcome depends on the present server.
    """
    with house.read() as scope:
        account = scope.get(Account, account_id)
        _refuse_unfit(account, secrets, server)
        server = _at(account, server)
        _refuse_move(scope, account, server)
    offered = MemoryCredentials(dict(secrets))
    answer = _asked(house, replace(connection_for(account, offered), server=server))
    # A refresh under way would write the former secrets' tokens over the new ones.
    with house.credentials(account_id).lock(), house.write() as scope:
        account = scope.get(Account, account_id, lock=True)
        _refuse_move(scope, account, server)
        _refuse_other(account, answer, server)
        if server != account.server:
            # What the former server said of itself and of the account holds there only.
            account.server, account.remote_id, account.settings = server, None, {}
        _keep(scope, house.vault, account, offered.read())
        if answer.unreachable:
            account.state, account.state_reason = "needs_reconnect", f"Not checked yet: {answer.detail}"
            # What was known of the former secrets.
            account.token_expires_at = None
            account.version += 1
            hold_account(scope.session, account, scope.now)
        else:
            note_check(account, answer)
            release_account(scope.session, account, scope.now, actor=scope.actor)
        return account


def _asked(house: House, connection: Connection) -> AccountCheck:
    adapter = house.platforms.adapter(connection.platform, connection.via)
    answer = adapter.check_account(connection, deadline=house.clock.monotonic() + CHECK_SECONDS)
    if not answer.ok and not answer.unreachable:
        raise InvalidInput(
            f"The network did not accept it: {answer.detail}",
            hint="Nothing was changed. Make a new token or password at the network, and connect with that.",
        )
    return answer


def _refuse_unfit(account: Account, secrets: Mapping[str, str], server: str | None) -> None:
    names = SECRETS.get(account.platform, ()) if account.via == Via.NETWORK else ()
    if unknown := sorted(secrets.keys() - set(names)):
        takes = f"It takes {' and '.join(names)}." if names else "It takes none: connect it without."
        raise InvalidInput(f"{account.slug} takes no secret {unknown[0]!r}.", hint=takes)
    if missing := [name for name in names if not secrets.get(name)]:
        raise InvalidInput(f"{account.slug} needs {' and '.join(missing)}.", hint="Give what is missing.")
    if server is not None:
        if account.via != Via.NETWORK:
            raise InvalidInput(f"{account.slug} has no server.", hint="Leave the server out.")
        refuse_server(server)


def _at(account: Account, server: str | None) -> str | None:
    return account.server if server is None else server.rstrip("/")


def _refuse_move(scope: Scope, account: Account, server: str | None) -> None:
    """Refuse another server while a delivery is on its way: only the present one can tell what became of it."""
    if server == account.server:
        return
    query = scope.query(Delivery).where(
        Delivery.account_id == account.id,
        (Delivery.state.in_(("sending", "unknown", "needs_review")))
        | ((Delivery.parts_out > 0) & (Delivery.state != "published")),
    )
    if scope.session.scalars(query.limit(1)).first() is not None:
        raise Conflict(
            f"Deliveries of {account.slug} are not settled yet on {account.server}.",
            hint="Settle those that need review, then change the server; or connect without a server.",
        )


def _refuse_other(account: Account, answer: AccountCheck, server: str | None) -> None:
    """Refuse the secrets of another account on the same server: its followers are not those that it was planned for."""
    same_server = server == account.server
    if account.remote_id and answer.remote_id and same_server and account.remote_id != answer.remote_id:
        raise Conflict(
            f"These secrets are of {answer.handle or answer.remote_id}, "
            f"and {account.slug} is {account.handle or account.remote_id}.",
            hint="Sign in as that account, or add the other one under a slug of its own.",
        )


def _keep(scope: Scope, vault: Vault, account: Account, secrets: Mapping[str, str]) -> None:
    if not secrets:
        return
    row = scope.session.scalars(select(Credential).where(Credential.account_id == account.id).with_for_update()).first()
    if row is None:
        row = Credential(organization_id=scope.organization_id, account_id=account.id, version=0)
        scope.session.add(row)
    row.sealed, row.version, row.updated_at = vault.encrypt(secrets), row.version + 1, scope.now
    scope.session.flush()
