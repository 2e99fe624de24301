"""The sandbox's feed kept in the database, so that staff see it at `/sandbox` and it outlives a restart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app.db import Database
from app.models import SandboxPost
from app.platforms.sandbox.feed import FeedPost, post_id


class DatabaseFeed:
    """A `Feed` over `sandbox_post`, each call a short transaction of its own, as if another machine kept it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(
        self,
        *,
        account: str,
        platform: str,
        key: str,
        text: str,
        created_at: datetime,
        parent_id: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> FeedPost:
        """Keep a post; where (account, key) is kept already, return that post unchanged."""
        row = SandboxPost(
            account=account,
            platform=platform,
            key=key,
            post_id=post_id(account, key),
            parent_id=parent_id,
            text=text,
            details=dict(details or {}),
            created_at=created_at,
        )
        try:
            with self._database.write() as session:
                kept = session.scalars(_under(account, key)).first()
                if kept is not None:
                    return _value(kept)
                session.add(row)
                session.flush()
                return _value(row)
        except IntegrityError:
            # Another process put the same post between our look and our write.
            with self._database.read() as session:
                return _value(session.scalars(_under(account, key)).one())

    def get(self, account: str, key: str) -> FeedPost | None:
        """Return the post kept under (account, key), or None."""
        with self._database.read() as session:
            row = session.scalars(_under(account, key)).first()
            return None if row is None else _value(row)

    def by_id(self, account: str, post_id: str) -> FeedPost | None:
        """Return the account's post with this id, or None."""
        with self._database.read() as session:
            row = session.scalars(_with_id(account, post_id)).first()
            return None if row is None else _value(row)

    def remove(self, account: str, post_id: str) -> bool:
        """Delete a post; False where there was none."""
        with self._database.write() as session:
            row = session.scalars(_with_id(account, post_id)).first()
            if row is None:
                return False
            session.execute(delete(SandboxPost).where(SandboxPost.id == row.id))
            return True

    def list(self, account: str | None = None, *, limit: int = 100) -> Sequence[FeedPost]:
        """Return the newest posts first, of one account or of all; ties keep the order of arrival, reversed."""
        query = select(SandboxPost).order_by(SandboxPost.created_at.desc(), SandboxPost.id.desc()).limit(limit)
        if account is not None:
            query = query.where(SandboxPost.account == account)
        with self._database.read() as session:
            return [_value(row) for row in session.scalars(query)]


def _under(account: str, key: str) -> Any:  # noqa: ANN401  # Select's own type takes a line of brackets
    return select(SandboxPost).where(SandboxPost.account == account, SandboxPost.key == key)


def _with_id(account: str, post_id: str) -> Any:  # noqa: ANN401  # as above
    return select(SandboxPost).where(SandboxPost.account == account, SandboxPost.post_id == post_id)


def _value(row: SandboxPost) -> FeedPost:
    return FeedPost(
        id=row.post_id,
        account=row.account,
        platform=row.platform,
        key=row.key,
        text=row.text,
        created_at=row.created_at,
        parent_id=row.parent_id,
        details=row.details,
    )
