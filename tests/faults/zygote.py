"""A process that has imported everything and forks the processes that are to be killed: each starts in milliseconds.

It takes orders, one line of JSON each: `{"fork": {...}}` (what `house_process.run` takes; `files` is the largest file
it may write, `log` where its standard error goes) answers with the process's id, `{"wait": id}` with how it ended.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.faults import house_process


def _child(order: dict[str, Any]) -> None:
    status = 70
    try:
        log = os.open(order.pop("log"), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        nothing = os.open(os.devnull, os.O_RDWR)
        for source, target in ((nothing, 0), (nothing, 1), (log, 2)):
            os.dup2(source, target)
        status = house_process.run(**order)
    except BaseException:  # noqa: BLE001  # whatever it was, the log has it and the status says so
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def main() -> None:
    children: set[int] = set()
    for line in sys.stdin:
        order = json.loads(line)
        if "fork" in order:
            sys.stdout.flush()
            child = os.fork()
            if child == 0:
                _child(order["fork"])
            children.add(child)
            said: int = child
        else:
            _, status = os.waitpid(order["wait"], 0)
            children.discard(order["wait"])
            said = os.waitstatus_to_exitcode(status)
        print(said, flush=True)  # noqa: T201  # the scene waits for it
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    main()
