"""YAML into nodes. Anchors, aliases, tags and merge keys are refused: a pack is plain data that a person can read."""

from __future__ import annotations

import re

import yaml

from app.packs.nodes import DEEPEST, Entry, Mapping, Node, Scalar, Sequence, Unreadable, whole

_EMPTY = frozenset({"", "~", "null", "Null", "NULL"})
_PLAIN_TAGS = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")

# A comment that begins like a hashtag.
_HASHTAG_COMMENT = re.compile(r"[ \t]+(#\w+)")

# libyaml's parser where PyYAML was built with it: ten times as fast, the same events.
_LOADER: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def yaml_nodes(text: str) -> Node | None:
    """Return the document as nodes, or None where the file holds none.

    Raises:
        Unreadable: It is no YAML, has several documents, or uses anchors, aliases or tags.
    """
    loader = _LOADER(text)
    try:
        return _Builder(loader, text.split("\n")).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise Unreadable(line, _in_plain_words(text, line, error)) from None
    except yaml.reader.ReaderError as error:
        position = error.position if isinstance(error.position, int) else 0
        line = text.count("\n", 0, position) + 1
        raise Unreadable(line, "expected printable text, found a control character") from None
    except yaml.YAMLError as error:
        raise Unreadable(1, f"expected YAML: {error}") from None
    finally:
        loader.dispose()


def _in_plain_words(text: str, line: int, error: yaml.MarkedYAMLError) -> str:
    lines = text.split("\n")
    written = lines[line - 1] if line <= len(lines) else ""
    indent = written[: len(written) - len(written.lstrip())]
    if "\t" in indent:
        return "expected spaces at the start of the line, found a tab"
    reason = (error.problem or error.context or "it cannot be read").strip()
    return f"expected YAML, but {reason}"


class _Builder:
    """Builds nodes from the parser's events, one pass, no recursion deeper than `DEEPEST`."""

    def __init__(self, loader: yaml.SafeLoader | yaml.CSafeLoader, lines: list[str]) -> None:
        self._loader = loader
        self._lines = lines

    def document(self) -> Node | None:
        self._next()  # the stream's start
        if self._loader.check_event(yaml.StreamEndEvent):
            return None
        self._next()  # the document's start
        node = self._node(0)
        self._next()  # the document's end
        if not self._loader.check_event(yaml.StreamEndEvent):
            raise Unreadable(self._line(self._next()), "expected one document, found a second (`---`)")
        return node

    def _next(self) -> yaml.Event:
        event = self._loader.get_event()
        if event is None:
            raise Unreadable(1, "expected the rest of the document, found the end of the file")
        return event

    @staticmethod
    def _line(event: yaml.Event) -> int:
        return event.start_mark.line + 1 if event.start_mark else 1

    def _node(self, depth: int) -> Node:
        event = self._next()
        line = self._line(event)
        if isinstance(event, yaml.AliasEvent):
            raise Unreadable(line, f"expected the value itself, found the alias *{event.anchor}")
        if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            raise Unreadable(line, f"expected the value itself, found the anchor &{event.anchor}")
        if depth > DEEPEST:
            raise Unreadable(line, f"expected at most {DEEPEST} levels of nesting, found more")
        tag = getattr(event, "tag", None)
        if tag is not None and tag not in {"!", *_PLAIN_TAGS}:
            raise Unreadable(line, f"expected a value without a tag, found {tag}")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(line, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(line, depth)
        if isinstance(event, yaml.ScalarEvent):
            is_plain = not event.style and event.tag is None
            if is_plain and event.value:
                self._refuse_lost_hashtag(event)
            return Scalar(line, None if is_plain and event.value in _EMPTY else whole(event.value, line))
        raise Unreadable(line, "expected a value, found none")

    def _refuse_lost_hashtag(self, event: yaml.ScalarEvent) -> None:
        """Refuse a value that a hashtag follows: YAML would take it for a comment, and the post would lose it."""
        if event.end_mark is None or event.end_mark.line >= len(self._lines):
            return
        lost = _HASHTAG_COMMENT.match(self._lines[event.end_mark.line], event.end_mark.column)
        if lost:
            raise Unreadable(
                event.end_mark.line + 1,
                f"expected the text in quotes, for without them YAML takes {lost[1]} and what follows for a comment "
                "(a comment has a space after its #)",
            )

    def _mapping(self, line: int, depth: int) -> Mapping:
        entries: list[Entry] = []
        while not self._loader.check_event(yaml.MappingEndEvent):
            name = self._node(depth + 1)
            at = name.line
            if not isinstance(name, Scalar):
                raise Unreadable(at, "expected a field's name, found a list or mapping in its place")
            if name.value == "<<":
                raise Unreadable(at, "expected a field's name, found the merge key <<")
            entries.append(Entry(at, name.value or "", self._node(depth + 1)))
        self._next()
        return Mapping(line, tuple(entries))

    def _sequence(self, line: int, depth: int) -> Sequence:
        items: list[Node] = []
        while not self._loader.check_event(yaml.SequenceEndEvent):
            items.append(self._node(depth + 1))
        self._next()
        return Sequence(line, tuple(items))
