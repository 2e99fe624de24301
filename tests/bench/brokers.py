"""A RabbitMQ to measure on: the one that a variable names, one that runs here, or one started for the benchmark."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

VARIABLE = "FOCUSWEEK_BENCH_AMQP_URL"
_USUAL = "amqp://guest:guest@127.0.0.1:5672//"
#: Debian's command on the path only works as root or rabbitmq; this is the script behind it.
_SCRIPT = "/usr/lib/rabbitmq/bin/rabbitmq-server"
_START_SECONDS = 60
_GREETING = b"AMQP\x00\x00\x09\x01"


@contextlib.contextmanager
def rabbitmq() -> Iterator[tuple[str | None, str]]:
    """Give a broker's URL and what it is, or None and why there is none."""
    named = os.environ.get(VARIABLE)
    if named:
        yield named, f"RabbitMQ at {VARIABLE}"
    elif _answers(5672):
        yield _USUAL, "the RabbitMQ that runs here"
    else:
        command = _SCRIPT if Path(_SCRIPT).exists() else shutil.which("rabbitmq-server")
        if command is None:
            yield None, f"no RabbitMQ runs or is installed here (name one: {VARIABLE})"
        else:
            with _started(command) as url:
                yield url, "a RabbitMQ of the benchmark's own" if url else f"{command} did not start"


@contextlib.contextmanager
def _started(command: str) -> Iterator[str | None]:
    with tempfile.TemporaryDirectory(prefix="focusweek-rabbitmq-", ignore_cleanup_errors=True) as directory:
        port, node_port, names_port = _free_ports(3)
        environment = os.environ | _settings(directory, port, node_port) | {"ERL_EPMD_PORT": str(names_port)}
        with (Path(directory) / "output").open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - RabbitMQ's own script
                [command], env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )
        try:
            end = time.monotonic() + _START_SECONDS
            while not _answers(port) and process.poll() is None and time.monotonic() < end:
                time.sleep(0.2)
            yield f"amqp://guest:guest@127.0.0.1:{port}//" if _answers(port) else None
        finally:
            _stop(process, names_port)


def _settings(directory: str, port: int, node_port: int) -> Mapping[str, str]:
    return {
        "HOME": directory,
        "RABBITMQ_CONF_ENV_FILE": f"{directory}/none",
        "RABBITMQ_CONFIG_FILE": f"{directory}/rabbitmq",
        "RABBITMQ_NODENAME": f"bench{port}@localhost",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_DIST_PORT": str(node_port),
        "RABBITMQ_MNESIA_BASE": f"{directory}/mnesia",
        "RABBITMQ_LOG_BASE": f"{directory}/log",
        "RABBITMQ_ENABLED_PLUGINS_FILE": f"{directory}/plugins",
        "RABBITMQ_PID_FILE": f"{directory}/pid",
        "ERL_EPMD_ADDRESS": "127.0.0.1",
    }


def _stop(process: subprocess.Popen[bytes], names_port: int) -> None:
    if process.poll() is None:
        # The script's whole session is ours.
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    # Erlang's name server outlives the nodes; this one, on its own port, was started for ours.
    names = shutil.which("epmd")
    if names is not None:
        subprocess.run([names, "-port", str(names_port), "-kill"], capture_output=True, check=False)  # noqa: S603


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(_GREETING)
            return bool(connection.recv(8))
    except OSError:
        return False


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
