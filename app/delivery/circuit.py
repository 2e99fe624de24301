"""Circuits: a server that does not answer is left alone for a while, and an account in trouble rests by itself.

What counts as not answered: no name, no connection, no TLS, a time-out, a broken connection, a 5xx. Any clear answer,
a refusal among them, closes the host's circuit. One account's trouble is its own: it backs off, and its host's circuit
opens only when a second account of the host has failed in the same row, or where the host has no second account.

The rows are in the database, so that every scheduler sees them. They are locked last, after accounts and deliveries:
`admit` never waits for one, and `save` takes them in one order.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

import structlog
from sqlalchemy import ColumnElement, ScalarSelect, case, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.delivery.options import EngineOptions
from app.delivery.retry import backoff
from app.models import Account, Circuit
from app.platforms.base import Via
from app.platforms.results import AuthNeeded, HandedOver, Permanent, Published, PublishResult, Retryable, Unknown

log = structlog.get_logger(__name__)

#: Results that were made on this side and say nothing of the host.
_OURS = frozenset(
    {
        "adapter.raised",
        "bad_request",
        "closing.before_send",
        "deadline.before_send",
        "deadline_passed",
        "parent_unknown",
        "text_empty",
        "text_too_long",
        "token_missing",
        "unsafe_target",
    }
)


class Heard(Enum):
    """What an attempt's result says of the host."""

    ANSWER = "answer"
    SILENCE = "silence"
    NOTHING = "nothing"


def heard(result: PublishResult) -> Heard:
    """Say what a result tells of the host: it answered, it did not, or nothing of the kind."""
    match result:
        case Published():
            return Heard.ANSWER
        case HandedOver():
            return Heard.NOTHING
        case Retryable(retry_at=at) if at is not None:
            return Heard.ANSWER
        case Retryable() | Unknown():
            return Heard.NOTHING if result.code in _OURS else Heard.SILENCE
        case Permanent() | AuthNeeded():
            return Heard.NOTHING if result.code in _OURS else Heard.ANSWER


def host_of() -> ColumnElement[str | None]:
    """The host of `Account` in a query: its server, or its network where that has one; NULL where none is reached."""
    return case((Account.via == Via.NETWORK.value, func.coalesce(Account.server, Account.platform)), else_=None)


def host(account: Account) -> str | None:
    """Return an account's host as `host_of` names it."""
    if account.via != Via.NETWORK.value:
        return None
    return account.platform if account.server is None else account.server


def open_until() -> ScalarSelect[datetime | None]:
    """Until when the circuit of `Account`'s host is open, in a query; NULL where it is closed, past for half-open."""
    return select(Circuit.open_until).where(Circuit.host == host_of()).correlate(Account).scalar_subquery()


def unanswering() -> ScalarSelect[str]:
    """The name of `Account`'s host, in a query, where its circuit has been opened and not closed since; else NULL."""
    opened = (Circuit.host == host_of(), Circuit.open_until.is_not(None))
    return select(Circuit.host).where(*opened).correlate(Account).scalar_subquery()


def _trouble(account: Account) -> tuple[int, int]:
    return account.failures, account.id


@dataclass(frozen=True, slots=True)
class _Note:
    account_id: int
    heard: Heard
    code: str
    detail: str
    at: datetime


