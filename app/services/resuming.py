"""Resuming: a person ends one pause and says of each post that waits for it whether it is kept, moved or dropped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import timedelta

from app.clock import utc_text
from app.delivery import resume as engine
from app.delivery.options import EngineOptions
from app.delivery.resume import Decision, Do, Waiting
from app.errors import Conflict, InvalidInput
from app.identity.permissions import Permission
from app.models import Campaign, Pause
from app.services.pauses import find_pause, pause_in_force, reaching, refuse_others_than_operator
from app.services.scope import Scope

#: How many of the waiting posts are shown at a time.
MOST_SHOWN = 200

_GAP = EngineOptions().catch_up_gap


@dataclass(frozen=True, slots=True)
class Answer:
    """What is decided, by delivery id; `rest` (keep or drop) is for all others that wait, None for there being none."""

    decisions: Mapping[int, Decision] = field(default_factory=dict)
    rest: Do | None = None


@dataclass(frozen=True, slots=True)
class WaitingList:
    """What waits for a pause: the first of them in the order of their times, and how many there are."""

    shown: Sequence[Waiting]
    count: int


@dataclass(frozen=True, slots=True)
class Resumed:
    """A pause that has ended, and how many of the posts that waited were kept, moved and dropped."""

    pause: Pause
    kept: int
    moved: int
    dropped: int


class WaitingUndecided(Conflict):
    """The answer does not cover exactly what waits for the pause at this moment; nothing was changed."""

    code = "pause.undecided"

    def __init__(self, message: str, waiting: WaitingList) -> None:
        super().__init__(
            message,
            hint="Say of each one keep, move or drop, and of all others keep or drop: decisions and rest in the API; "
            "--ask, --keep-all or --drop-all on the command line.",
        )
        self.waiting = waiting


def waiting_for(scope: Scope, pause: Pause) -> WaitingList:
    """Return what waits for a pause; of an instance's, only the operator sees other organizations' posts."""
    if pause.ended_at is not None:
        return WaitingList((), 0)
    with reaching(scope, pause) if scope.may(Permission.OPERATE) else nullcontext():
        shown = engine.waiting(scope.session, pause, scope.now, limit=MOST_SHOWN)
        if len(shown) < MOST_SHOWN:
            return WaitingList(shown, len(shown))
        return WaitingList(shown, engine.count_waiting(scope.session, pause, scope.now))


def resume_pause(scope: Scope, pause_id: int, answer: Answer | None = None, *, gap: timedelta = _GAP) -> Resumed:
    """End a pause, and do with what waited for it as was decided. Other pauses stay, and so does what they hold.

    What is kept goes out from now on, the posts of an account at least `gap` apart.

    Raises:
        NotFound: There is no such pause.
        NotAllowed: It is the instance's, and somebody else than the operator asks.
        Conflict: It has ended already.
        WaitingUndecided: Something waits that nothing was decided on, or something was decided on that does not wait.
        InvalidInput: A post is to be moved without a time, or to one that is not ahead.
    """
    answer = answer or Answer()
    pause = find_pause(scope, pause_id)
    if pause.scope == "instance":
        refuse_others_than_operator(scope)
    with reaching(scope, pause):
        return _resume(scope, pause, answer, gap)


def _resume(scope: Scope, pause: Pause, answer: Answer, gap: timedelta) -> Resumed:
    # What the pause is of is locked before the pause itself, as whoever orders one does.
    engine.lock_reach(scope.session, pause)
    scope.session.refresh(pause, with_for_update=True)
    if pause.ended_at is not None:
        ended = utc_text(pause.ended_at.replace(microsecond=0))
        raise Conflict(
            f"Pause {pause.id} has ended: {pause.ended_by} resumed it at {ended}.",
            hint="There is nothing to resume.",
        )
    _refuse_times(scope, answer)
    decided = _decided(answer, engine.lock_waiting(scope.session, pause, scope.now))
    pause.ended_by, pause.ended_at = scope.actor, scope.now
    scope.session.flush()
    engine.settle(scope.session, pause, decided, now=scope.now, actor=scope.actor, gap=gap)
    done = [decision.do for _, decision in decided]
    return Resumed(pause, done.count(Do.KEEP), done.count(Do.MOVE), done.count(Do.DROP))


def resume_campaign(
    scope: Scope, campaign: Campaign, answer: Answer | None = None, *, week: int | None = None
) -> Resumed:
    """End a campaign's pause, or that of one of its weeks. Does and raises as `resume_pause`.

    Raises:
        Conflict: It is not paused.
    """
    kind = "campaign" if week is None else "week"
    like = Pause(scope=kind, organization_id=campaign.organization_id, campaign_id=campaign.id, week=week)
    found = pause_in_force(scope, like)
    if found is None:
        raise Conflict("It is not paused.", hint="There is nothing to resume.")
    return resume_pause(scope, found.id, answer)


def _refuse_times(scope: Scope, answer: Answer) -> None:
    for delivery_id, decision in answer.decisions.items():
        due_at = decision.due_at
        if decision.do is Do.MOVE and (due_at is None or due_at.tzinfo is None or due_at <= scope.now):
            raise InvalidInput(
                f"Delivery {delivery_id} is to be moved to a time that is not ahead, or to none.",
                hint="Give a time after now, with its offset, such as 2027-01-12T09:00:00-05:00.",
            )
        if decision.do is not Do.MOVE and due_at is not None:
            raise InvalidInput(
                f"Delivery {delivery_id} is given a time and is not to be moved.", hint="Say move, or leave it out."
            )
    if answer.rest is Do.MOVE:
        raise InvalidInput("All others cannot be moved to one time.", hint="Say keep or drop for the rest.")


def _decided(answer: Answer, waiting: Sequence[Waiting]) -> list[tuple[Waiting, Decision]]:
    """Put decisions and what waits together, one to one."""
    shown = WaitingList(waiting[:MOST_SHOWN], len(waiting))
    if strange := sorted(answer.decisions.keys() - {one.delivery_id for one in waiting}):
        raise WaitingUndecided(
            f"Delivery {strange[0]} does not wait for this pause (any more); nothing was changed.", shown
        )
    rest = None if answer.rest is None else Decision(answer.rest)
    decided = [(one, answer.decisions.get(one.delivery_id, rest)) for one in waiting]
    open_ones = sum(decision is None for _, decision in decided)
    if open_ones:
        count = "One post waits" if open_ones == 1 else f"{open_ones} posts wait"
        raise WaitingUndecided(f"{count} for a decision before this pause can end; nothing was changed.", shown)
    return [(one, decision) for one, decision in decided if decision is not None]
