"""Sessions: rows that a browser's cookie leads to. They are made anew at each step of a sign-in, and revoked at once.

A cookie that somebody planted in a browser beforehand is worth nothing: what it leads to is never raised to more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from app.identity.authentication import IDLE, Asking
from app.identity.secret_words import digest_of, new_secret
from app.models import User, UserSession

#: However much it is used, a session ends then.
LIFETIME = timedelta(days=7)
#: How long the second factor is waited for.
PENDING_LIFETIME = timedelta(minutes=10)
_KEPT_AFTER_END = timedelta(days=30)
_LONGEST_AGENT, _LONGEST_ADDRESS = 300, 64


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session and its cookie's value, which nobody sees again."""

    row: UserSession
    secret: str


def open_session(session: Session, user: User, asking: Asking, now: datetime, *, pending: bool = False) -> Opened:
    """Open a session for a user who has just proved who they are; the one that their cookie led to ends.

    It looks at the organization that they looked at last. With `pending`, the second factor is still to come.
    """
    end_by_cookie(session, asking.cookie, now)
    secret = new_secret()
    row = UserSession(
        user_id=user.id,
        organization_id=_last_looked_at(session, user.id),
        digest=digest_of(secret),
        pending=pending,
        address=asking.origin[:_LONGEST_ADDRESS],
        agent="".join(letter for letter in asking.agent if letter.isprintable())[:_LONGEST_AGENT],
        created_at=now,
        seen_at=now,
        expires_at=now + (PENDING_LIFETIME if pending else LIFETIME),
    )
    session.add(row)
    session.flush()
    return Opened(row, secret)


def pending_session(session: Session, cookie: str | None, now: datetime) -> tuple[UserSession, User] | None:
    """Return the session whose second factor is still asked for, and its user."""
    found = session.execute(
        select(UserSession, User)
        .join(User, User.id == UserSession.user_id)
        .where(
            UserSession.digest == digest_of(cookie or ""),
            UserSession.pending.is_(True),
            UserSession.revoked_at.is_(None),
            UserSession.expires_at > now,
            User.state == "active",
        )
    ).first()
    return None if found is None else (found[0], found[1])


def user_of_cookie(session: Session, cookie: str | None) -> User | None:
    """Return whose session a cookie leads to, in force or not."""
    if cookie is None:
        return None
    query = select(User).join(UserSession, UserSession.user_id == User.id)
    return session.scalars(query.where(UserSession.digest == digest_of(cookie))).first()


def in_force(session: Session, user_id: int, now: datetime) -> list[UserSession]:
    """Return a user's sessions that are in force, the one used last first."""
    return list(
        session.scalars(
            select(UserSession)
            .where(
                UserSession.user_id == user_id,
                UserSession.revoked_at.is_(None),
                UserSession.pending.is_(False),
                UserSession.expires_at > now,
                UserSession.seen_at > now - IDLE,
            )
            .order_by(UserSession.seen_at.desc(), UserSession.id.desc())
        )
    )


def end_by_cookie(session: Session, cookie: str | None, now: datetime) -> bool:
    """End the session that a cookie leads to; whether there was one."""
    return cookie is not None and bool(_end(session, now, UserSession.digest == digest_of(cookie)))


def end_one(session: Session, user_id: int, session_id: int, now: datetime) -> bool:
    """End one session of a user; whether there was one."""
    return bool(_end(session, now, UserSession.user_id == user_id, UserSession.id == session_id))


def end_all(session: Session, user_id: int, now: datetime, *, but: int | None = None) -> int:
    """End all sessions of a user, but one where it is named; return how many."""
    conditions = [UserSession.user_id == user_id]
    return _end(session, now, *conditions, *([] if but is None else [UserSession.id != but]))


def forget_old(session: Session, now: datetime) -> None:
    """Delete what ended a month ago."""
    session.execute(delete(UserSession).where(UserSession.expires_at < now - _KEPT_AFTER_END))


def _end(session: Session, now: datetime, *conditions: object) -> int:
    done = session.execute(
        update(UserSession).where(UserSession.revoked_at.is_(None), *conditions).values(revoked_at=now)  # type: ignore[arg-type]  # conditions are
    )
    assert isinstance(done, CursorResult)  # noqa: S101 - what an UPDATE gives
    return done.rowcount


def _last_looked_at(session: Session, user_id: int) -> int | None:
    return session.scalars(
        select(UserSession.organization_id)
        .where(UserSession.user_id == user_id, UserSession.organization_id.is_not(None))
        .order_by(UserSession.id.desc())
        .limit(1)
    ).first()
