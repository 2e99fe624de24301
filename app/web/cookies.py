"""The cookie of a signed-in browser: for this service alone, out of reach of scripts and of other sites' requests."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.responses import Response

from app.identity.sessions import LIFETIME
from app.settings import Settings

#: Its name makes browsers insist on HTTPS, this host and the whole of it, where the service is reached by HTTPS.
COOKIE, SECURE_COOKIE = "focusweek_session", "__Host-focusweek_session"


def is_secure(settings: Settings) -> bool:
    """Whether people reach the service by HTTPS."""
    return urlsplit(settings.public_url or "").scheme == "https"


def cookie_name(settings: Settings) -> str:
    """Return the name of the one cookie that is looked at; a plain one is not taken where HTTPS is used."""
    return SECURE_COOKIE if is_secure(settings) else COOKIE


def give_cookie(response: Response, settings: Settings, secret: str) -> None:
    """Let the browser carry a session from now on."""
    response.set_cookie(
        cookie_name(settings),
        secret,
        max_age=int(LIFETIME.total_seconds()),
        path="/",
        secure=is_secure(settings),
        httponly=True,
        samesite="lax",
    )


def take_cookie(response: Response, settings: Settings) -> None:
    """Let the browser forget its session."""
    response.delete_cookie(cookie_name(settings), path="/", secure=is_secure(settings), httponly=True, samesite="lax")
