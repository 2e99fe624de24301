"""Two agencies with the bundled campaign of 2027, and an operator who belongs to neither."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime

from app.bootstrap import House
from app.clock import VirtualClock
from app.identity.permissions import Permission
from app.identity.principal import Principal
from app.models import Attempt, AttemptPart, Campaign, Delivery
from app.services.withdrawn_facts import NewFact

BEFORE = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
PACK = "hhs-htpm-2023"
NUMBER = "1-888-373-7888"
OPERATOR = Principal("operator", frozenset({Permission.OPERATE}))


@dataclass
class Scene:
    """Short words for what a test does and sees."""

    house: House
    clock: VirtualClock
    people: dict[str, Principal]

    def run_until(self, instant: datetime) -> None:
        while (due := self.house.engine.next_due()) is not None and due <= instant:
            self.clock.move_to(max(due, self.clock.now()))
            self.house.engine.confirm_clock()
            self.house.engine.tick()
            while not self.house.engine.idle():
                threading.Event().wait(0.002)
        self.clock.move_to(instant)
        self.house.engine.confirm_clock()

    def campaign_id(self, agency: str) -> int:
        with self.house.read(self.people[agency]) as scope:
            return scope.session.scalars(scope.query(Campaign)).one().id

    def deliveries(self, agency: str, *states: str) -> list[Delivery]:
        with self.house.read(self.people[agency]) as scope:
            query = scope.query(Delivery).order_by(Delivery.due_at, Delivery.id)
            rows = scope.session.scalars(query.where(Delivery.state.in_(states)) if states else query)
            return list(rows)

    def says(self, agency: str, row: Delivery, words: str) -> bool:
        """Whether what was sent of a delivery has these words."""
        with self.house.read(self.people[agency]) as scope:
            query = scope.query(AttemptPart).join(Attempt, Attempt.id == AttemptPart.attempt_id)
            parts = scope.session.scalars(query.where(Attempt.delivery_id == row.id))
            return any(words in part.text for part in parts)

    def counts(self, agency: str) -> dict[str, int]:
        found: dict[str, int] = {}
        for row in self.deliveries(agency):
            found[row.state] = found.get(row.state, 0) + 1
        return found


def number(new: str | None = None) -> NewFact:
    return NewFact(PACK, "number", "(888) 373 7888", "The line has moved.", new)
