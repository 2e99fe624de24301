"""Where the processor's time goes, over all threads that begin while it runs."""

from __future__ import annotations

import contextlib
import cProfile
import pstats
import re
import threading
import time
from collections.abc import Iterator


class ThreadsProfiler:
    """Profiles each new thread by the processor time that the thread itself uses, so that waits cost nothing."""

    def __init__(self) -> None:
        self._profiles: list[tuple[str, cProfile.Profile]] = []

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Profile threads that begin within; their profiles are whole when they have ended."""
        threading.setprofile(self._begin)
        try:
            yield
        finally:
            threading.setprofile(None)

    def _begin(self, *_event: object) -> None:
        profile = cProfile.Profile(time.thread_time)
        self._profiles.append((threading.current_thread().name, profile))
        # It takes this function's place as the thread's profiler.
        profile.enable()

    def print(self, lines: int, only: str = "") -> None:
        """Print the functions with the most processor time of their own, of threads whose name begins with `only`.

        Then follows what each kind of thread used; the threads of one pool are one kind.
        """
        total: pstats.Stats | None = None
        kinds: dict[str, float] = {}
        for name, profile in self._profiles:
            stats = pstats.Stats(profile)
            kind = re.sub(r"[-_ (]+\d.*", "", name)
            kinds[kind] = kinds.get(kind, 0.0) + stats.total_tt  # type: ignore[attr-defined]
            if name.startswith(only):
                total = stats if total is None else total.add(stats)
        if total is None:
            print("No such thread began.")  # noqa: T201  # a person reads it
            return
        total.sort_stats("tottime").print_stats(lines)
        for kind, seconds in sorted(kinds.items(), key=lambda item: -item[1]):
            print(f"{kind:24} {seconds:8.3f} s of processor time")  # noqa: T201
