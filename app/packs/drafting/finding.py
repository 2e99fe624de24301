"""All that a pack needs, as far as a toolkit's lines tell it. What is not there is not made up."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from app.packs.drafting.contact import find_contact, hosts_in
from app.packs.drafting.days import find_day
from app.packs.drafting.found import Found, FoundDay, FoundPost, FoundValue, FoundWeek
from app.packs.drafting.lines import Line, contents_of, looks_like_heading, plain_heading
from app.packs.drafting.posts import find_posts
from app.packs.drafting.weeks import dated_weeks, find_weeks

_TITLE = re.compile(r"\b(?:toolkit|tool kit|campaign|awareness|observance|month|week|day|guide)\b", re.IGNORECASE)
_ISSUER = re.compile(
    r"\b(?:department|office|administration|agency|ministry|bureau|center|centre|institute|council|commission"
    r"|county|city|state|foundation|association|coalition)\b",
    re.IGNORECASE,
)
_KIND = re.compile(
    r"[\s:\u2013\u2014-]*\b(?:social media\s+)?(?:toolkit|tool kit|campaign guide|media kit)\b.*$", re.IGNORECASE
)
_YEAR = re.compile(r"\b(?:19|20)[0-9]{2}\b")
_TAG = re.compile(r"(?<![\w/#])#([^\W_]\w*)")
_PRIMARY = re.compile(r"(?:primary|main|official|campaign)\s+hashtag", re.IGNORECASE)
_LIMIT = re.compile(
    r"(?:no more than|at most|up to|maximum of|limit(?:ed)? to)\s+(?P<number>[0-9]{1,2}|one|two|three|four|five)\b",
    re.IGNORECASE,
)
_NUMBERS = ("one", "two", "three", "four", "five")
_DAY = re.compile(r"\b(?:day|eve|night)\b", re.IGNORECASE)
_HEAD = 40


def find_all(given: Sequence[Line]) -> Found:
    """Return what is found in a toolkit's lines."""
    contents = {place for place, _ in contents_of(given)}
    kept = [place for place in range(len(given)) if place not in contents]
    lines = [given[place] for place in kept]
    weeks, dated = find_weeks(lines), {}
    if not weeks:
        placed = dated_weeks(lines)
        weeks = [week for _, week in placed]
        dated = {kept[place]: week.number for place, week in placed}
    posts = find_posts(given, dated)
    found = Found(weeks=weeks, posts=posts, contact=find_contact(lines))
    _tell_title(found, lines)
    found.days = _days(lines)
    found.hashtags = _hashtags(lines, posts)
    found.limit = _limit(lines)
    found.hosts = _hosts(posts)
    return found


def _tell_title(found: Found, lines: Sequence[Line]) -> None:
    head = [line for line in lines if not line.blank][:_HEAD]
    for line in head:
        text = plain_heading(line.text)
        if found.title is None and _TITLE.search(text) and looks_like_heading(line):
            found.title = FoundValue(_capitals(_YEAR.sub("", _KIND.sub("", text)).strip(" :,-") or text), line.where)
        elif found.issuer is None and _ISSUER.search(text) and looks_like_heading(line):
            found.issuer = FoundValue(_capitals(text), line.where)
        if found.year is None and (match := _YEAR.search(text)) and looks_like_heading(line):
            found.year = int(match[0])


def _capitals(text: str) -> str:
    """Return a line that shouts as a title reads."""
    if text != text.upper():
        return text
    small = {"of", "and", "the", "for", "in", "on", "to", "a"}
    words = [
        word.lower() if word.lower() in small and at else word.capitalize() for at, word in enumerate(text.split())
    ]
    return re.sub(r"\bU\.s\.", "U.S.", " ".join(words))


def _days(lines: Sequence[Line]) -> list[FoundDay]:
    """Return the days that a heading names: National Pool Day (5/21)."""
    found: dict[str, FoundDay] = {}
    for line in lines:
        text = plain_heading(line.text)
        if looks_like_heading(line) and _DAY.search(text) and (day := find_day(text)) is not None:
            name = (text[: day[1][0]] + text[day[1][1] :]).strip(" :,()\u2013\u2014-/").rsplit(" / ", 1)[-1]
            if _DAY.search(name):
                found.setdefault(name, FoundDay(name, day[0], line.where))
    return list(found.values())


def _hashtags(lines: Sequence[Line], posts: Sequence[FoundPost]) -> list[FoundValue]:
    """Return the hashtags, the primary one first: the one under such a heading, else the one that posts have most."""
    places: dict[str, FoundValue] = {}
    for line in lines:
        for match in _TAG.finditer(line.text):
            if not match[1].isdigit():
                places.setdefault(match[1].lower(), FoundValue(match[1], line.where))
    if not places:
        return []
    counts = Counter(match[1].lower() for post in posts for match in _TAG.finditer(post.text))
    primary = _under_primary(lines) or max(places, key=lambda tag: counts[tag])
    return [places[primary], *(value for tag, value in places.items() if tag != primary)]


def _under_primary(lines: Sequence[Line]) -> str | None:
    for place, line in enumerate(lines):
        if _PRIMARY.search(line.text) and looks_like_heading(line):
            following = next((below for below in lines[place + 1 : place + 5] if not below.blank), None)
            match = _TAG.search(following.text) if following is not None else None
            return match[1].lower() if match else None
        if _PRIMARY.search(line.text) and (match := _TAG.search(line.text)):
            return match[1].lower()
    return None


def _limit(lines: Sequence[Line]) -> FoundValue | None:
    for line in lines:
        if "hashtag" in line.text.lower() and (match := _LIMIT.search(line.text)):
            said = match["number"].lower()
            return FoundValue(str(_NUMBERS.index(said) + 1 if said in _NUMBERS else int(said)), line.where)
    return None


def _hosts(posts: Sequence[FoundPost]) -> list[FoundValue]:
    found: dict[str, FoundValue] = {}
    for post in posts:
        for host in hosts_in(post.text):
            found.setdefault(host, FoundValue(host, post.where))
    return list(found.values())


def window_of(weeks: Sequence[FoundWeek]) -> tuple[str, str] | None:
    """Return the first and last day (MM-DD) of weeks that all have days, in their order; None where one has none."""
    if not weeks or any(week.starts_on is None or week.ends_on is None for week in weeks):
        return None
    return str(weeks[0].starts_on), str(weeks[-1].ends_on)
