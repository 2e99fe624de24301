"""What a request comes back with: a reply, or one of two errors that say whether anything left the machine."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DETAIL_LENGTH = 300

# What looks like a secret never stands in a detail: bearer tokens, JSON web tokens, and long unbroken strings.
_SECRETIVE = re.compile(r"(?i:bearer|token|password|secret)[\"']?\s*[:=]?\s*[\"']?[\w.~+/=-]{12,}|[\w+/=-]{32,}")


def brief(text: str, *secrets: str) -> str:
    """Return `text` as a detail for people: one line, at most 300 characters, `secrets` and token-like runs out."""
    line = text[: 8 * DETAIL_LENGTH]
    for secret in secrets:
        if secret:
            line = line.replace(secret, "[secret]")
    line = "".join(c if c.isprintable() else " " for c in line)
    line = " ".join(_SECRETIVE.sub("[secret]", line).split())
    return line if len(line) <= DETAIL_LENGTH else line[: DETAIL_LENGTH - 1] + "…"


def printable(value: object, longest: int = 253) -> str:
    """Return a name that a server gave, fit to be stored and shown: its printable characters; empty for no text."""
    return "".join(c for c in value[: 4 * longest] if c.isprintable())[:longest] if isinstance(value, str) else ""


class WireError(Exception):
    """A request without a usable reply. `code` is stable; `detail` names the host, never the path or a header."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        self.detail = brief(detail)
        super().__init__(f"{code}: {self.detail}")


class NotSent(WireError):
    """Nothing of the request left: the same request may be made again."""


class MaybeSent(WireError):
    """At least one byte of the request left, and no usable reply came: it may have been carried out."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's whole answer; header names in lower case. Neither headers nor body stand in its repr."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def json(self) -> Any:  # noqa: ANN401 - a vendor's JSON is anything until the adapter has looked at it
        """Return the body read as JSON, or None where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def json_object(self) -> dict[str, Any]:
        """Return the body read as a JSON object, or an empty one."""
        value = self.json()
        return value if isinstance(value, dict) else {}
