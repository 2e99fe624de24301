"""The users of the whole service, as its operator sees them: without the texts of any organization."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.errors import Conflict, NotFound
from app.identity import second_factor, sessions
from app.identity.emails import clean_email
from app.models import Membership, Organization, User
from app.records import journal
from app.services.pages import Asked, Page, page_of
from app.services.scope import InstanceScope


def users_page(scope: InstanceScope, asked: Asked) -> Page[User]:
    """Return a page of all users by e-mail address."""
    return page_of(scope.session, select(User), (User.email,), lambda user: (user.email,), asked)


def user(scope: InstanceScope, user_id: int) -> User:
    """Return a user, locked until the unit of work ends.

    Raises:
        NotFound: There is none.
    """
    query = select(User).where(User.id == user_id).with_for_update().execution_options(populate_existing=True)
    found = scope.session.scalars(query).first()
    if found is None:
        raise NotFound(f"There is no user {user_id}.", hint="List the users to see which there are.")
    return found


def user_by_email(scope: InstanceScope, email: str) -> User:
    """Return a user by their e-mail address.

    Raises:
        NotFound: There is none.
        InvalidInput: That is no e-mail address.
    """
    found = scope.session.scalars(select(User).where(User.email == clean_email(email))).first()
    if found is None:
        raise NotFound(f"There is no user {email}.", hint="See which there are: focusweek users list")
    return found


def disable(scope: InstanceScope, user: User) -> None:
    """Refuse a user from their next request on, sessions and tokens alike.

    Raises:
        Conflict: It is whoever asks.
    """
    _refuse_oneself(scope, user)
    user.state = "disabled"
    sessions.end_all(scope.session, user.id, scope.now)
    scope.session.flush()


def enable(scope: InstanceScope, user: User) -> None:
    """Let a disabled user sign in again. Their tokens that were not revoked work again, too."""
    user.state = "active"
    scope.session.flush()


def remove_second_factor(scope: InstanceScope, user: User) -> None:
    """Take a user's second factor away, who has lost the app and the recovery codes; all their sessions end."""
    second_factor.remove(user)
    sessions.end_all(scope.session, user.id, scope.now)
    scope.session.flush()
    journal.note(scope.session, "second_factor_removed", "user", user.id)


def forget_openid(scope: InstanceScope, user: User) -> None:
    """Forget who a user is at the OpenID provider: the next sign-in there goes by the e-mail address again."""
    user.issuer = user.subject = None
    scope.session.flush()


def make_operator(scope: InstanceScope, user: User, *, is_operator: bool) -> None:
    """Let a user run the instance, or no longer.

    Raises:
        Conflict: It is whoever asks.
    """
    if user.is_operator != is_operator:
        _refuse_oneself(scope, user)
        user.is_operator = is_operator
        scope.session.flush()


def places_of(scope: InstanceScope, users: Sequence[User]) -> dict[int, list[tuple[str, str]]]:
    """Return the organizations (slugs) of users and their roles there, by user."""
    found: dict[int, list[tuple[str, str]]] = {one.id: [] for one in users}
    rows = scope.session.execute(
        select(Membership.user_id, Organization.slug, Membership.role)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(Membership.user_id.in_(found))
        .order_by(Organization.slug)
    )
    for user_id, slug, role in rows:
        found[user_id].append((slug, role))
    return found


def _refuse_oneself(scope: InstanceScope, user: User) -> None:
    if scope.who.user_id == user.id:
        raise Conflict("You would lock yourself out.", hint="Ask another operator, or use the command line.")
