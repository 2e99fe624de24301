"""A campaign as iCalendar: one event for each post and time, focus weeks and key dates as whole days.

An event keeps its UID when it is moved, and its SEQUENCE rises with every change, so that calendars change it and do
not add another. All times are UTC, which every calendar program shows in its reader's own zone. The same rows give the
same bytes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from icalendar import Calendar, Event
from sqlalchemy import func, select

from app.models import Account, Campaign, Delivery, DeliveryEvent, Post, State
from app.packs.schema.days import in_year
from app.services.campaigns import window_of
from app.services.scope import Scope
from app.services.voices import pack_of
from app.version import version

#: No more of a campaign's deliveries are shown, the next ones first.
MOST_SHOWN = 10_000
_LENGTH = timedelta(minutes=15)
_LONGEST_SUMMARY = 80

#: What a person must know first, the gravest before all others.
_GRAVE: Mapping[str, str] = {
    State.NEEDS_REVIEW: "Needs review",
    State.UNKNOWN: "Sent or not: unknown",
    State.WITHDRAW_FAILED: "Still public",
    State.FAILED: "Failed",
    State.MISSED: "Missed",
    State.BLOCKED: "Blocked",
    State.HELD: "Held",
    State.WITHDRAWING: "Being withdrawn",
    State.HANDED_OVER: "To post by hand",
}
_REVIEW: Mapping[str, str] = {"draft": "Draft", "in_review": "In review", "returned": "Returned"}


@dataclass(frozen=True, slots=True)
class _Entry:
    """One event to be: the deliveries of one post at one time, and how often those of its occurrence changed."""

    uid: str
    post: Post
    due_at: datetime
    deliveries: Sequence[Delivery]
    changes: int


def calendar_of(scope: Scope, campaign: Campaign, *, public_url: str | None = None) -> bytes:
    """Return a campaign's calendar: what members of its organization see of its plan, and nothing else."""
    host = urlsplit(public_url or "").hostname or "focusweek"
    calendar = Calendar()
    for name, value in (
        ("prodid", f"-//Focusweek//Focusweek {version()}//EN"), ("version", "2.0"), ("calscale", "GREGORIAN"),
        ("method", "PUBLISH"), ("x-wr-calname", _line(campaign.name)), ("x-wr-timezone", campaign.time_zone),
        ("x-published-ttl", "PT15M"),
    ):  # fmt: skip
        calendar.add(name, value)
    accounts = {account.id: account for account in scope.session.scalars(scope.query(Account))}
    for entry in _entries(scope, campaign, host):
        calendar.add_component(_event(entry, accounts))
    for key, title, note, first, last in _days(campaign):
        calendar.add_component(_whole_days(f"{key}@campaign-{campaign.id}.{host}", title, note, first, last, campaign))
    return bytes(calendar.to_ical())


def _entries(scope: Scope, campaign: Campaign, host: str) -> Iterable[_Entry]:
    query = scope.query(Delivery).where(
        Delivery.campaign_id == campaign.id, Delivery.state != State.CANCELLED.value
    )  # fmt: skip
    shown = scope.session.scalars(query.order_by(Delivery.due_at, Delivery.id).limit(MOST_SHOWN)).all()
    posts = {post.id: post for post in scope.session.scalars(scope.query(Post).where(Post.campaign_id == campaign.id))}
    changes = _changes(scope, campaign)
    grouped: dict[tuple[int, datetime], list[Delivery]] = defaultdict(list)
    occurrences: dict[tuple[int, str], int] = defaultdict(int)
    for row in shown:
        grouped[row.post_id, row.due_at].append(row)
        occurrences[row.post_id, row.occurrence] += changes.get(row.id, 0)
    named: set[tuple[int, str]] = set()
    # The group that has an occurrence's first delivery has its name; one that was moved away from it has another.
    for (post_id, due_at), rows in sorted(grouped.items(), key=lambda item: min(row.id for row in item[1])):
        first = min(rows, key=lambda row: row.id)
        name = (post_id, first.occurrence)
        uid = f"post-{post_id}-{first.occurrence}"
        if name in named:
            uid += f"-{first.id}"
        named.add(name)
        yield _Entry(f"{uid}@campaign-{campaign.id}.{host}", posts[post_id], due_at, rows, occurrences[name])


