from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from app.packs.bundled import default_pack
from app.packs.sheets.reading import read_posts
from app.packs.sheets.values import DateOrder, ImportTarget, Reading, ReadOptions
from app.packs.window import build_window

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
EXPORTS = Path(__file__).parent / "exports"

Read = Callable[..., Reading]


@pytest.fixture(scope="session")
def target() -> ImportTarget:
    """The bundled campaign of 2027, with one account."""
    pack = default_pack()
    return ImportTarget(build_window(pack, year=2027), pack.language, NOW, frozenset({"our-page"}))


@pytest.fixture
def read(target: ImportTarget) -> Read:
    """Read a file: its bytes, a text as UTF-8, or the name of an export."""

    def call(
        content: str | bytes | Path,
        *,
        name: str = "posts.csv",
        form: str | None = None,
        dates: str | None = None,
        columns: dict[str, str] | None = None,
    ) -> Reading:
        if isinstance(content, Path):
            content = content.read_bytes()
        data = content.encode() if isinstance(content, str) else content
        order = None if dates is None else DateOrder(dates)
        return read_posts(data, name, ReadOptions(form, order, columns), target)

    return call


@pytest.fixture
def export() -> Callable[[str], Path]:
    return lambda name: EXPORTS / f"{name}.csv"


def workbook(*rows: list[Any], change: Callable[[Any], None] | None = None) -> bytes:
    """Return a workbook as a spreadsheet program would write it."""
    book = Workbook()
    for row in rows:
        book.active.append(row)
    if change is not None:
        change(book)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def with_part(content: bytes, name: str, data: bytes | None) -> bytes:
    """Return a workbook with one part put in, replaced or (None) taken out."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as kept:
        for part in given.namelist():
            if part != name:
                kept.writestr(part, given.read(part))
        if data is not None:
            kept.writestr(name, data)
    return made.getvalue()


@pytest.fixture
def make_workbook() -> Callable[..., bytes]:
    return workbook


@pytest.fixture
def put_part() -> Callable[[bytes, str, bytes | None], bytes]:
    return with_part
