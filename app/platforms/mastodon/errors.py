"""From a Mastodon server's answer to a publishing call to the contract's result, as one table."""

from __future__ import annotations

import re
from datetime import datetime

from app.platforms.asked import unanswered
from app.platforms.mastodon.payload import ref_of
from app.platforms.outcomes import of_odd_status, parse_instant, rest_until, retry_at
from app.platforms.results import AuthNeeded, CannotTell, Permanent, Published, PublishResult, Retryable, Unknown
from app.platforms.wire import Reply, brief

# Some servers answer 422 to a token that they do not know; Mastodon answers 403 to one without the scope.
_ABOUT_THE_TOKEN = re.compile(
    r"\b(?:access|bearer|oauth|invalid|expired|revoked) token\b|\bauthoriz(?:ed scopes|ation)\b", re.IGNORECASE
)

# Status -> what it means, where the token was taken. 404 on posting is a parent that is gone; 5xx may follow upon a
# status that was made.
_OUTCOMES: dict[int, str] = {
    400: "permanent",
    403: "permanent",
    404: "permanent",
    405: "permanent",
    410: "permanent",
    413: "permanent",
    422: "permanent",
    429: "retryable",
}


def error_text(reply: Reply, *secrets: str) -> str:
    """Return what the server says went wrong, short and without secrets."""
    answer = reply.json_object()
    said = answer.get("error_description") or answer.get("error")
    return brief(said, *secrets) if isinstance(said, str) and said else f"The server answered {reply.status}."


def token_refused(reply: Reply, said: str) -> bool:
    """Whether an answer, with what the server `said`, refuses the token and not the request."""
    return reply.status == 401 or (reply.status in (403, 422) and _ABOUT_THE_TOKEN.search(said) is not None)  # noqa: PLR2004 - HTTP's own number


def not_shown(reply: Reply, what: str, now: datetime, *secrets: str) -> CannotTell:
    """Return why a look cannot tell, where the server did not show `what` it was asked for."""
    said = error_text(reply, *secrets)
    # A token that may not read is refused with 403, whatever the words.
    if reply.status == 403 or token_refused(reply, said):  # noqa: PLR2004 - HTTP's own number
        return CannotTell(
            f"The server refused the account's token: {said} Connect the account again, then it is asked."
        )
    return unanswered(reply, f"The server did not show {what}: {said}", now)


def result_of(reply: Reply, now: datetime, *secrets: str) -> PublishResult:
    """Return the result of `POST /api/v1/statuses`; `secrets` never stand in its detail."""
    if reply.status in (200, 201, 202):
        answer = reply.json_object()
        ref = ref_of(answer)
        if ref is None:
            return Unknown("no_id", "The server took the post and named no id.")
        rest = rest_until(reply.headers, now, remaining="x-ratelimit-remaining", reset="x-ratelimit-reset")
        return Published(ref, parse_instant(answer.get("created_at")), rest)
    detail = error_text(reply, *secrets)
    meaning = _OUTCOMES.get(reply.status)
    if token_refused(reply, detail):
        return AuthNeeded("token_refused", detail)
    if meaning == "retryable":
        return Retryable("rate_limited", detail, retry_at(reply.headers, now))
    if meaning == "permanent":
        return Permanent(f"http_{reply.status}", detail)
    return of_odd_status(reply)
