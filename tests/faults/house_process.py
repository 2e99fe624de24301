"""The process that is killed: the house and its scheduler as `focusweek serve` runs them, without the web."""

from __future__ import annotations

import faulthandler
import os
import signal
import struct
import sys
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from app.bootstrap import House, open_house
from app.clock import SystemClock
from app.delivery.options import EngineOptions
from app.errors import FocusweekError
from app.logs import set_up_logs
from app.settings import read_settings
from app.workers.scheduler import Ticker

#: Times that make a test short. Deadline and settle together stay below the time that a test freezes a process.
TIMES = {
    "FOCUSWEEK_PUBLISH_DEADLINE_SECONDS": "1.0",
    "FOCUSWEEK_DISPATCH_LEASE_SECONDS": "1.2",
    "FOCUSWEEK_SEND_LEASE_SECONDS": "1.5",
    "FOCUSWEEK_SETTLE_SECONDS": "0.2",
    "FOCUSWEEK_TICK_SECONDS": "1.0",
    "FOCUSWEEK_ALLOW_PRIVATE_TARGETS": "true",
    "FOCUSWEEK_LOG_LEVEL": "ERROR",
}
#: What no setting shortens. Each kill can cost an attempt, and most of these tests are not about the budget.
OPTIONS: dict[str, Any] = {
    "attempts_budget": 200,
    "retry_first": timedelta(seconds=0.1),
    "retry_longest": timedelta(seconds=0.5),
    "looks_budget": 12,
    "look_first": timedelta(seconds=0.1),
    "look_longest": timedelta(seconds=0.5),
    "circuit_first": timedelta(seconds=0.2),
    "circuit_longest": timedelta(seconds=0.6),
    "account_rest_first": timedelta(seconds=0.2),
    "account_rest_longest": timedelta(seconds=0.6),
    "read_backs_budget": 0,
    "catch_up_gap": timedelta(0),
}
#: The exit status of a process whose database did not let it begin.
NO_DATABASE = 75


class ShiftedClock(SystemClock):
    """The machine's clock as somebody has set it: a file holds by how many seconds (a double) it is off."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDONLY)

    def now(self) -> datetime:
        (seconds,) = struct.unpack("d", os.pread(self._file, 8, 0))
        return super().now() + timedelta(seconds=seconds)


def shift(path: Path, seconds: float) -> None:
    """Set the clock whose file this is."""
    # In one write, for whoever reads at this moment.
    file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    os.pwrite(file, struct.pack("d", seconds), 0)
    os.close(file)


def run(environment: dict[str, str], *, clock: str | None = None) -> int:
    """Run until SIGTERM; return the exit status. `clock` names a shifted clock's file."""
    os.environ.update(TIMES | environment)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    faulthandler.register(signal.SIGUSR1)
    settings = read_settings()
    set_up_logs(settings.log_level)
    try:
        house = open_house(
            settings,
            clock=None if clock is None else ShiftedClock(Path(clock)),
            options=replace(EngineOptions.from_settings(settings), **OPTIONS),
        )
    except FocusweekError as error:
        print(error, file=sys.stderr)  # noqa: T201  # as the command line does
        return NO_DATABASE
    try:
        if clock is None:
            _tick_as_served(house, stop)
        else:
            _tick_by_hand(house, stop)
    finally:
        house.close()
    return 0


def _tick_as_served(house: House, stop: threading.Event) -> None:
    ticker = Ticker(
        house.engine,
        house.clock,
        longest_sleep=timedelta(seconds=house.settings.tick_seconds),
        chores=house.chores,
    )
    house.on_change(ticker.wake)
    house.engine.notify_free(ticker.wake)
    ticker.start()
    # A wait without end would keep the signal's handler from running.
    while not stop.wait(0.1):
        pass
    ticker.stop()


def _tick_by_hand(house: House, stop: threading.Event) -> None:
    """Tick without APScheduler, whose own clock nobody here can set."""
    while not stop.wait(0.02):
        try:
            house.engine.tick()
        except FocusweekError as error:
            print(error, file=sys.stderr)  # noqa: T201  # the next tick goes on
