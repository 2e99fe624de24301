"""One rig per platform: the adapter under contract, an account, and a look at what the other side holds."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import bluesky_double
import mastodon_double
from bluesky_double import BlueskyDouble
from mastodon_double import MastodonDouble
from real_pds import RealPds, Relay
from wire_double import LOST_AFTER, LOST_BEFORE, Answer, WireDouble

from app.clock import SystemClock
from app.composing.values import Part
from app.platforms.base import Connection, Platform, Sending, Via
from app.platforms.bluesky.adapter import BlueskyAdapter
from app.platforms.credentials import MemoryCredentials
from app.platforms.http import Outbound
from app.platforms.mastodon.adapter import MastodonAdapter
from app.platforms.mastodon.limits import PROFILE as MASTODON
from app.platforms.sandbox.adapter import SandboxAdapter
from app.platforms.sandbox.faults import Fault, Faults
from app.platforms.sandbox.feed import MemoryFeed

CLOCK = SystemClock()
_serial = itertools.count()


@dataclass
class Rig:
    """What the contract's tests drive."""

    adapter: Platform
    connection: Connection
    secrets: tuple[str, ...] = ()
    began: datetime = field(default_factory=lambda: CLOCK.now() - timedelta(seconds=1))

    def sending(self, text: str, *, seed: str | None = None, **places: Any) -> Sending:
        seed = seed or f"seed {next(_serial)}"
        part = Part(text, len(text))
        now = CLOCK.now()
        return Sending(
            self.adapter.mint(part, connection=self.connection, language="en-US", now=now, seed=seed), **places
        )

    def publish(self, sending: Sending, *, seconds: float = 20.0):
        return self.adapter.publish_part(sending, self.connection, deadline=CLOCK.monotonic() + seconds)

    def find(self, sending: Sending, *, since: datetime | None = None, taken: frozenset[str] = frozenset()):
        deadline = CLOCK.monotonic() + 20
        return self.adapter.find_part(
            sending, self.connection, since=since or self.began, taken=taken, deadline=deadline
        )

    def retract(self, ref):
        return self.adapter.retract_part(ref, self.connection, deadline=CLOCK.monotonic() + 20)

    def check(self):
        return self.adapter.check_account(self.connection, deadline=CLOCK.monotonic() + 20)

    # What the other side does and holds.
    def texts(self) -> list[str]: ...
    def parents(self) -> dict[str, str | None]: ...
    def lose(self, *, after: bool) -> None: ...
    def limit_rate(self) -> None: ...
    def refuse_token(self) -> None: ...
    def go_away(self) -> None: ...


class SandboxRig(Rig):
    def __init__(self) -> None:
        self.feed, self.faults = MemoryFeed(), Faults()
        connection = Connection("agency", "mastodon", Via.SANDBOX, MemoryCredentials())
        super().__init__(SandboxAdapter(MASTODON, self.feed, CLOCK, self.faults), connection)

    def texts(self) -> list[str]:
        return [post.text for post in self.feed.list()][::-1]

    def parents(self) -> dict[str, str | None]:
        posts = self.feed.list()
        by_id = {post.id: post.text for post in posts}
        return {post.text: by_id[post.parent_id] if post.parent_id else None for post in posts}

    def lose(self, *, after: bool) -> None:
        self.faults.plan("agency", Fault.UNKNOWN_ACCEPTED if after else Fault.UNKNOWN_LOST)

    def limit_rate(self) -> None:
        self.faults.plan("agency", Fault.RATE_LIMITED)

    def refuse_token(self) -> None:
        self.faults.plan("agency", Fault.SIGNED_OUT)

    def go_away(self) -> None:
        self.faults.plan("agency", Fault.UNREACHABLE)


class WireRig(Rig):
    double: WireDouble

    def lose(self, *, after: bool) -> None:
        self.double.faults.append(LOST_AFTER if after else LOST_BEFORE)

    def go_away(self) -> None:
        self.double.stop()


