"""What a withdrawn fact must be before it stops anything: a slip here would have its effect in every organization."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.errors import AlreadyExists, InvalidInput, NotFound
from app.models import Campaign, WithdrawnFact
from app.packs.bundled import bundled_pack
from app.services.scope import InstanceScope
from app.text.carrying import FEWEST_DIGITS, MOST_DIGITS, same_number, same_place, words_of
from app.text.link_keys import link_key
from app.text.numbers import digits_of

KINDS = ("number", "link", "words")
_MOST_WORDS = 20
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class NewFact:
    """What is withdrawn: the pack's key, what kind of fact, what it says, what stands in its place, and why."""

    pack_key: str
    kind: str
    old: str
    reason: str
    new: str | None = None


def refuse_unfit(new: NewFact) -> None:
    """Refuse what is none of its kind, or would stop everything.

    Raises:
        InvalidInput: It is.
    """
    if new.kind not in KINDS:
        raise InvalidInput(f"There is no kind {new.kind!r} of fact.", hint=f"Say one of: {', '.join(KINDS)}.")
    if not new.reason.strip():
        raise InvalidInput("A withdrawal needs a reason.", hint='For example: "The number belongs to somebody else."')
    for value in (new.old, *([] if new.new is None else [new.new])):
        _refuse_value(new.kind, value)
    if new.new is not None and _same(new.kind, new.new, new.old):
        raise InvalidInput("The new value says the same as the old one.", hint="Give what is to stand in its place.")


def _refuse_value(kind: str, value: str) -> None:
    if len(value) > _LONGEST:
        raise InvalidInput(f"The value is longer than {_LONGEST:,} characters.", hint="Give the fact alone.")
    if kind == "number" and not FEWEST_DIGITS <= len(digits_of(value)) <= MOST_DIGITS:
        raise InvalidInput(
            f"{value[:100]!r} is no number.", hint=f"Give {FEWEST_DIGITS} to {MOST_DIGITS} digits, in any grouping."
        )
    if kind == "link" and link_key(value) is None:
        raise InvalidInput(f"{value[:100]!r} is no web address.", hint="Give one such as https://www.example.org/help")
    if kind == "words" and not 1 <= len(words_of(value)) <= _MOST_WORDS:
        raise InvalidInput(
            "The wording has no word, or too many.", hint=f"Give at most {_MOST_WORDS} words as they stand in texts."
        )


def _same(kind: str, one: str, other: str) -> bool:
    if kind == "number":
        return same_number(one, other)
    if kind == "link":
        return same_place(one, other) and same_place(other, one)
    return words_of(one) == words_of(other)


def refuse_unknown_pack(scope: InstanceScope, pack_key: str) -> None:
    """Refuse a pack that nobody uses: it is a slip of the keyboard, and nothing would be stopped.

    Raises:
        InvalidInput: It is.
    """
    used = set(scope.session.scalars(select(Campaign.pack_key).distinct()))
    if pack_key in used:
        return
    try:
        bundled_pack(pack_key)
    except NotFound:
        hint = f"Campaigns are made of: {', '.join(sorted(used))}." if used else "There is no campaign yet."
        raise InvalidInput(f"No campaign is made of a pack {pack_key!r}.", hint=hint) from None


def refuse_known(scope: InstanceScope, new: NewFact) -> None:
    """Refuse what was withdrawn already.

    Raises:
        AlreadyExists: It was, with the same new value.
    """
    query = select(WithdrawnFact).where(WithdrawnFact.pack_key == new.pack_key, WithdrawnFact.kind == new.kind)
    for fact in scope.session.scalars(query):
        wanted = None if new.new is None else new.new.strip()
        if _same(new.kind, fact.old, new.old) and fact.new == wanted:
            raise AlreadyExists(
                f"That was withdrawn already, as {fact.id}: {fact.reason}", hint="See: focusweek facts list"
            )
