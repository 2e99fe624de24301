"""JSON into nodes: the standard library's decoder gives no lines, so this small one counts them as it goes."""

from __future__ import annotations

import json
import re

from app.packs.nodes import DEEPEST, Entry, Mapping, Node, Scalar, Sequence, Unreadable, whole

_SPACE = re.compile(r"[ \t\r\n]*")
_TEXT = json.JSONDecoder(strict=True)
_WORD = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null")


def json_nodes(text: str) -> Node:
    """Return the document as nodes.

    Raises:
        Unreadable: It is no JSON.
    """
    return _Reader(text).document()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._counted = 0

    def document(self) -> Node:
        node = self._node(0)
        self._space()
        if self._at < len(self._text):
            raise self._wrong("expected the end of the file")
        return node

    def _here(self) -> int:
        # Lines are counted on from the last place asked for, so that the whole file is counted once.
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def _wrong(self, message: str) -> Unreadable:
        found = repr(self._text[self._at : self._at + 20]) if self._at < len(self._text) else "the end of the file"
        return Unreadable(self._here(), f"{message}, found {found}")

    def _space(self) -> None:
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at

    def _take(self, character: str) -> bool:
        self._space()
        if self._text.startswith(character, self._at):
            self._at += 1
            return True
        return False

    def _node(self, depth: int) -> Node:
        self._space()
        line = self._here()
        if depth > DEEPEST:
            raise Unreadable(line, f"expected at most {DEEPEST} levels of nesting, found more")
        if self._take("{"):
            return self._mapping(line, depth)
        if self._take("["):
            return self._sequence(line, depth)
        if self._text.startswith('"', self._at):
            return Scalar(line, self._string())
        found = _WORD.match(self._text, self._at)
        if not found:
            raise self._wrong("expected a JSON value")
        self._at = found.end()
        return Scalar(line, None if found[0] == "null" else found[0])

    def _string(self) -> str:
        try:
            value, end = _TEXT.raw_decode(self._text, self._at)
        except json.JSONDecodeError as error:
            self._at = min(error.pos, len(self._text))
            raise Unreadable(self._here(), f"expected a JSON text, but: {error.msg}") from None
        self._at = end
        return whole(str(value), self._here())

    def _mapping(self, line: int, depth: int) -> Mapping:
        entries: list[Entry] = []
        if self._take("}"):
            return Mapping(line)
        while True:
            self._space()
            at = self._here()
            if not self._text.startswith('"', self._at):
                raise self._wrong("expected a field's name in double quotes")
            name = self._string()
            if not self._take(":"):
                raise self._wrong("expected `:` after the field's name")
            entries.append(Entry(at, name, self._node(depth + 1)))
            if self._take("}"):
                return Mapping(line, tuple(entries))
            if not self._take(","):
                raise self._wrong("expected `,` or `}`")

    def _sequence(self, line: int, depth: int) -> Sequence:
        items: list[Node] = []
        if self._take("]"):
            return Sequence(line)
        while True:
            items.append(self._node(depth + 1))
            if self._take("]"):
                return Sequence(line, tuple(items))
            if not self._take(","):
                raise self._wrong("expected `,` or `]`")
