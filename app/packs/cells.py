"""How a post's values stand in the cells of a Focusweek sheet (CSV or XLSX): written here, read back by the importer.

- A cell of a CSV file that a spreadsheet would take for a formula begins with an apostrophe, which reading takes off.
- Lists of networks, tags and days are joined by `, `. Images and their alt texts stand one a line.
- Links stand one a line: the address alone where it reads so in the text; else `what reads there <where it leads>`,
  with `<>` where the source gives no target.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

#: What a spreadsheet may take for a formula: the first character decides, whatever apostrophes stand before it.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_LINK = re.compile(r"(?P<visible>.+?) <(?P<target>[^<>\s]*)>")

Link = tuple[str, str | None]


def begins_like_formula(text: str) -> bool:
    """Whether a spreadsheet would calculate a cell with this text instead of showing it."""
    return _FORMULA.match(text) is not None


def guarded(text: str) -> str:
    """Return a cell's text as a CSV file holds it, harmless in any spreadsheet; `unguarded` gives the text again."""
    return f"'{text}" if begins_like_formula(text) else text


def unguarded(cell: str) -> str:
    """Return the text of a cell of a Focusweek CSV file: without the apostrophe that `guarded` put there."""
    return cell[1:] if _GUARDED.match(cell) else cell


def write_links(links: Iterable[Link]) -> str:
    """Return the cell for links as (what reads in the text, where it leads)."""
    return "\n".join(visible if visible == target else f"{visible} <{target or ''}>" for visible, target in links)


def read_links(cell: str) -> tuple[Link, ...]:
    """Return the links of a cell that `write_links` made, or that a person wrote as one address a line."""
    found: list[Link] = []
    for line in filter(None, (line.strip() for line in cell.splitlines())):
        match = _LINK.fullmatch(line)
        found.append((match["visible"], match["target"] or None) if match else (line, line))
    return tuple(found)


def write_list(values: Sequence[str] | None) -> str:
    """Return the cell for names, tags or days; None, which means all, is an empty cell."""
    return ", ".join(values or ())


def write_lines(values: Iterable[str]) -> str:
    """Return the cell for values of which each takes a line of its own."""
    return "\n".join(values)


def write_moment(instant: datetime | None, zone: ZoneInfo) -> str:
    """Return the cell for an instant (aware): the zone's wall time to the minute, or with its offset where it needs it.

    Wall time says too little in the hour that comes twice, and of seconds.
    """
    if instant is None:
        return ""
    local = instant.astimezone(zone)
    plain = local.replace(second=0, microsecond=0, tzinfo=zone, fold=0)
    if plain.astimezone(UTC) == instant.astimezone(UTC) and plain.replace(fold=1).utcoffset() == plain.utcoffset():
        return f"{local:%Y-%m-%d %H:%M}"
    return local.isoformat()
