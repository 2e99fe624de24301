"""Facts that an issuer has withdrawn, and which of them the parts of a delivery carry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.delivery.compare import addresses_in
from app.models import WithdrawnFact
from app.policy.finding import Finding, Level
from app.text.carrying import says_link, says_number, says_words

#: The finding's code.
CODE = "fact.withdrawn"
_NAMES = {"number": "number", "link": "link", "words": "wording"}


@dataclass(frozen=True, slots=True)
class Said:
    """What a delivery says: its parts' texts in order, and the addresses that its links lead to."""

    texts: Sequence[str]
    addresses: Sequence[str] = ()


def withdrawn_facts(session: Session, pack_key: str) -> tuple[WithdrawnFact, ...]:
    """Return the facts of a pack that were withdrawn, the oldest first."""
    query = select(WithdrawnFact).where(WithdrawnFact.pack_key == pack_key).order_by(WithdrawnFact.id)
    return tuple(session.scalars(query))


def carried(facts: Iterable[WithdrawnFact], said: Said) -> list[WithdrawnFact]:
    """Return which of these facts are said."""
    return [fact for fact in facts if carries(fact, said)]


def carries(fact: WithdrawnFact, said: Said) -> bool:
    """Whether a withdrawn fact is said, however it is written."""
    if fact.kind == "number":
        return says_number(said.texts, fact.old)
    if fact.kind == "link":
        return says_link(said.texts, said.addresses, fact.old)
    return says_words(said.texts, fact.old)


def said_in_records(texts: Sequence[str], records: Iterable[Mapping[str, Any]]) -> Said:
    """Return what frozen parts say: their texts, and the addresses in what their network gets."""
    return Said(texts, [address for record in records for address in addresses_in(record)])


def described(fact: WithdrawnFact) -> str:
    """Say for a person what was withdrawn and why."""
    return f"The {_NAMES[fact.kind]} “{fact.old}” was withdrawn by its issuer: {fact.reason}"


def finding(fact: WithdrawnFact) -> Finding:
    """Return the finding that blocks what says a withdrawn fact."""
    advice = f"Write “{fact.new}” in its place." if fact.new else "Take it out of the text."
    return Finding(CODE, Level.ERROR, (0, 0), described(fact), advice)
