"""A guest's review, as their client does it: the link, the code from the letter, then the posts."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from alert_servers import Mailbox, free_port, mail_server, text_of
from api_client import Json, made, ok, refused
from api_token import ACTOR

CLEAN = "Help is there, day and night. Call 1-888-373-7888. #Partner2Prevent"
EMAIL = "counsel@partner.example"


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def settings_change(mailbox: Mailbox) -> Iterator[Json]:
    port = free_port()
    with mail_server(mailbox, port):
        yield {
            "smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none", "smtp_from": "f@agency.example",
        }  # fmt: skip


@pytest.fixture
def post(api: httpx.Client, campaign: Json) -> Json:
    """A post of the pack: nobody here has written it."""
    items = ok(api.get("/posts", params={"campaign_id": campaign["id"]}))["items"]
    return next(item for item in items if "[" not in item["text"])


@pytest.fixture
def invited(api: httpx.Client, post: Json) -> Json:
    body = {"email": EMAIL, "post_ids": [post["id"]], "may_decide": True, "name": "Counsel"}
    return made(api.post("/guest-reviews", json=body))


@pytest.fixture
def guest(api: httpx.Client, invited: Json) -> Iterator[httpx.Client]:
    """Somebody without a user, at the link."""
    base = f"{str(api.base_url).rstrip('/')}/guest/{invited['token']}"
    with httpx.Client(base_url=base, verify=False) as client:  # noqa: S501 - loopback, no TLS
        yield client


def come_in(guest: httpx.Client, mailbox: Mailbox) -> None:
    assert guest.post("/code").status_code == 204
    code = re.search(r"^\d{6}$", text_of(mailbox.letters[-1]), re.MULTILINE)
    assert code is not None
    entered = ok(guest.post("/session", json={"code": code[0]}))
    guest.cookies.clear()
    guest.headers["Focusweek-Guest-Session"] = entered["session"]


class TestAGuest:
    def test_comes_in_looks_comments_and_decides(
        self, api: httpx.Client, guest: httpx.Client, post: Json, mailbox: Mailbox
    ) -> None:
        door = ok(guest.get(str(guest.base_url).rstrip("/")))
        assert (door["email"], door["invited_by"], door["may_decide"]) == ("c…@partner.example", ACTOR, True)
        refused(guest.get("/posts"), 401, "not_signed_in")
        come_in(guest, mailbox)
        (shown,) = ok(guest.get("/posts"))["items"]
        assert shown["post_id"] == post["id"]
        at = f"/posts/{post['id']}"
        made(guest.post(f"{at}/comments", json={"text": "Fine by us."}))
        made(api.post(f"{at}/comments", json={"text": "Between ourselves."}))
        assert [one["text"] for one in ok(guest.get(f"{at}/comments"))["items"]] == ["Fine by us."]
        sets = [one for one in shown["sets"] if one["sendable"]]
        body = {
            "digests": [one["digest"] for one in sets],
            "acknowledged": [warning["key"] for one in sets for warning in one["warnings"]],
        }
        assert ok(guest.post(f"{at}/approve", json=body))["state"] == "approved"
        seen = ok(api.get(f"{at}/review"))
        assert {one["approval"]["approved_by"] for one in seen["sets"] if one["approval"]} == {f"guest: {EMAIL}"}

    def test_sees_no_other_post_and_nothing_else_of_the_api(
        self, api: httpx.Client, guest: httpx.Client, post: Json, mailbox: Mailbox
    ) -> None:
        come_in(guest, mailbox)
        other = post["id"] + 1
        refused(guest.post(f"/posts/{other}/comments", json={"text": "Hello."}), 404, "not_found")
        refused(guest.get(f"/posts/{other}/comments"), 404, "not_found")
        refused(guest.post(f"/posts/{other}/return", json={"reason": "No."}), 404, "not_found")
        refused(guest.get(f"{api.base_url}posts/{post['id']}"), 401, "not_signed_in")

    def test_whose_review_is_revoked_is_out_at_once(
        self, api: httpx.Client, guest: httpx.Client, invited: Json, mailbox: Mailbox
    ) -> None:
        come_in(guest, mailbox)
        assert api.delete(f"/guest-reviews/{invited['id']}").status_code == 204
        refused(guest.get("/posts"), 404, "not_found")
        (row,) = ok(api.get("/guest-reviews"))["items"]
        assert row["revoked"] is not None
        assert "token" not in row
        refused(api.delete(f"/guest-reviews/{invited['id']}"), 409, "conflict")

    def test_with_a_wrong_code_stays_out_and_is_slowed_down(self, guest: httpx.Client, mailbox: Mailbox) -> None:
        assert guest.post("/code").status_code == 204
        assert refused(guest.post("/code"), 429, "too_many_tries")
        wrong = "000000" if "000000" not in text_of(mailbox.letters[-1]) else "000001"
        for _ in range(5):
            refused(guest.post("/session", json={"code": wrong}), 403, "not_allowed")
        answer = guest.post("/session", json={"code": wrong})
        refused(answer, 429, "too_many_tries")
        assert int(answer.headers["Retry-After"]) > 0

    def test_a_letter_that_cannot_be_sent_is_said(self, guest: httpx.Client, mailbox: Mailbox) -> None:
        mailbox.refuse_letter = "554 no"
        refused(guest.post("/code"), 502, "network.unreachable")
