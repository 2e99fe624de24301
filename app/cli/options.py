"""Options that several commands share, and how their values are read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from app.clock import SystemClock
from app.errors import InvalidInput
from app.packs.bundled import default_pack
from app.packs.reading import read_pack
from app.packs.schema import Pack
from app.packs.window import FIRST_YEAR, LAST_YEAR, default_year

PackOption = Annotated[Path | None, typer.Option("--pack", help="A pack file; the bundled toolkit without it.")]
PlatformOption = Annotated[str, typer.Option("--platform", help="A network's slug, such as x or bluesky.")]
YearOption = Annotated[int | None, typer.Option("--year", help="The campaign's year; the next one without it.")]
ZoneOption = Annotated[str | None, typer.Option("--zone", help="IANA time zone; the pack's without it.")]
FillOption = Annotated[list[str] | None, typer.Option("--fill", help="KEY=VALUE for a fill-in; may be repeated.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON.")]


def chosen_pack(path: Path | None) -> Pack:
    """Return the pack of a file, or the bundled one."""
    return default_pack() if path is None else read_pack(path)


def chosen_year(pack: Pack, year: int | None) -> int:
    """Return the year given, or the next one whose window has not ended.

    Raises:
        InvalidInput: The year is none that a campaign can have.
    """
    if year is None:
        return default_year(pack, SystemClock().now())
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise InvalidInput(f"The year {year} cannot be planned.", hint=f"Give one from {FIRST_YEAR} to {LAST_YEAR}.")
    return year


def fill_ins(given: Sequence[str] | None) -> dict[str, str]:
    """Read KEY=VALUE pairs.

    Raises:
        InvalidInput: One is none, or a key comes twice.
    """
    values: dict[str, str] = {}
    for pair in given or ():
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            raise InvalidInput(
                f"--fill {pair!r} is not KEY=VALUE.", hint="For example: --fill proclamation-link=https://..."
            )
        if key.strip() in values:
            raise InvalidInput(f"--fill {key.strip()} is given twice.", hint="Give each key once.")
        values[key.strip()] = value
    return values
