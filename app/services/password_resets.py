"""New passwords by a link in a letter. Asking for one never tells whether there is such a user."""

from __future__ import annotations

from sqlalchemy import select

from app.errors import NotFound, TooManyTries
from app.identity import links, sessions
from app.identity.authentication import Asking
from app.identity.emails import clean_email, is_mailbox
from app.identity.passwords import checked_password, hash_password
from app.identity.throttle import by_account, by_address, count_try, forgive
from app.models import User
from app.records import journal
from app.services.house import House
from app.services.letter_words import password_reset_letter
from app.services.places import link_to
from app.services.scope import InstanceScope
from app.services.sign_in import lock_user
from app.services.visitors import proved, visitor

_LETTERS_BEFORE_A_WAIT = 3
_ASKED_FROM_ONE_ADDRESS = 20


def ask_for_reset(house: House, asking: Asking, email: str) -> None:
    """Have a link sent to whoever has this e-mail address, if anybody does; the rest happens after the answer.

    Raises:
        TooManyTries: Too many were asked for from this network address.
    """
    email = email.strip().lower()
    now = house.clock.now()
    with house.database.write() as session:
        count_try(session, [by_address("password_reset", asking.origin, free=_ASKED_FROM_ONE_ADDRESS)], now)
    # Nobody's mailbox is filled; that this one was asked for too often is not told.
    try:
        with house.database.write() as session:
            count_try(session, [by_account("password_reset", email, free=_LETTERS_BEFORE_A_WAIT)], now)
    except TooManyTries:
        return
    if is_mailbox(email) and house.letters.can_send:
        house.errands.give(lambda: _send(house, asking, email))


def reset_link(house: House, email: str) -> str:
    """Return a link to set a new password for a user: for the command line, where no mail is set up.

    Raises:
        NotFound: There is no such user who may sign in by password.
        InvalidInput: That is no e-mail address.
    """
    with house.write_instance() as scope:
        user = _user(scope, clean_email(email))
        if user is None:
            raise NotFound(f"Nobody signs in as {email} by password.", hint="See who does: focusweek users list")
        return _link(house, scope, user)


def look_at_reset(house: House, token: str) -> User:
    """Return whose password a link sets.

    Raises:
        NotFound: It is used, expired, or none of ours.
    """
    with house.database.read() as session:
        link = links.look_at(session, house.vault, links.PASSWORD_RESET, token, house.clock.now())
        user = session.get(User, link.user_id)
    if user is None or user.state != "active":
        raise NotFound("This link sets nobody's password.", hint="Ask the operator whether your user is disabled.")
    return user


def reset_password(house: House, asking: Asking, token: str, password: str) -> None:
    """Set a new password by a link. All sessions of the user end; a second factor stays in force.

    Raises:
        NotFound: The link is used, expired, or none of ours.
        InvalidInput: The password cannot be used; the link works still.
    """
    user = look_at_reset(house, token)
    kept = hash_password(checked_password(password, email=user.email))
    with house.write_instance(proved(user, asking)) as scope:
        links.use_link(scope.session, house.vault, links.PASSWORD_RESET, token, scope.now)
        known = lock_user(scope, user.id)
        known.password_hash = kept
        sessions.end_all(scope.session, user.id, scope.now)
        forgive(scope.session, by_account("sign_in", user.email))
        scope.session.flush()
        journal.note(scope.session, "password_reset", "user", user.id)


def _send(house: House, asking: Asking, email: str) -> None:
    with house.write_instance(visitor(asking)) as scope:
        user = _user(scope, email)
        if user is None:
            return
        link = _link(house, scope, user)
        written_at = scope.now
    subject, text = password_reset_letter(link)
    house.letters.send(user.email, subject, text, written_at)


def _user(scope: InstanceScope, email: str) -> User | None:
    user = scope.session.scalars(select(User).where(User.email == email, User.state == "active")).first()
    # Whoever signs in at a provider has no password here, and is not to get one behind its back.
    return None if user is None or (user.password_hash is None and user.subject is not None) else user


def _link(house: House, scope: InstanceScope, user: User) -> str:
    links.void_links(scope.session, links.PASSWORD_RESET, scope.now, user_id=user.id)
    _, token = links.make_link(
        scope.session,
        house.vault,
        links.PASSWORD_RESET,
        now=scope.now,
        created_by=scope.actor,
        user_id=user.id,
        email=user.email,
    )
    journal.note(scope.session, "password_reset_asked", "user", user.id)
    return link_to(house.settings, "password-reset", token)