class Circuits:
    """The circuits within one transaction. `save` must be the last thing that a transaction with notes does."""

    def __init__(self, session: Session, options: EngineOptions, dice: random.Random) -> None:
        self._session = session
        self._options = options
        self._dice = dice
        self._known: dict[str, datetime | None] | None = None
        self._notes: dict[str, list[_Note]] = {}

    def note(self, account: Account, result: PublishResult, now: datetime) -> None:
        """Take what an attempt of a locked account came to; its own rest is set at once, its host's circuit by `save`.

        Call it after the delivery was moved: the rest is never shorter than what the retry asks for.
        """
        word = heard(result)
        self._note_account(account, word, now)
        name = host(account)
        # A host in good standing costs nothing but the look, once per transaction, for those in bad.
        if name is None or (word is not Heard.SILENCE and name not in self._notes and name not in self._in_trouble()):
            return
        code, detail = ("", "") if isinstance(result, Published | HandedOver) else (result.code, result.detail)
        self._notes.setdefault(name, []).append(_Note(account.id, word, code, detail, now))

    def save(self) -> None:
        """Write what the notes say of the hosts, in one order for everybody, so that nobody waits in a circle."""
        for name in sorted(self._notes):
            notes = self._notes[name]
            row = self._locked(name)
            if row is None and any(note.heard is Heard.SILENCE for note in notes):
                row = self._made(name, notes[0].at)
            if row is not None:
                for note in notes:
                    self._take(row, note)
        self._notes.clear()
        self._known = None
        self._session.flush()

    def admit(self, account: Account, now: datetime) -> bool:
        """Whether a delivery of this locked account may be sent now; of a half-open host, one account is the probe.

        Asked when it is claimed. A probe that is never heard of again lets the next one go after the send lease.
        """
        name = host(account)
        if name is None or self._in_trouble().get(name) is None:
            return True
        # Not waited for: whoever holds the row is sending the probe, or has just heard of one.
        query = select(Circuit).where(Circuit.host == name).with_for_update(skip_locked=True)
        row = self._session.scalars(query.execution_options(populate_existing=True)).first()
        if row is None or (row.open_until is not None and row.open_until > now):
            return False
        if row.open_until is None:
            return True
        row.open_until, row.probe_id = now + self._options.send_lease, account.id
        self._session.flush()
        log.info("circuit_probed", host=name, account=account.id, failures=row.failures)
        return True

    def admitted(self, accounts: Sequence[Account], now: datetime) -> list[Account]:
        """Return those of some locked accounts that `admit` lets go.

        Those that failed least are asked first, so that the probes of a long silence are not all one account's, whose
        delivery would spend its whole budget of attempts on them.
        """
        return [account for account in sorted(accounts, key=_trouble) if self.admit(account, now)]

    def _note_account(self, account: Account, word: Heard, now: datetime) -> None:
        if word is Heard.ANSWER and account.failures:
            account.failures = 0
        elif word is Heard.SILENCE:
            account.failures += 1
            if account.failures > 1:
                first, longest = self._options.account_rest_first, self._options.account_rest_longest
                rest = backoff(account.failures - 1, first, longest, self._dice)
                account.next_free_at = max(account.next_free_at, now + rest)

    def _in_trouble(self) -> dict[str, datetime | None]:
        if self._known is None:
            rows = self._session.execute(select(Circuit.host, Circuit.open_until).where(Circuit.failures > 0))
            self._known = {row.host: row.open_until for row in rows}
        return self._known

    def _locked(self, name: str) -> Circuit | None:
        query = select(Circuit).where(Circuit.host == name).with_for_update()
        return self._session.scalars(query.execution_options(populate_existing=True)).one_or_none()

    def _made(self, name: str, now: datetime) -> Circuit | None:
        dialect = self._session.get_bind().dialect.name
        new = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(Circuit)
        self._session.execute(new.values(host=name, failures=0, changed_at=now).on_conflict_do_nothing())
        return self._locked(name)

    def _take(self, row: Circuit, note: _Note) -> None:
        if note.heard is Heard.ANSWER:
            if row.open_until is not None:
                log.info("circuit_closed", host=row.host, failures=row.failures)
            row.failures, row.open_until, row.account_id, row.probe_id = 0, None, None, None
        elif note.heard is Heard.NOTHING:
            if row.probe_id != note.account_id:
                return
            # The probe was not sent after all: another one may go.
            row.open_until, row.probe_id = note.at, None
        elif row.open_until is None or row.open_until <= note.at or row.probe_id == note.account_id:
            self._fail(row, note)
        else:
            # It was on its way when the circuit opened, and says nothing new.
            return
        row.changed_at = note.at

    def _fail(self, row: Circuit, note: _Note) -> None:
        first_or_same = row.failures == 0 or row.account_id == note.account_id
        row.account_id = note.account_id if first_or_same else None
        row.failures += 1
        row.code, row.detail = note.code[:64], note.detail
        row.open_until, row.probe_id = None, None
        over = row.failures - self._options.circuit_failures
        if over >= 0 and (row.account_id is None or self._is_alone(row.host, note.account_id)):
            wait = backoff(over + 1, self._options.circuit_first, self._options.circuit_longest, self._dice)
            row.open_until = note.at + wait
            log.warning("circuit_opened", host=row.host, failures=row.failures, code=row.code, until=row.open_until)

    def _is_alone(self, name: str, account_id: int) -> bool:
        others = select(Account.id).where(host_of() == name, Account.id != account_id, Account.state == "connected")
        return self._session.scalars(others.limit(1)).first() is None
