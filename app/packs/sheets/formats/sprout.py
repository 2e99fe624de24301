"""Sprout Social: `date,time_24hr,message_text`, and optionally links, images and tags."""

from __future__ import annotations

from app.packs.sheets.columns import header_of, lay_out
from app.packs.sheets.formats.base import SheetFormat
from app.packs.sheets.formats.finishing import append_link
from app.packs.sheets.moments import Forms
from app.packs.sheets.tabular import Rules, read_rows
from app.packs.sheets.values import ImportTarget, Reading, ReadOptions, RowDraft, RowError, Sheet

_NEEDED = {"date": "date", "time_24hr": "time", "message_text": "text"}
_OPTIONAL = {
    "link": "appended_link", "link_url": "appended_link", "url": "appended_link", "image": "image",
    "image_url": "image", "image_urls": "image", "media_url": "image", "tag": "tags", "tags": "tags",
}  # fmt: skip


def _fields(sheet: Sheet) -> dict[str, str]:
    known = _NEEDED | _OPTIONAL
    return {heading: known[heading.lower()] for heading in header_of(sheet) if heading.lower() in known}


def _score(sheet: Sheet) -> int:
    return 95 if set(_NEEDED.values()) <= set(_fields(sheet).values()) else 0


def _finish(draft: RowDraft, target: ImportTarget) -> None:
    append_link(draft, target)
    if "at" in draft.values and draft.values["at"] is None:
        draft.errors.append(RowError(draft.row, "date", "at.missing", "The row has no date and time."))


_RULES = Rules(Forms.ISO | Forms.NUMBERS, most=350, finish=_finish)


def _read(sheet: Sheet, options: ReadOptions, target: ImportTarget) -> Reading:
    return read_rows("sprout", sheet, lay_out(sheet, _fields(sheet)), options, target, _RULES)


FORMAT = SheetFormat("sprout", "Sprout Social", "Its first row has date,time_24hr,message_text.", _score, _read)
