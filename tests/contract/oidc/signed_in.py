"""A person's way through a sign-in, step by step, so that a test can go wrong at each."""

from __future__ import annotations

import httpx
from real_provider import query_of, sign_in_there
from sqlalchemy import select

from app.bootstrap import House
from app.models import AuditEvent, User


class Visit:
    """One browser at our service."""

    def __init__(self, house: House, browser: httpx.Client) -> None:
        self.house = house
        self.browser = browser

    def begin(self, following: str = "") -> str:
        """Follow the link of the sign-in page; return where it leads."""
        answer = self.browser.get("/sign-in/openid", params={"next": following} if following else None)
        assert answer.status_code == 303, answer.text
        address: str = answer.headers["location"]
        return address

    def back(self, address: str, **changes: str) -> httpx.Response:
        """Come back from the provider."""
        return self.browser.get("/sign-in/openid/callback", params=query_of(address) | changes)

    def sign_in(self, login: str, following: str = "") -> httpx.Response:
        return self.back(sign_in_there(self.begin(following), login))

    def me(self) -> httpx.Response:
        """Ask who we are, as the page's session has it."""
        return self.browser.get("/api/v1/me")

    def user(self, email: str) -> User | None:
        with self.house.database.read() as session:
            return session.scalars(select(User).where(User.email == email)).first()

    def trail(self, action: str) -> list[AuditEvent]:
        with self.house.database.read() as session:
            return list(session.scalars(select(AuditEvent).where(AuditEvent.action == action)))


def refused(answer: httpx.Response, words: str, status: int = 401) -> None:
    """Expect the sign-in page again, with what was wrong."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert words in answer.text
    assert "focusweek_session" not in answer.headers.get("set-cookie", "")
