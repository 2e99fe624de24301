"""What of a pack file a machine has found and no person has confirmed: named, and confirmed in the file itself."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from app.errors import InvalidInput, PackProblem
from app.packs.json_nodes import json_nodes
from app.packs.nodes import Mapping, Node, Path, Scalar, Sequence, Unreadable, written
from app.packs.yaml_nodes import yaml_nodes

_NO = frozenset({"false", "f", "no", "n", "off", "0"})
#: Of an item's fields, those that tell a person best which one it is.
_TELLING = ("text", "title", "primary", "value", "name", "starts_on", "label")
_LONGEST = 80
#: The field as `pack draft` and people write it, in YAML or JSON: what stands before its value, and the value.
_FIELD = re.compile(r"""(["']?confirmed["']?\s*:\s*)["']?(?:false|f|no|n|off|0)["']?(?=\s|[,}#]|$)""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """One item: where it stands in the file, the line of its `confirmed: false`, its source and what it says."""

    item: str
    line: int
    drawn_from: str | None
    says: str


def unconfirmed_problems(root: Node) -> list[PackProblem]:
    """Return one problem for each item that no person has confirmed."""
    return [
        PackProblem(
            found.line,
            found.item,
            f"not confirmed by a person yet{_where(found)}{': ' if found.says else ''}{found.says}",
        )
        for found in unconfirmed_in(root)
    ]


def unconfirmed_in(root: Node) -> list[Unconfirmed]:
    """Return the items of a file that no person has confirmed, in the file's order."""
    return sorted(_walk(root, ()), key=lambda found: found.line)


def unconfirmed_in_text(text: str) -> list[Unconfirmed]:
    """Return the items of a pack file's text that no person has confirmed, in the file's order.

    Raises:
        InvalidInput: The text is neither YAML nor JSON.
    """
    try:
        root = json_nodes(text) if text.lstrip().startswith("{") else yaml_nodes(text)
    except Unreadable as error:
        raise InvalidInput(
            f"Line {error.problem.line}: {error.problem.message}.", hint="Correct the line and try again."
        ) from None
    return [] if root is None else unconfirmed_in(root)


def confirmed_text(text: str, items: Collection[str] | None) -> tuple[str, list[Unconfirmed]]:
    """Return a pack file's text with these items confirmed (None: all), and which they were; nothing else changes.

    Raises:
        InvalidInput: The text cannot be read, an item is none that waits for confirmation, or its field is written in
            a way that only a person can change.
    """
    waiting = unconfirmed_in_text(text)
    chosen = [found for found in waiting if items is None or found.item in items]
    if unknown := sorted(set(items or ()) - {found.item for found in chosen}):
        listed = ", ".join(found.item for found in waiting[:20]) or "nothing"
        raise InvalidInput(f"{unknown[0]!r} does not wait for confirmation.", hint=f"What waits: {listed}.")
    # YAML and JSON do not count lines alike: only YAML takes Unicode's line separators for line breaks.
    is_json = text.lstrip().startswith("{")
    lines = re.findall(r"[^\n]*\n|[^\n]+", text) if is_json else text.splitlines(keepends=True)
    for found in chosen:
        if sum(one.line == found.line for one in waiting) != sum(one.line == found.line for one in chosen):
            raise InvalidInput(
                f"Line {found.line} holds several items, and not all of them are named.",
                hint="Write them on lines of their own, or confirm them by hand.",
            )
        changed, times = _FIELD.subn(r"\g<1>true", lines[found.line - 1], count=1)
        if not times:
            raise InvalidInput(
                f"Line {found.line}: `confirmed` of {found.item} is not on one line with its value.",
                hint="Write `confirmed: true` there by hand.",
            )
        lines[found.line - 1] = changed
    return "".join(lines), chosen


def _walk(node: Node, path: Path) -> Iterator[Unconfirmed]:
    if isinstance(node, Mapping):
        field = node.get("confirmed")
        if field and isinstance(field.node, Scalar) and (field.node.value or "").strip().lower() in _NO:
            yield Unconfirmed(written(path), field.line, _text(node, "drawn_from"), _says(node))
        for entry in node.entries:
            yield from _walk(entry.node, (*path, entry.name))
    elif isinstance(node, Sequence):
        for index, item in enumerate(node.items):
            yield from _walk(item, (*path, index))


def _says(node: Mapping) -> str:
    said = next((text for name in _TELLING if (text := _text(node, name))), "")
    said = " ".join(said.split())
    return said if len(said) <= _LONGEST else f"{said[: _LONGEST - 1]}…"


def _text(node: Mapping, name: str) -> str | None:
    entry = node.get(name)
    return entry.node.value if entry and isinstance(entry.node, Scalar) else None


def _where(found: Unconfirmed) -> str:
    return f" ({found.drawn_from})" if found.drawn_from else ""
