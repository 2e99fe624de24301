"""The first start as an operator meets it: a link on the terminal, a page, and nobody who could sign in before."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx

PASSWORD = "three words and a half"  # noqa: S105 - made for tests


@contextmanager
def serving(data: Path, *command: str) -> Iterator[tuple[httpx.Client, str | None]]:
    """Serve on a free port until it answers; gives a browser, and the link that was printed."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    log = data.parent / f"{port}.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "app.cli.main", *command, "--port", port],
            env=os.environ | {"FOCUSWEEK_DATA_DIR": str(data)}, stdout=stream, stderr=stream,
        )  # fmt: skip
    base = f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(base_url=base, headers={"origin": base}, trust_env=False, timeout=20) as browser:
            deadline = time.monotonic() + 60
            while True:
                try:
                    browser.get("/healthz").raise_for_status()
                    break
                except httpx.HTTPError:
                    assert process.poll() is None, log.read_text()
                    assert time.monotonic() < deadline, log.read_text()
                    time.sleep(0.05)
            found = re.search(rf"{base}/set-up\?token=\S+", log.read_text())
            yield browser, None if found is None else found[0]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    assert "Traceback" not in log.read_text()


class TestTheFirstStart:
    def test_prints_a_link_that_sets_the_service_up_until_somebody_has_followed_one(self, tmp_path: Path) -> None:
        data = tmp_path / "data"
        with serving(data, "serve") as (browser, older):
            assert older is not None
            assert browser.get(older).status_code == 200
            assert browser.get("/").headers["location"] == "/sign-in"
            assert "Nobody can sign in yet" in browser.get("/sign-in").text
        with serving(data, "serve") as (browser, newer):
            assert newer is not None
            # The same link at this start's address: it is void.
            assert browser.get(f"/set-up?{older.partition('?')[2]}").status_code == 404
            form = {
                "token": newer.partition("?token=")[2], "email": "first@agency.example", "password": PASSWORD,
                "organization": "Agency of Examples", "works_alone": "no", "name": "",
            }  # fmt: skip
            assert browser.post("/set-up", data=form).headers["location"] == "/"
            assert "first@agency.example" in browser.get("/").text
            kept = browser.cookies["focusweek_session"]
        with serving(data, "serve") as (browser, link):
            assert link is None
            # A restart signs nobody out.
            browser.cookies.set("focusweek_session", kept)
            assert browser.get("/").status_code == 200
            browser.cookies.clear()
            given = {"email": "first@agency.example", "password": PASSWORD, "next": "/sandbox"}
            assert browser.post("/sign-in", data=given).headers["location"] == "/sandbox"

    def test_of_the_demonstration_prints_one_as_well(self, tmp_path: Path) -> None:
        with serving(tmp_path / "data", "demo") as (browser, link):
            assert link is not None
            assert browser.get(link).status_code == 200
