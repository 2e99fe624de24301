"""Focusweek's own sheet: `key,week,section,resource,text,text_x,...,link,image,alt,language,pins,tags,platforms,at`."""

from __future__ import annotations

from collections.abc import Mapping

from app.packs.sheets.columns import header_of, lay_out
from app.packs.sheets.fields import is_field
from app.packs.sheets.formats.base import SheetFormat
from app.packs.sheets.moments import Forms
from app.packs.sheets.tabular import Rules, read_rows
from app.packs.sheets.values import ImportTarget, Reading, ReadOptions, Sheet

_OWN = frozenset({"key", "week", "section", "resource", "link", "image", "alt", "language", "pins", "tags",
                  "platforms", "accounts", "left_out", "at", "text"})  # fmt: skip
#: Headings that no other kind of sheet has.
_TELLING = frozenset({"key", "week", "pins", "resource", "left_out"})
_RULES = Rules(Forms.ISO | Forms.NUMBERS, apostrophes=True)


def _fields(sheet: Sheet) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for heading in header_of(sheet):
        name = heading.lower()
        if name in _OWN or (name.startswith("text_") and is_field(name)):
            found[heading] = name
    return found


def _score(sheet: Sheet) -> int:
    fields = set(_fields(sheet).values())
    if "text" not in fields:
        return 0
    headings = [heading for heading in header_of(sheet) if heading]
    share = len(fields) / len(headings)
    telling = bool(fields & _TELLING) or any(name.startswith("text_") for name in fields)
    # With a heading or two only, it may as well be an agency's own sheet, whose other columns would be lost.
    return round(90 * share) if telling or share == 1 else 5


def _read(sheet: Sheet, options: ReadOptions, target: ImportTarget) -> Reading:
    return read_rows("focusweek", sheet, lay_out(sheet, _fields(sheet)), options, target, _RULES)


FORMAT = SheetFormat(
    "focusweek", "Focusweek", "Its first row are headings such as key,week,text,link,at.", _score, _read
)
