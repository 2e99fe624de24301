"""The helpline: its name, numbers and website, as far as a toolkit tells them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from app.packs.drafting.found import FoundContact, FoundValue
from app.packs.drafting.lines import Line, plain_heading
from app.text.link_keys import link_key
from app.text.links import find_links
from app.text.numbers import digits_of
from app.text.telephones import find_telephone_numbers

_LINE = r"(?:hotline|helpline|lifeline|crisis line|line)"
_ABOUT = re.compile(rf"about\s+(?:the\s+)?(?P<name>.*\b{_LINE})", re.IGNORECASE)
_NAMED = re.compile(r"\b(?:[A-Z][\w&'\u2019-]*\s+){1,6}(?:Hotline|Helpline|Lifeline|Crisis Line|Line)\b")
_TEXT = re.compile(
    r"""\btext(?:ing)?\b:?\s+(?:["\u201c']?(?P<word>[A-Za-z][A-Za-z0-9]{1,19})["\u201d']?\s+to\s+)?"""
    r"(?P<number>[0-9]{5,6}|[0-9]{3}-[0-9]{3})(?![0-9-])(?:\s*\((?P<keyword>[A-Za-z][A-Za-z0-9]{1,19})\))?",
    re.IGNORECASE,
)
_TTY = re.compile(r"\bTTY\b\s*:?\s*(?P<number>[0-9][0-9().\- ]{1,18}[0-9])")
_CALL = re.compile(r"\b(?:call|phone|dial|tel)\b", re.IGNORECASE)
_SMALL = frozenset({"The", "A", "Visit", "Call", "Text", "Contact", "Your", "Our"})
_FEWEST_SHARED = 8


def find_contact(lines: Sequence[Line]) -> FoundContact:
    """Return what a toolkit says of its helpline."""
    found = FoundContact(name=_name(lines))
    for line in lines:
        if found.text_line is None and (match := _TEXT.search(line.text)):
            found.text_line = FoundValue(match["number"], line.where)
            found.keyword = match["keyword"] or match["word"]
        if found.tty is None and (match := _TTY.search(line.text)):
            found.tty = FoundValue(match["number"].strip(), line.where)
    found.voice = _voice(lines, found)
    found.website = _website(lines, found.name)
    return found


def _name(lines: Sequence[Line]) -> FoundValue | None:
    for line in lines:
        if not line.bullet and (match := _ABOUT.fullmatch(plain_heading(line.text))):
            return FoundValue(match["name"].strip(), line.where)
    counts: Counter[str] = Counter()
    first: dict[str, str] = {}
    for line in lines:
        for match in _NAMED.finditer(line.text):
            words = match[0].split()
            while words and words[0] in _SMALL:
                words = words[1:]
            if len(words) > 1:
                name = " ".join(words)
                counts[name] += 1
                first.setdefault(name, line.where)
    return FoundValue(best := counts.most_common(1)[0][0], first[best]) if counts else None


def _voice(lines: Sequence[Line], found: FoundContact) -> FoundValue | None:
    """Return the number that is named most, one behind "call" counting double; short codes to text are none."""
    others = {digits_of(value.value) for value in (found.text_line, found.tty) if value is not None}
    weights: Counter[str] = Counter()
    first: dict[str, FoundValue] = {}
    for line in lines:
        for number, written in _numbers(line.text):
            if number in others:
                continue
            weights[number] += 2 if _CALL.search(line.text) else 1
            first.setdefault(number, FoundValue(written, line.where))
    return first[weights.most_common(1)[0][0]] if weights else None


def _numbers(text: str) -> Iterator[tuple[str, str]]:
    outside = tuple(link.span for link in find_links(text, None))
    for number in find_telephone_numbers(text, outside):
        yield digits_of(number.digits), text[slice(*number.span)].strip()


def _website(lines: Sequence[Line], name: FoundValue | None) -> FoundValue | None:
    """Return the host that reads like the helpline's name, or else the one that stands beside its name most."""
    wanted = re.sub(r"\W", "", name.value.lower()) if name is not None else ""
    beside: Counter[str] = Counter()
    first: dict[str, FoundValue] = {}
    for line in lines:
        for host in hosts_in(line.text):
            first.setdefault(host, FoundValue(host, line.where))
            if name is not None and name.value.lower() in line.text.lower():
                beside[host] += 1
    like = [host for host in first if _reads_like(host, wanted)]
    if like:
        return first[max(like, key=len)]
    return first[beside.most_common(1)[0][0]] if beside else None


def _reads_like(host: str, wanted: str) -> bool:
    label = host.rsplit(".", 1)[0].replace("-", "").replace(".", "")
    return len(label) >= _FEWEST_SHARED and label in wanted


def hosts_in(text: str) -> Iterator[str]:
    """Give the hosts of a text's links, without `www.`."""
    for link in find_links(text, None):
        key = link_key(link.url)
        if key is not None:
            yield key.host
