"""The feed that the sandbox publishes into. The contract tests hold for every implementation of `Feed`."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class FeedPost:
    """One post as the audience would see it.

    `details` is JSON-ready: `language`, and `links` and `hashtags` with their half-open spans in code points of
    the text, so that a page can make them clickable as the network would.
    """

    id: str
    account: str
    platform: str
    key: str
    text: str
    created_at: datetime
    parent_id: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


class Feed(Protocol):
    """Where sandbox posts are kept: by account (its slug or id, unique in the feed) and key. Thread-safe."""

    def put(
        self,
        *,
        account: str,
        platform: str,
        key: str,
        text: str,
        created_at: datetime,
        parent_id: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> FeedPost:
        """Keep a post, its id `post_id(account, key)`; a post already kept under that key is returned unchanged."""
        ...

    def get(self, account: str, key: str) -> FeedPost | None:
        """Return the post kept under (account, key), or None."""
        ...

    def by_id(self, account: str, post_id: str) -> FeedPost | None:
        """Return the account's post with this id, or None."""
        ...

    def remove(self, account: str, post_id: str) -> bool:
        """Delete a post; False where there was none."""
        ...

    def list(self, account: str | None = None, *, limit: int = 100) -> Sequence[FeedPost]:
        """Return the newest posts first, of one account or of all."""
        ...


def post_id(account: str, key: str) -> str:
    """Return the id of a post: the same for the same account and key, on every machine."""
    return hashlib.sha256(f"{account}\0{key}".encode()).hexdigest()[:20]


class MemoryFeed:
    """A feed that lives as long as the process: for rehearsals and tests."""

    def __init__(self) -> None:
        self._posts: dict[str, FeedPost] = {}
        self._lock = threading.Lock()

    def put(
        self,
        *,
        account: str,
        platform: str,
        key: str,
        text: str,
        created_at: datetime,
        parent_id: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> FeedPost:
        """Keep a post; where (account, key) is kept already, return that post unchanged."""
        post = FeedPost(post_id(account, key), account, platform, key, text, created_at, parent_id, dict(details or {}))
        with self._lock:
            return self._posts.setdefault(post.id, post)

    def get(self, account: str, key: str) -> FeedPost | None:
        """Return the post kept under (account, key), or None."""
        return self.by_id(account, post_id(account, key))

    def by_id(self, account: str, post_id: str) -> FeedPost | None:
        """Return the account's post with this id, or None."""
        with self._lock:
            post = self._posts.get(post_id)
        return post if post is not None and post.account == account else None

    def remove(self, account: str, post_id: str) -> bool:
        """Delete a post; False where there was none."""
        with self._lock:
            post = self._posts.get(post_id)
            if post is None or post.account != account:
                return False
            del self._posts[post_id]
            return True

    def list(self, account: str | None = None, *, limit: int = 100) -> Sequence[FeedPost]:
        """Return the newest posts first, of one account or of all; ties keep the order of arrival, reversed."""
        with self._lock:
            posts = [post for post in self._posts.values() if account is None or post.account == account]
        posts.reverse()
        return sorted(posts, key=lambda post: post.created_at, reverse=True)[:limit]
