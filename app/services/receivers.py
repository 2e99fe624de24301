"""The addresses that take signed messages of ours: what may be one, and how one is shown."""

from __future__ import annotations

from urllib.parse import urlsplit

from app.errors import InvalidInput

_LONGEST = 1000


def checked_receiver(url: str, *, allow_private: bool, example: str) -> str:
    """Return a web address that messages may be sent to. Where it leads is looked at each time that it is used.

    Raises:
        InvalidInput: It is none, carries a password, or is not https and the operator allows no other.
    """
    hint = f"Give an address such as {example}."
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and parts.scheme in {"http", "https"} and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not url.isprintable() or " " in url or len(url) > _LONGEST:
        raise InvalidInput("That is no web address.", hint=hint)
    if "@" in parts.netloc or "#" in url:
        raise InvalidInput("A webhook's address carries no name, password or fragment.", hint=hint)
    if parts.scheme == "http" and not allow_private:
        raise InvalidInput("Webhooks are sent over https only.", hint=hint)
    return url


def shown_receiver(url: str) -> str:
    """Return an address as it may be shown: its query may hold a secret."""
    return url.partition("?")[0] + "?…" if "?" in url else url
