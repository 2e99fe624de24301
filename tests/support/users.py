"""Users for tests, who sign in by one password; made in the database itself."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from sqlalchemy import select

from app.db import Database
from app.identity.passwords import hash_password
from app.identity.permissions import Role
from app.models import Membership, Organization, User
from app.services.organizations import default_organization

PASSWORD = "three words and a half"  # noqa: S105 - made for tests
SINCE = datetime(2026, 1, 1, tzinfo=UTC)


@cache
def password_hash() -> str:
    """The password as it is kept; making it takes its time, so it is made once."""
    return hash_password(PASSWORD)


def give_user(
    database: Database,
    email: str,
    role: Role | None = Role.AUTHOR,
    *,
    organization_id: int | None = None,
    is_operator: bool = False,
    state: str = "active",
) -> int:
    """Store a user and their role in the first organization unless another is named; return the user's id."""
    with database.write() as session:
        user = session.scalars(select(User).where(User.email == email)).first()
        if user is None:
            user = User(
                email=email,
                name=email.partition("@")[0],
                password_hash=password_hash(),
                is_operator=is_operator,
                state=state,
                created_at=SINCE,
            )
            session.add(user)
            session.flush()
        if role is not None:
            session.add(
                Membership(
                    organization_id=organization_id or default_organization(session, SINCE).id,
                    user_id=user.id,
                    role=role.value,
                    created_by="tests",
                    created_at=SINCE,
                )
            )
        return user.id


def give_organization(database: Database, slug: str) -> int:
    """Store an organization; return its id."""
    with database.write() as session:
        row = Organization(slug=slug, name=slug.title(), created_at=SINCE)
        session.add(row)
        session.flush()
        return row.id
