"""From the wire to the contract's results: what every adapter shares."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from app.platforms.base import Permanent, Retryable, Unknown
from app.platforms.wire import NotSent, Reply, WireError, brief

# A server may name any time; one further away than this is not waited for blindly.
LONGEST_PAUSE = timedelta(hours=24)

# These say that the account's address is wrong; another try at the same address changes nothing.
_FOR_GOOD = frozenset({"unsafe_target", "bad_request"})

# Answers that say where to go instead of doing what was asked. 302 and 303 may follow upon something done.
_MOVED = frozenset({301, 307, 308})


def of_wire(error: WireError) -> Retryable | Permanent | Unknown:
    """Return what a wire error means for a publishing call."""
    if not isinstance(error, NotSent):
        return Unknown(error.code, error.detail)
    if error.code in _FOR_GOOD:
        return Permanent(error.code, error.detail)
    return Retryable(error.code, error.detail)


def of_odd_status(reply: Reply) -> Permanent | Unknown:
    """Return what a status that no network documents for a publishing call means: only a clear no is a no."""
    detail = f"The server answered {reply.status}."
    if reply.status in _MOVED:
        where = brief(reply.headers.get("location", "").split("?", maxsplit=1)[0])
        return Permanent("moved", f"{detail} It points to {where or 'nowhere'}: correct the account's address.")
    return Unknown(f"http_{reply.status}", detail)


def retry_at(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Return when a rate limit ends, in UTC, from whichever header says so; None where none does.

    Understands `Retry-After` (seconds or HTTP date), `X-RateLimit-Reset` (ISO 8601) and `RateLimit-Reset` (Unix
    seconds). A moment already past is `now`; one more than 24 hours away is 24 hours away.
    """
    for name in ("retry-after", "x-ratelimit-reset", "ratelimit-reset"):
        instant = _instant(headers.get(name, "").strip(), now, relative=name == "retry-after")
        if instant is not None:
            return min(max(instant, now), now + LONGEST_PAUSE)
    return None


def _instant(value: str, now: datetime, *, relative: bool) -> datetime | None:
    if re.fullmatch(r"[0-9]{1,10}(\.[0-9]{1,9})?", value):
        seconds = float(value)
        if relative:
            return now + timedelta(seconds=min(seconds, LONGEST_PAUSE.total_seconds()))
        return datetime.fromtimestamp(seconds, UTC)
    instant = parse_instant(value)
    if instant is None and value:
        try:
            instant = parsedate_to_datetime(value)
        except (ValueError, TypeError, IndexError):
            return None
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    return instant


def parse_instant(value: object) -> datetime | None:
    """Return an ISO 8601 instant as an aware UTC datetime; one without an offset is UTC; None where it is none."""
    if not isinstance(value, str) or len(value) > 40:  # noqa: PLR2004 - the longest sensible form has 35
        return None
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return None
    try:
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except OverflowError:
        return None
