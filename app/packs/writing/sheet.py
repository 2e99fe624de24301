"""Posts as a Focusweek sheet: its rows, and these as CSV (as XLSX: `workbook`); the importer reads them unchanged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.packs.cells import Link, guarded, write_lines, write_links, write_list, write_moment

#: The columns of every sheet; those of the texts per network stand behind `text`.
_BEFORE = ("key", "week", "section", "resource", "text")
_AFTER = ("link", "image", "alt", "language", "pins", "tags", "platforms", "at")
#: Columns that only stand there where a post has something to say in them.
_WHERE_NEEDED = ("accounts", "left_out")
_QUOTED = re.compile('[",;\t\r\n]')


@dataclass(frozen=True, slots=True)
class SheetPost:
    """A post as a sheet holds it. `at` is aware; `images` are (address, alt text)."""

    key: str
    week: int
    text: str
    language: str
    section: str = ""
    resource: str = ""
    variants: dict[str, str] = field(default_factory=dict)
    links: Sequence[Link] = ()
    images: Sequence[tuple[str, str]] = ()
    pins: Sequence[date] = ()
    tags: Sequence[str] = ()
    platforms: Sequence[str] | None = None
    accounts: Sequence[str] | None = None
    left_out: str | None = None
    at: datetime | None = None


def sheet_rows(posts: Sequence[SheetPost], zone: ZoneInfo) -> list[list[str]]:
    """Return the header and a row for each post, as texts; moments are told in the campaign's zone."""
    networks = sorted({network for post in posts for network in post.variants})
    extra = [name for name in _WHERE_NEEDED if any(getattr(post, name) is not None for post in posts)]
    header = [*_BEFORE, *(f"text_{network}" for network in networks), *_AFTER, *extra]
    return [header, *([_cell(post, column, zone) for column in header] for post in posts)]


def _cell(post: SheetPost, column: str, zone: ZoneInfo) -> str:
    if column.startswith("text_"):
        return post.variants.get(column.removeprefix("text_"), "")
    made = {
        "week": lambda: str(post.week),
        "link": lambda: write_links(post.links),
        "image": lambda: write_lines(url for url, _ in post.images),
        "alt": lambda: write_lines(" ".join(alt.split()) for _, alt in post.images).rstrip("\n"),
        "pins": lambda: write_list([pin.isoformat() for pin in post.pins]),
        "tags": lambda: write_list(post.tags),
        "platforms": lambda: write_list(post.platforms),
        "accounts": lambda: write_list(post.accounts),
        "left_out": lambda: post.left_out or "",
        "at": lambda: write_moment(post.at, zone),
    }
    return made[column]() if column in made else str(getattr(post, column))


def csv_bytes(rows: Iterable[Sequence[str]], *, formula_safe: bool = True) -> bytes:
    """Return rows as CSV (RFC 4180) in UTF-8. A cell that a spreadsheet would calculate gets an apostrophe in front."""
    lines = (",".join(_csv_cell(guarded(cell) if formula_safe else cell) for cell in row) for row in rows)
    return "".join(f"{line}\r\n" for line in lines).encode()


def _csv_cell(text: str) -> str:
    # A semicolon is quoted as well: some spreadsheets part cells at it and would calculate what follows.
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if _QUOTED.search(text) else text
