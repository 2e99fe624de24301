"""The one way from a text to a verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from app.policy.facts import Facts
from app.policy.finding import Finding, Level, Verdict, in_order
from app.policy.policy import FIXED_CODES, Policy
from app.policy.preparing import per_policy
from app.policy.rule import Found, Rule
from app.policy.rules import RULES

#: No one reads more findings of one code than this; a text that has more is broken or hostile.
MOST_OF_A_CODE = 100
_MORE = f" There are more of these; {MOST_OF_A_CODE} are listed."


def evaluate(facts: Facts, policy: Policy) -> Verdict:
    """Return all that the rules say of a text under a policy, of each code at most `MOST_OF_A_CODE` findings.

    A pure function of both (the network's profile is part of the facts). Levels are the campaign's, except that
    nothing brings a fixed code below error. Spans are half-open, in code points of `facts.text`. Where a code has more
    findings than are listed, the message of the last one says so.
    """
    levels = _levels(policy)
    findings = [finding for rule in RULES for finding in _listed(rule, rule.check(facts, policy), levels)]
    return Verdict(in_order(findings), policy.version)


def _listed(rule: Rule, found: Iterable[Found], levels: dict[str, Level]) -> Iterator[Finding]:
    """Yield what a rule found, up to the most that are listed; a rule of one code is asked for no more than these."""
    counts: dict[str, int] = {}
    last: dict[str, Finding] = {}
    for code, span, message, suggestion in found:
        count = counts[code] = counts.get(code, 0) + 1
        if count < MOST_OF_A_CODE:
            yield Finding(code, levels.get(code, rule.level), span, message, suggestion)
        elif count == MOST_OF_A_CODE:
            last[code] = Finding(code, levels.get(code, rule.level), span, message, suggestion)
        elif count == MOST_OF_A_CODE + 1:
            last[code] = replace(last[code], message=last[code].message + _MORE)
            if code == rule.name:
                break
    yield from last.values()


@per_policy
def _levels(policy: Policy) -> dict[str, Level]:
    levels = dict(policy.levels)
    levels.update(dict.fromkeys(FIXED_CODES, Level.ERROR))
    return levels
