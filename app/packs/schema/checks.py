"""What must hold between the parts of a pack. Each check yields problems; none stops at the first.

A problem is the path to the place (as in Pydantic's `loc`) and a message in plain words.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from datetime import date
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from app.packs.schema.base import in_year
from app.policy.policy import FIXED_CODES

if TYPE_CHECKING:
    from app.packs.schema.pack import Pack
    from app.packs.schema.posts import PackPost

Problem = tuple[tuple[str | int, ...], str]

#: A leap year, so that 29 February is itself. A window that spans New Year ends in 2001, where no day is added.
_YEAR = 2000


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def known_zone(name: str) -> ZoneInfo | None:
    """Return the IANA zone of that name, or None where there is no such zone on any system."""
    return ZoneInfo(name) if name in _zones() else None


def problems_of(pack: Pack) -> Iterator[Problem]:
    """Yield everything that does not hang together in a pack whose parts are each well-formed."""
    yield from _zone(pack)
    yield from _unique(pack)
    yield from _spans(pack)
    yield from _weeks(pack)
    yield from _hashtags(pack)
    yield from _levels(pack)
    yield from _mention_forms(pack)
    yield from _posts(pack)
    yield from _kit(pack)


def days_in_window(pack: Pack, month_day: str) -> int | None:
    """Return how many days after the window's start a day lies, or None where it lies outside."""
    start, end = window_dates(pack, _YEAR)
    for year in (_YEAR, _YEAR + 1):
        day = in_year(month_day, year)
        if start <= day <= end:
            return (day - start).days
    return None


def window_dates(pack: Pack, year: int) -> tuple[date, date]:
    """Return the window's first and last day; `year` is that of its first."""
    start = in_year(pack.window.starts_on, year, starts=True)
    # Compared as written: 02-29 to 02-29 is one day and no span of a year.
    spans_new_year = pack.window.ends_on < pack.window.starts_on
    return start, in_year(pack.window.ends_on, year + 1 if spans_new_year else year)


def _zone(pack: Pack) -> Iterator[Problem]:
    if known_zone(pack.time_zone) is None:
        yield (
            ("time_zone",),
            f"expected an IANA time zone such as America/New_York, found {pack.time_zone!r}",
        )


def _repeated(path: tuple[str | int, ...], field: str | int | None, values: Iterable[Hashable], what: str) -> Iterator[Problem]:
    first: dict[Hashable, int] = {}
    for index, value in enumerate(values):
        if value in first:
            where = (*path, index) if field is None else (*path, index, field)
            yield where, f"expected {what} of its own, found {value!r} again (first in entry {first[value] + 1})"
        first.setdefault(value, index)


def _unique(pack: Pack) -> Iterator[Problem]:
    yield from _repeated(("weeks",), "number", (week.number for week in pack.weeks), "a number")
    yield from _repeated(("key_dates",), "key", (day.key for day in pack.key_dates), "a key")
    yield from _repeated(("posts",), "key", (post.key for post in pack.posts), "a key")
    yield from _repeated(("fill_ins",), "key", (fill_in.key for fill_in in pack.fill_ins), "a key")
    yield from _repeated(("fill_ins",), "text", (fill_in.text for fill_in in pack.fill_ins), "a placeholder")
    yield from _repeated(("handles",), "handle", (handle.handle.lower() for handle in pack.handles), "a handle")
    yield from _repeated(("languages",), "language", (entry.language.lower() for entry in pack.languages), "a language")
    yield from _repeated(("kit",), "key", (section.key for section in pack.kit), "a key")
    yield from _repeated(("contact", "claims"), "key", (claim.key for claim in pack.contact.claims), "a key")
    taken = {fact.key for fact in pack.contact.facts[: len(pack.contact.facts) - len(pack.contact.claims)]}
    for index, claim in enumerate(pack.contact.claims):
        if claim.key in taken:
            yield ("contact", "claims", index, "key"), f"expected another key, {claim.key!r} is a fact's own"
    for at, entry in enumerate(pack.languages):
        yield from _repeated(("languages", at, "rules"), "code", (rule.code for rule in entry.rules), "a code")


def _spans(pack: Pack) -> Iterator[Problem]:
    named = [(("window",), pack.window), *((("weeks", index), week) for index, week in enumerate(pack.weeks))]
    for path, span in named:
        if span.starts_on == span.ends_on == "02-29":
            yield (*path, "ends_on"), "expected days that every year has, found 02-29 alone"


