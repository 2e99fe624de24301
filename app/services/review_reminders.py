"""Reminders: a letter to the reviewer when a review is due within a day, and one more when it is overdue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import structlog
from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from app.clock import Clock, utc_text
from app.db import Database
from app.delivery.instant import instant
from app.errors import NetworkUnreachable
from app.identity.permissions import ALLOWED, Permission
from app.models import Campaign, Membership, Organization, Post, Review, ReviewDelegate, User
from app.services.chores import Chore
from app.services.letters import Letters

log = structlog.get_logger(__name__)

AHEAD = timedelta(days=1)
_EVERY = timedelta(minutes=5)
_MOST_AT_ONCE = 500
_MOST_LISTED = 50
_REVIEWING = sorted(role for role, allowed in ALLOWED.items() if Permission.REVIEW in allowed)


@dataclass(frozen=True, slots=True)
class _Due:
    """An open review that somebody is to be reminded of; `reminded_at` as it was read."""

    review_id: int
    organization_id: int
    reviewer_id: int | None
    due_at: datetime
    reminded_at: datetime | None
    post: str
    campaign: str
    organization: str


class ReviewReminders:
    """Reminds reviewers by e-mail; does nothing where no mail server is set up. Any number of processes may run one."""

    def __init__(self, database: Database, clock: Clock, letters: Letters) -> None:
        self._database = database
        self._clock = clock
        self._letters = letters

    def chores(self) -> tuple[Chore, ...]:
        """Return what the scheduler's process runs."""
        return (Chore("review_reminders", _EVERY, self.run),)

    def run(self) -> None:
        """Remind of what is due within a day or overdue, each once."""
        self.remind()

    def remind(self) -> int:
        """Do so, and return how many letters were sent."""
        if not self._letters.can_send:
            return 0
        with self._database.read() as session:
            now = instant(session, self._clock)
            if not _due(session, now):
                return 0
        # Claimed before anything is sent, so that of several processes one reminds.
        with self._database.write() as session:
            now = instant(session, self._clock)
            due = [one for one in _due(session, now) if _claim(session, one, now)]
            letters = _letters(session, due, now)
        return sum(self._send(address, reviews, now) for address, reviews in letters.items())

    def _send(self, address: str, reviews: Sequence[_Due], now: datetime) -> bool:
        overdue = [one for one in reviews if one.due_at <= now]
        subject = "Reviews are overdue" if overdue else "Reviews are due within a day"
        try:
            self._letters.send(address, subject, _text(reviews, now), now)
        except NetworkUnreachable:
            log.warning("review_reminder_not_sent", reviews=len(reviews))
            with self._database.write() as session:
                for one in reviews:
                    mine = (Review.id == one.review_id, Review.reminded_at == now)
                    session.execute(update(Review).where(*mine).values(reminded_at=one.reminded_at))
            return False
        log.info("review_reminder_sent", reviews=len(reviews))
        return True


def _due(session: Session, now: datetime) -> list[_Due]:
    first = and_(Review.reminded_at.is_(None), Review.due_at <= now + AHEAD)
    again = and_(Review.reminded_at < Review.due_at, Review.due_at <= now)
    rows = session.execute(
        select(
            Review.id, Review.organization_id, Review.reviewer_id, Review.due_at, Review.reminded_at, Post.key,
            Campaign.name, Organization.name,
        )
        .join(Post, Post.id == Review.post_id)
        .join(Campaign, Campaign.id == Post.campaign_id)
        .join(Organization, Organization.id == Review.organization_id)
        .where(Review.state == "open", Organization.state == "active", or_(first, again))
        .order_by(Review.due_at, Review.id)
        .limit(_MOST_AT_ONCE)
    )  # fmt: skip
    return [_Due(*cast("Any", row)) for row in rows]


def _claim(session: Session, one: _Due, now: datetime) -> bool:
    same = Review.reminded_at.is_(None) if one.reminded_at is None else Review.reminded_at == one.reminded_at
    claimed = update(Review).where(Review.id == one.review_id, Review.state == "open", same).values(reminded_at=now)
    return bool(session.scalars(claimed.returning(Review.id)).all())


def _letters(session: Session, due: Sequence[_Due], now: datetime) -> dict[str, list[_Due]]:
    """Return what each address is reminded of: reviewers, whoever stands in for them, or all who may review."""
    found: dict[str, list[_Due]] = defaultdict(list)
    for organization_id in dict.fromkeys(one.organization_id for one in due):
        emails = _reviewers(session, organization_id)
        stand_ins = _stand_ins(session, organization_id, now)
        for one in due:
            if one.organization_id == organization_id:
                ids = emails if one.reviewer_id is None else [one.reviewer_id, *stand_ins[one.reviewer_id]]
                for address in _addresses(ids, emails):
                    found[address].append(one)
    return found


def _addresses(ids: Iterable[int], emails: dict[int, str]) -> list[str]:
    return [emails[one] for one in dict.fromkeys(ids) if one in emails]


def _reviewers(session: Session, organization_id: int) -> dict[int, str]:
    rows = session.execute(
        select(User.id, User.email)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.organization_id == organization_id, Membership.role.in_(_REVIEWING), User.state == "active")
        .order_by(User.id)
    )
    return {row[0]: row[1] for row in rows}


def _stand_ins(session: Session, organization_id: int, now: datetime) -> dict[int, list[int]]:
    rows = session.execute(
        select(ReviewDelegate.user_id, ReviewDelegate.delegate_id).where(
            ReviewDelegate.organization_id == organization_id,
            ReviewDelegate.since <= now,
            ReviewDelegate.until > now,
        )
    )
    found: dict[int, list[int]] = defaultdict(list)
    for user_id, delegate_id in rows:
        found[user_id].append(delegate_id)
    return found


def _text(reviews: Sequence[_Due], now: datetime) -> str:
    lines = [
        f"- {one.organization}, {one.campaign}: {one.post}, "
        f"{'was due' if one.due_at <= now else 'due'} {utc_text(one.due_at)}"
        for one in reviews[:_MOST_LISTED]
    ]
    if len(reviews) > _MOST_LISTED:
        lines.append(f"- and {len(reviews) - _MOST_LISTED} more")
    return (
        "These posts wait for your review:\n\n"
        + "\n".join(lines)
        + "\n\nWhat is not approved by its moment does not go out.\n"
    )
