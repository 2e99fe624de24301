"""The one way from a text to a verdict."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, islice

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
    findings: list[Finding] = []
    for rule in RULES:
        found = iter(rule.check(facts, policy))
        listed = list(islice(found, MOST_OF_A_CODE + 1))
        if len(listed) > MOST_OF_A_CODE:
            listed = _most_of_each_code(rule, chain(listed, found))
        for code, span, message, suggestion in listed:
            findings.append(Finding(code, levels.get(code, rule.level), span, message, suggestion))
    return Verdict(in_order(findings), policy.version)


def _most_of_each_code(rule: Rule, found: Iterable[Found]) -> list[Found]:
    """Return what is listed of very many findings; a rule of one code is not asked for the rest."""
    listed: list[Found] = []
    counts: dict[str, int] = {}
    places: dict[str, int] = {}
    for one in found:
        count = counts[one.code] = counts.get(one.code, 0) + 1
        if count <= MOST_OF_A_CODE:
            places[one.code] = len(listed)
            listed.append(one)
        elif count == MOST_OF_A_CODE + 1:
            last = places[one.code]
            listed[last] = listed[last]._replace(message=listed[last].message + _MORE)
            if one.code == rule.name:
                break
    return listed


@per_policy
def _levels(policy: Policy) -> dict[str, Level]:
    levels = dict(policy.levels)
    levels.update(dict.fromkeys(FIXED_CODES, Level.ERROR))
    return levels
