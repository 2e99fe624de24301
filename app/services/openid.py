"""Signing in at an OpenID Connect provider: there and back, and who is let in by it.

A sign-in under way is a one-time link, whose token is the `state`, tied to the browser that began it by a secret in
that browser's cookie; nonce and PKCE verifier are made of the same secret, so that the table holds nothing to go on
with. In get users of this service, and who is invited: never anybody else, and by e-mail address only where the
provider has verified it. From then on it is the provider's subject that names the person, whatever their address
becomes.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field, replace

from sqlalchemy import select

from app.errors import FocusweekError, NotFound, NotSignedIn
from app.identity import links
from app.identity.authentication import Asking
from app.identity.emails import is_mailbox
from app.identity.names import clean_name
from app.identity.openid import Identity, OpenId
from app.identity.principal import Principal
from app.identity.secret_words import digest_of, new_secret
from app.models import User
from app.records import journal
from app.services.accepting import accept_all_invitations
from app.services.house import House
from app.services.scope import InstanceScope
from app.services.sign_in import SignedIn, begin_session
from app.services.visitors import NOBODY, proved, visitor

_AGAIN = "Begin again at /sign-in."


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send the browser, and the secret that its cookie keeps meanwhile."""

    url: str = field(repr=False)
    secret: str = field(repr=False)


def provider_of(house: House) -> OpenId:
    """Return the provider.

    Raises:
        NotFound: None is set up.
    """
    if house.openid is None:
        raise NotFound("No OpenID Connect provider is set up.", hint="Sign in with your password: /sign-in.")
    return house.openid


def begin_openid(house: House, following: str) -> Begun:
    """Begin a sign-in at the provider, which leads on to the page `following`.

    Raises:
        NotFound: No provider is set up.
        NetworkUnreachable: It does not answer, or not as one.
    """
    provider, secret = provider_of(house), new_secret()
    # Nothing is stored before the provider was found.
    nonce, verifier = _made_of(secret)
    provider.authorization_url(state="", nonce=nonce, verifier=verifier)
    with house.database.write() as session:
        details = {"browser": digest_of(secret), "following": following}
        _, state = links.make_link(
            session, house.vault, links.OIDC, now=house.clock.now(), created_by=NOBODY, details=details
        )
    return Begun(provider.authorization_url(state=state, nonce=nonce, verifier=verifier), secret)


def finish_openid(
    house: House, asking: Asking, *, code: str, state: str, issuer: str | None, secret: str | None
) -> tuple[SignedIn, str]:
    """Finish a sign-in with what the browser brings from the provider, and the secret of its cookie.

    Returns the session, half way where a second factor is still to come, and where to lead on to.

    Raises:
        NotFound: No provider is set up.
        NotSignedIn: The answer is not to be trusted, or the person has no user here and is not invited.
        NetworkUnreachable: The provider does not answer, or not as one.
    """
    provider = provider_of(house)
    following = _used(house, state, secret)
    provider.refuse_other_issuer(issuer)
    nonce, verifier = _made_of(secret or "")
    identity = provider.identify(code=code, nonce=nonce, verifier=verifier, now=house.clock.now())
    try:
        with house.write_instance(_by(identity, asking)) as scope:
            user = _user_of(scope, identity)
    except NotSignedIn as refusal:
        _note_refusal(house, asking, identity, refusal)
        raise
    with house.write_instance(proved(user, asking)) as scope:
        return begin_session(scope, scope.session.get_one(User, user.id), asking), following


def _used(house: House, state: str, secret: str | None) -> str:
    """Use a sign-in under way up, if it is this browser's."""
    try:
        with house.database.write() as session:
            link = links.look_at(session, house.vault, links.OIDC, state, house.clock.now())
            if secret is None or not hmac.compare_digest(str(link.details["browser"]), digest_of(secret)):
                raise NotSignedIn("This sign-in was begun in another browser, or too long ago.", hint=_AGAIN)
            links.use_link(session, house.vault, links.OIDC, state, house.clock.now())
            return str(link.details["following"])
    except NotFound:
        raise NotSignedIn("This sign-in is over already, or was begun too long ago.", hint=_AGAIN) from None


def _user_of(scope: InstanceScope, identity: Identity) -> User:
    session = scope.session
    named = User.issuer == identity.issuer, User.subject == identity.subject
    user = session.scalars(select(User).where(*named)).first()
    if user is not None:
        return _active(user)
    if not identity.email_verified or not is_mailbox(identity.email):
        raise NotSignedIn(
            "The provider has not verified your e-mail address, so it is not known who you are here.",
            hint="Have it verified there, or sign in with your password: /sign-in.",
        )
    user = session.scalars(select(User).where(User.email == identity.email).with_for_update()).first()
    if user is None:
        user = _invited(scope, identity)
    elif user.issuer == identity.issuer:
        raise NotSignedIn(
            f"The user {user.email} is somebody else at the provider.",
            hint="Ask the operator; your account there may have been made anew: focusweek users forget-openid.",
        )
    _active(user)
    user.issuer, user.subject = identity.issuer, identity.subject
    session.flush()
    journal.note(session, "openid_linked", "user", user.id, after={"email": user.email, "issuer": identity.issuer})
    return user


def _invited(scope: InstanceScope, identity: Identity) -> User:
    """Make the user of somebody invited: that they have the mailbox is what the invitation's link would show, too."""
    user = User(email=identity.email, name=_name(identity), created_at=scope.now)
    scope.session.add(user)
    scope.session.flush()
    if not accept_all_invitations(scope, user):
        raise NotSignedIn(
            f"{identity.email} has no user here and no open invitation.",
            hint="Ask an admin of your organization to invite you.",
        )
    return user


def _name(identity: Identity) -> str:
    try:
        return clean_name(identity.name, what="The name", optional=True)
    except FocusweekError:
        return ""


def _active(user: User) -> User:
    if user.state != "active":
        raise NotSignedIn(f"The user {user.email} is disabled.", hint="Ask the operator of this service.")
    return user


def _note_refusal(house: House, asking: Asking, identity: Identity, refusal: NotSignedIn) -> None:
    with house.write_instance(visitor(asking)) as scope:
        after = {"email": identity.email if is_mailbox(identity.email) else "", "why": refusal.message}
        journal.note(scope.session, "sign_in_failed", "user", after=after)


def _by(identity: Identity, asking: Asking) -> Principal:
    """Return who has come back from the provider, as they go on record; they may do nothing by it."""
    who = visitor(asking)
    return replace(who, name=identity.email) if identity.email_verified and is_mailbox(identity.email) else who


def _made_of(secret: str) -> tuple[str, str]:
    """Return the nonce and the PKCE verifier that belong to a browser's secret."""
    return digest_of(f"nonce {secret}"), digest_of(f"verifier {secret}")
