"""Asking a person, on a terminal, what becomes of each post that waits for a pause that is to end."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import Enum
from zoneinfo import ZoneInfo

import typer

from app.bootstrap import House
from app.delivery.resume import Decision, Do, Waiting
from app.errors import InvalidInput
from app.services.resuming import Answer, Resumed, WaitingList, WaitingUndecided, resume_pause

_CHOICES = {"k": Do.KEEP, "m": Do.MOVE, "d": Do.DROP}
_TIME = "2027-01-12T09:00 in the campaign's zone, or with an offset"


class Way(Enum):
    """How it is decided what becomes of what waits."""

    KEEP = "keep all"
    DROP = "drop all"
    ASK = "ask"


def resume_asking(house: House, pause_id: int, way: Way | None) -> Resumed:
    """End a pause in this way; where none is given, ask if there is a terminal and something waits.

    Raises:
        InvalidInput: Something waits, no way is given and nobody can be asked.
        NotFound, NotAllowed, Conflict: See `services.resuming`.
    """
    if way is Way.ASK and not sys.stdin.isatty():
        raise InvalidInput("Nobody can be asked: this is no terminal.", hint="Say --keep-all or --drop-all.")
    rest = {Way.KEEP: Do.KEEP, Way.DROP: Do.DROP}.get(way) if way is not None else None
    decisions: dict[int, Decision] = {}
    while True:
        try:
            with house.write() as scope:
                return resume_pause(scope, pause_id, Answer(decisions, rest))
        except WaitingUndecided as undecided:
            waiting = undecided.waiting
        if way is None and not sys.stdin.isatty():
            raise InvalidInput(_listed(waiting), hint="Say what becomes of them: --keep-all, --drop-all, or --ask.")
        # What was decided on and waits no more is left out; what has come to wait meanwhile is asked about.
        decisions = _asked(house, waiting.shown, decisions)
        if len(waiting.shown) < waiting.count:
            rest = _rest(waiting.count - len(waiting.shown))


def _asked(house: House, waiting: Sequence[Waiting], before: dict[int, Decision]) -> dict[int, Decision]:
    decisions = {}
    for one in waiting:
        decided = before.get(one.delivery_id)
        if decided is None or (decided.due_at is not None and decided.due_at <= house.clock.now()):
            typer.echo(_line(one), err=True)
            decided = _ask(house, one)
        decisions[one.delivery_id] = decided
    return decisions


def _ask(house: House, one: Waiting) -> Decision:
    while True:
        said = _answer("  keep, move or drop? [k/m/d]").lower()
        do = _CHOICES.get(said[:1])
        if do is Do.MOVE:
            return Decision(do, _time(house, one))
        if do is not None:
            return Decision(do)
        typer.echo(
            "  k: it goes out, now or a few minutes after the one before. m: at another time. d: never.", err=True
        )


def _time(house: House, one: Waiting) -> datetime:
    while True:
        said = _answer("  to when?")
        try:
            when = datetime.fromisoformat(said)
        except ValueError:
            typer.echo(f"  That is no time. For example: {_TIME}.", err=True)
            continue
        if when.tzinfo is None:
            when = when.replace(tzinfo=ZoneInfo(one.time_zone))
        if when > house.clock.now():
            return when.astimezone(UTC)
        typer.echo("  That is past. Give a time from now on.", err=True)


def _rest(count: int) -> Do:
    while True:
        said = _answer(f"{count} more posts wait. keep or drop all of them? [k/d]").lower()
        if said[:1] in ("k", "d"):
            return _CHOICES[said[:1]]


def _answer(question: str) -> str:
    # On standard error, so that results may be sent to a file; typer's own prompt also writes to standard output.
    typer.echo(f"{question} ", nl=False, err=True)
    said = sys.stdin.readline()
    if not said:
        raise typer.Abort
    return said.strip()


def _listed(waiting: WaitingList) -> str:
    count = "One post waits" if waiting.count == 1 else f"{waiting.count} posts wait"
    more = [f"  ... and {waiting.count - len(waiting.shown)} more"] if len(waiting.shown) < waiting.count else []
    lines = [f"{count} for a decision; nothing was changed.", *(f"  {_line(one)}" for one in waiting.shown), *more]
    return "\n".join(lines)


def _line(one: Waiting) -> str:
    due = one.due_at.astimezone(ZoneInfo(one.time_zone))
    return f"{one.delivery_id}: {one.post} on {one.account}, due {due:%Y-%m-%d %H:%M %Z}, {one.state}"
