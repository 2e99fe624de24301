"""The delivery's states: one table of what may follow what, checked when it is imported.

    scheduled    -> sending | held | missed | blocked | cancelled | published (late proof) | handed_over (by hand)
    sending      -> published | scheduled | held | missed | blocked | failed | unknown | needs_review | cancelled
    unknown      -> published | scheduled (proved not sent) | needs_review | cancelled (stop asked, proved not sent)
    needs_review -> published | scheduled | cancelled        a person decides; late proof may publish
    held         -> scheduled | missed | blocked | cancelled
    blocked      -> scheduled | missed | cancelled
    failed       -> scheduled | needs_review | cancelled
    missed       -> scheduled | cancelled
    handed_over  -> published | missed | cancelled
    published    -> withdrawing -> withdrawn | withdraw_failed
    withdraw_failed -> withdrawing (tried again) | withdrawn (a person says that it is gone)
    cancelled, withdrawn: final

Only `transitions.py` uses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.models import State

ALLOWED: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.SCHEDULED: frozenset(
            {
                State.SENDING,
                State.HELD,
                State.MISSED,
                State.BLOCKED,
                State.CANCELLED,
                State.PUBLISHED,
                State.HANDED_OVER,
            }
        ),
        State.SENDING: frozenset(
            {
                State.PUBLISHED,
                State.SCHEDULED,
                State.HELD,
                State.MISSED,
                State.BLOCKED,
                State.FAILED,
                State.UNKNOWN,
                State.NEEDS_REVIEW,
                State.CANCELLED,
            }
        ),
        State.UNKNOWN: frozenset({State.PUBLISHED, State.SCHEDULED, State.NEEDS_REVIEW, State.CANCELLED}),
        State.NEEDS_REVIEW: frozenset({State.PUBLISHED, State.SCHEDULED, State.CANCELLED}),
        State.HELD: frozenset({State.SCHEDULED, State.MISSED, State.BLOCKED, State.CANCELLED}),
        State.BLOCKED: frozenset({State.SCHEDULED, State.MISSED, State.CANCELLED}),
        State.FAILED: frozenset({State.SCHEDULED, State.NEEDS_REVIEW, State.CANCELLED}),
        State.MISSED: frozenset({State.SCHEDULED, State.CANCELLED}),
        State.HANDED_OVER: frozenset({State.PUBLISHED, State.MISSED, State.CANCELLED}),
        State.PUBLISHED: frozenset({State.WITHDRAWING}),
        State.WITHDRAWING: frozenset({State.WITHDRAWN, State.WITHDRAW_FAILED}),
        State.WITHDRAW_FAILED: frozenset({State.WITHDRAWING, State.WITHDRAWN}),
        State.WITHDRAWN: frozenset(),
        State.CANCELLED: frozenset(),
    }
)

FINAL = frozenset({State.CANCELLED, State.WITHDRAWN})

#: States in which somebody works on the delivery: entering one raises its fencing token.
TAKING = frozenset({State.SENDING, State.HANDED_OVER})


def check_table(table: Mapping[State, frozenset[State]]) -> None:
    """Refuse a table that names no row for a state, leaves a final state or has one that nothing leads to.

    Raises:
        ValueError: What is wrong with it.
    """
    if missing := set(State) - set(table):
        raise ValueError(f"states without a row: {sorted(missing)}")
    if leaving := [state for state in FINAL if table[state]]:
        raise ValueError(f"final states that something follows: {sorted(leaving)}")
    reached, edge = {State.SCHEDULED}, [State.SCHEDULED]
    while edge:
        new = table[edge.pop()] - reached
        reached |= new
        edge.extend(new)
    if lost := set(State) - reached:
        raise ValueError(f"states that nothing leads to: {sorted(lost)}")


check_table(ALLOWED)


def allowed(source: str, target: State) -> bool:
    """Whether `target` may follow `source`."""
    return target in ALLOWED[State(source)]
