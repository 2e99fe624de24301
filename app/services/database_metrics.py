"""Metrics that are read from the database when somebody scrapes them: one look, with the deadline that health has.

A database that does not answer gives `focusweek_database_up 0` and the process's own numbers, not an error.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.delivery.deps import Deps
from app.delivery.instant import instant
from app.errors import FocusweekError
from app.models import Account, Alert, Circuit, Delivery, Pause, State
from app.services.bounded import Bounded
from app.services.health import DEADLINE_SECONDS, Health
from app.services.health_facts import limit_waits

#: Deliveries by state are counted anew only so often, for there may be a million.
_DEPTH_FOR = timedelta(seconds=30)
_PREFIX = "focusweek_"

Sample = tuple[tuple[str, ...], float]


@dataclass(frozen=True, slots=True)
class Family:
    """One metric: its name without the prefix, its help, its labels' names, and a value for each set of labels."""

    name: str
    help: str
    labels: tuple[str, ...]
    samples: tuple[Sample, ...]

    def metric(self) -> Metric:
        """Return it as Prometheus' client has it."""
        metric = GaugeMetricFamily(_PREFIX + self.name, self.help, labels=self.labels)
        for labels, value in self.samples:
            metric.add_metric(list(labels), value)
        return metric


class DatabaseMetrics(Collector):
    """Reads the database at each scrape."""

    def __init__(self, deps: Deps, health: Health) -> None:
        self._deps = deps
        self._health = health
        self._bounded = Bounded(self._read, name="metrics")
        self._lock = threading.Lock()
        self._depth: tuple[float, Family] | None = None

    def describe(self) -> Iterator[Metric]:
        """Name nothing in advance: registering must not ask the database."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Give what the database says now, `focusweek_database_up` first."""
        try:
            families = self._bounded.within(DEADLINE_SECONDS)
        except TimeoutError:
            families = None
        up = Family("database_up", "Whether the database answered this scrape.", (), (((), float(bool(families))),))
        for family in (up, *(families or ())):
            yield family.metric()

    def _read(self) -> list[Family] | None:
        try:
            with self._deps.database.read() as session:
                limit_waits(session)
                families = [self._states(session), *_counts(session, self._deps)]
        except FocusweekError:
            return None
        return families + self._work()

    def _states(self, session: Session) -> Family:
        """Return the deliveries by platform and state, counted at most every 30 seconds."""
        moment = self._deps.clock.monotonic()
        with self._lock:
            kept = self._depth
        if kept is not None and moment - kept[0] < _DEPTH_FOR.total_seconds():
            return kept[1]
        # By account and state, for that is an index; the accounts are few.
        platforms = {row.id: row.platform for row in session.execute(select(Account.id, Account.platform))}
        grouped = select(Delivery.account_id, Delivery.state, func.count()).group_by(
            Delivery.account_id, Delivery.state
        )
        counts: dict[tuple[str, ...], float] = {}
        for account_id, state, count in session.execute(grouped):
            key = (platforms.get(account_id, "other"), state)
            counts[key] = counts.get(key, 0) + count
        said = "Deliveries by platform and state; counted at most every 30 seconds."
        family = Family("deliveries", said, ("platform", "state"), tuple(sorted(counts.items())))
        with self._lock:
            self._depth = (moment, family)
        return family

    def _work(self) -> list[Family]:
        look = self._health.look()
        facts, clock = look.facts, look.clock
        if facts is None or clock is None:
            return []
        ages = [(facts.now - beat.beat_at).total_seconds() for beat in facts.beats]
        plain = [
            (
                "overdue_deliveries",
                "Deliveries due for over 2 minutes that nothing keeps (1,000 at most).",
                facts.overdue.count,
            ),
            (
                "oldest_overdue_seconds",
                "For how long the oldest of them is due; 0 where there is none.",
                facts.overdue.seconds,
            ),
            ("stuck_deliveries", "Deliveries whose lease ended over a minute ago (1,000 at most).", facts.stuck.count),
            (
                "clock_refused",
                "Whether nothing is claimed because the clock is not trusted.",
                float(bool(clock.refusal)),
            ),
        ]
        plain += [("heartbeat_age_seconds", "How long ago the last scheduler ticked.", min(ages))] if ages else []
        return [Family(name, said, (), (((), value),)) for name, said, value in plain]


def _counts(session: Session, deps: Deps) -> list[Family]:
    now = instant(session, deps.clock)
    in_state = select(func.count()).select_from(Delivery)
    families = [
        Family(name, said, (), (((), float(session.scalar(in_state.where(Delivery.state == state.value)) or 0)),))
        for name, said, state in (
            ("unknown_deliveries", "Deliveries of which nobody knows yet whether they are out.", State.UNKNOWN),
            ("needs_review_deliveries", "Deliveries that wait for a person's decision.", State.NEEDS_REVIEW),
        )
    ]
    held = (
        select(Account.state, func.count())
        .join(Delivery, Delivery.account_id == Account.id)
        .where(Delivery.state == State.HELD.value)
        .group_by(Account.state)
    )
    in_force = select(Pause.scope, func.count()).where(Pause.ended_at.is_(None)).group_by(Pause.scope)
    alerts = select(Alert.kind, func.count()).where(Alert.closed_at.is_(None)).group_by(Alert.kind)
    for name, said, label, query in (
        ("held_deliveries", "Deliveries that wait for their account, by the account's state.", "account_state", held),
        ("paused_scopes", "Pauses in force, by what they hold.", "scope", in_force),
        ("open_alerts", "Alerts that are open, by kind.", "kind", alerts),
    ):
        rows = session.execute(query.order_by(query.selected_columns[0]))
        families.append(Family(name, said, (label,), tuple(((str(row[0]),), float(row[1])) for row in rows)))
    circuits = session.scalar(select(func.count()).select_from(Circuit).where(Circuit.open_until > now))
    families.append(
        Family("open_circuits", "Servers that are left alone for a while.", (), (((), float(circuits or 0)),))
    )
    return families
