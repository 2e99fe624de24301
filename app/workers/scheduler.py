"""APScheduler, ticking. Rows are the truth: a tick that is lost costs one sleep, a doubled one finds nothing to do."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from app.clock import Clock
from app.delivery.engine import Engine

log = structlog.get_logger()

_JOB = "tick"
_BREATH = timedelta(seconds=0.5)
#: How long past its time a tick may be before something is wrong.
_PATIENCE = timedelta(seconds=10)


class Ticker:
    """Ticks the engine at the next due instant, at the latest after `longest_sleep`, and at once when woken."""

    def __init__(self, engine: Engine, clock: Clock, *, longest_sleep: timedelta) -> None:
        self._engine = engine
        self._clock = clock
        self._longest_sleep = longest_sleep
        self._ticking = threading.Lock()
        self._woken = threading.Event()
        self._failing: str | None = None
        self._last_tick = clock.monotonic()
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(1)},
            # A tick that comes late is still wanted, and one that meets a running one is told so by the lock below.
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 3},
        )

    def start(self) -> None:
        """Begin to tick, the first time at once."""
        self._scheduler.start()
        self._plan(self._clock.now())

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
            due = self._engine.next_due()
        except Exception:
            # A tick must never end the ticking: what failed is tried again by the next one.
            log.exception("tick.failed")
            self._failing = "The last tick failed; the log says why."
            due = None
        finally:
            self._last_tick = self._clock.monotonic()
            self._ticking.release()
        now = self._clock.now()
        latest = now + self._longest_sleep
        if due is not None and due <= now:
            # What is due and was left (its account is taken, say) must not make this a loop without a pause.
            due = now + _BREATH
        self._plan(now if self._woken.is_set() else min(due or latest, latest))

    def _plan(self, instant: datetime) -> None:
        if self._scheduler.running:
            self._scheduler.add_job(self._tick, "date", run_date=instant, id=_JOB, replace_existing=True)