def _changes(scope: Scope, campaign: Campaign) -> Mapping[int, int]:
    """Return how often each delivery of a campaign has changed."""
    rows = scope.session.execute(
        select(DeliveryEvent.delivery_id, func.count())
        .join(Delivery, Delivery.id == DeliveryEvent.delivery_id)
        .where(Delivery.organization_id == scope.organization_id, Delivery.campaign_id == campaign.id)
        .group_by(DeliveryEvent.delivery_id)
    )
    return {row[0]: row[1] for row in rows}


def _event(entry: _Entry, accounts: Mapping[int, Account]) -> Event:
    post = entry.post
    changed = max(post.updated_at, *(row.state_since for row in entry.deliveries))
    states = {row.state for row in entry.deliveries}
    headline = _line(post.resource or post.text)
    if len(headline) > _LONGEST_SUMMARY:
        headline = f"{headline[: _LONGEST_SUMMARY - 1]}…"
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("dtstart", entry.due_at.astimezone(UTC))
    event.add("dtend", entry.due_at.astimezone(UTC) + _LENGTH)
    event.add("sequence", entry.changes + post.version - 1)
    event.add("summary", f"{_standing(post, states)}{headline}")
    event.add("description", "\n".join([_text(post.text), "", *_lines(entry.deliveries, accounts)]))
    event.add("categories", sorted({accounts[row.account_id].platform for row in entry.deliveries}))
    event.add("transp", "TRANSPARENT")
    return event


def _standing(post: Post, states: set[str]) -> str:
    grave = next((word for state, word in _GRAVE.items() if state in states), None)
    if grave is not None:
        return f"{grave}: "
    if states == {State.WITHDRAWN.value}:
        return "Withdrawn: "
    if states <= {State.PUBLISHED.value, State.WITHDRAWN.value}:
        return "Published: "
    return f"{_REVIEW[post.review_state]}: " if post.review_state in _REVIEW else ""


def _lines(rows: Sequence[Delivery], accounts: Mapping[int, Account]) -> Iterable[str]:
    for row in sorted(rows, key=lambda row: accounts[row.account_id].slug):
        account = accounts[row.account_id]
        where = f" {row.remote_url}" if row.remote_url and row.state == State.PUBLISHED else ""
        yield _line(f"{account.slug} ({account.platform}): {row.state.replace('_', ' ')}{where}")


def _days(campaign: Campaign) -> Iterable[tuple[str, str, str, date, date]]:
    """Return focus weeks and key dates: key, title, note, first and last day."""
    pack = pack_of(campaign)
    audiences = {week.number: week.audience or "" for week in pack.weeks}
    for week in window_of(campaign).weeks:
        title = f"Week {week.number}: {week.title}"
        yield f"week-{week.number}", title, audiences.get(week.number, ""), week.starts_on, week.ends_on
    for day in pack.key_dates:
        for year in sorted({campaign.starts_on.year, campaign.ends_on.year}):
            placed = in_year(day.day, year)
            if campaign.starts_on <= placed <= campaign.ends_on:
                yield f"day-{day.key}", day.name, day.note or "", placed, placed


def _whole_days(uid: str, title: str, note: str, first: date, last: date, campaign: Campaign) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", campaign.created_at)
    event.add("dtstart", first)
    event.add("dtend", last + timedelta(days=1))
    event.add("sequence", 0)
    event.add("summary", _line(title))
    if note:
        event.add("description", _text(note))
    event.add("transp", "TRANSPARENT")
    return event


def _line(text: str) -> str:
    return " ".join(_text(text).split())


def _text(text: str) -> str:
    """Return a text without control characters, which iCalendar has no way to write."""
    return "".join(letter for letter in text if letter == "\n" or (ord(letter) >= 32 and ord(letter) != 127))  # noqa: PLR2004 - control characters
