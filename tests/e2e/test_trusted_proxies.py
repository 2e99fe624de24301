"""Whose word counts for where a request came from: a trusted proxy's, and nobody else's."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from socket import socket

import httpx
import pytest
from sqlalchemy import select

from app.db import Database
from app.models import AuditEvent

THEIRS = "203.0.113.9"


@contextmanager
def served(data: Path, **environment: str) -> Iterator[str]:
    with closing(socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "app.cli.main", "serve", "--port", str(port)],
        env=os.environ | {"FOCUSWEEK_DATA_DIR": str(data)} | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def failed_sign_in(base: str, forwarded: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            answer = httpx.post(
                f"{base}/api/v1/session",
                json={"email": "nobody@agency.example", "password": "no password of anybody"},
                headers={"X-Forwarded-For": forwarded},
                trust_env=False,
                timeout=20,
            )
        except httpx.ConnectError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            assert answer.status_code == 401, answer.text
            return


def origins(data: Path) -> list[str]:
    database = Database(f"sqlite:///{data / 'focusweek.sqlite3'}")
    try:
        with database.read() as session:
            return list(session.scalars(select(AuditEvent.origin).where(AuditEvent.action == "sign_in_failed")))
    finally:
        database.dispose()


@pytest.mark.parametrize(
    ("trusted", "forwarded", "noted"),
    [
        ("", THEIRS, "127.0.0.1"),
        ("127.0.0.1", THEIRS, THEIRS),
        # Whoever asks may write more before it; the last one is what the proxy itself saw.
        ("127.0.0.1,10.0.0.0/8", f"198.51.100.1, {THEIRS}, 10.0.0.1", THEIRS),
        ("127.0.0.1", "no address at all", ""),
    ],
)
def test_what_goes_on_record_as_the_origin(tmp_path: Path, trusted: str, forwarded: str, noted: str) -> None:
    with served(tmp_path, FOCUSWEEK_TRUSTED_PROXIES=trusted) as base:
        failed_sign_in(base, forwarded)
    assert origins(tmp_path) == [noted]
