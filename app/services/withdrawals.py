"""Taking back what is out: one delivery or many, with a reason, and with a draft of the correction where asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from sqlalchemy import select

from app.delivery import withdraw_commands
from app.errors import Conflict, FocusweekError, NotFound
from app.models import Account, Campaign, Correction, Delivery, Post, State
from app.services.bulk import in_chunks, wholly
from app.services.deliveries import DeliveryView, delivery_view
from app.services.house import House
from app.services.posts import create_post
from app.services.scope import Scope
from app.services.voices import variants_of

_LONGEST_KEY = 100
_TAKEN_BACK = frozenset({State.WITHDRAWING, State.WITHDRAWN})
_CORRECTION = re.compile(r"-correction(?:-[0-9]+)?\Z")


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one delivery of many: `problem` says why it is not being taken back, `draft` is the correction.

    `state` is where it stands now, None where there is no such delivery.
    """

    delivery_id: int
    state: str | None
    problem: FocusweekError | None = None
    draft: Post | None = None


def withdraw(scope: Scope, delivery_id: int, reason: str) -> DeliveryView:
    """Have a delivery taken back.

    Raises:
        NotFound, InvalidInput, StateRefused: See `delivery.withdraw_commands`.
    """
    scope.get(Delivery, delivery_id)
    withdraw_commands.ask(scope.session, delivery_id, reason=reason, now=scope.now, actor=scope.actor)
    return delivery_view(scope, delivery_id)


def withdraw_and_correct(scope: Scope, delivery_id: int, reason: str) -> tuple[DeliveryView, Post]:
    """Have a delivery taken back, and open a draft that corrects it; both or neither.

    Of one that is being taken back already, or is gone, only the draft is opened.

    Raises:
        NotFound, InvalidInput, StateRefused: See `delivery.withdraw_commands`.
        Conflict: Its post cannot be copied as it is.
    """
    delivery = scope.get(Delivery, delivery_id)
    # Before the delivery, in the order of all other lockers.
    campaign = scope.get(Campaign, delivery.campaign_id, lock=True)
    asked = State(delivery_view(scope, delivery_id).delivery.state) in _TAKEN_BACK
    view = delivery_view(scope, delivery_id) if asked else withdraw(scope, delivery_id, reason)
    return view, _draft(scope, campaign, view, reason)


def withdraw_many(house: House, delivery_ids: Sequence[int], reason: str, *, correct: bool = False) -> list[Answer]:
    """Have many deliveries taken back, each wholly or not at all, and say of each what became of it.

    With `correct`, one draft is opened for each post, however many of its deliveries are taken back.
    """

    def settle(scope: Scope, chunk: Sequence[int]) -> Iterator[Answer]:
        if correct:
            _lock_campaigns(scope, chunk)
        states = states_of(scope, chunk)
        for delivery_id in chunk:
            yield _one_of_many(scope, delivery_id, states.get(delivery_id), reason, correct=correct)

    return in_chunks(house, delivery_ids, settle)


def _lock_campaigns(scope: Scope, delivery_ids: Sequence[int]) -> None:
    theirs = select(Delivery.campaign_id).where(Delivery.id.in_(delivery_ids))
    scope.session.scalars(
        scope.query(Campaign).where(Campaign.id.in_(theirs)).order_by(Campaign.id).with_for_update()
    ).all()


def states_of(scope: Scope, delivery_ids: Sequence[int]) -> dict[int, str]:
    """Return where deliveries stand, those of the organization only."""
    mine = select(Delivery.id, Delivery.state).where(Delivery.organization_id == scope.organization_id)
    return {row[0]: row[1] for row in scope.session.execute(mine.where(Delivery.id.in_(delivery_ids)))}


def _one_of_many(scope: Scope, delivery_id: int, state: str | None, reason: str, *, correct: bool) -> Answer:
    if state is None:
        return Answer(delivery_id, None, no_delivery(delivery_id))

    def take_back() -> Answer:
        if correct:
            view, draft = withdraw_and_correct(scope, delivery_id, reason)
            return Answer(delivery_id, view.delivery.state, draft=draft)
        # Asked for twice is as good as once.
        if State(state) in _TAKEN_BACK:
            return Answer(delivery_id, state)
        withdraw_commands.ask(scope.session, delivery_id, reason=reason, now=scope.now, actor=scope.actor)
        return Answer(delivery_id, State.WITHDRAWING.value)

    done = wholly(scope, take_back)
    return done if isinstance(done, Answer) else Answer(delivery_id, state, done)


