"""From the wire to the contract's results: what every adapter shares."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from app.platforms.results import Permanent, Retryable, Unknown
from app.platforms.wire import NotSent, Reply, WireError, brief

# A server may name any time; one further away than this is not waited for blindly.
LONGEST_PAUSE = timedelta(hours=24)

# A number in a reset header below this is no moment of this century, but a stretch from now. In 2001.
_FIRST_UNIX_SECONDS = 1_000_000_000

_LONGEST_DATE = 60

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

    Understands `Retry-After` (seconds or HTTP date), and `X-RateLimit-Reset`, `RateLimit-Reset` and
    `X-Rate-Limit-Reset` as `reset_at` does. The first that names a moment ahead counts; `now` where all are past.
    """
    named = [_after(headers.get("retry-after", ""), now)]
    named += [reset_at(headers, name, now) for name in ("x-ratelimit-reset", "ratelimit-reset", "x-rate-limit-reset")]
    instants = [instant for instant in named if instant is not None]
    return next((instant for instant in instants if instant > now), now if instants else None)


def rest_until(headers: Mapping[str, str], now: datetime, *, remaining: str, reset: str) -> datetime | None:
    """Return until when an account rests after an answer by which it has no further call; None where it has.

    `remaining` and `reset` are the network's own headers, in lower case.
    """
    left = headers.get(remaining, "").strip()
    if not re.fullmatch(r"-?[0-9]{1,9}", left) or int(left) > 0:
        return None
    instant = reset_at(headers, reset, now)
    return instant if instant is not None and instant > now else None


def reset_at(headers: Mapping[str, str], name: str, now: datetime) -> datetime | None:
    """Return the instant in a reset header, between `now` and 24 hours later; None where it names none.

    ISO 8601, an HTTP date, Unix seconds, or seconds from now: a number too small for a moment of this century is those.
    """
    value = headers.get(name, "").strip()
    seconds = _number(value)
    if seconds is None:
        return _date(value, now)
    if seconds < _FIRST_UNIX_SECONDS:
        return _within(now + timedelta(seconds=seconds), now)
    return _within(datetime.fromtimestamp(seconds, UTC), now)


def _after(value: str, now: datetime) -> datetime | None:
    seconds = _number(value.strip())
    if seconds is None:
        return _date(value.strip(), now)
    return now + timedelta(seconds=min(seconds, LONGEST_PAUSE.total_seconds()))


def _number(value: str) -> float | None:
    return float(value) if re.fullmatch(r"[0-9]{1,10}(\.[0-9]{1,9})?", value) else None


def _date(value: str, now: datetime) -> datetime | None:
    instant = parse_instant(value)
    if instant is None and 0 < len(value) <= _LONGEST_DATE:
        try:
            instant = parsedate_to_datetime(value)
            instant = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    return None if instant is None else _within(instant, now)


def _within(instant: datetime, now: datetime) -> datetime:
    return min(max(instant, now), now + LONGEST_PAUSE)


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
