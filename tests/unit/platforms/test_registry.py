from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.clock import SystemClock, VirtualClock
from app.composing.values import Part
from app.errors import NotAllowed, UnknownPlatform
from app.platforms.base import Connection, Sending, Via
from app.platforms.bluesky.adapter import BlueskyAdapter
from app.platforms.by_hand.adapter import ByHandAdapter
from app.platforms.credentials import MemoryCredentials
from app.platforms.http import Outbound
from app.platforms.mastodon.adapter import MastodonAdapter
from app.platforms.registry import NETWORKS, Platforms, network
from app.platforms.results import AuthNeeded, NotFound, Permanent, Published, Retryable, Unknown
from app.platforms.sandbox.adapter import SandboxAdapter
from app.platforms.sandbox.faults import Fault, Faults
from app.platforms.sandbox.feed import MemoryFeed, post_id

NOW = datetime(2027, 1, 1, 14, 0, tzinfo=UTC)


@pytest.fixture
def platforms() -> Platforms:
    clock = SystemClock()
    return Platforms(Outbound(clock), clock, MemoryFeed())


class TestNetworks:
    def test_are_these_and_each_knows_its_own_slug(self) -> None:
        assert set(NETWORKS) == {
            "x", "bluesky", "mastodon", "threads", "linkedin", "facebook", "instagram", "discord", "telegram",
        }  # fmt: skip
        assert all(entry.profile.slug == slug for slug, entry in NETWORKS.items())

    @pytest.mark.parametrize("slug", ["", "twitter", "X", "blue sky", "mastodn", "../x"])
    def test_that_are_unknown_are_answered_with_the_known_ones(self, slug) -> None:
        with pytest.raises(UnknownPlatform) as caught:
            network(slug)
        assert all(known in caught.value.message for known in NETWORKS)

    def test_that_are_nearly_right_are_guessed(self) -> None:
        with pytest.raises(UnknownPlatform) as caught:
            network("Mastodn")
        assert "mastodon" in caught.value.hint


class TestAdapters:
    @pytest.mark.parametrize("slug", NETWORKS)
    def test_are_there_for_every_network_in_the_sandbox_and_by_hand(self, platforms, slug) -> None:
        connection = Connection("a", slug, Via.SANDBOX, MemoryCredentials())
        for via, kind in ((Via.SANDBOX, SandboxAdapter), (Via.BY_HAND, ByHandAdapter)):
            adapter = platforms.adapter(slug, via)
            assert isinstance(adapter, kind)
            assert adapter.profile(connection) == NETWORKS[slug].profile

    def test_speak_the_apis_that_are_spoken(self, platforms) -> None:
        assert isinstance(platforms.adapter("mastodon", Via.NETWORK), MastodonAdapter)
        assert isinstance(platforms.adapter("bluesky", Via.NETWORK), BlueskyAdapter)

    @pytest.mark.parametrize("slug", sorted(set(NETWORKS) - {"mastodon", "bluesky"}))
    def test_that_come_later_say_what_to_do_meanwhile(self, platforms, slug) -> None:
        with pytest.raises(NotAllowed) as caught:
            platforms.adapter(slug, Via.NETWORK)
        assert "by_hand" in caught.value.hint
        assert "sandbox" in caught.value.hint