def no_delivery(delivery_id: int) -> NotFound:
    """Return the error for a delivery that there is not."""
    hint = "List the deliveries to see which there are."
    return NotFound(f"There is no delivery {delivery_id}.", hint=hint)


def withdrawn_by_hand(scope: Scope, delivery_id: int) -> DeliveryView:
    """Record that a person has deleted all of it.

    Raises:
        NotFound, StateRefused: See `delivery.withdraw_commands`.
    """
    return _told(scope, delivery_id, lambda: withdraw_commands.gone(
        scope.session, delivery_id, now=scope.now, actor=scope.actor
    ))  # fmt: skip


def cannot_be_deleted(scope: Scope, delivery_id: int, why: str) -> DeliveryView:
    """Record that it stays out, and why.

    Raises:
        NotFound, InvalidInput, StateRefused: See `delivery.withdraw_commands`.
    """
    return _told(scope, delivery_id, lambda: withdraw_commands.cannot_be_deleted(
        scope.session, delivery_id, why=why, now=scope.now, actor=scope.actor
    ))  # fmt: skip


def withdraw_again(scope: Scope, delivery_id: int) -> DeliveryView:
    """Try once more to take a delivery back.

    Raises:
        NotFound, StateRefused: See `delivery.withdraw_commands`.
    """
    return _told(scope, delivery_id, lambda: withdraw_commands.again(
        scope.session, delivery_id, now=scope.now, actor=scope.actor
    ))  # fmt: skip


def _told(scope: Scope, delivery_id: int, tell: Callable[[], None]) -> DeliveryView:
    # What belongs to another organization is none of the caller's.
    scope.get(Delivery, delivery_id)
    tell()
    return delivery_view(scope, delivery_id)


def _draft(scope: Scope, campaign: Campaign, view: DeliveryView, reason: str) -> Post:
    """Return the draft that corrects a withdrawn delivery's post: the open one that there is, or a new one."""
    draft = _open_draft(scope, view.post) or _new_draft(scope, campaign, view, reason)
    known = scope.session.scalars(scope.query(Correction).where(Correction.delivery_id == view.delivery.id)).first()
    if known is None:
        known = Correction(organization_id=scope.organization_id, delivery_id=view.delivery.id)
        scope.session.add(known)
    known.post_id, known.created_by, known.created_at = draft.id, scope.actor, scope.now
    scope.session.flush()
    return draft


def _open_draft(scope: Scope, post: Post) -> Post | None:
    """Return the newest correction of a post that nobody has taken in yet."""
    query = (
        scope.query(Post)
        .join(Correction, Correction.post_id == Post.id)
        .join(Delivery, Delivery.id == Correction.delivery_id)
        .where(Delivery.post_id == post.id, Post.left_out.is_not(None))
        .order_by(Post.id.desc())
        .limit(1)
    )
    return scope.session.scalars(query).first()


def _new_draft(scope: Scope, campaign: Campaign, view: DeliveryView, reason: str) -> Post:
    post = view.post
    account = scope.get(Account, view.delivery.account_id)
    same = ("week", "section", "resource", "language", "text", "links", "platforms", "accounts")
    values = {name: getattr(post, name) for name in same}
    values["key"] = _free_key(scope, post)
    values["variants"] = {row.platform: row.text for row in variants_of(scope.session, [post])[post.id]}
    # Left out, it is neither planned nor sent until a person has corrected it and takes it in.
    values["left_out"] = (
        f"Draft that corrects delivery {view.delivery.id} ({post.key} on {account.slug}), withdrawn: {reason.strip()}"
    )
    try:
        return create_post(scope, campaign, values)
    except FocusweekError as error:
        raise Conflict(
            f"The correction could not be opened: {error.message}",
            hint="Withdraw without a correction, then write the correction as a new post.",
        ) from error


def _free_key(scope: Scope, post: Post) -> str:
    stem = _CORRECTION.sub("", post.key)
    taken = set(scope.session.scalars(select(Post.key).where(Post.campaign_id == post.campaign_id)))
    endings = ("-correction" if number == 1 else f"-correction-{number}" for number in count(1))
    return next(key for ending in endings if (key := stem[: _LONGEST_KEY - len(ending)] + ending) not in taken)
