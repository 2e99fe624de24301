"""An account's secrets out of the database, opened only while in use; and the account as adapters take it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol
from weakref import WeakValueDictionary

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.orm import Session

from app.clock import Clock
from app.db import Database, RowId
from app.delivery.instant import instant
from app.models import Account, Credential
from app.platforms.base import Connection, Credentials, Via


class Sealer(Protocol):
    """Seals secrets for the database and opens them again."""

    def encrypt(self, values: Mapping[str, str]) -> bytes:
        """Seal."""
        ...

    def decrypt(self, token: bytes) -> dict[str, str]:
        """Open."""
        ...


#: Sets the refresh lock of an account apart from other uses of PostgreSQL's advisory locks ("cred").
_LOCK_SPACE = 0x63726564

_guard = threading.Lock()
_locks: WeakValueDictionary[tuple[int, int], _AccountLock] = WeakValueDictionary()


class _AccountLock:
    """A lock that a weak dictionary can hold."""

    def __init__(self) -> None:
        self.lock = threading.Lock()


class StoredCredentials:
    """One account's `credential` row as adapters take it. New secrets are committed before anybody uses them."""

    def __init__(self, database: Database, vault: Sealer, account_id: int, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._account_id = account_id
        self._clock = clock
        self._sealed: bytes | None = None

    def know(self, sealed: bytes) -> None:
        """Take the row's content, just read together with others.

        After a `lock` or `store` the row itself is read again, for somebody else may have refreshed it.
        """
        self._sealed = sealed

    def read(self) -> dict[str, str]:
        """Return the secrets by name; none where the account has none.

        Raises:
            BadConfiguration: No key of the vault opens them.
        """
        sealed = self._sealed
        if sealed is None:
            with self._database.read() as session:
                query = select(Credential.sealed).where(Credential.account_id == self._account_id)
                sealed = session.scalars(query).first()
        return {} if sealed is None else self._vault.decrypt(sealed)

    def store(self, secrets: Mapping[str, str]) -> None:
        """Keep new secrets; returns when they are committed."""
        self._sealed = None
        sealed = self._vault.encrypt(secrets)
        with self._database.write() as session:
            account = session.get_one(Account, self._account_id)
            row = session.scalars(
                select(Credential).where(Credential.account_id == self._account_id).with_for_update()
            ).first()
            if row is None:
                row = Credential(organization_id=account.organization_id, account_id=account.id, version=0)
                session.add(row)
            row.sealed, row.version, row.updated_at = sealed, row.version + 1, instant(session, self._clock)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold off every other refresh of this account, in this process and, on PostgreSQL, in all others."""
        with _guard:
            mine = _locks.setdefault((id(self._database), self._account_id), _AccountLock())
        self._sealed = None
        with mine.lock:
            if self._database.is_sqlite:
                yield
                return
            with self._database.read() as session:
                # A network may take longer to renew secrets than a change of rows may; statements are bounded, too.
                session.execute(text("SET LOCAL lock_timeout = 0"))
                # Held until this session's transaction ends; `store` commits in one of its own meanwhile.
                session.execute(select(func.pg_advisory_xact_lock(_LOCK_SPACE, self._account_id % 2**31)))
                yield

    def __repr__(self) -> str:
        return f"StoredCredentials(account {self._account_id})"


def sealed_of(session: Session, account_ids: Sequence[int]) -> dict[int, bytes]:
    """Return the sealed secrets of accounts by account id; one without any has no entry."""
    rows = session.execute(_SEALED, {"accounts": list(account_ids)})
    return {row.account_id: row.sealed for row in rows}


_SEALED = select(Credential.account_id, Credential.sealed).where(
    Credential.account_id.in_(bindparam("accounts", type_=RowId, expanding=True))
)


def connection_for(account: Account, credentials: Credentials) -> Connection:
    """Return the account as an adapter needs it.

    Its name there is made of organization and slug, for slugs are unique within an organization only.
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
