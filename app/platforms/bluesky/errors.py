"""From a personal data server's answer to the contract's result, as tables of status and error name."""

from __future__ import annotations

from datetime import datetime

from app.platforms.bluesky.payload import ref_of
from app.platforms.outcomes import of_odd_status, rest_until, retry_at
from app.platforms.results import AuthNeeded, CannotTell, Permanent, Published, PublishResult, Retryable, Unknown
from app.platforms.wire import Reply, brief

# The server answers 400 to a token that ran out or that it does not know, and so does 401.
TOKEN_ERRORS = frozenset({"ExpiredToken", "InvalidToken"})

# Only a person can put these right, by signing in or by writing to the provider.
ACCOUNT_ERRORS = frozenset(
    {
        "AccountTakedown",
        "AccountDeactivated",
        "AccountSuspended",
        "AccountNotFound",
        "AuthFactorTokenRequired",
        "AuthMissing",
        "AuthenticationRequired",
        "RepoDeactivated",
        "RepoSuspended",
        "RepoTakendown",
    }
)
_PERMANENT = frozenset({400, 403, 404, 405, 413, 422})


def error_name(reply: Reply) -> str:
    """Return the error's name (`InvalidSwap`), or an empty text."""
    name = reply.json_object().get("error")
    return name if isinstance(name, str) else ""


def error_text(reply: Reply, *secrets: str) -> str:
    """Return what the server says went wrong, short and without secrets."""
    said = reply.json_object().get("message")
    words = f"{error_name(reply)}: {said}" if isinstance(said, str) and said else error_name(reply)
    return brief(words, *secrets) or f"The server answered {reply.status}."


def token_refused(reply: Reply) -> bool:
    """Whether the access token was not accepted; nothing was written."""
    return reply.status == 401 or (reply.status == 400 and error_name(reply) in TOKEN_ERRORS)  # noqa: PLR2004 - HTTP's own numbers


def unsigned(result: AuthNeeded | Retryable) -> CannotTell:
    """Return why a look could not be made without a session."""
    if isinstance(result, Retryable):
        return CannotTell(result.detail, later=True, retry_at=result.retry_at)
    return CannotTell(f"{result.detail} Connect the account again, then the server is asked.")


def result_of(reply: Reply, now: datetime, *secrets: str) -> PublishResult:
    """Return the result of `putRecord`; `secrets` never stand in its detail."""
    if reply.status == 200:  # noqa: PLR2004 - HTTP's own number
        ref = ref_of(reply.json_object())
        rest = rest_until(reply.headers, now, remaining="ratelimit-remaining", reset="ratelimit-reset")
        unnamed = Unknown("no_uri", "The server took the post and named no address.")
        return unnamed if ref is None else Published(ref, rest_until=rest)
    name, detail = error_name(reply), error_text(reply, *secrets)
    if token_refused(reply) or name in ACCOUNT_ERRORS:
        return AuthNeeded("token_refused", detail)
    if reply.status == 429:  # noqa: PLR2004 - HTTP's own number
        return Retryable("rate_limited", detail, retry_at(reply.headers, now))
    if name == "InvalidSwap":
        # Our key is taken by other content: an earlier try of this part may stand there, so it is looked up.
        return Permanent("key_taken", detail, duplicate=True)
    if reply.status in _PERMANENT:
        return Permanent(name or f"http_{reply.status}", detail)
    return of_odd_status(reply)
