"""Whether the service can do its work: reasons, each with a code, words, numbers and what to do next.

Deliveries that wait for a good reason (a pause, a hold, an open circuit, a busy account) are none of them. All of it is
one look at the database with a deadline; where no answer comes in time, that is the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import timedelta

from app.delivery.deps import Deps
from app.delivery.watch import duration_words
from app.errors import BadConfiguration, FocusweekError
from app.platforms.vault import KEY_FILE, Vault, has_key
from app.services.bounded import Bounded
from app.services.clocks import ClockState, clock_state
from app.services.health_facts import Facts, Late, limit_waits, look_at_work, newest_sealed
from app.services.heartbeats import CLOCK, Trouble, freshness
from app.settings import Settings

#: How long somebody who asks waits for the database, in seconds.
DEADLINE_SECONDS = 3.0

_RESTART = "Look into the log of `focusweek serve`, then restart it; what was under way is looked after."
_STORAGE = "Check that the database runs, that its disk has room and that its files may be written."
_PUT_BACK = (
    f"Put the former key back (FOCUSWEEK_CREDENTIALS_KEYS, or {KEY_FILE} in the data folder), or connect the accounts "
    "again."
)


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that keeps the service from its work. `numbers` says how much, with units in the names."""

    code: str
    message: str
    hint: str
    numbers: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Own:
    """The scheduler of the process that is asked: its name, and what it knows to be wrong with itself."""

    scheduler: str
    trouble: Trouble | None


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at the database found; `error` where it did not answer."""

    facts: Facts | None = None
    clock: ClockState | None = None
    key: Reason | None = None
    error: str | None = None


class Health:
    """Looks after the health of a house."""

    def __init__(self, deps: Deps, settings: Settings) -> None:
        self._deps = deps
        self._settings = settings
        self._longest_sleep = settings.longest_sleep
        self._bounded = Bounded(self._look, name="health")

    def begin(self) -> Future[Look]:
        """Begin a look, or join the one under way; wait for it `DEADLINE_SECONDS` at most."""
        return self._bounded.begin()

    def look(self) -> Look:
        """Return a look, in `DEADLINE_SECONDS` at most."""
        try:
            return self._bounded.within(DEADLINE_SECONDS)
        except TimeoutError:
            return no_answer()

    def reasons(self, look: Look, own: Own | None = None) -> list[Reason]:
        """Return what keeps the service from its work, nothing where all is well.

        `own` is given where this process runs a scheduler: it must beat then, too.
        """
        if look.error is not None or look.facts is None or look.clock is None:
            reasons = [Reason("database.no_answer", look.error or "The database gives no answer.", _STORAGE)]
            return reasons + list(_own_trouble(own))
        return [
            *self._schedulers(look.facts, own),
            *_clock(look.clock),
            *_late(look.facts),
            *((look.key,) if look.key is not None else ()),
        ]

    def _look(self) -> Look:
        try:
            with self._deps.database.read() as session:
                limit_waits(session)
                facts = look_at_work(session, self._deps)
                clock = clock_state(session, self._deps, self._longest_sleep)
                sealed = newest_sealed(session)
        except FocusweekError as error:
            return Look(error=error.message)
        return Look(facts, clock, None if sealed is None else _key(self._settings, sealed))

    def _schedulers(self, facts: Facts, own: Own | None) -> Iterator[Reason]:
        limit = freshness(self._longest_sleep)
        fresh = [beat for beat in facts.beats if beat.beat_at > facts.now - limit]
        if not facts.beats:
            yield Reason(
                "scheduler.none", "No scheduler has ticked, so nothing goes out.", "Start one: focusweek serve."
            )
        elif not fresh:
            silent = facts.now - facts.beats[0].beat_at
            yield Reason(
                "scheduler.silent",
                f"The last scheduler that ticked has been silent for {duration_words(silent)}: nothing goes out.",
                f"{_RESTART} {_STORAGE}",
                {"silent_seconds": silent.total_seconds(), "limit_seconds": limit.total_seconds()},
            )
        yield from _own_trouble(own)
        if own is not None and fresh and own.scheduler not in {beat.scheduler for beat in fresh}:
            yield Reason("scheduler.own_silent", "This process's scheduler does not beat, others do.", _RESTART)
        # Another's trouble is this service's, too, once no scheduler is left without: nothing goes out then.
        if own is None and fresh and all(beat.trouble_code not in (None, CLOCK) for beat in fresh):
            yield Reason(fresh[0].trouble_code or "", fresh[0].trouble or "", _RESTART)


def no_answer() -> Look:
    """Return what is found where a look did not end in time."""
    return Look(error=f"The database gave no answer within {DEADLINE_SECONDS:.0f} seconds.")


def _own_trouble(own: Own | None) -> Iterator[Reason]:
    if own is not None and own.trouble is not None and own.trouble.code != CLOCK:
        yield Reason(own.trouble.code, own.trouble.message, f"{_RESTART} {_STORAGE}")


def _key(settings: Settings, sealed: bytes) -> Reason | None:
    """Try the key on what it must open. It is not made anew where it is gone."""
    if not has_key(settings):
        message = "The key that opens the accounts' credentials is gone: their posts cannot be sent."
        return Reason("credentials.key_missing", message, _PUT_BACK)
    try:
        Vault.from_settings(settings).decrypt(sealed)
    except BadConfiguration as error:
        return Reason("credentials.key_wrong", error.message, _PUT_BACK)
    return None


def _clock(state: ClockState) -> Iterator[Reason]:
    if state.refusal is not None:
        yield Reason(CLOCK, f"Nothing is claimed, for the clock is not trusted. {state.refusal}", state.hint or "")


def _late(facts: Facts) -> Iterator[Reason]:
    looks: Sequence[tuple[str, Late, str, str]] = (
        (
            "deliveries.overdue",
            facts.overdue,
            "Due for over 2 minutes though nothing keeps them back",
            "Look at /metrics and the log: more FOCUSWEEK_WORKER_THREADS help where all are busy; else restart it.",
        ),
        ("deliveries.stuck", facts.stuck, "Held by a worker whose lease ended over a minute ago", _RESTART),
        (
            "deliveries.not_asked",
            facts.not_asked,
            "Of unknown outcome, and their network was not asked although it was time",
            _RESTART,
        ),
        ("deliveries.not_withdrawn", facts.not_withdrawn, "Waiting to be taken back, and nobody is at it", _RESTART),
    )
    for code, late, words, hint in looks:
        if late.count:
            things = "1 delivery" if late.count == 1 else f"{late.count} deliveries"
            oldest = duration_words(timedelta(seconds=late.seconds))
            yield Reason(
                code,
                f"{words}: {things}, the oldest ({late.delivery_id}) for {oldest}.",
                hint,
                {"count": late.count, "oldest_seconds": late.seconds, "oldest_delivery": late.delivery_id or 0},
            )
