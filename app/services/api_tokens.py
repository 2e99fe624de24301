"""API tokens: a program's key to one organization, shown once, always with an end."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from app.errors import Conflict, InvalidInput, NotAllowed, NotFound
from app.identity.authentication import TOKEN_PREFIX
from app.identity.names import clean_name
from app.identity.permissions import Permission
from app.identity.secret_words import digest_of, new_secret
from app.models import ApiToken
from app.services.pages import Asked, Page, page_of
from app.services.scope import Scope

#: How long a token is good for, in days.
DAYS = range(1, 367)
DEFAULT_DAYS = 90
_LONGEST_NAME = 100
#: How much of a token is kept to tell it from others.
_HINT = len(TOKEN_PREFIX) + 4


def create_token(
    scope: Scope, name: str, scopes: Collection[Permission], days: int = DEFAULT_DAYS
) -> tuple[ApiToken, str]:
    """Make a token for whoever asks, good for so many days; return it and its secret, which nobody sees again.

    What it may do at a moment is what both its scopes and its user's role allow then. One made by the command line has
    no user, and may do what its scopes say.

    Raises:
        NotAllowed: A scope is more than whoever asks may do, or a token asks for another.
        InvalidInput: There is no scope, or the number of days cannot be used.
    """
    if scope.who.via == "token":
        raise NotAllowed("A token cannot make another.", hint="Sign in, or use focusweek tokens add on the machine.")
    if not scopes:
        raise InvalidInput("A token needs a scope.", hint=f"Choose of {', '.join(Permission)}.")
    if days not in DAYS:
        raise InvalidInput(f"A token is good for {DAYS[0]} to {DAYS[-1]} days.", hint=f"{DEFAULT_DAYS} suits most.")
    for one in sorted(scopes):
        scope.who.require(one)
    secret = new_secret(TOKEN_PREFIX)
    row = ApiToken(
        organization_id=scope.organization_id,
        user_id=scope.who.user_id,
        name=clean_name(name, what="The token's name", longest=_LONGEST_NAME),
        hint=secret[:_HINT],
        digest=digest_of(secret),
        scopes=[permission.value for permission in Permission if permission in scopes],
        created_by=scope.actor,
        created_at=scope.now,
        expires_at=scope.now + timedelta(days=days),
    )
    scope.session.add(row)
    scope.session.flush()
    return row, secret


def tokens_page(scope: Scope, asked: Asked) -> Page[ApiToken]:
    """Return a page of tokens, newest first: an admin sees the organization's, others their own."""
    query = scope.query(ApiToken)
    if not scope.may(Permission.ADMINISTER):
        # A token without a user sees nobody's, not those of the machine.
        query = query.where(ApiToken.user_id == (scope.who.user_id or 0))
    return page_of(scope.session, query, (ApiToken.id,), lambda row: (row.id,), asked, newest_first=True)


def token(scope: Scope, token_id: int, *, lock: bool = False) -> ApiToken:
    """Return a token that whoever asks may see.

    Raises:
        NotFound: There is none, it is another organization's, or somebody else's: the answer is the same.
    """
    row = scope.get(ApiToken, token_id, lock=lock)
    theirs = row.user_id is not None and row.user_id == scope.who.user_id
    if not scope.may(Permission.ADMINISTER) and not theirs:
        raise NotFound(f"There is no api token {token_id}.", hint="List the api tokens to see which there are.")
    return row


def revoke_token(scope: Scope, token_id: int) -> ApiToken:
    """Revoke a token: it is refused from the next request on.

    Raises:
        NotFound: As in `token`.
        Conflict: It is revoked already.
    """
    row = token(scope, token_id, lock=True)
    if row.revoked_at is not None:
        raise Conflict("The token is revoked already.", hint="There is nothing left to do.")
    row.revoked_at = scope.now
    scope.session.flush()
    return row


def state_of(row: ApiToken, now: datetime) -> str:
    """Return whether a token is `active`, `expired` or `revoked` at `now` (aware)."""
    if row.revoked_at is not None:
        return "revoked"
    return "expired" if row.expires_at is not None and row.expires_at <= now else "active"
