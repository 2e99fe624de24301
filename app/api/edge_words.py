"""What the OpenAPI document says of keys and rates, which no route knows of itself."""

from __future__ import annotations

from typing import Any

from app.api.idempotent import HEADER, KEY_PATTERN, REPLAYED
from app.api.schemas.problems import problems
from app.services.idempotency import InProgress

#: Where the document keeps the headers that every answer has.
RATE_HEADERS: dict[str, Any] = {
    "RateLimit-Policy": {
        "description": "The limit that counts for this request: `q` requests in `w` seconds.",
        "schema": {"type": "string", "examples": ['"signed-in";q=600;w=60']},
    },
    "RateLimit": {
        "description": "What is left of it: `r` requests, and in `t` seconds there is more.",
        "schema": {"type": "string", "examples": ['"signed-in";r=599;t=60']},
    },
}
_RATES = {name: {"$ref": f"#/components/headers/{name}"} for name in RATE_HEADERS}
_KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "A key of your own for this request: sent again with it, the request is carried out once.",
    "schema": {"type": "string", "pattern": KEY_PATTERN, "maxLength": 200},
}
_REPLAYED = {
    "description": "`true` where this answer was given before.",
    "schema": {"type": "string", "enum": ["true"]},
}
_WAIT = {
    "description": "How many seconds to wait.",
    "schema": {"type": "string", "examples": [str(InProgress.wait_seconds)]},
}


def describe_edge(path: str, method: str, operation: dict[str, Any], *, is_open: bool) -> None:
    """Add to an operation what is the same for all of the API."""
    if not path.startswith("/api/"):
        return
    takes_key = method == "post" and not is_open
    if takes_key:
        operation.setdefault("parameters", []).append(_KEY)
        for status, said in problems(409).items():
            operation["responses"].setdefault(str(status), said)
    for status, response in operation["responses"].items():
        headers = response.setdefault("headers", {})
        headers |= _RATES
        if takes_key and status != "429":
            headers[REPLAYED] = _REPLAYED
        if status in ("429", "503") or (takes_key and status == "409"):
            headers["Retry-After"] = _WAIT
