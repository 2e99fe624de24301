"""text.too_long: more than the network takes, each part of a thread by itself. Without a network nothing is.

Too long is whatever `counting.fits` refuses: characters and bytes, more links, hashtags or handles than the network
takes, a character that it refuses, and a text with nothing in it. The message says which.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.policy.facts import PART_SEPARATOR, Facts
from app.policy.finding import Level
from app.policy.policy import Policy
from app.policy.rule import Found, Rule
from app.text.counting import fits, length, utf8_length
from app.text.handles import find_handles
from app.text.hashtags import find_hashtags
from app.text.links import find_links
from app.text.profile import TextProfile
from app.text.x_tables import INVALID

CODE = "text.too_long"
_SHORTEN = "Shorten it, or write a variant for this network."


@dataclass(frozen=True, slots=True)
class _Over:
    """What is wrong with a part, as a sentence's end; where in the part it begins; and what to do."""

    what: str
    start: int
    suggestion: str


def check(facts: Facts, policy: Policy) -> Iterator[Found]:  # noqa: ARG001 - all rules are called alike
    """Yield a finding for every part that does not fit; its span begins where the part stops fitting."""
    profile = facts.profile
    if profile is None:
        return
    start = 0
    for number, part in enumerate(facts.parts, 1):
        if not fits(part, profile):
            over = _over(part, profile)
            which = f"Part {number}" if len(facts.parts) > 1 else "The text"
            yield Found(CODE, (start + over.start, start + len(part)), f"{which} {over.what}.", over.suggestion)
        start += len(part) + len(PART_SEPARATOR)


def _over(part: str, profile: TextProfile) -> _Over:
    if not part.strip():
        return _Over(f"is empty; {profile.name} takes no empty post", 0, "Write something, or leave this network out.")
    size = length(part, profile)
    if size > profile.limit:
        what = f"is {size} characters long as {profile.name} counts; it takes {profile.limit}"
        return _Over(what, _fitting(part, profile), _SHORTEN)
    if profile.byte_limit is not None and utf8_length(part) > profile.byte_limit:
        what = f"is {utf8_length(part)} bytes long; {profile.name} takes {profile.byte_limit}"
        return _Over(what, _fitting(part, profile), _SHORTEN)
    return _too_many(part, profile) or _refused(part, profile)


def _too_many(part: str, profile: TextProfile) -> _Over | None:
    links = [link.span for link in find_links(part, profile.links)]
    counted: tuple[tuple[str, Sequence[tuple[int, int]], int | None], ...] = (
        ("hashtags", [tag.span for tag in find_hashtags(part, profile.hashtags)], profile.max_hashtags),
        ("links", links, profile.max_links),
        ("handles", [handle.span for handle in find_handles(part, tuple(links))], profile.max_handles),
    )
    for name, spans, limit in counted:
        if limit is not None and len(spans) > limit:
            what = f"has {len(spans)} {name}; {profile.name} takes {limit} in a post"
            return _Over(what, spans[limit][0], f"Take out {len(spans) - limit} of the {name}.")
    return None


def _refused(part: str, profile: TextProfile) -> _Over:
    bad = INVALID.search(part)
    start = bad.start() if bad else 0
    what = f"has a character that {profile.name} refuses" + (f" (U+{ord(part[start]):04X})" if bad else "")
    return _Over(what, start, "Delete the character.")


def _fitting(part: str, profile: TextProfile) -> int:
    """Return how many code points from the start fit, by halving: some twenty counts at most."""
    low, high = 0, len(part)
    while low < high:
        middle = (low + high + 1) // 2
        if _is_long(part[:middle], profile):
            high = middle - 1
        else:
            low = middle
    return low


def _is_long(text: str, profile: TextProfile) -> bool:
    if length(text, profile) > profile.limit:
        return True
    return profile.byte_limit is not None and utf8_length(text) > profile.byte_limit


RULE = Rule(CODE, Level.ERROR, check)
