"""Who asks: the principal behind a session's cookie or an API token, as the database has it at this moment.

Nothing is kept between requests, so what is revoked is refused from the next request on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.identity.permissions import ALLOWED, Permission, Role
from app.identity.principal import Principal
from app.identity.secret_words import digest_of
from app.models import ApiToken, Membership, Organization, User, UserSession

#: How every API token begins, so that one that leaked is found by whoever scans for it.
TOKEN_PREFIX = "fwk_"  # noqa: S105 - how tokens begin, and none itself
#: How exactly it is known when a session or token was used last.
USED_EVERY = timedelta(minutes=1)
#: A session that is not used for so long has ended.
IDLE = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Asking:
    """What a request brings along: its secrets, and where it comes from. `organization` is a slug that it names."""

    token: str | None = None
    cookie: str | None = None
    organization: str | None = None
    origin: str = ""
    request_id: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """Who asks, and whether it is time to write down that their session or token was used."""

    who: Principal
    is_news: bool


def authenticate(session: Session, asking: Asking, now: datetime) -> Found | None:
    """Return who asks at `now` (aware), or None where nothing that was brought along is in force.

    A token speaks for its own organization. A session speaks for the organization that the request names, else the one
    that it looks at, else the only one that its user belongs to; for none where the user is nobody there.
    """
    if asking.token is not None:
        return _by_token(session, asking, now)
    return None if asking.cookie is None else _by_session(session, asking, now)


def mark_used(session: Session, who: Principal, now: datetime) -> None:
    """Write down that a session or token was used."""
    if who.token_id is not None:
        session.execute(update(ApiToken).where(ApiToken.id == who.token_id).values(used_at=now))
    if who.session_id is not None:
        session.execute(update(UserSession).where(UserSession.id == who.session_id).values(seen_at=now))


def _by_token(session: Session, asking: Asking, now: datetime) -> Found | None:
    row = session.execute(
        select(ApiToken, User, Membership.role)
        .join(Organization, Organization.id == ApiToken.organization_id)
        .outerjoin(User, User.id == ApiToken.user_id)
        .outerjoin(
            Membership,
            (Membership.user_id == ApiToken.user_id) & (Membership.organization_id == ApiToken.organization_id),
        )
        .where(ApiToken.digest == digest_of(asking.token or ""), Organization.state == "active")
    ).first()
    if row is None:
        return None
    token = row[0]
    user: User | None = row[1]
    role: str | None = row[2]
    if token.revoked_at is not None or (token.expires_at is not None and token.expires_at <= now):
        return None
    scopes = frozenset(Permission(scope) for scope in token.scopes)
    if token.user_id is not None:
        if user is None or user.state != "active" or role is None:
            return None
        operates = {Permission.OPERATE} if user.is_operator else set()
        scopes &= ALLOWED[Role(role)] | operates
    who = Principal(
        name=f"{token.created_by if user is None else user.email} (token {token.name})",
        permissions=scopes,
        organization_id=token.organization_id,
        user_id=token.user_id,
        via="token",
        origin=asking.origin,
        request_id=asking.request_id,
        token_id=token.id,
    )
    return Found(who, token.used_at is None or now - token.used_at >= USED_EVERY)


def _by_session(session: Session, asking: Asking, now: datetime) -> Found | None:
    row = session.execute(
        select(UserSession, User)
        .join(User, User.id == UserSession.user_id)
        .where(UserSession.digest == digest_of(asking.cookie or ""))
    ).first()
    if row is None:
        return None
    signed_in, user = row
    ended = signed_in.revoked_at is not None or signed_in.expires_at <= now or signed_in.seen_at + IDLE <= now
    if ended or signed_in.pending or user.state != "active":
        return None
    organization_id, role = _chosen(session, asking, signed_in)
    permissions = ALLOWED[Role(role)] if role is not None else frozenset()
    who = Principal(
        name=user.email,
        permissions=permissions | ({Permission.OPERATE} if user.is_operator else frozenset()),
        organization_id=organization_id if role is not None else None,
        user_id=user.id,
        via="session",
        origin=asking.origin,
        request_id=asking.request_id,
        session_id=signed_in.id,
    )
    return Found(who, now - signed_in.seen_at >= USED_EVERY)


def _chosen(session: Session, asking: Asking, signed_in: UserSession) -> tuple[int | None, str | None]:
    """Return the organization that a session's request is about, and the user's role in it."""
    mine = (
        select(Membership.organization_id, Membership.role)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(Membership.user_id == signed_in.user_id, Organization.state == "active")
    )
    if asking.organization is not None:
        rows = session.execute(mine.where(Organization.slug == asking.organization)).all()
    else:
        rows = session.execute(mine).all()
        looked_at = [row for row in rows if row.organization_id == signed_in.organization_id]
        rows = looked_at or rows
    return (rows[0].organization_id, rows[0].role) if len(rows) == 1 else (None, None)
