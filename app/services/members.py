"""The members of an organization and their roles. There is always one admin at least."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update

from app.errors import Conflict
from app.identity.permissions import Role
from app.models import ApiToken, Membership, Organization, User
from app.services.pages import Asked, Page, page_of
from app.services.scope import Scope


@dataclass(frozen=True, slots=True)
class Member:
    """A membership and its user."""

    row: Membership
    user: User


def members_page(scope: Scope, asked: Asked) -> Page[Member]:
    """Return a page of the organization's members, in the order in which they came."""
    page = page_of(scope.session, scope.query(Membership), (Membership.id,), lambda row: (row.id,), asked)
    return Page(_with_users(scope, page.items), page.next_cursor)


def member(scope: Scope, member_id: int) -> Member:
    """Return one member.

    Raises:
        NotFound: There is none, or it is another organization's.
    """
    row = scope.get(Membership, member_id)
    return Member(row, scope.session.get_one(User, row.user_id))


def change_role(scope: Scope, member_id: int, role: Role) -> Member:
    """Change what a member is.

    Raises:
        NotFound: As in `member`.
        Conflict: They are the last admin.
    """
    row = _locked(scope, member_id)
    if role is not Role.ADMIN:
        _keep_an_admin(scope, row)
    row.role = role.value
    scope.session.flush()
    return Member(row, scope.session.get_one(User, row.user_id))


def remove_member(scope: Scope, member_id: int) -> None:
    """Take somebody out of the organization. Their tokens for it are revoked; what they did stays on record.

    Raises:
        NotFound: As in `member`.
        Conflict: They are the last admin.
    """
    row = _locked(scope, member_id)
    _keep_an_admin(scope, row)
    scope.session.execute(
        update(ApiToken)
        .where(
            ApiToken.organization_id == scope.organization_id,
            ApiToken.user_id == row.user_id,
            ApiToken.revoked_at.is_(None),
        )
        .values(revoked_at=scope.now)
    )
    scope.session.delete(row)
    scope.session.flush()


def _locked(scope: Scope, member_id: int) -> Membership:
    # Of two admins who demote each other at once, the second waits here and then finds itself the last one.
    scope.session.execute(select(Organization.id).where(Organization.id == scope.organization_id).with_for_update())
    return scope.get(Membership, member_id, lock=True)


def _keep_an_admin(scope: Scope, row: Membership) -> None:
    others = scope.session.scalar(
        select(func.count(Membership.id))
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.organization_id == scope.organization_id,
            Membership.role == Role.ADMIN.value,
            Membership.id != row.id,
            User.state == "active",
        )
    )
    if row.role == Role.ADMIN.value and not others:
        raise Conflict("They are the organization's last admin.", hint="Make somebody else an admin first.")


def _with_users(scope: Scope, rows: Sequence[Membership]) -> list[Member]:
    ids = [row.user_id for row in rows]
    users = {user.id: user for user in scope.session.scalars(select(User).where(User.id.in_(ids)))}
    return [Member(row, users[row.user_id]) for row in rows]
