"""What reading a file of posts takes and gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.planning.values import Window


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row with something in it.

    `number` is what a spreadsheet shows beside it, `line` the line of the file on which it begins (None where the file
    has no lines). `faults` are (place of the column from 0, code, message).
    """

    number: int
    cells: tuple[str, ...]
    line: int | None = None
    faults: tuple[tuple[int, str, str], ...] = ()

    def cell(self, place: int) -> str:
        """Return the text of a cell, "" where the row ends before it."""
        return self.cells[place] if place < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's rows as texts. `kind` is csv or xlsx; `others` are the names of sheets that are not read."""

    kind: str
    rows: tuple[SheetRow, ...]
    encoding: str | None = None
    delimiter: str | None = None
    others: tuple[str, ...] = ()


class DateOrder(StrEnum):
    """Which of the two numbers before the year is the day."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What a person has said of a file. `columns` are the fields of an agency's own headings."""

    format: str | None = None
    dates: DateOrder | None = None
    columns: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ImportTarget:
    """What rows are read for: the campaign's days, weeks and zone, its language, the present (aware).

    `accounts` are the slugs that there are, None where it is not known.
    """

    window: Window
    language: str
    now: datetime
    accounts: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class RowError:
    """One thing for which a row cannot be imported. `column` is its heading, None for the whole row."""

    row: int
    column: str | None
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Question:
    """What a person must say before anything is written. `option` is the option that answers it."""

    code: str
    message: str
    option: str
    choices: tuple[str, ...] = ()
    suggestion: Mapping[str, str] | None = None


@dataclass(slots=True)
class RowDraft:
    """A row as a post: the fields that the file has columns for, and what is wrong with it.

    `digest` is of the row as it came. `assumed` says in words what the file left open and was put in;
    `week_inferred` that its week is not from the file, `is_open` that its time
    depends on a question, `fixed` that a person has bulk-changed it here.
    """

    row: int
    values: dict[str, Any]
    line: int | None = None
    key: str | None = None
    digest: str = ""
    errors: list[RowError] = field(default_factory=list)
    assumed: str | None = None
    week_inferred: bool = False
    is_open: bool = False
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """All rows of a file, what must be asked, and the columns that are not used."""

    format: str
    rows: list[RowDraft]
    questions: tuple[Question, ...] = ()
    unused_columns: tuple[str, ...] = ()
    encoding: str | None = None
