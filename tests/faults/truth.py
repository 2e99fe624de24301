"""What the servers accepted, beside what the database says: where the two differ, something was lost or doubled."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Database
from app.models import Account, Attempt, AttemptPart, Delivery, DeliveryEvent
from tests.faults.platform_accounts import Manner

#: What every public thread must begin with, somewhere in its first part: the hotline's number.
MENTION = "1-888-373-7888"
_NOTHING_OUT = frozenset({"failed", "missed", "blocked", "cancelled", "held", "scheduled"})
_OPEN = frozenset({"scheduled", "sending", "unknown", "held"})


@dataclass(slots=True)
class Findings:
    """What was compared, and what was wrong; nothing is wrong when `wrong` is empty."""

    deliveries: int = 0
    accepted: int = 0
    states: Counter[str] = field(default_factory=Counter)
    flagged: int = 0
    doubled: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> list[str]:
        return [*self.doubled, *self.lost, *self.untrue]


class Truth:
    """Compares a journal with a database."""

    def __init__(self, database: Database, journal: Path, manners: tuple[Manner, ...]) -> None:
        self._database = database
        self._journal = journal
        self._can_tell = {manner.name: manner.can_tell for manner in manners}

    def entries(self, kind: str) -> list[dict[str, Any]]:
        """Return the journal's lines of a kind, in the order in which they were written."""
        lines = self._journal.read_text().splitlines() if self._journal.exists() else []
        return [entry for entry in map(json.loads, lines) if entry["kind"] == kind]

    def compare(self, *, ahead: Sequence[int] = (), threads_may_stop: bool = False) -> Findings:
        """Compare everything, once it is at rest.

        Deliveries `ahead` are the only ones that may still wait. With `threads_may_stop`, threads may be left to a
        person half way, as they are when their window ends.
        """
        found = Findings()
        accepted = self.entries("accepted")
        found.accepted = len(accepted)
        self._threads(accepted, found)
        with self._database.read() as session:
            owners = self._owners(session, accepted, found)
            budget = self._faulted_looks()
            for delivery, account in session.execute(
                select(Delivery, Account.slug).join(Account, Account.id == Delivery.account_id).order_by(Delivery.id)
            ):
                found.deliveries += 1
                found.states[delivery.state] += 1
                found.flagged += delivery.state == "needs_review"
                where = f"delivery {delivery.id} on {account} ({delivery.state}, {delivery.state_reason})"
                self._one(session, delivery, owners[delivery.id], where, found)
                if delivery.state in _OPEN and delivery.id not in ahead:
                    found.lost.append(f"{where}: nobody works on it any more")
                if not (threads_may_stop and delivery.state_reason == "thread.unfinished"):
                    self._review(delivery, account, budget, where, found)
                self._events(session, delivery, where, found)
        return found

    def _owners(
        self, session: Session, accepted: list[dict[str, Any]], found: Findings
    ) -> dict[int, dict[int, list[str]]]:
        """Return for each delivery what of it is out: the ids of each part's posts."""
        rows = session.execute(
            select(Account.slug, AttemptPart.key, AttemptPart.text, Attempt.delivery_id, AttemptPart.index)
            .join(Attempt, Attempt.id == AttemptPart.attempt_id)
            .join(Delivery, Delivery.id == Attempt.delivery_id)
            .join(Account, Account.id == Delivery.account_id)
        )
        known = {(row[0], row[1], row[2]): (row[3], row[4]) for row in rows}
        out: defaultdict[int, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
        for post in accepted:
            owner = known.get((post["account"], post["key"], post["text"]))
            if owner is None:
                found.untrue.append(f"{post['account']} has {post['id']}, of which no attempt knows")
            else:
                out[owner[0]][owner[1]].append(post["id"])
        return out

    @staticmethod
    def _one(session: Session, delivery: Delivery, out: dict[int, list[str]], where: str, found: Findings) -> None:
        for index, ids in out.items():
            if len(ids) > 1:
                found.doubled.append(f"{where}: part {index} is out {len(ids)} times: {ids}")
        last = select(Attempt.id).where(Attempt.delivery_id == delivery.id).order_by(Attempt.id.desc()).limit(1)
        parts = session.scalars(select(AttemptPart.index).where(AttemptPart.attempt_id == last.scalar_subquery())).all()
        if delivery.state == "published":
            if sorted(out) != sorted(parts) or not parts:
                found.untrue.append(f"{where}: parts {sorted(out)} of {sorted(parts)} are out")
            elif delivery.remote_id not in out[0]:
                found.untrue.append(f"{where}: names {delivery.remote_id}, out is {out[0]}")
        elif delivery.state in _NOTHING_OUT and out:
            found.untrue.append(f"{where}: {dict(out)} is out")
        if delivery.parts_out > len(out):
            found.untrue.append(f"{where}: counts {delivery.parts_out} parts out, {len(out)} are")

    def _review(self, delivery: Delivery, account: str, looks: Counter[str], where: str, found: Findings) -> None:
        """A person is asked only where the network cannot answer, or could not be asked again and again."""
        if delivery.state == "needs_review" and self._can_tell[account] and not looks[account]:
            found.untrue.append(f"{where}: left to a person, though the network could answer ({delivery.state_detail})")

    def _faulted_looks(self) -> Counter[str]:
        calls = self.entries("call")
        return Counter(call["account"] for call in calls if call["call"] != "publish" and call["fault"] is not None)

    @staticmethod
    def _events(session: Session, delivery: Delivery, where: str, found: Findings) -> None:
        """Every attempt has the event of its claim, and the last event says where the delivery stands."""
        events = session.execute(
            select(DeliveryEvent.from_state, DeliveryEvent.to_state)
            .where(DeliveryEvent.delivery_id == delivery.id)
            .order_by(DeliveryEvent.id)
        ).all()
        tokens = session.scalars(select(Attempt.token).where(Attempt.delivery_id == delivery.id)).all()
        claims = sum(after == "sending" and before != "sending" for before, after in events)
        if claims != delivery.fence or any(token > claims for token in tokens):
            found.untrue.append(f"{where}: {claims} claims in its history, fence {delivery.fence}, tokens {tokens}")
        if events and events[-1][1] != delivery.state:
            found.untrue.append(f"{where}: its history ends with {events[-1][1]}")

    @staticmethod
    def _threads(accepted: list[dict[str, Any]], found: Findings) -> None:
        """At every moment the first part has the mention, and each other part follows one that is out."""
        out: set[tuple[str, str]] = set()
        for post in accepted:
            if post["parent"] is None and MENTION not in post["text"]:
                found.untrue.append(f"{post['account']} has {post['id']} without the mention")
            if post["parent"] is not None and (post["account"], post["parent"]) not in out:
                found.untrue.append(f"{post['account']} has {post['id']} before the part that it follows")
            out.add((post["account"], post["id"]))

    def too_early(self) -> list[str]:
        """Return the publishing calls that came before the time that a 429 of the same account had named."""
        wrong: list[str] = []
        until: dict[str, float] = {}
        for line in self._journal.read_text().splitlines():
            entry = json.loads(line)
            if entry.get("call") != "publish":
                continue
            account = entry["account"]
            if entry["kind"] == "limited":
                until[account] = entry["until"]
            elif entry["kind"] == "call" and entry["written"] < until.get(account, 0.0):
                wrong.append(f"{account} was asked {until[account] - entry['written']:.3f} s too early")
        return wrong
