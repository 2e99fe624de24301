"""A round costs the same with ten deliveries ahead as with a million: every query begins at a narrow index."""

from __future__ import annotations

import pytest
from delivery_stage import START, Stage
from sqlalchemy import Select, text
from sqlalchemy.dialects import sqlite

from app.services.alerting.conditions import CONDITIONS, Condition

#: Indexes in which nothing stands while nothing is wrong, or of which only a state's own rows are read.
_NARROW = (
    "ix_delivery_state_ready_at (state=?",
    "ix_delivery_read_back",
    "ix_delivery_event_out_twice",
    "uq_alert_one_open_per_subject",
)


def plan(stage: Stage, query: Select[*tuple[object, ...]]) -> list[str]:
    compiled = query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    with stage.database.read() as session:
        return [row[3] for row in session.execute(text(f"EXPLAIN QUERY PLAN {compiled}".replace(":", r"\:")))]


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: f"{condition.kind.slug}{condition.ending}")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_query_reads_all_deliveries_or_all_their_history(stage: Stage, condition: Condition) -> None:
    for query in (condition.keys(START), condition.rows(START, [1, 2])):
        steps = plan(stage, query)
        assert steps
        for step in steps:
            table = step.split()[1] if step.split()[0] in {"SCAN", "SEARCH"} else ""
            narrow = any(name in step for name in _NARROW)
            one_row = "INTEGER PRIMARY KEY (rowid=?)" in step or "(delivery_id=?" in step
            # Accounts are few.
            assert narrow or one_row or table not in {"delivery", "delivery_event", "alert"}, steps
