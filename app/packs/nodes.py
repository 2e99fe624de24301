"""A pack file as a tree of nodes that remember their lines. YAML and JSON both become this tree.

Scalars stay the text that the author wrote: what a field means decides how it is read, so that `01-11` is a day and
not an integer, `no` a language tag and not false, and `1:30` no number of seconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.errors import PackProblem

#: Deeper nesting than any pack has is an attack on the reader's stack.
DEEPEST = 30
_LONGEST_NAME = 60
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Unreadable(Exception):
    """The file cannot be read as its format; carries the one problem that stopped the reading."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.problem = PackProblem(line, "(file)", message)


def whole(text: str, line: int) -> str:
    """Return the text, or refuse it: a lone surrogate can be written as an escape, but never be stored or sent."""
    if found := _LONE_SURROGATE.search(text):
        raise Unreadable(line, f"expected whole characters, found the lone surrogate U+{ord(found[0]):04X}")
    return text


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value: its text, or None for an empty one."""

    line: int
    value: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A field of a mapping."""

    line: int
    name: str
    node: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    """Named fields, in the file's order; repeated names are kept so that they can be refused."""

    line: int
    entries: tuple[Entry, ...] = field(default=())

    def get(self, name: str) -> Entry | None:
        """Return the first field of that name."""
        return next((entry for entry in self.entries if entry.name == name), None)


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    line: int
    items: tuple[Node, ...] = field(default=())


Node = Scalar | Mapping | Sequence
Path = tuple[str | int, ...]


def plain(node: Node) -> object:
    """Return the tree as dicts, lists, texts and None."""
    if isinstance(node, Mapping):
        return {entry.name: plain(entry.node) for entry in node.entries}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.value


def locate(root: Node, path: Path) -> tuple[int, Node | None]:
    """Return the line of a path, and its node; of a missing one, the line of the nearest there is, and None."""
    line, node = root.line, root
    for step in path:
        if isinstance(node, Mapping) and (entry := node.get(str(step))):
            line, node = entry.line, entry.node
        elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
            line = node.line
        else:
            return line, None
    return line, node


def written(path: Path) -> str:
    """Return a path as people write it: `posts[3].week`. The file as a whole is `(file)`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{_shown(step)}" if text else _shown(step)
    return text or "(file)"


def _shown(name: str) -> str:
    """Return an author's name of a field, fit for one line of a terminal."""
    name = name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
    return name if name.isprintable() else ascii(name)[1:-1]


def repeated(node: Node, path: Path = ()) -> Iterator[tuple[Path, int, int]]:
    """Yield each field that its mapping has already: its path, its line, and the first one's line."""
    if isinstance(node, Mapping):
        first: dict[str, int] = {}
        for entry in node.entries:
            here = (*path, entry.name)
            if entry.name in first:
                yield here, entry.line, first[entry.name]
            first.setdefault(entry.name, entry.line)
            yield from repeated(entry.node, here)
    elif isinstance(node, Sequence):
        for index, item in enumerate(node.items):
            yield from repeated(item, (*path, index))
