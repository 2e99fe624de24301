"""What a person is told who must delete a post by hand: what, and where."""

from __future__ import annotations

from collections.abc import Sequence

from app.delivery.public import PublicPart
from app.models import Account, Delivery


def places(delivery: Delivery, left: Sequence[PublicPart]) -> list[str]:
    """Return where what is still out of a delivery stands: addresses, or the network's ids, the first part first."""
    known = [part.ref.url or part.ref.remote_id for part in reversed(left)]
    # A person gave this address; no attempt knows it.
    given = [delivery.remote_url] if delivery.remote_id is None and delivery.remote_url else []
    return list(dict.fromkeys([*given, *known]))


def left_words(delivery: Delivery, left: Sequence[PublicPart]) -> str:
    """Return what a person can do where the network refuses."""
    where = ", ".join(places(delivery, left)) or "the post on the account's own page"
    return f"Still out: {where}. Try again, or delete it by hand and say that it is gone."


def by_hand_words(account: Account, delivery: Delivery, left: Sequence[PublicPart]) -> str:
    """Return what a person is to delete where Focusweek cannot."""
    who = account.person or "A person"
    where = ", ".join(places(delivery, left))
    what = f"deletes {where}" if where else "looks for the post"
    name = account.name or account.slug
    return f"{who} {what} on {name} ({account.platform}), then says that it is gone."


def doubt_words(index: int) -> str:
    """Return that a part may be out of which nobody knows; the parts before it stay until a person has looked."""
    return f"Part {index + 1} may be out, too: look for it and delete it with the rest."


def not_connected_words(account: Account, delivery: Delivery, left: Sequence[PublicPart]) -> str:
    """Return what to do where the account has no credentials that hold."""
    name = account.name or account.slug
    return f"{name} is not connected. Connect it again first. {left_words(delivery, left)}"
