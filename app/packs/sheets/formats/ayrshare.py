"""Ayrshare: `post,platforms,mediaUrls,scheduleDate`, times in UTC with a Z."""

from __future__ import annotations

from app.packs.sheets.columns import header_of, lay_out
from app.packs.sheets.formats.base import SheetFormat
from app.packs.sheets.moments import Forms
from app.packs.sheets.tabular import Rules, read_rows
from app.packs.sheets.values import ImportTarget, Reading, ReadOptions, Sheet

_FIELDS = {"post": "text", "platforms": "platforms", "mediaUrls": "image", "scheduleDate": "at"}
_RULES = Rules(Forms.ZONED)


def _score(sheet: Sheet) -> int:
    found = set(header_of(sheet)) & _FIELDS.keys()
    if "post" not in found:
        return 0
    return 95 if {"mediaUrls", "scheduleDate"} & found else 30


def _read(sheet: Sheet, options: ReadOptions, target: ImportTarget) -> Reading:
    return read_rows("ayrshare", sheet, lay_out(sheet, _FIELDS), options, target, _RULES)


FORMAT = SheetFormat("ayrshare", "Ayrshare", "Its first row is post,platforms,mediaUrls,scheduleDate.", _score, _read)
