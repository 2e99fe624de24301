"""A token for tests: an admin of the first organization who is the operator as well, made in the database itself."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from app.db import Database
from app.identity.permissions import EVERYTHING, Permission
from app.identity.principal import Principal
from app.identity.secret_words import digest_of
from app.models import ApiToken
from app.services.organizations import default_organization

TOKEN = "fwk_of-the-tests-which-may-do-everything"  # noqa: S105 - made for tests
#: How whoever uses it goes on record.
ACTOR = "tests (token tests)"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def somebody(organization_id: int) -> Principal:
    """Return somebody who may do everything in one organization."""
    return Principal("somebody", EVERYTHING, organization_id)


def give_token(
    database: Database,
    token: str = TOKEN,
    *,
    scopes: tuple[Permission, ...] = tuple(Permission),
    organization_id: int | None = None,
) -> None:
    """Store a token, once; what it may do is said by `scopes`, in the first organization unless another is named."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with database.write() as session:
        if session.scalars(select(ApiToken.id).where(ApiToken.digest == digest_of(token))).first() is None:
            session.add(
                ApiToken(
                    organization_id=organization_id or default_organization(session, now).id,
                    name="tests",
                    hint=token[:8],
                    digest=digest_of(token),
                    scopes=[scope.value for scope in scopes],
                    created_by="tests",
                    created_at=now,
                )
            )
