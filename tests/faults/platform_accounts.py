"""What a network keeps of one account, and how it answers an honest call: Mastodon's API and Bluesky's XRPC."""

from __future__ import annotations

import hashlib
import html
import json
import threading
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

COLLECTION = "app.bsky.feed.post"


@dataclass(frozen=True, slots=True)
class Manner:
    """How an account's server behaves for good. `list_status` is what its looking calls answer: 200, 404, 503."""

    name: str
    network: str = "mastodon"
    honours_keys: bool = True
    list_status: int = 200

    @property
    def can_tell(self) -> bool:
        """Whether the server can say if a post is out."""
        return self.list_status == 200


@dataclass(slots=True)
class Request:
    """One request as it was read."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.target).query).items()}

    def json(self) -> dict[str, Any]:
        return json.loads(self.body or b"{}")

    @property
    def is_publishing(self) -> bool:
        return self.method == "POST" and (self.path == "/api/v1/statuses" or self.path.endswith("repo.putRecord"))

    @property
    def kind(self) -> str:
        if self.is_publishing:
            return "publish"
        return "session" if "com.atproto.server." in self.path else "look"


@dataclass(slots=True)
class Post:
    """One post that was accepted."""

    account: str
    id: str
    key: str
    text: str
    parent: str | None
    at: float
    record: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


Answer = tuple[int, object]
_NOT_FOUND: Answer = (404, {"error": "Record not found"})


class Account:
    """One account on its own server. Thread-safe under `lock`."""

    def __init__(self, manner: Manner, posts: list[Post]) -> None:
        self.manner = manner
        self.posts = posts
        self.gone: set[str] = set()
        self.lock = threading.RLock()
        self._sessions = 0

    def take(self, request: Request) -> tuple[Answer, Post | None]:
        """Carry a publishing call out; the post is returned where a new one was made."""
        return self._status(request) if self.manner.network == "mastodon" else self._record(request)

    def answer(self, request: Request) -> Answer:
        """Answer every other call."""
        look = self._mastodon if self.manner.network == "mastodon" else self._bluesky
        return look(request)

    # Mastodon.

    def _status(self, request: Request) -> tuple[Answer, Post | None]:
        body, key = request.json(), request.headers.get("idempotency-key", "")
        if self.manner.honours_keys:
            for post in self.posts:
                if post.key == key:
                    return (200, self._shown(post)), None
        parent = body.get("in_reply_to_id")
        if parent is not None and self._post(parent) is None:
            return _NOT_FOUND, None
        post = self._new(str(1000 + len(self.posts)), key, body["status"], parent, body)
        return (200, self._shown(post)), post

    def _mastodon(self, request: Request) -> Answer:
        path, parts = request.path, request.path.split("/")
        if path == "/api/v1/accounts/verify_credentials":
            return 200, {"id": f"id-{self.manner.name}", "username": self.manner.name, "acct": self.manner.name}
        if path == "/api/v2/instance":
            limits = {"max_characters": 500, "characters_reserved_per_url": 23}
            return 200, {"configuration": {"statuses": limits}}
        if self.manner.list_status != 200:
            return self.manner.list_status, {"error": "This server has no such list."}
        if path.startswith("/api/v1/accounts/") and path.endswith("/statuses"):
            return 200, self._page(request.query)
        post = self._post(parts[4]) if path.startswith("/api/v1/statuses/") and len(parts) > 4 else None
        if post is None:
            return _NOT_FOUND
        if request.method == "DELETE":
            self.gone.add(post.id)
        shown = self._shown(post)
        return (200, {"id": post.id, "text": post.text}) if path.endswith("/source") else (200, shown)

    def _page(self, query: dict[str, str]) -> list[dict[str, Any]]:
        below = int(query.get("max_id", 10**12))
        there = [post for post in self.posts if post.id not in self.gone and int(post.id) < below]
        return [self._shown(post) for post in reversed(there)][: int(query.get("limit", 20))]

    def _shown(self, post: Post) -> dict[str, Any]:
        made = datetime.fromtimestamp(post.at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        content = "<p>" + html.escape(post.text).replace("\n\n", "</p><p>").replace("\n", "<br />") + "</p>"
        return {
            "id": post.id,
            "url": f"http://127.0.0.1/@{self.manner.name}/{post.id}",
            "created_at": made,
            "in_reply_to_id": post.parent,
            "content": content,
            "edited_at": None,
            "reblog": None,
        }

    # Bluesky.

    @property
    def did(self) -> str:
        """The account's identity."""
        return f"did:plc:{self.manner.name}"

    def _record(self, request: Request) -> tuple[Answer, Post | None]:
        body = request.json()
        if request.headers.get("authorization") != f"Bearer access-{self.manner.name}-{self._sessions}":
            return (400, {"error": "ExpiredToken", "message": "Token has expired"}), None
        uri, record = f"at://{self.did}/{COLLECTION}/{body['rkey']}", body["record"]
        there = self._post(uri)
        if there is not None:
            if there.record == record:
                return (200, self._named(there)), None
            return (400, {"error": "InvalidSwap", "message": "Record was at another cid"}), None
        parent = record.get("reply", {}).get("parent", {}).get("uri")
        post = self._new(uri, body["rkey"], record["text"], parent, record)
        return (200, self._named(post)), post

    def _bluesky(self, request: Request) -> Answer:
        call = request.path.rsplit("/", 1)[-1].rsplit(".", 1)[-1]
        if call in {"createSession", "refreshSession"}:
            self._sessions += 1
            tokens = {f"{kind}Jwt": f"{kind}-{self.manner.name}-{self._sessions}" for kind in ("access", "refresh")}
            return 200, {**tokens, "did": self.did, "handle": f"{self.manner.name}.test"}
        if call == "getSession":
            return 200, {"did": self.did, "handle": f"{self.manner.name}.test", "active": True}
        if call == "deleteRecord":
            self.gone.add(f"at://{self.did}/{COLLECTION}/{request.json()['rkey']}")
            return 200, {}
        return self._read(request) if call == "getRecord" else (501, {"error": "MethodNotImplemented", "message": call})

    def _read(self, request: Request) -> Answer:
        if self.manner.list_status != 200:
            return self.manner.list_status, {"error": "NotImplemented", "message": "This server has no such call."}
        post = self._post(f"at://{request.query['repo']}/{COLLECTION}/{request.query['rkey']}")
        if post is None:
            return 400, {"error": "RecordNotFound", "message": "Could not locate record"}
        return 200, {**self._named(post), "value": post.record}

    @staticmethod
    def _named(post: Post) -> dict[str, str]:
        digest = hashlib.sha256(json.dumps(post.record, sort_keys=True).encode()).hexdigest()
        return {"uri": post.id, "cid": f"bafyrei{digest[:40]}"}

    def _post(self, post_id: str) -> Post | None:
        return next((post for post in self.posts if post.id == post_id and post_id not in self.gone), None)

    def _new(self, post_id: str, key: str, text: str, parent: str | None, record: dict[str, Any]) -> Post:
        at = datetime.now(UTC).timestamp()
        post = Post(self.manner.name, post_id, key, text, None if parent is None else str(parent), at, record)
        self.posts.append(post)
        return post
