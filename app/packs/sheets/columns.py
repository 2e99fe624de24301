"""Which column is what: a format's exact headings, a person's mapping, and suggestions for an agency's own headings."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.errors import InvalidInput
from app.packs.sheets.fields import FIELDS, FieldFault, is_field, network_slug
from app.packs.sheets.values import Sheet


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is used: its place from 0, its heading, and the field that it fills."""

    place: int
    heading: str
    field: str


@dataclass(frozen=True, slots=True)
class Layout:
    """How a sheet is laid out: its columns, where its first row of data stands in `Sheet.rows`, and the rest."""

    columns: tuple[Column, ...]
    first: int
    unused: tuple[str, ...] = ()
    #: All headings by place, for messages about columns that are not used.
    headings: tuple[str, ...] = ()

    def heading(self, place: int) -> str:
        """Return how to call a column: its heading, else its letters."""
        return (self.headings[place] if place < len(self.headings) else "") or letters(place)


def header_of(sheet: Sheet) -> tuple[str, ...]:
    """Return the cells of the first row, without space at their ends."""
    return tuple(cell.strip() for cell in sheet.rows[0].cells) if sheet.rows else ()


def lay_out(sheet: Sheet, fields: Mapping[str, str]) -> Layout:
    """Return the layout of a sheet whose first row are headings, of which `fields` gives the fields (exactly so)."""
    headings = header_of(sheet)
    columns: dict[str, Column] = {}
    unused: list[str] = []
    for place, heading in enumerate(headings):
        field = fields.get(heading)
        if field is None or field in columns:
            if heading or _is_filled(sheet, place):
                unused.append(heading or letters(place))
        else:
            columns[field] = Column(place, heading, field)
    widest = max((len(row.cells) for row in sheet.rows), default=0)
    unused += [letters(place) for place in range(len(headings), widest) if _is_filled(sheet, place)]
    return Layout(tuple(columns.values()), 1, (*unused, *sheet.others), headings)


def _is_filled(sheet: Sheet, place: int) -> bool:
    return any(row.cell(place).strip() for row in sheet.rows[1:])


def letters(place: int) -> str:
    """Return how a spreadsheet calls a column: A, B, ..., Z, AA."""
    found = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


def checked_mapping(mapping: Mapping[str, str], headings: Sequence[str]) -> dict[str, str]:
    """Return a person's mapping as it is used.

    Raises:
        InvalidInput: A field is none, is given twice, or the sheet has no such heading.
    """
    given: dict[str, str] = {}
    for heading, field in mapping.items():
        if not is_field(field):
            known = ", ".join((*FIELDS, "text_<network>"))
            raise InvalidInput(f"{field[:60]!r} is no field of a post.", hint=f"The fields are: {known}.")
        if field in given.values():
            raise InvalidInput(f"Two columns are mapped to {field!r}.", hint="Map one of them.")
        if heading not in headings:
            listed = ", ".join(repr(one) for one in headings if one)
            raise InvalidInput(f"The file has no column {heading[:100]!r}.", hint=f"Its columns are: {listed[:1000]}.")
        given[heading] = field
    if "text" not in given.values():
        raise InvalidInput("No column is mapped to the text of a post.", hint="Map one, such as Message=text.")
    return given


#: What agencies call the fields, in plain words.
_WORDS: dict[str, tuple[str, ...]] = {
    "text": ("text", "post", "message", "copy", "post copy", "post text", "content", "caption", "body", "tweet",
             "sample post", "social copy", "message text", "status"),
    "key": ("key", "post key", "identifier", "slug", "post id"),
    "week": ("week", "week number", "focus week", "wk"),
    "section": ("section", "heading", "theme", "topic"),
    "resource": ("resource", "resource title", "source"),
    "link": ("link", "url", "links", "landing page", "web address", "website", "link url"),
    "image": ("image", "image url", "graphic", "picture", "media", "media url", "photo", "image link", "visual"),
    "alt": ("alt", "alt text", "image description", "alternative text", "description of image"),
    "language": ("language", "lang"),
    "pins": ("pins", "pinned", "pin", "pinned date", "fixed date"),
    "tags": ("tags", "labels", "tag", "categories", "category"),
    "platforms": ("platforms", "networks", "network", "platform", "channels", "channel", "social network"),
    "accounts": ("accounts", "account", "profile", "profiles"),
    "at": ("at", "posting time", "publish at", "date and time", "datetime", "scheduled", "schedule", "scheduled at",
           "date time", "publish date", "scheduled time", "send at", "go live"),
    "date": ("date", "day", "post date", "scheduled date"),
    "time": ("time", "time of day", "post time", "hour"),
}  # fmt: skip
_ALIKE = 0.82


def suggested_mapping(headings: Sequence[str]) -> dict[str, str]:
    """Return a field for each heading that reads like one, the most alike first, each field once."""
    rated: list[tuple[float, int, str, str]] = []
    for place, heading in enumerate(headings):
        plain = _plain(heading)
        if not plain:
            continue
        if (variant := _variant(plain)) is not None:
            rated.append((-1.0, place, heading, variant))
        for field, words in _WORDS.items():
            likeness = max(difflib.SequenceMatcher(None, plain, word).ratio() for word in words)
            if likeness >= _ALIKE:
                rated.append((-likeness, place, heading, field))
    found: dict[str, str] = {}
    for _, _, heading, field in sorted(rated, key=lambda one: one[:2]):
        if heading not in found and field not in found.values():
            found[heading] = field
    return found


def _variant(plain: str) -> str | None:
    """Return the field for a heading such as "text x" or "Bluesky post"."""
    words = plain.split()
    for word in words:
        rest = [other for other in words if other != word]
        if rest and all(other in {"text", "post", "copy", "message", "version", "variant"} for other in rest):
            try:
                return f"text_{network_slug(word)}"
            except FieldFault:
                continue
    return None


def _plain(heading: str) -> str:
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)
    return " ".join(re.sub(r"[^\w]+|_", " ", apart).lower().split())
