"""Finding what is out by what it says: a telephone number, a link or words, however they are written there.

The database sorts out what cannot fit; the exact look is at the frozen texts, in batches, so that no search loads
everything. A search reads so many deliveries at most before it answers with a cursor to go on from.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import ColumnElement, LargeBinary, Text, and_, cast, exists, func, or_, select, true

from app.delivery.compare import addresses_in
from app.delivery.public import has_public_part
from app.errors import InvalidInput
from app.models import Attempt, AttemptPart, Campaign, Delivery, Post, State
from app.services.deliveries import DeliveryView, views_of
from app.services.pages import Asked, Page, read_cursor, write_cursor
from app.services.scope import Scope
from app.text.folding import fold
from app.text.link_keys import LinkKey, link_key
from app.text.links import find_links
from app.text.numbers import digits_of, number_pattern

_BATCH = 200
#: More deliveries than this are not looked at in one search; the cursor leads on.
MOST_LOOKED_AT = 5_000
_FEWEST_DIGITS, _MOST_DIGITS = 3, 15
_MOST_WORDS = 20
#: Out as far as anybody has said, or perhaps out.
_OUT = (State.PUBLISHED, State.WITHDRAWING, State.WITHDRAW_FAILED, State.UNKNOWN, State.NEEDS_REVIEW)
_REFUSED = ("retryable", "permanent", "auth_needed", "not_sent")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for; all that is given must fit. None asks for nothing."""

    number: str | None = None
    link: str | None = None
    words: str | None = None
    campaign_id: int | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A delivery that is out, or may be, and its parts there."""

    view: DeliveryView
    parts: tuple[AttemptPart, ...]


@dataclass(frozen=True, slots=True)
class _Texts:
    """What of one delivery is out, and the links of the post that it came from."""

    parts: Sequence[AttemptPart]
    links: Sequence[dict[str, str]]


@dataclass(frozen=True, slots=True)
class _Criterion:
    """One thing that is looked for: a condition for the database on a part, and the exact look at what it lets by."""

    coarse: ColumnElement[bool]
    fits: Callable[[_Texts], bool]


def search(scope: Scope, sought: Sought, asked: Asked, *, most: int = MOST_LOOKED_AT) -> Page[Hit]:
    """Return deliveries that are out and say what is sought, the newest first.

    A page may have fewer rows than asked for, or none, and still a cursor to go on from: after `most` deliveries
    that the database could not sort out, whatever the exact look says of them.

    Raises:
        InvalidInput: Nothing is sought, or it is no number, link or word.
        NotFound: There is no such campaign.
        BadCursor: The cursor is none of this list's.
    """
    criteria = _criteria(scope, sought)
    query = scope.query(Delivery).where(or_(Delivery.state.in_(_OUT), has_public_part()))
    if sought.campaign_id is not None:
        query = query.where(Delivery.campaign_id == scope.get(Campaign, sought.campaign_id).id)
    for criterion in criteria:
        query = query.where(_has_part(criterion.coarse))
    below = read_cursor(asked.cursor, [int])[0] if asked.cursor is not None else None
    hits: list[tuple[Delivery, tuple[AttemptPart, ...]]] = []
    for _ in range(max(1, most // _BATCH)):
        batch = query if below is None else query.where(Delivery.id < below)
        rows = scope.session.scalars(batch.order_by(Delivery.id.desc()).limit(_BATCH)).all()
        texts = _texts_of(scope, rows)
        for row in rows:
            if len(hits) == asked.limit:
                return _page(scope, hits, below)
            below = row.id
            if all(criterion.fits(texts[row.id]) for criterion in criteria):
                hits.append((row, tuple(texts[row.id].parts)))
        if len(rows) < _BATCH:
            return _page(scope, hits, None)
    return _page(scope, hits, below)


def _page(
    scope: Scope, hits: Sequence[tuple[Delivery, tuple[AttemptPart, ...]]], below: int | str | object
) -> Page[Hit]:
    views = views_of(scope, [row for row, _ in hits])
    cursor = write_cursor((below,)) if isinstance(below, int) else None
    return Page([Hit(view, parts) for view, (_, parts) in zip(views, hits, strict=True)], cursor)


def _texts_of(scope: Scope, rows: Sequence[Delivery]) -> dict[int, _Texts]:
    ids = {row.id for row in rows}
    parts: dict[int, list[AttemptPart]] = {row.id: [] for row in rows}
    posts = {
        post.id: post for post in scope.session.scalars(scope.query(Post).where(Post.id.in_({r.post_id for r in rows})))
    }
    query = (
        select(Delivery.id, AttemptPart)
        .join(Attempt, Attempt.delivery_id == Delivery.id)
        .join(AttemptPart, AttemptPart.attempt_id == Attempt.id)
        .where(Delivery.id.in_(ids), _out())
        .order_by(AttemptPart.index, AttemptPart.id)
    )
    seen: set[tuple[int, str | int]] = set()
    for delivery_id, part in scope.session.execute(query):
        # Attempts of one generation share what is out.
        if (mark := (delivery_id, part.remote_id or part.index)) not in seen:
            seen.add(mark)
            parts[delivery_id].append(part)
    return {row.id: _Texts(parts[row.id], posts[row.post_id].links) for row in rows}


def _criteria(scope: Scope, sought: Sought) -> list[_Criterion]:
    found = []
    if sought.number is not None:
        found.append(_of_number(scope, sought.number))
    if sought.link is not None:
        found.append(_of_link(sought.link))
    if sought.words is not None:
        found.append(_of_words(sought.words))
    if not found:
        raise InvalidInput("Nothing is looked for.", hint="Give a number, a link or words.")
    return found


def _of_number(scope: Scope, number: str) -> _Criterion:
    digits = digits_of(number)
    if not _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS:
        raise InvalidInput(f"{number!r} is no number to look for.", hint="Give three to fifteen digits, in any form.")
    pattern = number_pattern(digits)
    text = AttemptPart.text
    # Digits of other scripts are read as they look, and the database knows only their letters.
    others = text.regexp_match(_other_digits())
    if scope.session.get_bind().dialect.name == "sqlite":
        # SQLite asks Python for a regular expression, which takes long: only of texts that are not ASCII.
        others = and_(func.length(cast(text, LargeBinary)) != func.length(text), others)
    coarse = or_(text.like("%" + "%".join(digits) + "%"), others)
    return _Criterion(coarse, lambda texts: any(pattern.search(fold(part.text).text) for part in texts.parts))


def _of_link(address: str) -> _Criterion:
    key = link_key(address)
    if key is None:
        raise InvalidInput(
            f"{address[:100]!r} is no web address.", hint="Give one such as https://www.example.org/help"
        )
    written = str(key).lower()
    anywhere = (AttemptPart.text, cast(AttemptPart.record, Text), cast(Post.links, Text))
    # Another script's hosts are written in two ways; the database compares letters only.
    coarse = or_(*(func.lower(column).contains(written, autoescape=True) for column in anywhere))
    if not written.isascii() or "xn--" in written:
        coarse = or_(coarse, AttemptPart.text.contains("."))
    return _Criterion(coarse, lambda texts: _leads_to(texts, key))


def _leads_to(texts: _Texts, key: LinkKey) -> bool:
    for part in texts.parts:
        addresses = [link.url for link in find_links(part.text, None)]
        addresses += addresses_in(part.record)
        addresses += [str(link.get("target")) for link in texts.links if str(link.get("visible")) in part.text]
        if any(found.leads_to(key) for address in addresses if (found := link_key(address)) is not None):
            return True
    return False


def _of_words(words: str) -> _Criterion:
    wanted = frozenset(_words(words))
    if not wanted:
        raise InvalidInput("There is no word to look for.", hint="Give one word or several; all of them must be there.")
    if len(wanted) > _MOST_WORDS:
        raise InvalidInput(f"More than {_MOST_WORDS} words are looked for.", hint="Give the most telling ones.")
    # Of letters beyond ASCII the database may not know the capitals; the exact look does.
    ascii_words = [word for word in sorted(wanted) if word.isascii()]
    coarse = and_(true(), *(func.lower(AttemptPart.text).contains(word, autoescape=True) for word in ascii_words))
    return _Criterion(coarse, lambda texts: any(wanted <= frozenset(_words(part.text)) for part in texts.parts))


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFC", text).casefold())


def _out() -> ColumnElement[bool]:
    """A condition on `Delivery`, `Attempt` and `AttemptPart`: the part is out; where no post is known, it may be."""
    known = and_(AttemptPart.remote_id.is_not(None), AttemptPart.retracted_at.is_(None))
    perhaps = and_(
        Delivery.remote_id.is_(None),
        ~has_public_part(),
        Attempt.generation == Delivery.generation,
        or_(AttemptPart.outcome.is_(None), AttemptPart.outcome.not_in(_REFUSED)),
    )
    return or_(known, perhaps)


def _has_part(coarse: ColumnElement[bool]) -> ColumnElement[bool]:
    """A condition on `Delivery`: a part of it that is out, or its post, is let by."""
    parts = select(AttemptPart.id).join(Attempt, Attempt.id == AttemptPart.attempt_id)
    parts = parts.join(Post, Post.id == Delivery.post_id)
    return exists(parts.where(Attempt.delivery_id == Delivery.id, _out(), coarse).correlate(Delivery))


@cache
def _other_digits() -> str:
    """Return a pattern, as both databases read it, of every digit that is none of ASCII."""
    digits = [code for code in range(0x80, 0x20000) if unicodedata.digit(chr(code), None) is not None]
    ranges: list[list[int]] = []
    for code in digits:
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges) + "]"
