"""What is wrong now, read from the rows: for each kind one query for what is new and one for what is over.

Each query begins at an index in which nothing stands while nothing is wrong, so that a round costs the same with ten
deliveries ahead as with a million. Times are aware, UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, func, literal, literal_column, or_, select

from app.delivery import reasons
from app.models import Account, Alert, Delivery, DeliveryEvent, State
from app.services.alerting import kinds
from app.services.alerting.kinds import AlertKind

#: How long an unknown may settle by itself before anybody is told.
UNKNOWN_FOR = timedelta(minutes=10)
#: How far ahead a blocked delivery is told of, and one that is pinned to its day.
AHEAD = timedelta(hours=24)
PINNED_AHEAD = timedelta(hours=72)
#: How far ahead it is told that an account's sign-in ends: first, and again.
TOKEN_FIRST = timedelta(days=7)
TOKEN_LAST = timedelta(days=1)
#: How long it is told that something went out twice; no row says when a person has cleared it away.
TWICE_FOR = timedelta(days=7)
#: The most that one round opens of a kind; the next round takes the rest.
MOST_OPENED = 5000


_Rows = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Condition:
    """One kind, or one stage of it, whose subjects then end in `ending`.

    `wrong` selects what is wrong now: organization, subject, campaign, delivery, account and detail. `lasts` says of an
    open alert, correlated, that it is still so.
    """

    kind: AlertKind
    wrong: Callable[[datetime], _Rows]
    lasts: Callable[[datetime], ColumnElement[bool]]
    ending: str = ""

    def new(self, now: datetime) -> _Rows:
        """Select what is wrong and has no open alert."""
        wrong = self.wrong(now)
        columns = wrong.selected_columns
        told = exists().where(
            Alert.organization_id == columns.organization_id,
            Alert.kind == self.kind.slug,
            Alert.subject == columns.subject,
            Alert.closed_at.is_(None),
        )
        return wrong.where(~told).limit(MOST_OPENED)

    def over(self, now: datetime) -> _Rows:
        """Select the ids of open alerts whose cause is over."""
        open_ones = select(Alert.id).where(Alert.closed_at.is_(None), Alert.kind == self.kind.slug)
        if self.ending:
            open_ones = open_ones.where(Alert.subject.endswith(self.ending))
        return open_ones.where(~self.lasts(now))


def delivery_subject() -> ColumnElement[str]:
    """Return a delivery's subject as SQL."""
    return literal("delivery:", String()) + cast(Delivery.id, String())


def horizon(now: datetime) -> ColumnElement[bool]:
    """Return whether a delivery is due so soon that somebody must know if it is blocked."""
    pinned = and_(Delivery.occurrence != "week", Delivery.due_at <= now + PINNED_AHEAD)
    return or_(Delivery.due_at <= now + AHEAD, pinned)


def _of_deliveries(
    kind: AlertKind, holds: Callable[[datetime], ColumnElement[bool]], detail: ColumnElement[Any] | None = None
) -> Condition:
    said = func.coalesce(Delivery.state_detail, Delivery.state_reason, "") if detail is None else detail

    def wrong(now: datetime) -> _Rows:
        return select(*_subject_columns(), said.label("detail")).where(holds(now))

    def lasts(now: datetime) -> ColumnElement[bool]:
        # What left the state and came back between two rounds is news again.
        return exists().where(Delivery.id == Alert.delivery_id, Delivery.state_since <= Alert.opened_at, holds(now))

    return Condition(kind, wrong, lasts)


def _subject_columns() -> tuple[Any, ...]:
    subject = delivery_subject().label("subject")
    return (
        Delivery.organization_id, subject, Delivery.campaign_id, Delivery.id.label("delivery_id"), Delivery.account_id,
    )  # fmt: skip


def _in_state(state: State) -> Callable[[datetime], ColumnElement[bool]]:
    return lambda _now: Delivery.state == state.value


def _unknown(now: datetime) -> ColumnElement[bool]:
    return and_(Delivery.state == State.UNKNOWN.value, Delivery.state_since < now - UNKNOWN_FOR)


def _by_hand(_now: datetime) -> ColumnElement[bool]:
    return and_(Delivery.state == State.WITHDRAWING.value, Delivery.withdraw_at.is_(None))


def _reminded(_now: datetime) -> ColumnElement[bool]:
    return and_(Delivery.state == State.HANDED_OVER.value, Delivery.reminded_at.is_not(None))


def _read_back(found: str) -> Callable[[datetime], ColumnElement[bool]]:
    # Written out as in its index, so that both databases see that the index holds all of them.
    listed = Delivery.read_back.in_([literal_column("'different'"), literal_column("'gone'")])
    return lambda _now: and_(listed, Delivery.read_back == found, Delivery.state == State.PUBLISHED.value)


def _blocked() -> Condition:
    def wrong(now: datetime) -> _Rows:
        said = func.coalesce(Delivery.state_detail, Delivery.state_reason, "").label("detail")
        return select(*_subject_columns(), said).where(Delivery.state == State.BLOCKED.value, horizon(now))

    def lasts(now: datetime) -> ColumnElement[bool]:
        # A delivery that is looked at anew stays told of until the look ahead has found it good.
        waiting = Delivery.state.in_((State.BLOCKED.value, State.SCHEDULED.value, State.SENDING.value))
        return exists().where(Delivery.id == Alert.delivery_id, waiting, horizon(now))

    return Condition(kinds.BLOCKED, wrong, lasts)


def _token(ending: str, least: timedelta | None, most: timedelta) -> Condition:
    def soon(now: datetime) -> ColumnElement[bool]:
        first = Account.token_expires_at > now + least if least is not None else literal(True)
        return and_(Account.token_expires_at <= now + most, first, Account.state != "disconnected")

    def wrong(now: datetime) -> _Rows:
        subject = literal("account:", String()) + cast(Account.id, String()) + literal(ending, String())
        return select(
            Account.organization_id,
            subject.label("subject"),
            literal(None).label("campaign_id"),
            literal(None).label("delivery_id"),
            Account.id.label("account_id"),
            literal(f"Its sign-in ends within {'seven days' if least is not None else 'a day'}.").label("detail"),
        ).where(soon(now))

    return Condition(
        kinds.TOKEN_EXPIRES, wrong, lambda now: exists().where(Account.id == Alert.account_id, soon(now)), ending
    )


def _sent_twice() -> Condition:
    told = DeliveryEvent.reason.in_(
        [literal_column(f"'{reasons.SECOND_SEND}'"), literal_column(f"'{reasons.AFTER_CANCEL}'")]
    )

    def proved(now: datetime) -> ColumnElement[bool]:
        public = Delivery.state != State.WITHDRAWN.value
        return and_(DeliveryEvent.delivery_id == Delivery.id, told, DeliveryEvent.at > now - TWICE_FOR, public)

    def wrong(now: datetime) -> _Rows:
        said = func.coalesce(DeliveryEvent.detail, "").label("detail")
        return select(*_subject_columns(), said).join_from(DeliveryEvent, Delivery, proved(now))

    return Condition(kinds.SENT_TWICE, wrong, lambda now: exists().where(Delivery.id == Alert.delivery_id, proved(now)))


_READ_BACK_DETAIL = func.coalesce(Delivery.read_back_detail, "")

CONDITIONS: tuple[Condition, ...] = (
    _sent_twice(),
    _of_deliveries(kinds.DIFFERS, _read_back("different"), _READ_BACK_DETAIL),
    _of_deliveries(kinds.GONE, _read_back("gone"), _READ_BACK_DETAIL),
    _of_deliveries(kinds.WITHDRAW_FAILED, _in_state(State.WITHDRAW_FAILED)),
    _of_deliveries(kinds.WITHDRAW_BY_HAND, _by_hand),
    _of_deliveries(kinds.NEEDS_REVIEW, _in_state(State.NEEDS_REVIEW)),
    _of_deliveries(kinds.UNKNOWN, _unknown),
    _of_deliveries(kinds.HELD, _in_state(State.HELD)),
    _of_deliveries(kinds.FAILED, _in_state(State.FAILED)),
    _of_deliveries(kinds.MISSED, _in_state(State.MISSED)),
    _blocked(),
    _of_deliveries(kinds.REMINDER, _reminded),
    _token(":7-days", TOKEN_LAST, TOKEN_FIRST),
    _token(":1-day", None, TOKEN_LAST),
)
