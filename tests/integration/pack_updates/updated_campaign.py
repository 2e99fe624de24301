"""A campaign made of a small pack, and ways to make a new version of it."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from app.bootstrap import House
from app.models import Campaign, Post
from app.packs.reading import parse_pack
from app.packs.schema import Pack
from app.services.posts import change_post

CONTENT: dict[str, Any] = {
    "schema_version": 1,
    "key": "pool-safety",
    "version": "1",
    "title": "Pool Safety Week",
    "issuer": "Department of Health",
    "time_zone": "America/Chicago",
    "window": {"starts_on": "05-20", "ends_on": "06-02"},
    "weeks": [
        {"number": 1, "title": "Everyone", "starts_on": "05-20", "ends_on": "05-26"},
        {"number": 2, "title": "Lifeguards", "starts_on": "05-27", "ends_on": "06-02"},
    ],
    "hashtags": {"limit": 2, "primary": "PoolSafety"},
    "contact": {
        "name": "Water Line",
        "voice": {"value": "1-202-555-0142"},
        "website": {"value": "water.example.org"},
    },
    "mention_forms": {"en": ["Water Line: 1-202-555-0142"]},
    "posts": [
        {"key": "close", "week": 1, "text": "Keep an adult within reach of the water. #PoolSafety"},
        {
            "key": "gate",
            "week": 1,
            "section": "Home",
            "text": "Close the gate: water.example.org/gate #PoolSafety",
            "links": [{"visible": "water.example.org/gate", "target": "https://water.example.org/gate"}],
            "pins": ["05-21"],
        },
        {"key": "learn", "week": 2, "text": "Learn to swim. #PoolSafety", "variants": {"x": "Swim! #PoolSafety"}},
        {"key": "drill", "week": 2, "text": "Drill every month. #PoolSafety"},
    ],
}


def version(number: str = "2", **posts: dict[str, Any] | None) -> Pack:
    """A version of the pack: by post key what is different of it, or None where it is gone."""
    content = deepcopy(CONTENT) | {"version": number}
    held = {post["key"]: post for post in content["posts"]}
    for key, change in posts.items():
        if change is None:
            del held[key]
        else:
            held[key] = held.get(key, {"key": key}) | change
    return parse_pack(json.dumps(content | {"posts": list(held.values())}), "pack.json")


def with_contact(number: str) -> Pack:
    content = deepcopy(CONTENT) | {"version": "2"}
    content["contact"]["voice"]["value"] = number
    content["mention_forms"]["en"] = [f"Water Line: {number}"]
    return parse_pack(json.dumps(content), "pack.json")


@dataclass
class Campaigned:
    house: House
    campaign_id: int

    def edit(self, key: str, **values: Any) -> None:
        with self.house.write() as scope:
            post = scope.session.scalars(scope.query(Post).where(Post.key == key)).one()
            change_post(scope, scope.get(Post, post.id, lock=True), values)

    def post(self, key: str) -> Post:
        with self.house.read() as scope:
            return scope.session.scalars(scope.query(Post).where(Post.key == key)).one()

    def campaign(self) -> Campaign:
        with self.house.read() as scope:
            found = scope.get(Campaign, self.campaign_id)
            _ = found.pack
            return found
