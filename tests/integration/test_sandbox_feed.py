from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from app.db import Database
from app.platforms.sandbox.feed import Feed, MemoryFeed, post_id
from app.services.sandbox_feed import DatabaseFeed

NOW = datetime(2027, 1, 5, 12, tzinfo=UTC)


@pytest.fixture(params=["memory", "database"])
def feed(request: pytest.FixtureRequest, database: Database) -> Feed:
    return MemoryFeed() if request.param == "memory" else DatabaseFeed(database)


def put(feed: Feed, key: str = "k1", text: str = "Hello.", account: str = "1/main", minutes: int = 0) -> str:
    post = feed.put(
        account=account,
        platform="x",
        key=key,
        text=text,
        created_at=NOW + timedelta(minutes=minutes),
        details={"language": "en"},
    )
    return post.id


class TestEveryFeed:
    def test_keeps_a_post_under_its_account_and_key(self, feed: Feed) -> None:
        made = put(feed)
        kept = feed.get("1/main", "k1")
        assert kept is not None
        assert (kept.id, kept.text, kept.created_at, kept.details) == (made, "Hello.", NOW, {"language": "en"})
        assert made == post_id("1/main", "k1")
        assert feed.by_id("1/main", made) == kept

    def test_keeps_the_first_post_under_a_key_and_no_second(self, feed: Feed) -> None:
        first = put(feed)
        assert put(feed, text="Another.", minutes=5) == first
        assert [post.text for post in feed.list()] == ["Hello."]

    def test_shows_no_account_anothers_posts(self, feed: Feed) -> None:
        mine = put(feed)
        assert put(feed, account="2/main") != mine
        assert feed.by_id("2/main", mine) is None
        assert feed.remove("2/main", mine) is False
        assert [post.account for post in feed.list("2/main")] == ["2/main"]

    def test_lists_the_newest_first_and_no_more_than_asked(self, feed: Feed) -> None:
        for i, minutes in enumerate([5, 20, 10, 20]):
            put(feed, key=f"k{i}", minutes=minutes)
        assert [post.key for post in feed.list(limit=3)] == ["k3", "k1", "k2"]

    def test_forgets_a_removed_post_and_takes_its_key_again(self, feed: Feed) -> None:
        made = put(feed)
        assert feed.remove("1/main", made) is True
        assert feed.get("1/main", "k1") is None
        assert feed.remove("1/main", made) is False
        assert put(feed, text="Again.") == made

    def test_takes_the_same_key_from_many_at_once_only_once(self, feed: Feed) -> None:
        with ThreadPoolExecutor(4) as pool:
            ids = {future.result() for future in [pool.submit(put, feed, text=f"Text {i}.") for i in range(8)]}
        assert ids == {post_id("1/main", "k1")}
        assert len(feed.list()) == 1


class TestDatabaseFeed:
    def test_outlives_the_process(self, database: Database) -> None:
        put(DatabaseFeed(database))
        assert [post.text for post in DatabaseFeed(database).list("1/main")] == ["Hello."]
