"""Every rule reads 100,000 characters made to be slow in time that grows with their number, and in little of it."""

from __future__ import annotations

import gc
import random
import time
from itertools import islice

import pytest

from app.packs.bundled import default_pack
from app.packs.policy import build_policy
from app.policy.evaluate import MOST_OF_A_CODE
from app.policy.facts import Facts
from app.policy.policy import Policy
from app.policy.rule import Rule
from app.policy.rules import RULES

LONG, SHORT = 100_000, 10_000
#: Seconds of processor time: the most a rule may take, and what is too little to compare.
CEILING, FLOOR = 1.0, 0.05
GROWTH = 15

PIECES = [
    "victim ",
    "vi\u200bctim ",
    "at-risk ",
    "vulnerable and ",
    "rescue ",
    "save the ",
    "#SaveVictims ",
    "text ",
    "call 1-",
    "text BEFRE ",
    "888-373-78",
    "1 million people ",
    "2023 ",
    "[",
    "[link to ",
    "(insert ",
    "https://a.com/ ",
    "http://",
    "humantraffickinghotlin.",
    "@a",
    "#",
    "#a ",
    "“",
    '"A ',
    "A. ",
    "Act of ",
    "а",
    "𝐯",
    "\u202e",
    "e\u0301",
    "中。",
    "-",
    "'s ",
]


def hostile_texts() -> list[str]:
    """Each text is one piece, or a few mixed, over and over; the mixtures are the same in every run."""
    mixed = random.Random(20270111)  # noqa: S311 - test data
    texts = [piece * (LONG // len(piece)) for piece in PIECES[::3]]
    for _ in range(4):
        chosen = [mixed.choice(PIECES) for _ in range(6)]
        texts.append("".join(mixed.choices(chosen, k=LONG // 4))[:LONG])
    return texts


@pytest.fixture(scope="module")
def policy() -> Policy:
    return build_policy(default_pack(), year=2027)


def seconds(rule: Rule, facts: Facts, policy: Policy) -> float:
    # A full collection of what the other tests left would be counted as the rule's.
    gc.disable()
    try:
        begun = time.process_time()
        list(islice(rule.check(facts, policy), MOST_OF_A_CODE + 1))
        return time.process_time() - begun
    finally:
        gc.enable()


class TestEveryRule:
    @pytest.mark.parametrize("text", hostile_texts(), ids=lambda text: ascii(text[:12]))
    def test_takes_time_in_proportion_to_a_hostile_text_and_little_of_it(self, text: str, policy: Policy) -> None:
        # What is made when it is first needed, such as a network's large patterns, is made now.
        for rule in RULES:
            seconds(rule, Facts(text[-SHORT:], language="en"), policy)
        facts, slow = Facts(text, language="en"), []
        for place, rule in enumerate(RULES):
            taken = seconds(rule, facts, policy)
            if taken > FLOOR:
                # Another stretch for each rule, so that no rule finds what was kept for the one before it.
                short = seconds(rule, Facts(text[place : place + SHORT], language="en"), policy)
                if taken > CEILING or taken > FLOOR + GROWTH * short:
                    slow.append((rule.name, taken, short))
        assert slow == []
