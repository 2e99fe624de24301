"""The real OpenID Connect provider of npm, and a browser that signs people in there."""

from __future__ import annotations

import importlib.util
import json
import re
import socket
import subprocess
import threading
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx

CONTRACT = Path(__file__).resolve().parent.parent
FOLDER = CONTRACT / "oidc"
START_SECONDS = 45  # one on an idle machine
#: Signs that must be encoded on the way, as real secrets have them.
SECRET = "a secret: 100% + more/than=enough"  # noqa: S105 - made for tests


def set_up() -> Any:
    """Return the set-up script as a module."""
    spec = importlib.util.spec_from_file_location("setup_node", CONTRACT / "setup_node.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class RealProvider:
    """The provider's process; it ends when its standard input is closed."""

    def __init__(self, node: Path, directory: Path, redirect_uri: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self._log = (directory / "provider.log").open("wb")
        self._process = subprocess.Popen(  # noqa: S603 - our own arguments
            [str(node), str(FOLDER / "start.mjs"), str(port), redirect_uri, SECRET],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )
        overdue = threading.Timer(START_SECONDS, self._process.kill)
        overdue.start()
        line = self._process.stdout.readline()
        overdue.cancel()
        if not line:
            self.close()
            raise RuntimeError(f"the provider did not start: {(directory / 'provider.log').read_text()[-2000:]}")
        self.issuer: str = json.loads(line)["issuer"]

    def close(self) -> None:
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        self._process.stdout.close()
        self._log.close()


def sign_in_there(url: str, login: str) -> str:
    """Sign somebody in at the provider, from the address that we sent them to; return where it sends them back."""
    with httpx.Client(timeout=20) as browser:
        address = url
        for _ in range(12):
            answer = browser.get(address)
            if answer.status_code == 200:
                form = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
                assert form is not None, answer.text
                prompt = "consent" if 'value="consent"' in answer.text else "login"
                fields = {"prompt": prompt} | ({"login": login, "password": "any"} if prompt == "login" else {})
                answer = browser.post(urljoin(address, form[1]), data=fields)
            assert answer.is_redirect, answer.text
            address = urljoin(address, answer.headers["location"])
            if not address.startswith(url.partition("/auth")[0]):
                return address
    raise AssertionError("the provider leads in circles")


def query_of(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))
