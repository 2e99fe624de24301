"""Signing in and out: password, then the second factor where there is one.

Units of work are this module's own: a wrong try must stay counted, and no transaction waits for a password's hash. An
unknown e-mail address costs the same work and gets the same answer as a wrong password.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.errors import NotSignedIn
from app.identity import second_factor, sessions
from app.identity.authentication import Asking
from app.identity.passwords import renewed, verify_password
from app.identity.throttle import Watch, by_account, by_address, count_try, forgive, forgive_one, refuse_closed
from app.models import User
from app.records import journal
from app.services.house import House
from app.services.scope import InstanceScope
from app.services.visitors import proved, visitor


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What signing in gives: the cookie's value, and whether the second factor is still to come."""

    secret: str
    user: User
    second_factor_needed: bool = False


def sign_in(house: House, asking: Asking, email: str, password: str) -> SignedIn:
    """Sign somebody in by e-mail address and password; with a second factor, half way.

    Raises:
        NotSignedIn: They are not right together, or the user is disabled: the answer does not say which.
        TooManyTries: Too many were wrong for this address or account.
    """
    email = email.strip().lower()
    account, address = by_account("sign_in", email), by_address("sign_in", asking.origin)
    tried_at = _count(house, account, address)
    with house.database.read() as session:
        user = session.scalars(select(User).where(User.email == email)).first() if _may_be_one(email) else None
    right = verify_password(password, None if user is None else user.password_hash)
    if user is None or user.password_hash is None or not right or user.state != "active":
        with house.write_instance(visitor(asking)) as scope:
            journal.note(scope.session, "sign_in_failed", "user", None if user is None else user.id)
        raise NotSignedIn(
            "The e-mail address or the password is not right.",
            hint="Try again, or have a link sent to set a new password: /password-reset.",
        )
    better = renewed(password, user.password_hash)
    with house.write_instance(proved(user, asking)) as scope:
        forgive(scope.session, account)
        forgive_one(scope.session, address, tried_at)
        known = scope.session.get_one(User, user.id)
        if better is not None and known.password_hash == user.password_hash:
            known.password_hash = better
        return begin_session(scope, known, asking)


def second_step(house: House, asking: Asking, code: str) -> SignedIn:
    """Finish a sign-in with a code of the app, or with a recovery code.

    Raises:
        NotSignedIn: The code is wrong or used, or no sign-in waits for one.
        TooManyTries: Too many codes were wrong.
    """
    with house.database.read() as session:
        waiting = sessions.pending_session(session, asking.cookie, house.clock.now())
    if waiting is None:
        raise NotSignedIn("No sign-in waits for a code.", hint="Begin again with e-mail address and password.")
    user = waiting[1]
    watch = code_watch(user)
    _count(house, watch)
    with house.write_instance(proved(user, asking)) as scope:
        known = lock_user(scope, user.id)
        still = sessions.pending_session(scope.session, asking.cookie, scope.now)
        kind = None if still is None else second_factor.take_code(known, house.vault, code, scope.now)
        if kind is not None:
            forgive(scope.session, watch)
            if kind == "recovery":
                left = len(known.recovery_codes)
                journal.note(scope.session, "recovery_code_used", "user", known.id, after={"left": left})
            return begin_session(scope, known, asking, second_factor_done=True)
        journal.note(scope.session, "second_factor_failed", "user", known.id)
    raise NotSignedIn(
        "The code is not right, or it was used before.",
        hint="Give the code that the app shows now, or one of your recovery codes.",
    )


def begin_session(scope: InstanceScope, user: User, asking: Asking, *, second_factor_done: bool = False) -> SignedIn:
    """Open the session of a user who has proved who they are; half way where their second factor is still to come."""
    pending = user.totp_since is not None and not second_factor_done
    opened = sessions.open_session(scope.session, user, asking, scope.now, pending=pending)
    if not pending:
        user.last_sign_in_at = scope.now
        scope.session.flush()
        journal.note(scope.session, "signed_in", "user", user.id, organization_id=opened.row.organization_id)
    return SignedIn(opened.secret, user, second_factor_needed=pending)


def sign_out(house: House, asking: Asking) -> None:
    """End the session that the request's cookie leads to, if any."""
    with house.database.read() as session:
        user = sessions.user_of_cookie(session, asking.cookie)
    if user is None:
        return
    with house.write_instance(proved(user, asking)) as scope:
        if sessions.end_by_cookie(scope.session, asking.cookie, scope.now):
            journal.note(scope.session, "signed_out", "user", user.id)


def code_watch(user: User) -> Watch:
    """Return what counts the wrong codes of a user."""
    return by_account("second_factor", str(user.id))


def lock_user(scope: InstanceScope, user_id: int) -> User:
    """Return a user, locked until the unit of work ends: of two who use one code at once, one does."""
    query = select(User).where(User.id == user_id).with_for_update().execution_options(populate_existing=True)
    return scope.session.scalars(query).one()


def _count(house: House, *watches: Watch) -> datetime:
    now = house.clock.now()
    with house.database.read() as session:
        refuse_closed(session, watches, now)
    with house.database.write() as session:
        count_try(session, watches, now)
    return now


def _may_be_one(email: str) -> bool:
    # What no column can hold is nobody's.
    return "\0" not in email and not any("\ud800" <= letter <= "\udfff" for letter in email)
