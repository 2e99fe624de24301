"""A Mastodon server as its documentation describes it, as far as the adapter meets it."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from typing import Any

from wire_double import Answer, Call, WireDouble

TOKEN = "mastodon-token-that-nobody-may-see-0123456789"  # noqa: S105 - the double's own
ACCOUNT = "109000000000000001"


class MastodonDouble(WireDouble):
    """One account. Options stand for servers that speak the API in part."""

    def __init__(self) -> None:
        super().__init__()
        self.statuses: list[dict[str, Any]] = []
        self.keys: dict[str, dict[str, Any]] = {}
        self.honours_keys = True
        self.has_source = True
        self.instance: dict[str, dict[str, Any]] = {
            "/api/v2/instance": {
                "configuration": {"statuses": {"max_characters": 777, "characters_reserved_per_url": 23}}
            }
        }
        self.page_size = 40
        self.serial = 111

    def publishes(self, call: Call) -> bool:
        return (call.method, call.path) == ("POST", "/api/v1/statuses")

    def add(self, text: str, *, at: datetime | None = None, parent: str | None = None, **more: Any) -> dict[str, Any]:
        """Keep a status as if it had been posted."""
        self.serial += 1
        made = (at or datetime.now(UTC)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        status = {
            "id": str(self.serial),
            "url": f"https://mastodon.example/@agency/{self.serial}",
            "created_at": made,
            "content": as_html(text),
            "in_reply_to_id": parent,
            "reblog": None,
            "edited_at": None,
            "_text": text,
            **more,
        }
        self.statuses.append(status)
        return status

    def answer(self, call: Call) -> Answer:  # noqa: PLR0911 - one line for each call of the API
        if call.path in self.instance:
            return Answer(200, self.instance[call.path])
        if call.path.endswith("/instance"):
            return Answer(404, {"error": "Record not found"})
        if call.token != TOKEN:
            return Answer(401, {"error": f"The access token {call.token} is invalid"})
        if (call.method, call.path) == ("POST", "/api/v1/statuses"):
            return self._post(call)
        if call.path == "/api/v1/accounts/verify_credentials":
            return Answer(200, {"id": ACCOUNT, "username": "agency", "acct": "agency"})
        if call.path == f"/api/v1/accounts/{ACCOUNT}/statuses":
            return self._page(call)
        match = re.fullmatch(r"/api/v1/statuses/(\w+)(/source)?", call.path)
        status = next((s for s in self.statuses if match and s["id"] == match[1]), None)
        if match is None or status is None or (match[2] and not self.has_source):
            return Answer(404, {"error": "Record not found"})
        if call.method == "DELETE":
            self.statuses.remove(status)
        return Answer(200, {"id": status["id"], "text": status["_text"]} if match[2] else shown(status))

    def _post(self, call: Call) -> Answer:
        key = call.headers.get("idempotency-key", "")
        if self.honours_keys and key in self.keys:
            return Answer(200, shown(self.keys[key]))
        text, parent = call.body["status"], call.body.get("in_reply_to_id")
        if not text.strip() or len(text) > 777:
            return Answer(422, {"error": "Validation failed: Text character limit of 777 exceeded"})
        if parent is not None and not any(s["id"] == parent for s in self.statuses):
            return Answer(404, {"error": "Record not found"})
        self.keys[key] = self.add(text, parent=parent, language=call.body.get("language"))
        return Answer(200, shown(self.keys[key]))

    def _page(self, call: Call) -> Answer:
        newest = sorted(self.statuses, key=lambda s: int(s["id"]), reverse=True)
        below = [s for s in newest if int(s["id"]) < int(call.query.get("max_id", 1 << 62))]
        return Answer(200, [shown(s) for s in below[: min(self.page_size, int(call.query["limit"]))]])


def shown(status: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in status.items() if name != "_text"}


def as_html(text: str) -> str:
    """Return a text as Mastodon shows it: paragraphs, breaks, links with their scheme and tail hidden."""

    def link(match: re.Match[str]) -> str:
        scheme, rest = match[0].split("://", 1)
        return (
            f'<a href="{match[0]}" rel="nofollow"><span class="invisible">{scheme}://</span>'
            f'<span class="ellipsis">{rest[:30]}</span><span class="invisible">{rest[30:]}</span></a>'
        )

    escaped = re.sub(r"https?://[^\s<]+", link, html.escape(text, quote=False))
    escaped = re.sub(r"@(\w+)@[\w.]+", r'<span class="h-card"><a href="x">@<span>\1</span></a></span>', escaped)
    return "".join(f"<p>{p.replace(chr(10), '<br />')}</p>" for p in escaped.split("\n\n"))
