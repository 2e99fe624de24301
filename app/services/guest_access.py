"""How a guest comes in: by the link, then by a code of six digits that is mailed to their address."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app.errors import NotAllowed, NotFound, NotSignedIn, TooManyTries
from app.identity.authentication import Asking
from app.identity.permissions import Permission
from app.identity.principal import Principal
from app.identity.secret_words import digest_of, new_secret
from app.models import GuestReview, Organization
from app.records import journal
from app.services.house import House
from app.services.scope import InstanceScope
from app.services.visitors import visitor

#: How long a code holds, how often it may be tried in that time, and how soon another may be sent.
CODE_LIFETIME = timedelta(minutes=15)
MOST_TRIES = 5
BETWEEN_CODES = timedelta(minutes=1)
SESSION_LIFETIME = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Door:
    """What somebody with the link sees before they give their code; `email` shows its first letter and its domain."""

    organization: str
    invited_by: str
    email: str
    may_decide: bool
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Entered:
    """A guest's session: its secret, and until when it holds."""

    secret: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Guest:
    """A guest who is in: their row, and who they are as they act."""

    row: GuestReview
    who: Principal


def look_at_link(house: House, token: str) -> Door:
    """Return what a link is.

    Raises:
        NotFound: It is none that is in force.
    """
    with house.read_instance() as scope:
        row, organization = _in_force(scope, token)
        return Door(organization.name, row.created_by, _masked(row.email), row.may_decide, row.expires_at)


def send_code(house: House, asking: Asking, token: str) -> None:
    """Mail a new code to the guest; the one before is void.

    Tries of codes that follow one another are counted together.

    Raises:
        NotFound: The link is not in force.
        TooManyTries: A code was sent just now, or too many were tried.
        NetworkUnreachable: The letter was not sent.
    """
    code = f"{secrets.randbelow(10**6):06}"
    with house.write_instance(visitor(asking)) as scope:
        row, organization = _in_force(scope, token, lock=True)
        _refuse_many(row, scope.now)
        if row.code_expires_at is None or row.code_expires_at <= scope.now:
            row.code_tries = 0
        # Asking anew gives no further tries while the code before would still hold.
        row.code_digest, row.code_expires_at = _code_digest(row, code), scope.now + CODE_LIFETIME
        row.code_sent_at = scope.now
        email, name, now = row.email, organization.name, scope.now
    house.letters.send(email, "Your code for a review", _letter(code, name), now)


def enter(house: House, asking: Asking, token: str, code: str) -> Entered:
    """Let a guest in by their code; a session that they had elsewhere ends.

    Raises:
        NotFound: The link is not in force.
        TooManyTries: Too many codes were tried.
        NotAllowed: The code is not the one that was sent last, or has expired.
    """
    secret = new_secret()
    # A wrong try is to be kept, so nothing is raised before the end of the unit of work.
    with house.write_instance(visitor(asking)) as scope:
        row, _ = _in_force(scope, token, lock=True)
        waits = _tries_left_in(row, scope.now)
        entered = waits is None and _is_right(row, code, scope.now)
        expires_at = min(scope.now + SESSION_LIFETIME, row.expires_at)
        if entered:
            row.session_digest, row.session_expires_at = digest_of(secret), expires_at
            row.code_digest = None
            journal.acts(scope.session, _principal(row, asking), scope.now)
            journal.note(scope.session, "signed_in", "guest_review", row.id)
        elif waits is None:
            row.code_tries += 1
    if waits is not None:
        raise _too_many(waits)
    if not entered:
        raise NotAllowed("That code is wrong or has expired.", hint="Use the newest letter, or ask for another code.")
    return Entered(secret, expires_at)


def guest_of(house: House, asking: Asking, token: str, secret: str | None) -> Guest:
    """Return the guest whose session this is.

    Raises:
        NotFound: The link is not in force.
        NotSignedIn: There is no session, or it has ended.
    """
    with house.read_instance() as scope:
        row, _ = _in_force(scope, token)
        ended = row.session_expires_at is None or row.session_expires_at <= scope.now
        right = secret is not None and hmac.compare_digest(row.session_digest or "", digest_of(secret))
        if ended or not right:
            raise NotSignedIn(
                "There is no guest's session in force with this request.", hint="Ask for a code, and give it."
            )
        return Guest(row, _principal(row, asking))


def _in_force(scope: InstanceScope, token: str, *, lock: bool = False) -> tuple[GuestReview, Organization]:
    query = (
        select(GuestReview, Organization)
        .join(Organization, Organization.id == GuestReview.organization_id)
        .where(
            GuestReview.digest == digest_of(token),
            GuestReview.revoked_at.is_(None),
            GuestReview.expires_at > scope.now,
            Organization.state == "active",
        )
    )
    if lock:
        query = query.with_for_update(of=GuestReview).execution_options(populate_existing=True)
    found = scope.session.execute(query).first()
    if found is None:
        raise NotFound("This link is not in force.", hint="Ask whoever sent it for a new one.")
    return found[0], found[1]


def _principal(row: GuestReview, asking: Asking) -> Principal:
    allowed = {Permission.VIEW, Permission.REVIEW} if row.may_decide else {Permission.VIEW}
    return Principal(
        f"guest: {row.email}",
        frozenset(allowed),
        row.organization_id,
        via="guest",
        origin=asking.origin,
        request_id=asking.request_id,
    )


def _refuse_many(row: GuestReview, now: datetime) -> None:
    if (waits := _tries_left_in(row, now)) is not None:
        raise _too_many(waits)
    if row.code_sent_at is not None and now < row.code_sent_at + BETWEEN_CODES:
        raise _too_many(row.code_sent_at + BETWEEN_CODES - now)


def _tries_left_in(row: GuestReview, now: datetime) -> timedelta | None:
    """Return for how long no code is taken, or None where one is."""
    if row.code_tries < MOST_TRIES or row.code_expires_at is None or row.code_expires_at <= now:
        return None
    return row.code_expires_at - now


def _too_many(waits: timedelta) -> TooManyTries:
    seconds = max(1, int(waits.total_seconds()))
    return TooManyTries(
        "That was tried too often.", wait_seconds=seconds, hint=f"Wait for {seconds} seconds, then try again."
    )


def _is_right(row: GuestReview, code: str, now: datetime) -> bool:
    if row.code_digest is None or row.code_expires_at is None or row.code_expires_at <= now:
        return False
    return hmac.compare_digest(row.code_digest, _code_digest(row, code.strip()))


def _code_digest(row: GuestReview, code: str) -> str:
    return digest_of(f"{row.digest}:{code}")


def _masked(email: str) -> str:
    mailbox, _, domain = email.rpartition("@")
    return f"{mailbox[:1]}…@{domain}"


def _letter(code: str, organization: str) -> str:
    minutes = int(CODE_LIFETIME.total_seconds()) // 60
    return f"""{organization} asks you to look at some posts.

Your code, for {minutes} minutes:

{code}

If you did not ask for it, do nothing.
"""
