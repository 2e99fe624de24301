"""What a format is: how well a sheet fits it, and how its rows are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.packs.sheets.values import ImportTarget, Reading, ReadOptions, Sheet


@dataclass(frozen=True, slots=True)
class SheetFormat:
    """A format. `score` is from 0 (it is not that) to 100; `looks` says what such a file looks like."""

    slug: str
    name: str
    looks: str
    score: Callable[[Sheet], int]
    read: Callable[[Sheet, ReadOptions, ImportTarget], Reading]