class MastodonRig(WireRig):
    def __init__(self, double: MastodonDouble) -> None:
        self.double = double
        secrets = {"token": mastodon_double.TOKEN}
        connection = Connection(
            "agency", "mastodon", Via.NETWORK, MemoryCredentials(secrets), double.url, mastodon_double.ACCOUNT
        )
        super().__init__(MastodonAdapter(Outbound(CLOCK, allow_private=True)), connection, tuple(secrets.values()))

    def texts(self) -> list[str]:
        return [status["_text"] for status in self.double.statuses]

    def parents(self) -> dict[str, str | None]:
        by_id = {s["id"]: s["_text"] for s in self.double.statuses}
        return {s["_text"]: by_id.get(s["in_reply_to_id"]) for s in self.double.statuses}

    def limit_rate(self) -> None:
        reset = (CLOCK.now() + timedelta(minutes=3)).isoformat().replace("+00:00", "Z")
        self.double.faults.append(Answer(429, {"error": "Too many requests"}, {"X-RateLimit-Reset": reset}))

    def refuse_token(self) -> None:
        self.connection.credentials.store({"token": "another-token-that-nobody-may-see-98765"})
        self.secrets = ("another-token-that-nobody-may-see-98765",)


def limited(seconds: int) -> Answer:
    reset = str(int(datetime.now(UTC).timestamp()) + seconds)
    return Answer(429, {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}, {"RateLimit-Reset": reset})


class BlueskyRig(WireRig):
    def __init__(self, double: BlueskyDouble) -> None:
        self.double = double
        secrets = {"identifier": "agency.test", "password": bluesky_double.PASSWORD}
        connection = Connection(
            "agency", "bluesky", Via.NETWORK, MemoryCredentials(secrets), double.url, double.did, "agency.test"
        )
        hidden = (bluesky_double.PASSWORD, bluesky_double.NEVER_SEEN)
        super().__init__(BlueskyAdapter(Outbound(CLOCK, allow_private=True)), connection, hidden)

    def texts(self) -> list[str]:
        return [record["text"] for record in self.double.records.values()]

    def parents(self) -> dict[str, str | None]:
        records = self.double.records
        uris = {bluesky_double.uri(self.double.did, rkey): record["text"] for rkey, record in records.items()}
        return {r["text"]: uris[r["reply"]["parent"]["uri"]] if "reply" in r else None for r in records.values()}

    def limit_rate(self) -> None:
        self.double.faults.append(limited(180))

    def refuse_token(self) -> None:
        self.double.expire_all()
        self.connection.credentials.store(self.connection.credentials.read() | {"password": "wxyz-wxyz-wxyz-wxyz"})
        self.secrets = (*self.secrets, "wxyz-wxyz-wxyz-wxyz")


class PdsRig(WireRig):
    def __init__(self, pds: RealPds, relay: Relay) -> None:
        self.pds, self.double = pds, relay
        handle = f"agency{next(_serial)}.test"
        made = pds.call(
            "POST",
            "com.atproto.server.createAccount",
            body={"handle": handle, "email": f"{handle}@example.test", "password": "main password"},
        )
        account = _json(made)
        password = _json(
            pds.call(
                "POST", "com.atproto.server.createAppPassword", token=account["accessJwt"], body={"name": "focusweek"}
            )
        )["password"]
        secrets = {"identifier": handle, "password": password}
        connection = Connection(
            "agency", "bluesky", Via.NETWORK, MemoryCredentials(secrets), relay.url, account["did"], handle
        )
        super().__init__(BlueskyAdapter(Outbound(CLOCK, allow_private=True)), connection, (password,))

    def _records(self) -> list[dict[str, Any]]:
        listed = self.pds.call(
            "GET",
            "com.atproto.repo.listRecords",
            repo=self.connection.remote_id,
            collection="app.bsky.feed.post",
            limit="100",
        )
        return _json(listed)["records"][::-1]

    def texts(self) -> list[str]:
        return [record["value"]["text"] for record in self._records()]

    def parents(self) -> dict[str, str | None]:
        records = self._records()
        uris = {r["uri"]: r["value"]["text"] for r in records}
        return {
            r["value"]["text"]: uris[r["value"]["reply"]["parent"]["uri"]] if "reply" in r["value"] else None
            for r in records
        }

    def limit_rate(self) -> None:
        self.double.faults.append(limited(180))

    def refuse_token(self) -> None:
        kept = self.connection.credentials.read()
        self.connection.credentials.store({"identifier": kept["identifier"], "password": "wxyz-wxyz-wxyz-wxyz"})
        self.secrets = (*self.secrets, "wxyz-wxyz-wxyz-wxyz")


def _json(answer: Answer) -> Any:
    assert answer.status == 200, answer.body
    return json.loads(answer.body)
