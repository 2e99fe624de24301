"""Planned posts as the files that other schedulers take: Buffer's and Hootsuite's.

Their text is published as it stands, so nothing is put in front of a text that a spreadsheet would take for a formula:
such a post is not exported, and said so, like everything else that such a file cannot hold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.packs.cells import begins_like_formula
from app.packs.writing.sheet import csv_bytes

_MARK = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class ReadyPost:
    """A delivery's one checked part. `at` is aware; `post` is the post's key, `image` an address."""

    post: str
    text: str
    at: datetime
    tags: Sequence[str] = ()
    images: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class NotExported:
    """A post that is not in the file, or not as it is here (`moved`), and why. `at` is aware, None where unknown."""

    post: str
    at: datetime | None
    why: str
    moved: bool = False


@dataclass(frozen=True, slots=True)
class SchedulerFile:
    """A file's bytes, how many posts are in it, and what is not."""

    content: bytes
    rows: int
    left: tuple[NotExported, ...]


@dataclass(frozen=True, slots=True)
class SchedulerForm:
    """What one scheduler's file looks like."""

    name: str
    header: tuple[str, ...] | None
    most: int
    row: Callable[[ReadyPost, datetime], Sequence[str]]
    on_five_minutes: bool = False


def _buffer(post: ReadyPost, local: datetime) -> Sequence[str]:
    # Tags are parted by commas there, so one within a tag would make two.
    tags = ",".join(tag.replace(",", " ") for tag in post.tags)
    return post.text, post.images[0] if post.images else "", tags, f"{local:%Y-%m-%d %H:%M}"


def _hootsuite(post: ReadyPost, local: datetime) -> Sequence[str]:
    # The text has its links already; one in the third column would be put behind it.
    return f"{local:%m/%d/%Y %H:%M}", post.text, ""


BUFFER = SchedulerForm("Buffer", ("Text", "Image URL", "Tags", "Posting Time"), 100, _buffer)
HOOTSUITE = SchedulerForm("Hootsuite", None, 350, _hootsuite, on_five_minutes=True)


def scheduler_file(form: SchedulerForm, posts: Sequence[ReadyPost], zone: ZoneInfo) -> SchedulerFile:
    """Return a scheduler's file with as many posts as it takes, the earliest first, in the zone's wall time."""
    rows: list[Sequence[str]] = []
    left: list[NotExported] = []
    for post in sorted(posts, key=lambda one: (one.at, one.post)):
        at = _on_mark(post.at) if form.on_five_minutes else post.at.replace(second=0, microsecond=0)
        if why := _unfit(form, post, len(rows)):
            left.append(NotExported(post.post, post.at, why))
            continue
        rows.append(form.row(post, at.astimezone(zone)))
        if form.on_five_minutes and at != post.at:
            why = f"{form.name} takes times on five-minute marks only: it is there {_minutes(at - post.at)} later."
            left.append(NotExported(post.post, post.at, why, moved=True))
    header = [] if form.header is None else [form.header]
    # What would be calculated is not among the rows; headers and times never are.
    return SchedulerFile(csv_bytes([*header, *rows], formula_safe=False), len(rows), tuple(left))


def _unfit(form: SchedulerForm, post: ReadyPost, rows: int) -> str | None:
    if begins_like_formula(post.text):
        return (
            f"Its text begins with {post.text[0]!r}, which spreadsheets calculate, and {form.name} would publish "
            "anything that is put in front of it."
        )
    if any(begins_like_formula(tag) for tag in post.tags):
        return "A tag of it begins like a formula."
    if len(post.images) > 1:
        return f"It has {len(post.images)} images, and {form.name} takes one."
    if post.images and form is HOOTSUITE:
        return "It has an image, and Hootsuite's file holds none."
    if rows >= form.most:
        return f"{form.name} takes {form.most} posts in one file; export again once these are out."
    return None


def _on_mark(at: datetime) -> datetime:
    """Return the next five-minute mark, or the instant itself where it is one."""
    beyond = timedelta(minutes=at.minute % 5, seconds=at.second, microseconds=at.microsecond)
    return at + (_MARK - beyond if beyond else timedelta(0))


def _minutes(span: timedelta) -> str:
    minutes = max(1, round(span / timedelta(minutes=1)))
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
