"""Browsers for tests: clients that keep their cookies and send no token."""

from __future__ import annotations

import ssl
from collections.abc import Callable

import httpx
from api_client import Json
from users import PASSWORD

from app.web.cookies import COOKIE

_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

Browser = Callable[[], httpx.Client]


def browser_of(api: httpx.Client) -> httpx.Client:
    """Return a new browser on the API of this client."""
    return httpx.Client(base_url=str(api.base_url), verify=_NO_TLS)


def sign_in(browser: httpx.Client, email: str, password: str = PASSWORD) -> httpx.Response:
    """Sign in and keep the cookie."""
    return browser.post("/session", json={"email": email, "password": password})


def cookie(browser: httpx.Client) -> str:
    """Return the session's cookie that a browser carries."""
    return str(browser.cookies[COOKIE])


def me(browser: httpx.Client) -> Json:
    """Return who the service takes this browser for."""
    answer = browser.get("/me")
    assert answer.status_code == 200, answer.text
    body: Json = answer.json()
    return body


def carry(browser: httpx.Client, value: str) -> None:
    """Let a browser carry this cookie, as if it had been planted or stolen."""
    browser.cookies.clear()
    browser.cookies.set(COOKIE, value, domain="127.0.0.1", path="/")
