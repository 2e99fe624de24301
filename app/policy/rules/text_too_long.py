"""text.too_long: longer than the network takes, each part of a thread by itself. Without a network nothing is."""

from __future__ import annotations

from collections.abc import Iterator

from app.policy.facts import PART_SEPARATOR, Facts
from app.policy.finding import Level
from app.policy.policy import Policy
from app.policy.rule import Found, Rule
from app.text.counting import length, utf8_length
from app.text.profile import TextProfile

CODE = "text.too_long"


def check(facts: Facts, policy: Policy) -> Iterator[Found]:  # noqa: ARG001 - all rules are called alike
    """Yield a finding for every part over the limit; its span begins where the text stops fitting."""
    profile = facts.profile
    if profile is None:
        return
    start = 0
    for number, part in enumerate(facts.parts, 1):
        over = _over(part, profile)
        if over:
            which = f"Part {number}" if len(facts.parts) > 1 else "The text"
            first = start + _fitting(part, profile)
            yield Found(
                CODE, (first, start + len(part)), f"{which} {over}.", "Shorten it, or write a variant for this network."
            )
        start += len(part) + len(PART_SEPARATOR)


def _over(part: str, profile: TextProfile) -> str:
    size = length(part, profile)
    if size > profile.limit:
        return f"is {size} characters long as {profile.name} counts; it takes {profile.limit}"
    if profile.byte_limit is not None and utf8_length(part) > profile.byte_limit:
        return f"is {utf8_length(part)} bytes long; {profile.name} takes {profile.byte_limit}"
    return ""


def _fitting(part: str, profile: TextProfile) -> int:
    """Return how many code points from the start fit, by halving: some twenty counts at most."""
    low, high = 0, len(part)
    while low < high:
        middle = (low + high + 1) // 2
        if _over(part[:middle], profile):
            high = middle - 1
        else:
            low = middle
    return low


RULE = Rule(CODE, Level.ERROR, check)
