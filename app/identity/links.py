"""Links that work once: to set the service up, to accept an invitation, to set a new password.

A token is 256 random bits and the service's signature over them and the link's purpose, so that a token of one purpose
is none of another whatever stands in the table. The table has its digest. Using it is one conditional change: of two
who use it at once, one does.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.identity.secret_words import digest_of, new_secret
from app.models import OneTimeLink
from app.platforms.vault import Vault

SET_UP, INVITATION, PASSWORD_RESET, OIDC = "set_up", "invitation", "password_reset", "oidc"
#: How long each is good for.
LIFETIMES = {
    SET_UP: timedelta(days=1),
    INVITATION: timedelta(days=7),
    PASSWORD_RESET: timedelta(hours=1),
    OIDC: timedelta(minutes=10),
}
#: No token is longer, in characters.
LONGEST_TOKEN = 200


def make_link(
    session: Session,
    vault: Vault,
    purpose: str,
    *,
    now: datetime,
    created_by: str,
    email: str | None = None,
    user_id: int | None = None,
    organization_id: int | None = None,
    details: Mapping[str, Any] | None = None,
) -> tuple[OneTimeLink, str]:
    """Store a link and return it with its token, which nobody sees again."""
    secret = new_secret()
    token = f"{secret}.{_signature(vault, purpose, secret)}"
    row = OneTimeLink(
        purpose=purpose,
        digest=digest_of(token),
        organization_id=organization_id,
        user_id=user_id,
        email=email,
        details=dict(details or {}),
        created_by=created_by,
        created_at=now,
        expires_at=now + LIFETIMES[purpose],
    )
    session.add(row)
    session.flush()
    return row, token


def look_at(session: Session, vault: Vault, purpose: str, token: str, now: datetime) -> OneTimeLink:
    """Return the link of a token without using it.

    Raises:
        NotFound: It is used, expired, or none of ours for this purpose.
    """
    row = None
    if _is_ours(vault, purpose, token):
        query = select(OneTimeLink).where(
            OneTimeLink.digest == digest_of(token),
            OneTimeLink.purpose == purpose,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > now,
        )
        row = session.scalars(query).first()
    if row is None:
        raise NotFound(
            "This link has been used or has expired, or it is none of this service's.",
            hint="Ask for a new one; the newest one is the one that works.",
        )
    return row


def use_link(session: Session, vault: Vault, purpose: str, token: str, now: datetime) -> OneTimeLink:
    """Use a link up and return it; nobody else can use it once this is committed.

    Raises:
        NotFound: As in `look_at`.
    """
    row = look_at(session, vault, purpose, token, now)
    if not _end(session, now, OneTimeLink.id == row.id):
        # Somebody else used it between the two statements.
        raise NotFound("This link has been used.", hint="Ask for a new one.")
    return row


def void_links(session: Session, purpose: str, now: datetime, **of: object) -> int:
    """Make the unused links of a purpose void, those with these values of its columns; return how many there were."""
    return _end(session, now, OneTimeLink.purpose == purpose, *(getattr(OneTimeLink, name) == of[name] for name in of))


def _end(session: Session, now: datetime, *conditions: Any) -> int:  # noqa: ANN401 - SQLAlchemy's own conditions
    done = session.execute(update(OneTimeLink).where(OneTimeLink.used_at.is_(None), *conditions).values(used_at=now))
    assert isinstance(done, CursorResult)  # noqa: S101 - what an UPDATE gives
    return done.rowcount


def _signature(vault: Vault, purpose: str, secret: str) -> str:
    return base64.urlsafe_b64encode(vault.sign(f"{purpose}:{secret}".encode())).decode().rstrip("=")


def _is_ours(vault: Vault, purpose: str, token: str) -> bool:
    secret, dot, signature = token.partition(".")
    if not dot or len(token) > LONGEST_TOKEN or not token.isascii():
        return False
    try:
        given = base64.b64decode(signature + "=" * (-len(signature) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return False
    return vault.has_signed(f"{purpose}:{secret}".encode(), given)
