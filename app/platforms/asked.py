"""From a reading or deleting call that gave no answer to the contract's results: shared by the adapters."""

from __future__ import annotations

from datetime import datetime

from app.platforms.outcomes import retry_at
from app.platforms.results import CannotTell, RetractFailed
from app.platforms.wire import Reply, WireError

#: The account's address is wrong: asking there again changes nothing.
_FOR_GOOD = frozenset({"unsafe_target", "bad_request"})
_LIMITED = 429
#: Of a server that cannot answer now.
_FOR_NOW = frozenset({408, 425, _LIMITED})
_OF_THE_SERVER = 500


def is_for_now(status: int) -> bool:
    """Whether a status says that the same call may well be answered later."""
    return status in _FOR_NOW or status >= _OF_THE_SERVER


def unasked(error: WireError) -> CannotTell:
    """Return that the network could not be asked, and whether it is worth asking again."""
    return CannotTell(f"The server could not be asked: {error.detail}", later=error.code not in _FOR_GOOD)


def unanswered(reply: Reply, said: str, now: datetime) -> CannotTell:
    """Return that the network did not say; `said` is what it did say, without secrets."""
    at = retry_at(reply.headers, now) if reply.status == _LIMITED else None
    return CannotTell(said, later=is_for_now(reply.status), retry_at=at)


def not_looked(error: WireError) -> RetractFailed:
    """Return that nobody could look whether a post is gone."""
    detail = f"Whether the post is gone could not be read: {error.detail}"
    return RetractFailed(error.code, detail, later=error.code not in _FOR_GOOD)


def not_retracted(reply: Reply, code: str, said: str, now: datetime) -> RetractFailed:
    """Return why a post was not deleted, or could not be looked at; `said` as in `unanswered`."""
    at = retry_at(reply.headers, now) if reply.status == _LIMITED else None
    limited = "rate_limited" if reply.status == _LIMITED else code
    return RetractFailed(limited, said, later=is_for_now(reply.status), retry_at=at)
