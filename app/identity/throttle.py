"""Guessing is slowed down: each try is counted before it is looked at, so that many at once count as many.

After some free tries each further one closes the way for twice as long as the one before. Counts are rows, shared by
all processes. What was not tried for a day is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from math import ceil

from sqlalchemy import case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.errors import TooManyTries
from app.identity.secret_words import digest_of
from app.models import Throttle

FIRST_WAIT = timedelta(seconds=30)
FORGOTTEN_AFTER = timedelta(days=1)
_MOST_DOUBLINGS = 20
#: Whoever has an IPv6 address has as many as there are below its first 64 bits.
_IPV6_NETWORK_BITS = 64


@dataclass(frozen=True, slots=True)
class Watch:
    """Something that is guessed at. `free` tries come before the first wait; none is longer than `longest`."""

    key: str
    free: int
    longest: timedelta


def by_account(what: str, email: str, *, free: int = 5, longest: timedelta = timedelta(minutes=15)) -> Watch:
    """Watch what is tried with one e-mail address or user, known or not."""
    return Watch(f"{what}:account:{digest_of(email)}", free, longest)


def by_address(what: str, address: str, *, free: int = 30, longest: timedelta = timedelta(minutes=15)) -> Watch:
    """Watch what is tried from one network address; many people of an agency may share it."""
    return Watch(f"{what}:address:{digest_of(network_of(address))}", free, longest)


def refuse_closed(session: Session, watches: Sequence[Watch], now: datetime) -> None:
    """Refuse a try while the way is closed, without writing: a flood of tries does not keep other writers waiting.

    Raises:
        TooManyTries: It is.
    """
    keys = [watch.key for watch in watches]
    _refuse(session.scalars(select(Throttle.closed_until).where(Throttle.key.in_(keys))), now)


def count_try(session: Session, watches: Sequence[Watch], now: datetime) -> None:
    """Count one try at `now` (aware), and close the way for a while where there were too many.

    Raises:
        TooManyTries: The way is closed; nothing was counted.
    """
    rows = [(_row(session, watch.key, now), watch) for watch in sorted(watches, key=lambda one: one.key)]
    _refuse((row.closed_until for row, _ in rows), now)
    for row, watch in rows:
        if now - row.failed_at >= FORGOTTEN_AFTER:
            row.failures = 0
        row.failures += 1
        row.failed_at = now
        beyond = row.failures - watch.free
        wait = min(FIRST_WAIT * 2 ** min(beyond, _MOST_DOUBLINGS), watch.longest) if beyond >= 0 else None
        row.closed_until = None if wait is None else now + wait


def forgive(session: Session, watch: Watch) -> None:
    """Forget the tries with an account after the right one."""
    session.execute(delete(Throttle).where(Throttle.key == watch.key))


def forgive_one(session: Session, watch: Watch, tried_at: datetime) -> None:
    """Take back the one try that was right; what was tried from this address otherwise still counts."""
    closed_by_it = Throttle.failed_at == tried_at
    session.execute(
        update(Throttle)
        .where(Throttle.key == watch.key, Throttle.failures > 0)
        .values(
            failures=Throttle.failures - 1,
            closed_until=case((closed_by_it, None), else_=Throttle.closed_until),
        )
    )


def forget_old(session: Session, now: datetime) -> None:
    """Delete what was not tried for a day."""
    session.execute(delete(Throttle).where(Throttle.failed_at < now - FORGOTTEN_AFTER))


def _refuse(until: Iterable[datetime | None], now: datetime) -> None:
    closed = [one for one in until if one is not None and one > now]
    if closed:
        seconds = max(1, ceil((max(closed) - now).total_seconds()))
        raise TooManyTries(
            "That was tried too often.", wait_seconds=seconds, hint=f"Wait for {seconds} seconds, then try again."
        )


def _row(session: Session, key: str, now: datetime) -> Throttle:
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    query = select(Throttle).where(Throttle.key == key).with_for_update().execution_options(populate_existing=True)
    while True:
        session.execute(insert(Throttle).values(key=key, failures=0, failed_at=now).on_conflict_do_nothing())
        # Between the two statements, a right password may have taken the row away.
        if (row := session.scalars(query).first()) is not None:
            return row


def network_of(address: str) -> str:
    """Return what an address counts as: an IPv6 address as the network that its owner has, what is none as itself."""
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(int(known) >> (128 - _IPV6_NETWORK_BITS))
