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
from app.errors import FocusweekError
from app.services.chores import Chore
from app.services.heartbeats import BEAT_FAILED, CLOCK, NOT_TICKING, TICK_FAILED, Pulse, Trouble, freshness

log = structlog.get_logger()

_JOB = "tick"
#: The pause after a tick that left something due, or failed: at first, and at most; it doubles in between.
_SHORTEST_BREATH = timedelta(milliseconds=10)
_LONGEST_BREATH = timedelta(seconds=0.5)
_FIRST_RETRY = timedelta(seconds=0.5)
#: How far past its time a tick is that was overslept.
_OVERSLEPT = timedelta(seconds=0.5)
#: When a heartbeat that the database did not take is written again, at the latest.
_BEAT_AGAIN = timedelta(seconds=5)


class Ticker:
    """Ticks the engine at the next due instant, at the latest after `longest_sleep`, and at once when woken.

    `pulse` is told at the end of each tick: a tick that hangs lets the heartbeat grow old.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        *,
        longest_sleep: timedelta,
        chores: Sequence[Chore] = (),
        pulse: Pulse | None = None,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._longest_sleep = longest_sleep
        self._ticking = threading.Lock()
        self._woken = threading.Event()
        self._pulse = pulse
        self._failing: Trouble | None = None
        self._unbeaten: Trouble | None = None
        self._breath, self._retry = _SHORTEST_BREATH, _FIRST_RETRY
        self._last_tick = clock.monotonic()
        self._chores = chores
        self._stopped = threading.Event()
        self._guard = threading.Thread(target=self._watch_over, name="ticker-guard", daemon=True)
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            # Chores have threads of their own: none of them keeps a post waiting, nor, be it a mail server that
            # hangs, another chore.
            executors={"default": ThreadPoolExecutor(1), "chores": ThreadPoolExecutor(max(len(chores), 1))},
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
                # Else the log would name it by the function's representation, with whatever that holds.
                name=chore.name,
                executor="chores",
                max_instances=1,
                next_run_time=self._clock.now(),
            )
        self._guard.start()

    def wake(self) -> None:
        """Say that something changed: the next tick comes at once. Returns at once; may be called from any thread."""
        if self._woken.is_set():
            # Whoever woke it before, since the last tick began, has planned the next one.
            return
        self._woken.set()
        if self._scheduler.running:
            self._plan(self._clock.now())

    def stop(self) -> None:
        """Stop ticking; a tick under way is waited for. The heartbeat ends as it should."""
        if not self._scheduler.running:
            return
        self._stopped.set()
        self._scheduler.shutdown(wait=True)
        self._guard.join()
        if self._pulse is not None:
            try:
                self._pulse.stop()
            except FocusweekError as error:
                log.warning("heartbeat_left_behind", reason=error.message)

    def trouble(self) -> Trouble | None:
        """Say what keeps posts from going out on time, or None: no ticks, failing ones, a clock that was set."""
        if not self._scheduler.running:
            return Trouble(NOT_TICKING, "This process's scheduler does not run.")
        silent = self._clock.monotonic() - self._last_tick
        if silent > freshness(self._longest_sleep).total_seconds():
            return Trouble(NOT_TICKING, f"This process's scheduler has not ended a tick for {silent:.0f} seconds.")
        return self._failing or self._unbeaten

    def _tick(self) -> None:
        if not self._ticking.acquire(blocking=False):
            return
        wait = self._retry
        try:
            self._woken.clear()
            due: datetime | None = None
            try:
                refused = self._engine.tick().refused
                due = self._engine.next_due()
                wait = self._wait_until(due)
                self._failing = None if refused is None else Trouble(CLOCK, refused)
                self._retry = _FIRST_RETRY
            except Exception:
                # A tick must never end the ticking: what failed is tried again by the next one.
                log.exception("tick_failed")
                self._failing = Trouble(TICK_FAILED, "This process's last tick failed; the log says why.")
                wait, self._retry = self._retry, min(2 * self._retry, self._longest_sleep)
            wait = min(wait, self._beat(due))
        finally:
            self._last_tick = self._clock.monotonic()
            self._ticking.release()
            # Whatever failed, be it the log: without this there would never be another tick.
            self._plan(self._clock.now() + wait)
        if self._woken.is_set():
            # Whoever woke us may have planned a tick just before this one was put in its place.
            self._plan(self._clock.now())

    def _watch_over(self) -> None:
        """Tick when it is long past time: APScheduler sleeps by the wall clock; one set back would keep it asleep."""
        longest = self._longest_sleep.total_seconds()
        while not self._stopped.wait(longest / 2):
            if self._clock.monotonic() - self._last_tick <= longest + _OVERSLEPT.total_seconds():
                continue
            if self._ticking.locked() or not self._scheduler.running:
                continue
            log.warning("ticks_overdue", seconds=round(self._clock.monotonic() - self._last_tick))
            now = datetime.now(UTC)
            self._plan(now)
            for chore in self._chores:
                self._scheduler.modify_job(chore.name, next_run_time=now)

    def _beat(self, due: datetime | None) -> timedelta:
        """Write the heartbeat; return after how long the next one is wanted at the latest."""
        if self._pulse is None:
            return self._longest_sleep
        try:
            wait = self._pulse.beat(due, self._failing)
        except FocusweekError as error:
            # A database that can be read only, say: a tick with nothing due does not notice.
            log.error("beat_failed", reason=error.message)  # noqa: TRY400  # it says all
            return self._unbeaten_because(f" {error.message}")
        except Exception:
            log.exception("beat_failed")
            return self._unbeaten_because("")
        self._unbeaten = None
        return wait

    def _unbeaten_because(self, why: str) -> timedelta:
        self._unbeaten = Trouble(BEAT_FAILED, f"The scheduler's heartbeat cannot be written.{why}")
        return min(_BEAT_AGAIN, self._longest_sleep)

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