class TestScriptedFaults:
    @pytest.mark.parametrize(
        ("fault", "kind", "out"),
        [
            (Fault.REFUSED, Permanent, 0),
            (Fault.RATE_LIMITED, Retryable, 0),
            (Fault.UNREACHABLE, Retryable, 0),
            (Fault.SIGNED_OUT, AuthNeeded, 0),
            (Fault.UNKNOWN_LOST, Unknown, 0),
            (Fault.UNKNOWN_ACCEPTED, Unknown, 1),
            (None, Published, 1),
        ],
    )
    def test_happen_once_in_the_order_planned(self, fault, kind, out) -> None:
        clock, feed, faults = VirtualClock(NOW), MemoryFeed(), Faults()
        adapter = SandboxAdapter(network("x").profile, feed, clock, faults)
        connection = Connection("a", "x", Via.SANDBOX, MemoryCredentials())
        faults.plan("a", fault)
        faults.plan("other", Fault.REFUSED)
        sending = Sending(adapter.mint(Part("Text", 4), connection=connection, language="en", now=NOW, seed="s"))
        assert isinstance(adapter.publish_part(sending, connection, deadline=1.0), kind)
        assert len(feed.list()) == out
        found = adapter.find_part(sending, connection, since=NOW, taken=frozenset(), deadline=1.0)
        assert isinstance(found, NotFound) == (out == 0)
        assert isinstance(adapter.publish_part(sending, connection, deadline=1.0), Published)
        assert len(feed.list()) == 1


class TestSandboxLimits:
    @pytest.mark.parametrize("slug", NETWORKS)
    def test_are_the_networks_own(self, platforms, slug) -> None:
        adapter, limit = platforms.adapter(slug, Via.SANDBOX), NETWORKS[slug].profile.limit
        connection = Connection("a", slug, Via.SANDBOX, MemoryCredentials())
        for text, kind in (("a" * limit, Published), ("a" * (limit + 1), Permanent)):
            minted = adapter.mint(Part(text, len(text)), connection=connection, language="en", now=NOW, seed=text)
            deadline = SystemClock().monotonic() + 5
            assert isinstance(adapter.publish_part(Sending(minted), connection, deadline=deadline), kind)

    def test_refuse_a_thread_where_the_network_has_none(self, platforms) -> None:
        slug = next(slug for slug, entry in NETWORKS.items() if not entry.profile.has_threads)
        adapter = platforms.adapter(slug, Via.SANDBOX)
        connection = Connection("a", slug, Via.SANDBOX, MemoryCredentials())
        deadline = SystemClock().monotonic() + 5

        def sending(seed: str, **more) -> Sending:
            minted = adapter.mint(Part("Text", 4), connection=connection, language="en", now=NOW, seed=seed)
            return Sending(minted, **more)

        first = adapter.publish_part(sending("1"), connection, deadline=deadline)
        second = adapter.publish_part(
            sending("2", index=1, root=first.ref, parent=first.ref), connection, deadline=deadline
        )
        assert isinstance(second, Permanent)


class TestTheFeed:
    def put(self, feed: MemoryFeed, account: str, key: str, text: str = "Text", at: datetime = NOW):
        return feed.put(account=account, platform="x", key=key, text=text, created_at=at)

    def test_keeps_the_first_under_a_key(self) -> None:
        feed = MemoryFeed()
        first = self.put(feed, "a", "k")
        assert self.put(feed, "a", "k", "Another") == first
        assert feed.get("a", "k") == first
        assert first.id == post_id("a", "k")

    def test_keeps_accounts_apart(self) -> None:
        feed = MemoryFeed()
        post = self.put(feed, "a", "k")
        assert feed.get("b", "k") is None
        assert feed.by_id("b", post.id) is None
        assert not feed.remove("b", post.id)
        assert self.put(feed, "b", "k").id != post.id

    def test_lists_the_newest_first(self) -> None:
        feed = MemoryFeed()
        for number, key in enumerate("cab"):
            self.put(feed, "a", key, at=NOW.replace(hour=number))
        self.put(feed, "a", "d", at=NOW.replace(hour=2))
        assert [post.key for post in feed.list("a")] == ["d", "b", "a", "c"]
        assert [post.key for post in feed.list(limit=1)] == ["d"]

    def test_forgets_what_was_removed(self) -> None:
        feed = MemoryFeed()
        post = self.put(feed, "a", "k")
        assert feed.remove("a", post.id)
        assert not feed.remove("a", post.id)
        assert feed.get("a", "k") is None
