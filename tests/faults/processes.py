"""The processes of a scene, as the scene speaks with them: one that forks workers, and the networks' servers."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


class Spoken:
    """A process that takes one line of JSON and answers with one."""

    def __init__(self, script: str, *arguments: str) -> None:
        command = [sys.executable, str(HERE / script), *arguments]
        self._process = subprocess.Popen(  # noqa: S603  # our own script
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HERE.parents[1]
        )

    def hear(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the process has ended"
        return json.loads(line) if line[0] in "{[-0123456789" else line.strip()

    def ask(self, order: dict[str, Any]) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self.hear()

    def kill(self) -> None:
        self._process.kill()
        self._let_go()

    def end(self) -> None:
        """Close its input, upon which it ends."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._let_go()

    def _let_go(self) -> None:
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()


class Zygote(Spoken):
    """Forks workers."""

    def __init__(self) -> None:
        super().__init__("zygote.py")

    def fork(self, **order: Any) -> Worker:
        return Worker(self, self.ask({"fork": order}))


class Worker:
    """One worker process. The zygote alone may wait for it, and so its id stays its own until `wait`."""

    def __init__(self, zygote: Zygote, pid: int) -> None:
        self._zygote = zygote
        self.pid = pid
        self.status: int | None = None

    def kill(self) -> int:
        return self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end, and wait until what it sends is sent."""
        return self._end(signal.SIGTERM)

    def freeze(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def say_where(self) -> None:
        """Have it write into its log where each of its threads is."""
        os.kill(self.pid, signal.SIGUSR1)

    def fill_disk(self, room: int) -> None:
        """Let no file of it grow beyond so many bytes."""
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))

    def free_disk(self) -> None:
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def _end(self, how: int) -> int:
        if self.status is None:
            os.kill(self.pid, how)
            self.status = int(self._zygote.ask({"wait": self.pid}))
        return self.status


class Networks(Spoken):
    """The networks' servers. They may be killed and started again: what they accepted is in their journal."""

    def __init__(self, journal: Path, seed: int, manners: list[dict[str, Any]]) -> None:
        self._config = {"journal": str(journal), "seed": seed, "manners": manners}
        self._rates: dict[str, float] = {}
        super().__init__("platform_server.py", json.dumps(self._config))
        self.ports: dict[str, int] = self.hear()

    def rates(self, **rates: float) -> None:
        """Let this share of the calls of each kind (publish, look, session) meet a fault."""
        self._rates = rates
        self.ask({"rates": rates})

    def script(self, account: str, call: str, *faults: str | None) -> None:
        """Say what the next calls of a kind meet."""
        self.ask({"script": account, "call": call, "faults": faults})

    def restart(self) -> None:
        """Kill them, and start them anew on the same ports with the same journal."""
        self.kill()
        config = {**self._config, "ports": self.ports, "seed": self._config["seed"] + 1}
        super().__init__("platform_server.py", json.dumps(config))
        self.hear()
        self.rates(**self._rates)
