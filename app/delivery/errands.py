"""Errands: what the engine does for one delivery at a time besides sending it, each a call to its network.

Each errand says which deliveries wait for it and from when; the engine runs it in its pool, never twice at a time for
one delivery within a process. Across processes, an errand's own writes are conditional: two looks do no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.delivery import read_back, reconcile, withdraw
from app.delivery.deps import Deps


@dataclass(frozen=True, slots=True)
class Errand:
    """One kind of errand.

    `waiting` returns the ids of the deliveries that wait for it, each with the instant (aware, UTC) from which it may
    be run; it is asked at every tick that has something of the kind, and must be cheap. `run` does it for one.
    """

    name: str
    waiting: Callable[[Deps, Session], Sequence[tuple[int, datetime]]]
    run: Callable[[Deps, int], None]


RECONCILE = Errand("reconcile", reconcile.waiting, reconcile.reconcile)
WITHDRAW = Errand("withdraw", withdraw.waiting, withdraw.withdraw)
READ_BACK = Errand("read_back", read_back.waiting, read_back.read_back)
