"""Rows to drafts, the same way for every format: cells to fields, moments to instants, and weeks left open."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.clock import utc_text
from app.packs.cells import unguarded
from app.packs.sheets.columns import Column, Layout
from app.packs.sheets.fields import MOMENT_FIELDS, READERS, FieldFault, read_text
from app.packs.sheets.moments import Forms, MomentFault, OrderNeeded, order_of, read_day_and_time, read_moment
from app.packs.sheets.values import (
    DateOrder,
    ImportTarget,
    Question,
    Reading,
    ReadOptions,
    RowDraft,
    RowError,
    Sheet,
    SheetRow,
)

Finish = Callable[[RowDraft, ImportTarget], None]


@dataclass(frozen=True, slots=True)
class Rules:
    """What one format lays down for its rows.

    `most` is how many a file may have; `apostrophes` whether a cell may be guarded by one against being calculated;
    `finish` looks at a whole draft.
    """

    forms: Forms
    most: int | None = None
    apostrophes: bool = False
    finish: Finish | None = None


def read_rows(
    slug: str, sheet: Sheet, layout: Layout, options: ReadOptions, target: ImportTarget, rules: Rules
) -> Reading:
    """Return the drafts of a sheet's rows, and what must be asked."""
    rows = sheet.rows[layout.first :]
    guarded = rules.apostrophes and sheet.kind == "csv"
    order, asked = _order(rows, layout, options, rules)
    drafts = []
    for place, row in enumerate(rows):
        draft = _draft(row, layout, order, target, rules, guarded=guarded)
        if rules.most is not None and place >= rules.most:
            message = f"Such a file has {rules.most} posts at most; this is number {place + 1}."
            draft.errors.append(RowError(row.number, None, "rows.too_many", message))
        drafts.append(draft)
    _refuse_repeats(drafts)
    questions = (_dates_question(),) if asked else ()
    return Reading(slug, drafts, questions, layout.unused, sheet.encoding)


def _order(
    rows: Sequence[SheetRow], layout: Layout, options: ReadOptions, rules: Rules
) -> tuple[DateOrder | None, bool]:
    if options.dates is not None or Forms.NUMBERS not in rules.forms:
        return options.dates, False
    places = [column.place for column in layout.columns if column.field in {"at", "date"}]
    return order_of(row.cell(place) for place in places for row in rows)


def _dates_question() -> Question:
    choices = tuple(order.value for order in DateOrder)
    return Question("dates", "Is 01/02 the first of February or the second of January? Every date of the file can be "
                    "read in both ways, or they contradict one another.", "dates", choices)  # fmt: skip


def _draft(
    row: SheetRow, layout: Layout, order: DateOrder | None, target: ImportTarget, rules: Rules, *, guarded: bool
) -> RowDraft:
    draft = RowDraft(row.number, {}, row.line)
    cells: dict[str, str] = {}
    for column in layout.columns:
        cell = row.cell(column.place)
        cells[column.field] = unguarded(cell) if guarded else cell
    faulty = {place for place, _, _ in row.faults}
    for place, code, message in row.faults:
        draft.errors.append(RowError(row.number, layout.heading(place), code, message))
    for column in layout.columns:
        if column.field not in MOMENT_FIELDS and column.place not in faulty:
            _read(draft, column, cells[column.field], target)
    _read_moment(draft, layout, cells, faulty, target, rules, order)
    _join_images(draft, layout)
    if rules.finish is not None:
        rules.finish(draft, target)
    draft.values.pop("appended_link", None)
    draft.digest = _digest(cells, draft.values.get("at"))
    if not draft.errors and not draft.values.get("text"):
        heading = next((column.heading for column in layout.columns if column.field == "text"), None)
        draft.errors.append(RowError(row.number, heading, "text.missing", "The row has no text."))
    settle_week(draft, target)
    return draft


def _read(draft: RowDraft, column: Column, cell: str, target: ImportTarget) -> None:
    field = column.field
    try:
        if field.startswith("text_"):
            variants = draft.values.setdefault("variants", {})
            if text := read_text(cell):
                variants[field.removeprefix("text_")] = text
        elif field == "key":
            draft.key = READERS["key"](cell, target)
        else:
            draft.values[{"link": "links", "image": "images"}.get(field, field)] = READERS[field](cell, target)
    except FieldFault as fault:
        draft.errors.append(RowError(draft.row, column.heading or None, fault.code, fault.message))


