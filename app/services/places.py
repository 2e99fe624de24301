"""Where people reach this service, as links in letters and on terminals say it. What a request claims is never used."""

from __future__ import annotations

from urllib.parse import quote

from app.settings import Settings

_ALL_OF_THIS_MACHINE = {"0.0.0.0", "::", "[::]"}  # noqa: S104 - to be told apart, not to be listened on


def base_url(settings: Settings) -> str:
    """Return the service's address without a slash at the end: the public one, or the one that it listens on."""
    if settings.public_url is not None:
        return settings.public_url.rstrip("/")
    host = "localhost" if settings.host in _ALL_OF_THIS_MACHINE else settings.host
    return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{settings.port}"


def link_to(settings: Settings, page: str, token: str) -> str:
    """Return the address of a page (such as `set-up`) with a one-time token."""
    return f"{base_url(settings)}/{page}?token={quote(token)}"
