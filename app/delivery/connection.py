"""An account's row as the value that adapters take."""

from __future__ import annotations

from app.models import Account
from app.platforms.base import Connection, Credentials, Via


def connection_for(account: Account, credentials: Credentials) -> Connection:
    """Return the account as an adapter needs it.

    Its name there is made of row id and slug: slugs are unique within an organization only.
    """
    return Connection(
        account=f"{account.organization_id}/{account.slug}",
        platform=account.platform,
        via=Via(account.via),
        credentials=credentials,
        server=account.server,
        remote_id=account.remote_id,
        handle=account.handle,
        person=account.person,
        settings=account.settings,
    )
