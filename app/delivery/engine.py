"""The engine: one tick looks at all that is due and sets it going. It keeps nothing that the database does not have.

Stop it at any instant and start it again: leases run out, and what was in flight is asked about.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.orm import Session

from app.delivery import hand_over, hold, missed, reaper
from app.delivery.agenda import Agenda, look
from app.delivery.deps import Deps
from app.delivery.errands import READ_BACK, RECONCILE, WITHDRAW, Errand
from app.delivery.instant import instant
from app.delivery.lanes import PROMPT_SECONDS
from app.delivery.line import Line
from app.delivery.watch import ClockWatch
from app.logs import work_on

log = structlog.get_logger(__name__)

#: When outcomes that the database did not take are offered again.
_OFFER_AGAIN = timedelta(seconds=1)
#: When a line that is full is looked at again: by then, a host that does not answer has given up half of its lane.
_LOOK_AGAIN = timedelta(seconds=PROMPT_SECONDS + 0.1)
#: When an errand that failed, because the database did not take what it found, say, is run again.
_RUN_AGAIN = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class TickSummary:
    """How many deliveries a tick moved, by what it did; `refused` says why nothing was claimed."""

    reaped: int = 0
    missed: int = 0
    held: int = 0
    claimed: int = 0
    handed_over: int = 0
    reminded: int = 0
    reconciled: int = 0
    withdrawn: int = 0
    read_back: int = 0
    refused: str | None = None

    @property
    def settled(self) -> int:
        """How many deliveries were taken from the line."""
        return self.missed + self.held + self.claimed + self.handed_over

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))


class Engine:
    """Runs deliveries in a bounded pool of threads, or in the ticking thread where `options.workers` is 0.

    `on_free` is called, from one of the engine's threads, whenever another tick may find something to do.
    Any number of engines may work on one database.
    """

    def __init__(self, deps: Deps, *, on_free: Callable[[], None] = lambda: None) -> None:
        self._deps = deps
        self._watch = ClockWatch(deps.clock, deps.options)
        self._line = Line(deps, may_claim=self._may_claim, on_free=on_free)
        self._lock = threading.Lock()
        self._ticking = threading.Lock()
        self._asking: set[tuple[str, int]] = set()
        self._failed: dict[tuple[str, int], datetime] = {}
        self._closed = False

    def notify_free(self, on_free: Callable[[], None]) -> None:
        """Name who is called whenever another tick may find something to do."""
        self._line.notify_free(on_free)

    def tick(self) -> TickSummary:
        """Look at all that is due now and set it going. With workers, returns before they have ended.

        Raises:
            StorageUnavailable: The database does not answer; the next tick goes on.
        """
        with self._ticking:
            deps = self._deps
            self._line.unstored.offer()
            with deps.database.read() as session:
                agenda = look(session, deps.clock)
                refused = self._watch.refusal(session, agenda.now)
            summary = self._work(agenda, refused)
        if summary:
            log.info("engine_ticked", **{field.name: getattr(summary, field.name) for field in fields(summary)})
        return summary

    def next_due(self) -> datetime | None:
        """Return when the next tick has something to do (aware, UTC; past if it has now), or None.

        It is told by this machine's clock, by which its caller sleeps, even where the database's decides. While all
        workers are busy, what is due is looked at again a little later, and errands do not count: `on_free` tells when
        one has ended.
        """
        free, errand_room = self._line.free, self._line.errand_room
        with self._lock:
            asking = frozenset(self._asking)
        with self._deps.database.read() as session:
            agenda = look(session, self._deps.clock)
            ahead_of_us = agenda.now - self._deps.clock.now()
            moments = [agenda.ahead, agenda.now if agenda.unconnected else None]
            moments += [agenda.now + _OFFER_AGAIN] if self._line.unstored else []
            if self._watch.refusal(session, agenda.now) is None:
                soon = agenda.now + (_LOOK_AGAIN if free < 1 else timedelta(0))
                moments += [agenda.lease, agenda.claimable and max(agenda.claimable, soon), agenda.by_hand]
                moments += [missed.next_miss(session, agenda.now)] if agenda.waiting is not None else []
                moments += hand_over.next_steps(session) if agenda.unconfirmed else []
                for errand in _errands(agenda) if errand_room > 0 else ():
                    waiting = self._waiting(errand, session)
                    moments += [at for row, at in waiting if (errand.name, row) not in asking]
        due = min((moment for moment in moments if moment is not None), default=None)
        return None if due is None else due - ahead_of_us

    def confirm_clock(self) -> None:
        """Claim again after a person has confirmed that the wall clock is right."""
        self._watch.confirm()

    def idle(self) -> bool:
        """Whether nothing is in hand."""
        return self._line.idle

    def close(self) -> None:
        """Claim nothing more and wait for what is in flight; a publishing call's deadline bounds the wait."""
        self._closed = True
        # A tick under way may still put errands in, which are waited for with everything else.
        with self._ticking:
            pass
        self._line.close()

    def _work(self, agenda: Agenda, refused: str | None) -> TickSummary:
        deps, now = self._deps, agenda.now
        held = hold.hold_due(deps) if agenda.unconnected else 0
        if refused is not None or self._closed:
            # By a clock that was set, no lease has run out, and it is too early to ask about what is under way.
            return TickSummary(held=held, refused=refused)
        reaped = reaper.reap(deps) if agenda.lease is not None and agenda.lease <= now else 0
        asked = self._run_errand(RECONCILE) if agenda.in_doubt or reaped else 0
        withdrawn = self._run_errand(WITHDRAW) if agenda.withdrawing else 0
        # What has only just come to the end of its window still goes out: missing comes after claiming.
        due = agenda.claimable is not None and agenda.claimable <= now
        claimed = self._line.advance() if due or reaped or asked else 0
        handed = hand_over.hand_over_due(deps) if agenda.by_hand is not None else 0
        reminded, unconfirmed = hand_over.follow_up(deps) if agenda.unconfirmed else (0, 0)
        late = missed.mark_missed(deps) if agenda.may_be_missed else 0
        # What went out is looked at last: it can wait, what is due cannot.
        read_back = self._run_errand(READ_BACK) if agenda.read_back is not None and agenda.read_back <= now else 0
        return TickSummary(
            reaped=reaped,
            missed=late + unconfirmed,
            held=held,
            claimed=claimed,
            handed_over=handed,
            reminded=reminded,
            reconciled=asked,
            withdrawn=withdrawn,
            read_back=read_back,
        )

    def _may_claim(self, session: Session, now: datetime) -> bool:
        return self._watch.refusal(session, now) is None

    def _run_errand(self, errand: Errand) -> int:
        with self._deps.database.read() as session:
            now = instant(session, self._deps.clock)
            ripe = [row for row, at in self._waiting(errand, session) if at <= now]
        count = 0
        for delivery_id in ripe:
            if self._line.errand_room < 1:
                break
            with self._lock:
                if (errand.name, delivery_id) in self._asking:
                    continue
                self._asking.add((errand.name, delivery_id))
            self._line.start(partial(self._go, errand, delivery_id))
            count += 1
        return count

    def _waiting(self, errand: Errand, session: Session) -> list[tuple[int, datetime]]:
        """Return what waits for an errand; where it has just failed, it does not ask its network again at once."""
        waiting = errand.waiting(self._deps, session)
        with self._lock:
            again = dict(self._failed)
        return [(row, max(at, again.get((errand.name, row), at))) for row, at in waiting]

    def _go(self, errand: Errand, delivery_id: int) -> None:
        this, again = (errand.name, delivery_id), None
        try:
            with work_on(delivery=delivery_id):
                errand.run(self._deps, delivery_id)
        except Exception:
            log.exception("errand_failed", errand=errand.name, delivery=delivery_id)
            again = self._deps.clock.now() + _RUN_AGAIN
        finally:
            with self._lock:
                self._asking.discard(this)
                self._failed.pop(this, None)
                if again is not None:
                    self._failed[this] = again


def _errands(agenda: Agenda) -> list[Errand]:
    """Return the errands that something waits for, now or later."""
    wanted = (
        (RECONCILE, agenda.in_doubt),
        (WITHDRAW, agenda.withdrawing),
        (READ_BACK, agenda.read_back is not None),
    )
    return [errand for errand, is_wanted in wanted if is_wanted]
