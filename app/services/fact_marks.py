"""What is out, or in a person's hands, and says a withdrawn fact: found, and noted at each delivery once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import select

from app.delivery import reasons, transitions
from app.delivery.withdrawn import Said, carries, described, said_in_records
from app.identity.principal import Principal
from app.models import Attempt, AttemptPart, Delivery, DeliveryEvent, State, WithdrawnFact
from app.services.house import House
from app.services.pages import Asked
from app.services.published_search import Hit, Sought, search
from app.services.scope import Scope

#: So many deliveries are settled in one transaction: the engine's own writes wait for it.
_AT_ONCE = 100
_GOING = (State.WITHDRAWING.value, State.WITHDRAWN.value)


def mark_published(house: House, who: Principal, campaign_id: int, fact: WithdrawnFact) -> int:
    """Mark a campaign's deliveries that are out and say it, and return how many there are."""
    found, cursor = 0, None
    while True:
        with house.write(who) as scope:
            page = search(scope, sought(fact, campaign_id), Asked(_AT_ONCE, cursor))
            hits = [hit.view.delivery for hit in page.items if still_says(hit, fact)]
            _mark(scope, hits, fact)
            found += len(hits)
        if (cursor := page.next_cursor) is None:
            return found


def sought(fact: WithdrawnFact, campaign_id: int | None = None) -> Sought:
    """Return what to look for among what is out."""
    return Sought(**{fact.kind: fact.old}, campaign_id=campaign_id)


def still_says(hit: Hit, fact: WithdrawnFact) -> bool:
    """Whether a find says the fact itself, and nobody is taking it back yet."""
    if hit.view.delivery.state in _GOING or hit.view.campaign.pack_key != fact.pack_key:
        return False
    # The search looks for words in any order; links are the search's own business.
    return fact.kind != "words" or carries(fact, Said([part.text for part in hit.parts]))


def mark_handed_over(house: House, who: Principal, campaign_id: int, fact: WithdrawnFact) -> int:
    """Mark a campaign's deliveries that a person has in hand and that say it, and return how many there are."""
    found, after = 0, 0
    while True:
        with house.write(who) as scope:
            query = scope.query(Delivery).where(
                Delivery.campaign_id == campaign_id, Delivery.state == State.HANDED_OVER.value, Delivery.id > after
            )
            rows = scope.session.scalars(query.order_by(Delivery.id).limit(_AT_ONCE)).all()
            if not rows:
                return found
            after = rows[-1].id
            said = dict(_frozen(scope, rows))
            hits = [row for row in rows if carries(fact, said.get(row.id, Said(())))]
            _mark(scope, hits, fact)
            found += len(hits)


def _frozen(scope: Scope, rows: Sequence[Delivery]) -> Iterator[tuple[int, Said]]:
    """Give what the last attempt of each delivery says."""
    query = (
        select(Delivery.id, AttemptPart)
        .join(Attempt, Attempt.delivery_id == Delivery.id)
        .join(AttemptPart, AttemptPart.attempt_id == Attempt.id)
        .where(Delivery.id.in_([row.id for row in rows]), Attempt.generation == Delivery.generation)
        .order_by(AttemptPart.id)
    )
    parts: dict[int, list[AttemptPart]] = {}
    for delivery_id, part in scope.session.execute(query):
        parts.setdefault(delivery_id, []).append(part)
    for delivery_id, found in parts.items():
        yield delivery_id, said_in_records([part.text for part in found], [part.record for part in found])


def _mark(scope: Scope, rows: Sequence[Delivery], fact: WithdrawnFact) -> None:
    """Note at deliveries that are out, or in a person's hands, that they say it; once for each fact."""
    said = described(fact)
    known = set(scope.session.scalars(
        select(DeliveryEvent.delivery_id).where(
            DeliveryEvent.delivery_id.in_([row.id for row in rows]),
            DeliveryEvent.reason == reasons.FACT_WITHDRAWN,
            DeliveryEvent.detail == said,
        )
    ))  # fmt: skip
    for row in rows:
        if row.id not in known:
            transitions.adjust(
                scope.session, row.id, row.state, at=scope.now, reason=reasons.FACT_WITHDRAWN, detail=said,
                actor=scope.actor,
            )  # fmt: skip
