"""One cycle of the soak: what is done to the workers and to what they stand on, before one of them is killed."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable

from tests.faults.house_scene import Scene
from tests.faults.processes import Worker
from tests.faults.storage import Storage

#: Seconds: longer than the send lease, and than deadline and settle time together.
FROZEN = 1.8
LONGEST = 0.9


class Harm:
    """Draws what happens from a seeded die."""

    def __init__(self, scene: Scene, dice: random.Random) -> None:
        self._scene = scene
        self._dice = dice
        self._storage = Storage(scene.url)
        self.kills = 0
        kinds: list[tuple[str, int, Callable[[], None]]] = [
            ("a kill", 60, self._kill),
            ("two schedulers", 10, self._two),
            ("a frozen worker", 5, self._freeze),
            ("a locked database", 4, self._lock),
            ("restarted networks", 5, self._restart),
            ("a reconnected account", 4, self._refuse),
        ]
        if not self._storage.is_sqlite:
            kinds += [("broken connections", 10, self._break), ("a read-only database", 2, self._read_only)]
        elif sys.platform == "linux":
            kinds.append(("a full disk", 10, self._fill))
        self._kinds = kinds

    def cycle(self) -> str:
        """Do one thing, and kill; return its name."""
        ((name, _, act),) = self._dice.choices(self._kinds, weights=[weight for _, weight, _ in self._kinds])
        act()
        # Whoever ended the workers' connections has ended this process's, too.
        self._scene.house.database.dispose()
        return name

    def _wait(self, longest: float = LONGEST) -> None:
        time.sleep(self._dice.uniform(0.03, longest))

    def _end(self, *workers: Worker) -> None:
        for worker in workers:
            worker.kill()
            self.kills += 1

    def _kill(self) -> None:
        worker = self._scene.worker()
        self._wait()
        self._end(worker)

    def _two(self) -> None:
        workers = [self._scene.worker(), self._scene.worker()]
        self._wait()
        for worker in workers:
            self._end(worker)
            self._wait(0.3)

    def _freeze(self) -> None:
        frozen = self._scene.worker()
        self._wait()
        frozen.freeze()
        beside = self._scene.worker()
        time.sleep(FROZEN)
        frozen.thaw()
        self._wait(0.4)
        self._end(frozen, beside)

    def _lock(self) -> None:
        worker = self._scene.worker()
        self._wait(0.4)
        self._storage.hold_lock(self._dice.uniform(0.1, 2.0))
        self._wait(0.4)
        self._end(worker)

    def _restart(self) -> None:
        worker = self._scene.worker()
        self._wait(0.5)
        self._scene.networks.restart()
        self._wait(0.5)
        self._end(worker)

    def _refuse(self) -> None:
        account = self._dice.choice(self._scene.manners).name
        self._scene.networks.script(account, "publish", "refused_token")
        worker = self._scene.worker()
        self._wait()
        self._scene.reconnect()
        self._wait(0.3)
        self._end(worker)

    def _break(self) -> None:
        worker = self._scene.worker()
        for _ in range(3):
            self._wait(0.3)
            self._storage.break_connections(self._dice, share=0.6)
        self._wait(0.3)
        self._end(worker)

    def _read_only(self) -> None:
        worker = self._scene.worker()
        self._wait(0.5)
        with self._storage.read_only(self._dice):
            self._wait(0.5)
        self._wait(0.5)
        self._end(worker)

    def _fill(self) -> None:
        worker = self._scene.worker()
        self._wait(0.5)
        worker.fill_disk(0)
        self._wait(0.5)
        if self._dice.random() < 0.5:
            worker.free_disk()
            self._wait(0.4)
        self._end(worker)
