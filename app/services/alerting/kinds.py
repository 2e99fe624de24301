"""The kinds of alert: what each one says, how much it hurries, and what a person does next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.errors import InvalidInput


class Severity(StrEnum):
    """How much an alert hurries."""

    URGENT = "urgent"  # something wrong may be public, or something that was meant to be public is not
    SOON = "soon"  # there is still time to act


@dataclass(frozen=True, slots=True)
class AlertKind:
    """One kind. `title` heads it in lists, `meaning` says what is the case, `next` what to do."""

    slug: str
    severity: Severity
    title: str
    meaning: str
    next: str


UNKNOWN = AlertKind(
    "unknown",
    Severity.URGENT,
    "Sent or not: unknown",
    "The network gave no answer to a post, and for more than ten minutes has not said whether it is out.",
    "Nothing is sent again by itself. Look at the account on its network; the service goes on asking.",
)
NEEDS_REVIEW = AlertKind(
    "needs_review",
    Severity.URGENT,
    "Needs review",
    "Nobody can tell by machine whether a post went out, or a thread could not be finished.",
    "Look at the account on its network, then settle the delivery: it went out (with its link), or send it again.",
)
HELD = AlertKind(
    "held",
    Severity.URGENT,
    "Held",
    "A delivery is kept back because its account is not connected.",
    "Connect the account again: focusweek accounts connect NAME. What is still in time then goes out.",
)
MISSED = AlertKind(
    "missed",
    Severity.URGENT,
    "Missed",
    "A delivery's moment passed and it did not go out. It never goes out late by itself.",
    "Give it a new time, send it now, or cancel it.",
)
FAILED = AlertKind(
    "failed",
    Severity.URGENT,
    "Failed",
    "The network refused a post for good, or every try failed.",
    "Read the reason, correct the post or the account, then try it again or cancel it.",
)
BLOCKED = AlertKind(
    "blocked",
    Severity.SOON,
    "Blocked",
    "A delivery that is due within a day, or pinned to a day within three, may not go out as it stands.",
    "Read what the rules object to, correct the text, fill-in or contact fact, and it goes out at its time.",
)
TOKEN_EXPIRES = AlertKind(
    "token_expires",
    Severity.SOON,
    "Sign-in ends soon",
    "An account's sign-in at its network ends within seven days; told again one day before.",
    "Connect the account again: focusweek accounts connect NAME.",
)
DIFFERS = AlertKind(
    "differs",
    Severity.URGENT,
    "Published, but different",
    "Read back from the network, a published post does not carry what was sent: a number, link or length differs.",
    "Look at the post as its readers see it. Withdraw it if a number or a link is wrong.",
)
GONE = AlertKind(
    "gone",
    Severity.URGENT,
    "Published, but gone",
    "Read back from the network, a published post is not there any more.",
    "Look at the account: the network or somebody with access to it has removed the post.",
)
WITHDRAW_FAILED = AlertKind(
    "withdraw_failed",
    Severity.URGENT,
    "Still public",
    "A post that was to be taken back could not be deleted and may still be public.",
    "Delete it by hand on its network, then confirm that it is gone; or try again.",
)
WITHDRAW_BY_HAND = AlertKind(
    "withdraw_by_hand",
    Severity.URGENT,
    "Delete by hand",
    "A post that is to be taken back waits for a person to delete it, for its network lets no program do so.",
    "Delete it on its network, then confirm that it is gone.",
)
REMINDER = AlertKind(
    "reminder",
    Severity.SOON,
    "Not posted by hand yet",
    "Half the time to post by hand is over, and nobody has confirmed the post.",
    "Post it and give its link, or cancel it; it is missed when the time is over.",
)
FACT_WITHDRAWN = AlertKind(
    "fact_withdrawn",
    Severity.URGENT,
    "Says what its issuer has withdrawn",
    "The issuer has withdrawn a number, link or wording; a post that says it is out, with a person, or was stopped.",
    "Withdraw what is out, tell whoever has it in hand, and correct the text: focusweek facts list says what is wrong.",
)
SENT_TWICE = AlertKind(
    "sent_twice",
    Severity.URGENT,
    "Went out when it should not",
    "The network proved late that a post is out twice, or that a cancelled one is out all the same.",
    "Look at the account and delete what should not be there. This alert ends after seven days, or once withdrawn.",
)

KINDS: tuple[AlertKind, ...] = (
    FACT_WITHDRAWN,
    SENT_TWICE,
    DIFFERS,
    GONE,
    WITHDRAW_FAILED,
    WITHDRAW_BY_HAND,
    NEEDS_REVIEW,
    UNKNOWN,
    HELD,
    FAILED,
    MISSED,
    BLOCKED,
    REMINDER,
    TOKEN_EXPIRES,
)
_BY_SLUG = {kind.slug: kind for kind in KINDS}
_RANKS = {kind.slug: rank for rank, kind in enumerate(KINDS)}


def kind_of(slug: str) -> AlertKind:
    """Return a kind by its slug.

    Raises:
        InvalidInput: There is none.
    """
    if slug not in _BY_SLUG:
        raise InvalidInput(f"There is no kind of alert {slug!r}.", hint=f"The kinds are: {', '.join(_BY_SLUG)}.")
    return _BY_SLUG[slug]


def rank_of(slug: str) -> int:
    """Return where a kind stands among all, the gravest first."""
    return _RANKS.get(slug, len(_RANKS))


def checked_kinds(slugs: Iterable[str] | None) -> list[str] | None:
    """Return kinds in their own order, each once; None for all.

    Raises:
        InvalidInput: One is no kind, or none is given.
    """
    if slugs is None:
        return None
    chosen = {kind_of(slug).slug for slug in slugs}
    if not chosen:
        raise InvalidInput("A channel without kinds would get nothing.", hint="Leave the kinds out to get all.")
    return [kind.slug for kind in KINDS if kind.slug in chosen]
