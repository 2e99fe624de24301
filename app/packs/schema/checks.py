"""What must hold between the parts of a pack. Each check yields problems; none stops at the first.

A problem is the path to the place (as in Pydantic's `loc`) and a message in plain words.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.packs.schema.days import days_in_window, known_zone
from app.packs.schema.post_checks import post_problems
from app.packs.schema.repeats import Problem, repeated
from app.policy.policy import FIXED_CODES

if TYPE_CHECKING:
    from app.packs.schema.pack import Pack, Week, WindowDays


def problems_of(pack: Pack) -> Iterator[Problem]:
    """Yield everything that does not hang together in a pack whose parts are each well-formed."""
    yield from _zone(pack)
    yield from _unique(pack)
    yield from _spans(pack)
    yield from _weeks(pack)
    yield from _hashtags(pack)
    yield from _levels(pack)
    yield from _mention_forms(pack)
    yield from post_problems(pack)
    yield from _kit(pack)


def _zone(pack: Pack) -> Iterator[Problem]:
    if known_zone(pack.time_zone) is None:
        yield (
            ("time_zone",),
            f"expected an IANA time zone such as America/New_York, found {pack.time_zone!r}",
        )


def _unique(pack: Pack) -> Iterator[Problem]:
    yield from repeated(("weeks",), "number", (week.number for week in pack.weeks), "a number")
    yield from repeated(("key_dates",), "key", (day.key for day in pack.key_dates), "a key")
    yield from repeated(("posts",), "key", (post.key for post in pack.posts), "a key")
    yield from repeated(("fill_ins",), "key", (fill_in.key for fill_in in pack.fill_ins), "a key")
    yield from repeated(("fill_ins",), "text", (fill_in.text for fill_in in pack.fill_ins), "a placeholder")
    yield from repeated(("handles",), "handle", (handle.handle.lower() for handle in pack.handles), "a handle")
    yield from repeated(("languages",), "language", (entry.language.lower() for entry in pack.languages), "a language")
    yield from repeated(("kit",), "key", (section.key for section in pack.kit), "a key")
    yield from repeated(("contact", "claims"), "key", (claim.key for claim in pack.contact.claims), "a key")
    taken = {fact.key for fact in pack.contact.facts[: len(pack.contact.facts) - len(pack.contact.claims)]}
    for index, claim in enumerate(pack.contact.claims):
        if claim.key in taken:
            yield ("contact", "claims", index, "key"), f"expected another key, {claim.key!r} is a fact's own"
    for at, entry in enumerate(pack.languages):
        yield from repeated(("languages", at, "rules"), "code", (rule.code for rule in entry.rules), "a code")


def _spans(pack: Pack) -> Iterator[Problem]:
    weeks = ((("weeks", index), week) for index, week in enumerate(pack.weeks))
    named: list[tuple[tuple[str | int, ...], WindowDays | Week]] = [(("window",), pack.window), *weeks]
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
                yield (
                    (*path, "starts_on"),
                    f"expected a day after the week before it, found {week.starts_on}, which overlaps it",
                )
            last_end = max(last_end, start, end)
        if week.number < last_number:
            yield (
                (*path, "number"),
                f"expected the weeks in order of their numbers, found {week.number} after {last_number}",
            )
        last_number = max(last_number, week.number)
    for index, day in enumerate(pack.key_dates):
        if days_in_window(pack, day.day) is None:
            yield (
                ("key_dates", index, "day"),
                f"expected a day inside the window ({pack.window.starts_on} to {pack.window.ends_on}), found {day.day}",
            )


def _hashtags(pack: Pack) -> Iterator[Problem]:
    seen = {pack.hashtags.primary.casefold(): "the primary one"} if pack.hashtags.primary else {}
    for index, tag in enumerate(pack.hashtags.secondary):
        if tag.casefold() in seen:
            yield (
                ("hashtags", "secondary", index),
                f"expected a hashtag of its own, found #{tag} again (it is {seen[tag.casefold()]})",
            )
        seen.setdefault(tag.casefold(), f"secondary hashtag {index + 1}")


def _levels(pack: Pack) -> Iterator[Problem]:
    for code, level in pack.levels.items():
        if code in FIXED_CODES and level != "error":
            yield ("levels", code), f"expected error, which this rule cannot fall below, found {level.value}"


def _mention_forms(pack: Pack) -> Iterator[Problem]:
    for language, forms in pack.mention_forms.items():
        yield from repeated(("mention_forms", language), None, forms, "a form")
        for index in range(1, len(forms)):
            if len(forms[index]) > len(forms[index - 1]):
                yield (
                    ("mention_forms", language, index),
                    "expected the forms from longest to shortest, found a longer one after a shorter",
                )


def _kit(pack: Pack) -> Iterator[Problem]:
    weeks = {week.number for week in pack.weeks}
    earlier: set[str] = set()
    for index, section in enumerate(pack.kit):
        if section.under is not None and section.under not in earlier:
            yield ("kit", index, "under"), f"expected the key of an earlier section, found {section.under!r}"
        if section.week is not None and section.week not in weeks:
            yield ("kit", index, "week"), f"expected the number of one of the weeks, found {section.week}"
        for at, link in enumerate(section.links):
            if link.visible not in (section.body or ""):
                yield ("kit", index, "links", at, "visible"), f"expected words of the body, found {link.visible!r}"
        earlier.add(section.key)
