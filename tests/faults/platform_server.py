"""A process that is several networks' servers at once, each account's on a port of its own, with faults on every call.

Usage: platform_server.py CONFIG (JSON: `journal`, `seed`, `manners`, `ports`). It says its ports in one line of JSON
and then takes orders, one line of JSON each: `{"script": account, "call": kind, "faults": [...]}` for the next calls,
`{"rates": {kind: share}}` for faults drawn at random. It ends with its standard input.

All that was accepted is in the journal (append-only, synced) before anybody is answered; a new process with the same
journal goes on from there.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import socket
import sys
import threading
import time
from collections import defaultdict, deque
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.faults.platform_accounts import Account, Manner, Post, Request
from tests.faults.platform_faults import FOR_GOOD, LOOK, PUBLISH, RETRY_AFTER, Fault, answer, reset

#: How long a port refuses connections after the fault `down`, in seconds.
DOWN = 0.4
_LONGEST_HEAD = 65_536


class Journal:
    """What happened, line by line."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(self, kind: str, *, sync: bool = False, **values: Any) -> None:
        """Add a line; with `sync` it is on the disk when this returns."""
        line = json.dumps({"kind": kind, "written": time.time(), **values}) + "\n"
        with self._lock:
            os.write(self._file, line.encode())
            if sync:
                os.fsync(self._file)


class Faults:
    """Which fault the next call of an account meets: what was scripted, else what the dice say."""

    def __init__(self, seed: int) -> None:
        self.rates: dict[str, float] = {}
        self._scripts: defaultdict[tuple[str, str], deque[str | None]] = defaultdict(deque)
        self._dice: dict[str, random.Random] = {}
        self._seed = seed
        self._lock = threading.Lock()

    def script(self, account: str, call: str, faults: list[str | None]) -> None:
        with self._lock:
            self._scripts[account, call].extend(faults)

    def draw(self, account: str, call: str) -> tuple[str | None, Fault | None]:
        known = PUBLISH if call == "publish" else LOOK
        with self._lock:
            script = self._scripts[account, call]
            if script:
                name = script.popleft()
                return name, None if name is None else known[name]
            dice = self._dice.setdefault(account, random.Random(f"{self._seed}:{account}"))  # noqa: S311  # no secret
            if dice.random() >= self.rates.get(call, 0.0):
                return None, None
            name = dice.choice(sorted(set(known) - FOR_GOOD))
            return name, known[name]


class Server:
    """One account's server."""

    def __init__(self, account: Account, faults: Faults, journal: Journal, port: int = 0) -> None:
        self._account = account
        self._faults = faults
        self._journal = journal
        self._listener = self._listen(port)
        self.port: int = self._listener.getsockname()[1]
        self._up = threading.Event()
        self._up.set()

    @staticmethod
    def _listen(port: int) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(64)
        return listener

    def run(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                time.sleep(DOWN)
                self._listener = self._listen(self.port)
                self._up.set()
                continue
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _go_down(self) -> None:
        if self._up.is_set():
            self._up.clear()
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()

    def _serve(self, connection: socket.socket) -> None:
        # Whoever was killed or gave up is gone; that is the point of all this.
        with contextlib.suppress(OSError), connection:
            connection.settimeout(10)
            head = _read_head(connection)
            if head is None:
                return
            request, rest, length = head
            name, fault = self._faults.draw(self._account.manner.name, request.kind)
            key = request.headers.get("idempotency-key", "")
            if fault is not None and fault.stage != "all":
                self._note(request, name, key)
                if name == "down":
                    self._go_down()
                fault.act(connection, b"")
                return
            while len(rest) < length:
                more = connection.recv(65_536)
                if not more:
                    return
                rest += more
            request.body = rest
            self._note(request, name, key)
            honest = b"" if fault is not None and not fault.accepts and request.is_publishing else self._honest(request)
            if fault is None:
                connection.sendall(honest)
            else:
                fault.act(connection, honest)
                if name and name.startswith("limited"):
                    until = time.time() + RETRY_AFTER - 0.05  # as its clock says when the answer was made
                    self._journal.write("limited", account=self._account.manner.name, call=request.kind, until=until)

    def _honest(self, request: Request) -> bytes:
        account = self._account
        with account.lock:
            if request.is_publishing:
                (status, body), post = account.take(request)
                if post is not None:
                    self._journal.write("accepted", sync=True, **post.as_json())
            else:
                before = set(account.gone)
                status, body = account.answer(request)
                for post_id in account.gone - before:
                    self._journal.write("gone", sync=True, account=account.manner.name, id=post_id)
        return answer(status, body)

    def _note(self, request: Request, fault: str | None, key: str) -> None:
        self._journal.write(
            "call", account=self._account.manner.name, call=request.kind, path=request.path, fault=fault, key=key
        )


def _read_head(connection: socket.socket) -> tuple[Request, bytes, int] | None:
    read = b""
    while b"\r\n\r\n" not in read:
        more = connection.recv(65_536)
        if not more or len(read) > _LONGEST_HEAD:
            reset(connection)
            return None
        read += more
    head, _, rest = read.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Request(method, target, headers, b""), rest, int(headers.get("content-length", 0))


def _remembered(path: Path, manners: list[Manner]) -> dict[str, Account]:
    accounts = {manner.name: Account(manner, []) for manner in manners}
    for line in path.read_text().splitlines() if path.exists() else ():
        entry = json.loads(line)
        kind, _ = entry.pop("kind"), entry.pop("written")
        if kind == "accepted":
            accounts[entry["account"]].posts.append(Post(**entry))
        elif kind == "gone":
            accounts[entry["account"]].gone.add(entry["id"])
    return accounts


def main(config: dict[str, Any]) -> None:
    path = Path(config["journal"])
    accounts = _remembered(path, [Manner(**manner) for manner in config["manners"]])
    journal, faults = Journal(path), Faults(config["seed"])
    ports = config.get("ports") or {}
    servers = {name: Server(account, faults, journal, ports.get(name, 0)) for name, account in accounts.items()}
    for server in servers.values():
        threading.Thread(target=server.run, daemon=True).start()
    print(json.dumps({name: server.port for name, server in servers.items()}), flush=True)  # noqa: T201  # the scene reads it
    for line in sys.stdin:
        order = json.loads(line)
        if "script" in order:
            faults.script(order["script"], order["call"], order["faults"])
        faults.rates = order.get("rates", faults.rates)
        print("done", flush=True)  # noqa: T201  # the scene waits for it


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
