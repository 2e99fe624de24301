"""A look with a deadline: whoever asks gets an answer in time, however long the database takes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class Bounded(Generic[T]):
    """Runs `look` in a thread of its own, never twice at a time: who asks meanwhile shares its result.

    A look that hangs takes one thread, however often is asked; that thread does not keep the process from ending.
    """

    def __init__(self, look: Callable[[], T], *, name: str) -> None:
        self._look = look
        self._name = name
        self._lock = threading.Lock()
        self._under_way: Future[T] | None = None

    def begin(self) -> Future[T]:
        """Begin a look, or join the one under way. Wait for its result with a deadline."""
        with self._lock:
            if self._under_way is not None:
                return self._under_way
            self._under_way = future = Future[T]()
            # One that runs cannot be cancelled: who no longer waits must not take the result from the others.
            future.set_running_or_notify_cancel()
        # Not an executor's thread: Python waits for those at its end, and this one may hang for long.
        threading.Thread(target=self._run, args=(future,), name=self._name, daemon=True).start()
        return future

    def within(self, seconds: float) -> T:
        """Return the look's result.

        Raises:
            TimeoutError: There is none after so many seconds.
        """
        return self.begin().result(seconds)

    def _run(self, future: Future[T]) -> None:
        try:
            result = self._look()
        except BaseException as error:  # noqa: BLE001  # it is raised where the result is asked for
            self._ended()
            future.set_exception(error)
        else:
            self._ended()
            future.set_result(result)

    def _ended(self) -> None:
        # Before the result is given: who asks from then on wants a new look.
        with self._lock:
            self._under_way = None
