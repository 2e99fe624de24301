"""APScheduler, ticking. Rows are the truth: a tick that is lost costs one sleep, a doubled one finds nothing to do."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from app.clock import Clock
from app.delivery.engine import Engine
from app.services.chores import Chore

log = structlog.get_logger()

_JOB = "tick"
#: The pause after a tick that left something due, or failed: at first, and at most; it doubles in between.
_SHORTEST_BREATH = timedelta(milliseconds=10)
_LONGEST_BREATH = timedelta(seconds=0.5)
_FIRST_RETRY = timedelta(seconds=0.5)
#: How long past its time a tick may be before something is wrong.
_PATIENCE = timedelta(seconds=10)


class Ticker:
    """Ticks the engine at the next due instant, at the latest after `longest_sleep`, and at once when woken."""

    def __init__(self, engine: Engine, clock: Clock, *, longest_sleep: timedelta, chores: Sequence[Chore] = ()) -> None:
        self._engine = engine
        self._clock = clock
        self._longest_sleep = longest_sleep
        self._ticking = threading.Lock()
        self._woken = threading.Event()
        self._failing: str | None = None
        self._breath, self._retry = _SHORTEST_BREATH, _FIRST_RETRY
        self._last_tick = clock.monotonic()
        self._chores = chores
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            # Chores have a thread of their own, so that none of them keeps a post waiting.
            executors={"default": ThreadPoolExecutor(1), "chores": ThreadPoolExecutor(1)},
            # A tick that comes late is still wanted, and one that meets a running one is told so by the lock below.
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 3},
        )

    def start(self) -> None:
        """Begin to tick, the first time at once."""
        self._scheduler.start()
        self._plan(self._clock.now())
        for chore in self._chores:
            self._scheduler.add_job(
                partial(_do, chore),
                "interval",
                seconds=chore.every.total_seconds(),
                id=chore.name,
                executor="chores",
                max_instances=1,
                next_run_time=self._clock.now(),
            )

    def wake(self) -> None:
        """Say that something changed: the next tick comes at once. Returns at once; may be called from any thread."""
        self._woken.set()
        if self._scheduler.running:
            self._plan(self._clock.now())

    def stop(self) -> None:
        """Stop ticking; a tick under way is waited for."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def trouble(self) -> str | None:
        """Say what keeps posts from going out on time, or None: no ticks, failing ones, a clock that was set."""
        if not self._scheduler.running:
            return "The scheduler does not run."
        if self._clock.monotonic() - self._last_tick > (2 * self._longest_sleep + _PATIENCE).total_seconds():
            return "The scheduler has not ticked for too long."
        return self._failing

    def _tick(self) -> None:
        if not self._ticking.acquire(blocking=False):
            return
        try:
            self._woken.clear()
            self._failing = self._engine.tick().refused
            wait = self._wait_until(self._engine.next_due())
            self._retry = _FIRST_RETRY
        except Exception:
            # A tick must never end the ticking: what failed is tried again by the next one.
            log.exception("tick.failed")
            self._failing = "The last tick failed; the log says why."
            wait, self._retry = self._retry, min(2 * self._retry, self._longest_sleep)
        finally:
            self._last_tick = self._clock.monotonic()
            self._ticking.release()
        self._plan(self._clock.now() + wait)
        if self._woken.is_set():
            # Whoever woke us may have planned a tick just before this one was put in its place.
            self._plan(self._clock.now())

    def _wait_until(self, due: datetime | None) -> timedelta:
        wait = self._longest_sleep if due is None else min(due - self._clock.now(), self._longest_sleep)
        if wait > timedelta(0):
            self._breath = _SHORTEST_BREATH
            return wait
        # What is due and was left (its account is taken, say) must not make this a loop without a pause. What came
        # due during the tick, on the other hand, is not to wait for long.
        wait, self._breath = self._breath, min(2 * self._breath, _LONGEST_BREATH)
        return wait

    def _plan(self, instant: datetime) -> None:
        if self._scheduler.running:
            self._scheduler.add_job(self._tick, "date", run_date=instant, id=_JOB, replace_existing=True)


def _do(chore: Chore) -> None:
    try:
        chore.run()
    except Exception:
        # The next round tries again; a chore must never take the scheduler down.
        log.exception("chore_failed", chore=chore.name)