def _weeks(pack: Pack) -> Iterator[Problem]:
    last_end, last_number = -1, 0
    for index, week in enumerate(pack.weeks):
        path: tuple[str | int, ...] = ("weeks", index)
        start, end = days_in_window(pack, week.starts_on), days_in_window(pack, week.ends_on)
        window = f"the window ({pack.window.starts_on} to {pack.window.ends_on})"
        if start is None:
            yield (*path, "starts_on"), f"expected a day inside {window}, found {week.starts_on}"
        if end is None:
            yield (*path, "ends_on"), f"expected a day inside {window}, found {week.ends_on}"
        if start is not None and end is not None:
            if end < start:
                yield (*path, "ends_on"), f"expected {week.starts_on} or a later day, found {week.ends_on}"
            if start <= last_end:
                yield (*path, "starts_on"), f"expected a day after the week before it, found {week.starts_on}, which overlaps it"
            last_end = max(last_end, start, end)
        if week.number < last_number:
            yield (*path, "number"), f"expected the weeks in order of their numbers, found {week.number} after {last_number}"
        last_number = max(last_number, week.number)
    for index, day in enumerate(pack.key_dates):
        if days_in_window(pack, day.day) is None:
            yield ("key_dates", index, "day"), f"expected a day inside the window ({pack.window.starts_on} to {pack.window.ends_on}), found {day.day}"


def _hashtags(pack: Pack) -> Iterator[Problem]:
    seen = {pack.hashtags.primary.casefold(): "the primary one"} if pack.hashtags.primary else {}
    for index, tag in enumerate(pack.hashtags.secondary):
        if tag.casefold() in seen:
            yield ("hashtags", "secondary", index), f"expected a hashtag of its own, found #{tag} again (it is {seen[tag.casefold()]})"
        seen.setdefault(tag.casefold(), f"secondary hashtag {index + 1}")


def _levels(pack: Pack) -> Iterator[Problem]:
    for code, level in pack.levels.items():
        if code in FIXED_CODES and level != "error":
            yield ("levels", code), f"expected error, which this rule cannot fall below, found {level.value}"


def _mention_forms(pack: Pack) -> Iterator[Problem]:
    for language, forms in pack.mention_forms.items():
        yield from _repeated(("mention_forms", language), None, forms, "a form")
        for index in range(1, len(forms)):
            if len(forms[index]) > len(forms[index - 1]):
                yield ("mention_forms", language, index), "expected the forms from longest to shortest, found a longer one after a shorter"


def _posts(pack: Pack) -> Iterator[Problem]:
    weeks = {week.number for week in pack.weeks}
    placeholders = {fill_in.key: fill_in.text for fill_in in pack.fill_ins}
    numbers = ", ".join(str(number) for number in sorted(weeks))
    for index, post in enumerate(pack.posts):
        path: tuple[str | int, ...] = ("posts", index)
        if post.week not in weeks:
            yield (*path, "week"), f"expected the number of one of the weeks ({numbers}), found {post.week}"
        yield from _pins(pack, post, path)
        yield from _fill_ins(post, placeholders, path)
        yield from _in_text(post, path)
        yield from _repeated((*path, "platforms"), None, post.platforms or (), "a network")
        yield from _repeated((*path, "accounts"), None, post.accounts or (), "an account")


def _pins(pack: Pack, post: PackPost, path: tuple[str | int, ...]) -> Iterator[Problem]:
    yield from _repeated((*path, "pins"), None, post.pins, "a day")
    for at, pin in enumerate(post.pins):
        if days_in_window(pack, pin) is None:
            yield (*path, "pins", at), f"expected a day inside the window ({pack.window.starts_on} to {pack.window.ends_on}), found {pin}"


def _fill_ins(post: PackPost, placeholders: dict[str, str], path: tuple[str | int, ...]) -> Iterator[Problem]:
    texts = (post.text, *post.variants.values())
    yield from _repeated((*path, "fill_ins"), None, post.fill_ins, "a fill-in")
    for at, key in enumerate(post.fill_ins):
        if key not in placeholders:
            yield (*path, "fill_ins", at), f"expected the key of one of the pack's fill-ins, found {key!r}"
        elif not any(placeholders[key] in text for text in texts):
            yield (*path, "fill_ins", at), f"expected {placeholders[key]!r} in the post's text, where it does not stand"
    for key, placeholder in placeholders.items():
        if key not in post.fill_ins and any(placeholder in text for text in texts):
            yield (*path, "fill_ins"), f"expected {key!r} among them, for {placeholder!r} stands in the text"


def _in_text(post: PackPost, path: tuple[str | int, ...]) -> Iterator[Problem]:
    texts = (post.text, *post.variants.values())
    for at, link in enumerate(post.links):
        if not any(link.visible in text for text in texts):
            yield (*path, "links", at, "visible"), f"expected words of the post's text, found {link.visible!r}"
    for at, typo in enumerate(post.typos):
        if not any(typo.printed in text for text in texts):
            yield (*path, "typos", at, "printed"), f"expected words of the post's text, found {typo.printed!r}"


def _kit(pack: Pack) -> Iterator[Problem]:
    weeks = {week.number for week in pack.weeks}
    earlier: set[str] = set()
    for index, section in enumerate(pack.kit):
        if section.under is not None and section.under not in earlier:
            yield ("kit", index, "under"), f"expected the key of an earlier section, found {section.under!r}"
        if section.week is not None and section.week not in weeks:
            yield ("kit", index, "week"), f"expected the number of one of the weeks, found {section.week}"
        earlier.add(section.key)
