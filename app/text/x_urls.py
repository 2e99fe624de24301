"""Links as X finds them: twitter-text 3.1.0's `extractUrlsWithIndices`, read once from left to right.

That library tries one large pattern at every place; on hostile text it takes minutes. Here a domain is looked for
only around dots. The letters between two breaks are a *run*, split by dots into *labels*; for each label it is known
from right to left how far a domain that begins in it would reach, so that every run is read a fixed number of times.
What follows the domain (port, path, query) are patterns that never step back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from app.text.common_links import common_links
from app.text.x_domains import is_valid, latin_domains, tld_end
from app.text.x_tables import CYRILLIC, LATIN, NO_DOMAIN

_MAX_URL_LENGTH = 4096
_MAX_TCO_SLUG_LENGTH = 40

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_RUN = re.compile(f"[^{NO_DOMAIN}]*+")  # dots, dashes and underscores included
_INNER_DOT = re.compile(f"\\.(?=[^.\\-_{NO_DOMAIN}])")
# Where a domain may begin inside a label: after a character that is no ASCII letter or digit.
_BEGIN = re.compile("(?<=[^A-Za-z0-9@＠$#＃\ufffe\ufeff\uffff])[^-_]")
_PROTOCOL = re.compile("[hH][tT][tT][pP][sS]?://")

# `_PLAIN` may stand in a path, `_LAST` may end one as well; so may parentheses, directly after one of these.
_LAST = f"+\\-A-Za-z{CYRILLIC}0-9=_#/{LATIN}"
_PLAIN = f"!*';:,.$%\\[\\]\u2013~@|&{_LAST}"
_NOT_LAST = "!*';:,.$%\\[\\]\u2013~@|&"
_PARENTHESES = f"\\((?:[{_PLAIN}]++|[{_PLAIN}]*+\\([{_PLAIN}]++\\)[{_PLAIN}]*+)\\)"
_QUERY = r"\?(?:[!?*'@():;+$%\[\].,~|]*+[A-Za-z0-9\-_&=#/]++)++"
_REST = re.compile(
    f"(?P<port>:[0-9]++)?+(?P<path>/(?:(?:[{_NOT_LAST}]++|{_PARENTHESES})*+[{_LAST}]++)*+(?:{_PARENTHESES})*+)?+(?:{_QUERY})?+"
)
_TCO = re.compile(f"[hH][tT][tT][pP][sS]?://[tT]\\.[cC][oO]/([A-Za-z0-9]++)(?:{_QUERY})?+")


class XUrl(NamedTuple):
    """A link as X sees it. `counted_end` is where counting goes on, which twitter-text keeps apart from the end."""

    start: int
    end: int
    domain: tuple[int, int]
    counted_end: int


def _may_precede(letter: str) -> bool:
    return not (letter.isascii() and letter.isalnum()) and letter not in "@＠$#＃\ufffe\ufeff\uffff"


@dataclass(slots=True)
class _Run:
    """A run of letters between breaks, and how far a domain reaches that begins in each of its labels."""

    begins: list[int]  # where each label begins
    ends: list[int]
    tld_ends: list[int]  # 0 where the label begins with no top-level domain
    reach: list[int]  # for a whole label: the end of the longest domain beginning in it, or 0
    end: int


def _read_run(text: str, begin: int, end: int) -> _Run:
    begins = [begin]
    ends: list[int] = []
    while (dot := text.find(".", begins[-1], end)) >= 0:
        ends.append(dot)
        begins.append(dot + 1)
    ends.append(end)
    count = len(begins)
    tld_ends = [0] * count
    reach = [0] * count
    for index in range(count - 2, -1, -1):
        following = index + 1
        tld_ends[following] = tld_end(text, begins[following])
        first, last = begins[index], ends[index]
        if first == last or text[first] in "-_" or text[last - 1] in "-_":
            continue
        reach[index] = reach[following]
        if not reach[index] and tld_ends[following] and text.find("_", first, last) < 0:
            reach[index] = tld_ends[following]
    return _Run(begins, ends, tld_ends, reach, end)


def _begins_in(text: str, run: _Run, index: int, floor: int) -> Iterator[tuple[int, int]]:
    """Give where domains may begin in a label, at `floor` or later, with the end each would reach; the best first."""
    first, last = max(run.begins[index], floor), run.ends[index]
    if first >= last or text[last - 1] in "-_":
        return
    following = index + 1
    end = run.reach[following]
    if not end:
        end = run.tld_ends[following]
        if not end:
            return
        first = max(first, text.rfind("_", first, last) + 1)
    if first == 0 and _may_precede(text[0]):
        # At the very beginning the first letter may stand before the link or belong to it, tried in this order.
        if last > 1 and text[1] not in "-_":
            yield 1, end
            return
        yield 0, end
        return
    if first == 0:
        yield 0, end
        return
    match = _BEGIN.search(text, first, last)
    if match:
        yield match.start(), end


@lru_cache(maxsize=8)  # counting, links and hashtags of one text ask in turn
def scan(text: str) -> tuple[XUrl, ...]:
    """Return the links of a text in order, as twitter-text extracts them with and without protocol."""
    if "." not in text:
        return ()
    common = common_links(text)
    if common is not None:
        return tuple(XUrl(start, end, (host_start, host_end), end) for start, host_start, host_end, end, _ in common)
    if text.isascii() or not _ASTRAL.search(text):
        return tuple(_scan_units(text))
    # JavaScript's patterns see the halves of a surrogate pair, and a link may begin between them.
    units = _ASTRAL.sub(_halves, text)
    found = _scan_units(units)
    if not found:
        return ()
    points: list[int] = []
    for index, letter in enumerate(text):
        points.append(index)
        if letter > "\uffff":
            points.append(index)
    points.append(len(text))
    return tuple(
        XUrl(
            points[url.start], points[url.end], (points[url.domain[0]], points[url.domain[1]]), points[url.counted_end]
        )
        for url in found
    )


def _halves(match: re.Match[str]) -> str:
    point = ord(match[0]) - 0x10000
    return chr(0xD800 + (point >> 10)) + chr(0xDC00 + (point & 0x3FF))


def _scan_units(text: str) -> list[XUrl]:
    found: list[XUrl] = []
    consumed = 0  # where the last match ended; what precedes a link must stand after it
    dot = _INNER_DOT.search(text)
    if dot is None:
        return found
    backwards = text[::-1]
    length = len(text)
    while dot is not None:
        before = _RUN.match(backwards, length - dot.start())
        after = _RUN.match(text, dot.start())
        begin = length - (before.end() if before else 0)
        end = after.end() if after else dot.end()
        begin = max(begin, consumed)
        consumed = _scan_run(text, begin, end, consumed, found)
        dot = _INNER_DOT.search(text, max(end, consumed))
    return found


def _scan_run(text: str, begin: int, end: int, consumed: int, found: list[XUrl]) -> int:
    run = _read_run(text, begin, end)
    index = 0
    last = len(run.begins) - 1
    while index < last:
        begun = _begin_of_run(text, run, consumed) if index == 0 and run.begins[0] == begin else None
        if begun is None:
            floor = consumed + 1 if consumed or run.begins[index] else 0
            for start, stop in _begins_in(text, run, index, floor):
                begun = (start, start, stop)
                break
        if begun is None:
            index += 1
            continue
        consumed = _take(text, begun, found)
        while index < last and run.ends[index] < consumed:
            index += 1
    return consumed


def _begin_of_run(text: str, run: _Run, consumed: int) -> tuple[int, int, int] | None:
    """Return (start, domain's start, domain's end) of a link with a protocol before the run, if there is one."""
    begin = run.begins[0]
    if text[begin - 3 : begin] != "://" or not run.reach[0]:
        return None
    for size in (7, 8):
        start = begin - size
        if start < 0 or not _PROTOCOL.fullmatch(text, start, begin):
            continue
        if (start == 0 and consumed == 0) or (start - 1 >= consumed and _may_precede(text[start - 1])):
            return start, begin, run.reach[0]
    return None


def _take(text: str, begun: tuple[int, int, int], found: list[XUrl]) -> int:
    """Append what twitter-text makes of a match and return where the match ends."""
    start, domain_start, domain_end = begun
    rest = _REST.match(text, domain_end)
    end = rest.end() if rest else domain_end
    has_path = bool(rest and rest["path"])
    domain = text[domain_start:domain_end]
    protocol_length = domain_start - start
    if end - start + (protocol_length or len("https://")) > _MAX_URL_LENGTH or not is_valid(domain):
        return end
    if protocol_length:
        stop = end
        tco = _TCO.match(text, start, end)
        if tco and len(tco[1]) > _MAX_TCO_SLUG_LENGTH:
            return end
        if tco:
            stop = tco.end()
        found.append(XUrl(start, stop, (domain_start, domain_end), stop))
    elif start == 0 or text[start - 1] not in "-_./":
        pieces = latin_domains(domain)
        for first, last in pieces[:-1]:
            found.append(XUrl(start + first, start + last, (start + first, start + last), start + last))
        if pieces:
            first, last = start + pieces[-1][0], start + pieces[-1][1]
            stop = end if has_path else last
            counted = first + (last - first) + (end - domain_end) if has_path else last
            found.append(XUrl(first, stop, (first, last), counted))
    return end
