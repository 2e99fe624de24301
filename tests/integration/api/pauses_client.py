"""Pausing over the API, as its tests say it."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
from api_client import Json, made

#: An order for each thing that can be paused.
EVERYTHING = [
    {"scope": "instance"},
    {"scope": "organization"},
    {"scope": "campaign", "campaign_id": 1},
    {"scope": "week", "campaign_id": 1, "week": 1},
    {"scope": "account", "account": "bluesky"},
]
WHY = "The hotline is down."

#: Lets the engine look, so many minutes after a delivery was due.
Later = Callable[[Json, float], None]


def pause(api: httpx.Client, order: Json) -> Json:
    return made(api.post("/pauses", json=order | {"reason": WHY}))


def text_of(page: str) -> str:
    """Return a page's text without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())
