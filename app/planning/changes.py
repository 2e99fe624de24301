"""What a commit of a plan would do to the deliveries that are there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.planning.values import Existing, Plan, Planned


@dataclass(frozen=True, slots=True)
class Move:
    """A delivery that is there, and where the plan puts it."""

    before: Existing
    after: Planned


@dataclass(frozen=True, slots=True)
class Changes:
    """A plan against what is there.

    `superfluous` is what nothing asks for any more; `without_place` is still asked for but has no place: a commit takes
    the movable ones of both back. Those that are not movable are history and stay.
    """

    added: tuple[Planned, ...]
    moved: tuple[Move, ...]
    kept: tuple[Planned, ...]
    superfluous: tuple[Existing, ...]
    without_place: tuple[Existing, ...] = ()


def changes(plan: Plan, existing: Sequence[Existing]) -> Changes:
    """Compare a plan with the deliveries that it was made from."""
    before = {(one.post, one.account, one.occurrence): one for one in existing if not one.cancelled}
    added: list[Planned] = []
    moved: list[Move] = []
    kept: list[Planned] = []
    for one in plan.placed:
        was = before.get((one.post, one.account, one.occurrence))
        if was is None:
            added.append(one)
        elif was.due_at == one.utc:
            kept.append(one)
        else:
            moved.append(Move(was, one))
    homeless = {(one.post, one.account, one.occurrence) for one in plan.unplaced}
    return Changes(
        added=tuple(added),
        moved=tuple(moved),
        kept=tuple(kept),
        superfluous=plan.superfluous,
        without_place=tuple(one for key, one in before.items() if key in homeless),
    )
