"""The kinds of news that other systems are told, and the type under which each is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.errors import InvalidInput
from app.models import State


@dataclass(frozen=True, slots=True)
class NewsKind:
    """One kind. `type` stands in the message, `meaning` says when it is sent, `state` is the delivery's."""

    slug: str
    type: str
    meaning: str
    state: State | None = None


REVIEW_ASKED = NewsKind("review_asked", "review.asked", "A post was put before its reviewers.")
NEEDS_RECONNECT = NewsKind(
    "account_needs_reconnect",
    "account.needs_reconnect",
    "An account's network refused its secrets; until it is connected again nothing goes out there.",
)

KINDS: tuple[NewsKind, ...] = (
    NewsKind("published", "delivery.published", "A delivery is out.", State.PUBLISHED),
    NewsKind("failed", "delivery.failed", "A delivery failed for good.", State.FAILED),
    NewsKind("unknown", "delivery.unknown", "Nobody knows yet whether a delivery is out.", State.UNKNOWN),
    NewsKind("missed", "delivery.missed", "A delivery's moment passed without it.", State.MISSED),
    NewsKind("needs_review", "delivery.needs_review", "A person must settle a delivery.", State.NEEDS_REVIEW),
    NewsKind("withdrawn", "delivery.withdrawn", "A delivery that was out is taken back.", State.WITHDRAWN),
    REVIEW_ASKED,
    NEEDS_RECONNECT,
)
#: What a person sends to see whether it arrives. It cannot be left out.
TEST = NewsKind("test", "webhook.test", "Somebody tries the webhook.")

_BY_SLUG = {kind.slug: kind for kind in KINDS}
BY_STATE = {kind.state.value: kind for kind in KINDS if kind.state is not None}


def checked_kinds(slugs: Sequence[str] | None) -> list[str] | None:
    """Return the kinds that a webhook is to get, each once; None for all.

    Raises:
        InvalidInput: One is none, or the list is empty.
    """
    if slugs is None:
        return None
    unknown = [slug for slug in slugs if slug not in _BY_SLUG]
    if unknown or not slugs:
        raise InvalidInput(
            f"There is no kind of news {unknown[0]!r}." if unknown else "A webhook without kinds gets nothing.",
            hint=f"The kinds are: {', '.join(_BY_SLUG)}. Leave them out for all of them.",
        )
    return list(dict.fromkeys(slugs))


def wants(kinds: Sequence[str] | None, kind: NewsKind) -> bool:
    """Return whether a webhook with these kinds gets this one."""
    return kinds is None or kind.slug in kinds