def _read_moment(
    draft: RowDraft, layout: Layout, cells: dict[str, str], faulty: set[int], target: ImportTarget, rules: Rules,
    order: DateOrder | None,
) -> None:  # fmt: skip
    columns = {column.field: column for column in layout.columns if column.field in MOMENT_FIELDS}
    if not columns or any(column.place in faulty for column in columns.values()):
        return
    zone = target.window.zone
    column = columns.get("at") or columns.get("date") or columns["time"]
    day, clock = cells.get("date", "").strip(), cells.get("time", "").strip()
    try:
        if "at" in columns and cells["at"].strip():
            draft.values["at"] = read_moment(cells["at"], zone, rules.forms, order)
        elif day and clock:
            draft.values["at"] = read_day_and_time(day, clock, zone, order)
        elif day and "time" not in columns:
            draft.values["at"] = read_moment(day, zone, rules.forms, order)
        elif day or clock:
            missing = columns["time"] if day else columns.get("date", column)
            code, what = ("at.no_time", "time of day") if day else ("at.no_date", "date")
            draft.errors.append(RowError(draft.row, missing.heading or None, code, f"The row has no {what}."))
        else:
            draft.values["at"] = None
    except OrderNeeded:
        draft.is_open = True  # asked for once, for the whole file
    except MomentFault as fault:
        column = columns["time"] if fault.code.startswith("time.") and "time" in columns else column
        draft.errors.append(RowError(draft.row, column.heading or None, fault.code, fault.message))


def _join_images(draft: RowDraft, layout: Layout) -> None:
    """Make media of addresses and their alternative texts."""
    fields = {column.field: column for column in layout.columns}
    images, alts = draft.values.pop("images", None), draft.values.pop("alt", None)
    if "image" not in fields:
        return
    if images is None:
        return  # told of already
    if alts is not None and len(alts) > len(images):
        heading = fields["alt"].heading or None
        message = f"There are {len(alts)} lines of alternative text, and {len(images)} images."
        draft.errors.append(RowError(draft.row, heading, "alt.without_image", message))
        return
    filled = [*(alts or ()), *[""] * len(images)]
    draft.values["media"] = [{"url": url, "alt": filled[place] or None} for place, url in enumerate(images)]


def settle_week(draft: RowDraft, target: ImportTarget) -> None:
    """Put in the week that a row leaves open: that of its date, else the first one that is not over."""
    if draft.values.get("week") is not None:
        return
    if any(error.code.startswith("week.") for error in draft.errors):
        return
    at = draft.values.get("at")
    days = [at.astimezone(target.window.zone).date()] if at else list(draft.values.get("pins") or ())
    day = min(days, default=target.now.astimezone(target.window.zone).date())
    weeks = sorted(target.window.weeks, key=lambda week: week.starts_on)
    if not weeks:
        return
    chosen = next((week for week in weeks if week.ends_on >= day), weeks[-1])
    draft.values["week"] = chosen.number
    draft.week_inferred = True
    draft.assumed = None
    if not days and not draft.errors and not draft.is_open:
        draft.assumed = f"The row names no week and no time, so the post is planned into week {chosen.number}."


def _refuse_repeats(drafts: Sequence[RowDraft]) -> None:
    first: dict[str, int] = {}
    for draft in drafts:
        if draft.key is None:
            continue
        if draft.key in first:
            message = f"The key “{draft.key}” stands in row {first[draft.key]} already."
            draft.errors.append(RowError(draft.row, "key", "key.repeated", message))
        else:
            first[draft.key] = draft.row


def _digest(cells: dict[str, str], at: datetime | None) -> str:
    # The instant is in it, for the same cell is another one where the dates are read in the other order.
    return digest_of({name: cell.replace("\r\n", "\n") for name, cell in cells.items()} | {"instant": at})


def digest_of(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    """Return the SHA-256 (hex) of a value's canonical JSON; dates as ISO 8601."""
    text = json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return utc_text(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError
