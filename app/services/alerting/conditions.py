"""What is wrong now, read from the rows: one query for each kind.

Each begins at an index in which nothing stands while nothing is wrong, so that a round costs the same with ten
deliveries ahead as with a million. Times are aware, UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, literal, literal_column, or_, select

from app.db import Instant
from app.delivery import reasons
from app.models import Account, Delivery, DeliveryEvent, State
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

    `wrong` selects what is wrong now: organization, subject, campaign, delivery, account, detail, and since when where
    coming back is news. `of` is what its subjects are. `stays` says of deliveries which are wrong no
    more that they are still told of.
    """

    kind: AlertKind
    wrong: Callable[[datetime], _Rows]
    of: type[Delivery | Account] = Delivery
    ending: str = ""
    stays: Callable[[datetime], ColumnElement[bool]] | None = None

    def subject(self, row_id: int) -> str:
        """Return the subject that names a row."""
        return f"{'delivery' if self.of is Delivery else 'account'}:{row_id}{self.ending}"

    def keys(self, now: datetime) -> _Rows:
        """Select the row ids of what is wrong, each with since when it is so.

        Matching them with the alerts is not left to the database: how many rows stand in a state changes faster than
        its statistics, and a plan made for none takes minutes for a hundred thousand.
        """
        wrong = self.wrong(now)
        return wrong.with_only_columns(self.of.id, wrong.selected_columns.since, maintain_column_froms=True)

    def rows(self, now: datetime, ids: Sequence[int]) -> _Rows:
        """Select what an alert keeps of these rows, as far as they are still wrong."""
        return self.wrong(now).where(self.of.id.in_(ids))


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
    said = _STATE_DETAIL if detail is None else detail
    # What left the state and came back between two rounds is news again.
    since = Delivery.state_since.label("since")
    return Condition(kind, lambda now: select(*_subject_columns(), said.label("detail"), since).where(holds(now)))


_STATE_DETAIL = func.coalesce(Delivery.state_detail, Delivery.state_reason, "")
_NO_MATTER = literal(None, Instant()).label("since")


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
        columns = (*_subject_columns(), _STATE_DETAIL.label("detail"), _NO_MATTER)
        return select(*columns).where(Delivery.state == State.BLOCKED.value, horizon(now))

    def stays(now: datetime) -> ColumnElement[bool]:
        # A delivery that is looked at anew stays told of until the look ahead has found it good.
        return and_(Delivery.state.in_((State.SCHEDULED.value, State.SENDING.value)), horizon(now))

    return Condition(kinds.BLOCKED, wrong, stays=stays)


def _token(ending: str, least: timedelta | None, most: timedelta) -> Condition:
    def wrong(now: datetime) -> _Rows:
        soon = [Account.token_expires_at <= now + most, Account.state != "disconnected"]
        if least is not None:
            soon.append(Account.token_expires_at > now + least)
        subject = literal("account:", String()) + cast(Account.id, String()) + literal(ending, String())
        return select(
            Account.organization_id,
            subject.label("subject"),
            literal(None).label("campaign_id"),
            literal(None).label("delivery_id"),
            Account.id.label("account_id"),
            literal(f"Its sign-in ends within {'seven days' if least is not None else 'a day'}.").label("detail"),
            _NO_MATTER,
        ).where(*soon)

    return Condition(kinds.TOKEN_EXPIRES, wrong, Account, ending)


def _sent_twice() -> Condition:
    told = DeliveryEvent.reason.in_(
        [literal_column(f"'{reasons.SECOND_SEND}'"), literal_column(f"'{reasons.AFTER_CANCEL}'")]
    )

    def wrong(now: datetime) -> _Rows:
        public = Delivery.state != State.WITHDRAWN.value
        proved = and_(DeliveryEvent.delivery_id == Delivery.id, told, DeliveryEvent.at > now - TWICE_FOR, public)
        columns = (*_subject_columns(), func.coalesce(DeliveryEvent.detail, "").label("detail"), _NO_MATTER)
        return select(*columns).join_from(DeliveryEvent, Delivery, proved).order_by(DeliveryEvent.at)

    return Condition(kinds.SENT_TWICE, wrong)


def _fact_withdrawn() -> Condition:
    told = DeliveryEvent.reason == literal_column(f"'{reasons.FACT_WITHDRAWN}'")
    stopped = and_(Delivery.state == State.BLOCKED.value, Delivery.state_reason == reasons.FACT_WITHDRAWN)

    def wrong(now: datetime) -> _Rows:
        still = or_(stopped, Delivery.state.in_([state.value for state in _OUT_OR_IN_HAND]))
        marked = and_(DeliveryEvent.delivery_id == Delivery.id, told, DeliveryEvent.at > now - TWICE_FOR, still)
        columns = (*_subject_columns(), func.coalesce(DeliveryEvent.detail, "").label("detail"), _NO_MATTER)
        return select(*columns).join_from(DeliveryEvent, Delivery, marked).order_by(DeliveryEvent.at)

    return Condition(kinds.FACT_WITHDRAWN, wrong)


_OUT_OR_IN_HAND = (
    State.PUBLISHED, State.WITHDRAW_FAILED, State.UNKNOWN, State.NEEDS_REVIEW, State.HANDED_OVER,
)  # fmt: skip
_READ_BACK_DETAIL = func.coalesce(Delivery.read_back_detail, "")

CONDITIONS: tuple[Condition, ...] = (
    _fact_withdrawn(),
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
