"""Buffer: `Text,Image URL,Tags,Posting Time`, the headings in exactly these letters; a blank time is the queue."""

from __future__ import annotations

from app.packs.sheets.columns import header_of, lay_out
from app.packs.sheets.formats.base import SheetFormat
from app.packs.sheets.moments import Forms
from app.packs.sheets.tabular import Rules, read_rows
from app.packs.sheets.values import ImportTarget, Reading, ReadOptions, Sheet

_FIELDS = {"Text": "text", "Image URL": "image", "Tags": "tags", "Posting Time": "at"}
#: Times are the channel's, without a zone; a channel takes 100 posts.
_RULES = Rules(Forms.ISO, most=100)


def _score(sheet: Sheet) -> int:
    found = set(header_of(sheet)) & _FIELDS.keys()
    if "Text" not in found:
        return 0
    return 95 if {"Image URL", "Posting Time"} & found else 20


def _read(sheet: Sheet, options: ReadOptions, target: ImportTarget) -> Reading:
    return read_rows("buffer", sheet, lay_out(sheet, _FIELDS), options, target, _RULES)


FORMAT = SheetFormat(
    "buffer", "Buffer", "Its first row is Text,Image URL,Tags,Posting Time, in exactly these letters.", _score, _read
)
