"""Local wall time and instants.

Inside planning an instant is a whole number of microseconds since 1970 in UTC (a *tick*), so that distances are real
elapsed time whatever the clocks on the wall do, and comparing and bisecting are cheap.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

#: Half-open, in ticks.
Span = tuple[int, int]

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_TICK = timedelta(microseconds=1)
_SECOND = timedelta(seconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_ticks(moment: datetime) -> int:
    """Return an aware moment as ticks."""
    return (moment - _EPOCH) // _TICK


def from_ticks(ticks: int) -> datetime:
    """Return ticks as an aware moment in UTC."""
    return _EPOCH + timedelta(microseconds=ticks)


def floor_minute(ticks: int) -> int:
    """Return the last whole minute at or before."""
    return ticks - ticks % MINUTE


def ceil_minute(ticks: int) -> int:
    """Return the first whole minute at or after."""
    return ticks + -ticks % MINUTE


def wall_ticks(wall: time) -> int:
    """Return a time of day as ticks since the wall clock's midnight."""
    return ((wall.hour * 60 + wall.minute) * 60 + wall.second) * 1_000_000 + wall.microsecond


def resolve(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """Return the instant, in UTC, at which clocks in the zone first show a wall time.

    Where the clocks skip it, it is the instant at which the skipped stretch ends; where they show it twice, the first.
    """
    early = datetime.combine(day, wall.replace(fold=0), tzinfo=zone)
    utc = early.astimezone(UTC)
    if utc.astimezone(zone).replace(tzinfo=None) == early.replace(tzinfo=None):
        return utc
    # In a gap `fold=0` reads with the offset from before the change and lands after it; `fold=1` lands before it.
    return _transition(early.replace(fold=1).astimezone(UTC), utc, zone)


def active_spans(day: date, quiet_from: time, quiet_until: time, zone: ZoneInfo) -> tuple[Span, ...]:
    """Return the stretches of a local day outside the quiet hours, in ticks, whatever the clocks do that day.

    The quiet hours begin at `quiet_from` and end just before `quiet_until`; equal times mean none.
    """
    midnight = _wall_midnight(day)
    found: list[Span] = []
    for start, end, offset in _steady_stretches(day, zone):
        for wall_from, wall_until in active_wall(quiet_from, quiet_until):
            lo = max(start, midnight + wall_from - offset)
            hi = min(end, midnight + wall_until - offset)
            if lo >= hi:
                continue
            if found and found[-1][1] == lo:
                found[-1] = (found[-1][0], hi)
            else:
                found.append((lo, hi))
    return tuple(found)


def day_span(day: date, zone: ZoneInfo) -> Span:
    """Return a local day from its first instant to the next day's; empty for a day that the zone skipped."""
    return to_ticks(resolve(day, time(0), zone)), to_ticks(resolve(day + timedelta(days=1), time(0), zone))


def active_wall(quiet_from: time, quiet_until: time) -> tuple[Span, ...]:
    """Return the stretches of a wall-clock day outside the quiet hours, as ticks since midnight."""
    begin, end = wall_ticks(quiet_from), wall_ticks(quiet_until)
    if begin == end:
        return ((0, DAY),)
    if begin > end:
        return ((end, begin),)
    return tuple(span for span in ((0, begin), (end, DAY)) if span[0] < span[1])


def _steady_stretches(day: date, zone: ZoneInfo) -> list[tuple[int, int, int]]:
    """Return the day cut where the zone's offset changes: from, until, offset, all in ticks."""
    start, end = day_span(day, zone)
    stretches: list[tuple[int, int, int]] = []
    since, at = start, start
    while at < end:
        following = min(at + HOUR, end)
        here, there = from_ticks(at), from_ticks(following)
        if _offset(here, zone) != _offset(there, zone):
            change = min(to_ticks(_transition(here, there, zone)), end)
            stretches.append((since, change, _offset(here, zone)))
            since = change
        at = following
    if since < end:
        stretches.append((since, end, _offset(from_ticks(since), zone)))
    return stretches


def _transition(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the first second of the new offset, given instants on either side of one change."""
    new = _offset(after, zone)
    while after - before > _SECOND:
        middle = before + timedelta(seconds=(after - before) // _SECOND // 2 or 1)
        if _offset(middle, zone) == new:
            after = middle
        else:
            before = middle
    return after


def _offset(moment: datetime, zone: ZoneInfo) -> int:
    offset = moment.astimezone(zone).utcoffset()
    return 0 if offset is None else offset // _TICK


def _wall_midnight(day: date) -> int:
    return to_ticks(datetime.combine(day, time(0), tzinfo=UTC))
