"""Sample posts: the points, quoted paragraphs and tagged lines under headings such as `Sample Social Media Posts`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.packs.drafting.found import FoundPost
from app.packs.drafting.lines import Line, contents_of, looks_like_heading, plain_heading, same
from app.packs.drafting.post_texts import is_resource, post_text
from app.packs.drafting.weeks import week_number

_KIND = r"(?:posts?|tweets?|messages?|copy|captions?)"
_SAMPLE = re.compile(
    rf"(?:(?:sample|suggested|draft|example|ready[- ]to[- ]use)\s+(?:\w+[- ]){{0,3}}?{_KIND}"
    rf"|social(?:[- ]media)?\s+{_KIND})(?:\s+for\s+.+)?:?",
    re.IGNORECASE,
)
#: Headings that end the posts where a table of contents does not say what follows.
_END = re.compile(
    r"(?:resources|endnotes|references|appendix.*|glossary|acknowledg\w+|about\b.*|contact us.*|graphics|newsletter.*"
    r"|sample (?:newsletter|website|web|e-?mail|press|letter|proclamation).*|events?\b.*|proclamation.*|statistics"
    r"|additional resources)",
    re.IGNORECASE,
)
_TAGGED = re.compile(r"(?:^|\s)#\w*[^\W\d]\w*|https?://\S+")
_QUOTED = re.compile(r"^\s*[\u201c\"].{20,}[\u201d\"]\s*$")
_FINISHED = re.compile(r"""(?:[.!?\u2026\])]|#\w+|\S+\.\S+/\S*)["'\u201d\u2019)]*$""")
_SHORTEST = 40


@dataclass(slots=True)
class _State:
    """Where in the posts the reading stands."""

    week: int = 1
    inside: bool = False
    level: int | None = None
    ends_at: str | None = None
    section: str = ""
    resource: str = ""
    headings: list[str] = field(default_factory=list)
    current: list[Line] = field(default_factory=list)
    open: bool = False


def find_posts(lines: Sequence[Line], dated: Mapping[int, int]) -> list[FoundPost]:
    """Return the sample posts in order. `dated` gives the week that begins at a line where no week has a number."""
    return _Reader(lines, dated).read()


class _Reader:
    def __init__(self, lines: Sequence[Line], dated: Mapping[int, int]) -> None:
        contents = contents_of(lines)
        self._lines = lines
        self._dated = dated
        self._skipped = {place for place, _ in contents}
        self._contents = [plain_heading(title) for _, title in contents]
        self._samples = 0
        self._often = _repeated_headings(lines)
        self._state = _State()
        self._posts: list[FoundPost] = []

    def read(self) -> list[FoundPost]:
        for place, line in enumerate(self._lines):
            if place not in self._skipped:
                self._line(place, line)
        self._finish()
        return self._posts

    def _line(self, place: int, line: Line) -> None:
        state = self._state
        number = week_number(line) or self._dated.get(place)
        if number:
            self._finish()
            state.week, state.inside, state.section, state.resource, state.headings = number, False, "", "", []
        elif _is_sample(line):
            self._finish()
            self._samples += 1
            state.inside, state.level, state.ends_at = True, line.level, self._what_follows()
            state.section, state.resource, state.headings = "", "", []
        elif state.inside:
            self._in_posts(line)

    def _in_posts(self, line: Line) -> None:
        state = self._state
        if line.blank:
            # What comes after a blank line is a paragraph of its own.
            state.open = False
        elif line.bullet:
            self._finish()
            if not is_resource(line.text):
                state.current, state.open = [line], True
        elif state.open and state.current and self._goes_on(line):
            state.current.append(line)
        elif looks_like_heading(line) and not _QUOTED.match(line.text):
            self._finish()
            self._heading(line)
        elif _QUOTED.match(line.text) or (_TAGGED.search(line.text) and len(line.text) >= _SHORTEST):
            self._finish()
            state.current, state.open = [line], True

    def _goes_on(self, line: Line) -> bool:
        """Whether a line right below a post's is the rest of it, and no heading."""
        last = self._state.current[-1].text.strip()
        return line.level is None and not (_FINISHED.search(last) and looks_like_heading(line) and not _is_link(line))

    def _heading(self, line: Line) -> None:
        state, title = self._state, plain_heading(line.text)
        ends = same(title) == state.ends_at if state.ends_at else _END.fullmatch(title) is not None
        if ends or (line.level is not None and state.level is not None and line.level <= state.level):
            state.inside = False
            return
        state.headings.append(title)
        if len(state.headings) > 1:
            # Two headings with no post between: a section, and in it what the posts are about.
            state.section, state.resource = state.headings[-2], title
        elif not state.section or not state.resource or same(title) in self._often:
            state.section, state.resource = title, ""
        else:
            state.resource = title

    def _finish(self) -> None:
        state = self._state
        if state.current:
            text, links, fill_ins = post_text([line.text for line in state.current])
            where = state.current[0].where
            if text:
                self._posts.append(FoundPost(where, text, state.week, state.section, state.resource, links, fill_ins))
                state.headings = []
        state.current, state.open = [], False

    def _what_follows(self) -> str | None:
        """Return the heading behind this one in the table of contents, or None where there is no such table."""
        places = [at for at, title in enumerate(self._contents) if _SAMPLE.fullmatch(title)]
        if self._samples > len(places):
            return None
        behind = self._contents[places[self._samples - 1] + 1 :]
        return same(behind[0]) if behind else None


def _is_sample(line: Line) -> bool:
    title = plain_heading(line.text)
    return not line.bullet and len(title) <= 80 and _SAMPLE.fullmatch(title) is not None  # noqa: PLR2004 - a heading's length


def _is_link(line: Line) -> bool:
    return re.fullmatch(r"<?\S+\.\S+/\S*>?", line.text.strip()) is not None


def _repeated_headings(lines: Sequence[Line]) -> set[str]:
    """Return headings that stand there more than once: they head parts of the posts, not one resource."""
    counts = Counter(same(line.text) for line in lines if not line.blank and looks_like_heading(line))
    return {title for title, times in counts.items() if times > 1}
