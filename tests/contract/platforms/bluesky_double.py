"""A personal data server as its documentation describes it, as far as the adapter meets it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from wire_double import Answer, Call, WireDouble

DID = "did:plc:abcdefghijklmnopqrstuvwx"
PASSWORD = "abcd-efgh-ijkl-mnop"  # noqa: S105 - the double's own
NEVER_SEEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0."


class BlueskyDouble(WireDouble):
    """One account with sessions whose refresh tokens rotate and can be used once."""

    def __init__(self) -> None:
        super().__init__()
        self.records: dict[str, dict[str, Any]] = {}
        self.did = DID
        self.serial = 0
        self.access: set[str] = set()
        self.refresh: set[str] = set()
        self.session_answers: list[Answer] = []

    def publishes(self, call: Call) -> bool:
        return call.path.endswith("com.atproto.repo.putRecord")

    def expire_access(self) -> None:
        self.access.clear()

    def expire_all(self) -> None:
        self.access.clear()
        self.refresh.clear()

    def tokens(self) -> dict[str, str]:
        """Start a session and return it as a server would."""
        self.serial += 1
        access, refresh = (f"{NEVER_SEEN}{kind}-{self.serial}" for kind in ("access", "refresh"))
        self.access.add(access)
        self.refresh.add(refresh)
        return {"accessJwt": access, "refreshJwt": refresh, "did": self.did, "handle": "agency.test"}

    def answer(self, call: Call) -> Answer:  # noqa: C901, PLR0911 - one line for each call of the API
        name = call.path.removeprefix("/xrpc/")
        if name == "com.atproto.server.createSession":
            if self.session_answers:
                return self.session_answers.pop(0)
            if call.body != {"identifier": "agency.test", "password": PASSWORD}:
                return Answer(401, {"error": "AuthenticationRequired", "message": f"Bad password {call.body}"})
            return Answer(200, self.tokens())
        if name == "com.atproto.server.refreshSession":
            if self.session_answers:
                return self.session_answers.pop(0)
            if call.token not in self.refresh:
                return Answer(400, {"error": "ExpiredToken", "message": "Token has been revoked"})
            self.refresh.remove(call.token)
            return Answer(200, self.tokens())
        if name == "com.atproto.repo.getRecord":
            return self._get(call.query["rkey"])
        if call.token not in self.access:
            return Answer(400, {"error": "ExpiredToken", "message": f"Token {call.token} has expired"})
        if name == "com.atproto.server.getSession":
            return Answer(200, {"did": self.did, "handle": "agency.test", "active": True})
        if name == "com.atproto.repo.deleteRecord":
            self.records.pop(call.body["rkey"], None)
            return Answer(200, {})
        return self._put(call.body)

    def _put(self, body: dict[str, Any]) -> Answer:
        kept = self.records.get(body["rkey"])
        if kept is not None and kept != body["record"]:
            return Answer(400, {"error": "InvalidSwap", "message": f"Record was at {cid_of(kept)}"})
        self.records[body["rkey"]] = body["record"]
        return Answer(200, {"uri": uri(self.did, body["rkey"]), "cid": cid_of(body["record"])})

    def _get(self, rkey: str) -> Answer:
        record = self.records.get(rkey)
        if record is None:
            return Answer(400, {"error": "RecordNotFound", "message": "Could not locate record"})
        return Answer(200, {"uri": uri(self.did, rkey), "cid": cid_of(record), "value": record})


def uri(did: str, rkey: str) -> str:
    return f"at://{did}/app.bsky.feed.post/{rkey}"


def cid_of(record: dict[str, Any]) -> str:
    return "bafyrei" + hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:32]
