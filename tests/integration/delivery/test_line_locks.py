"""Gates, outcomes and the reaper lock deliveries that are being sent in one order, so that none waits in a circle."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from delivery_stage import Stage
from line_network import PATIENCE
from sqlalchemy import select, text

from app.db import Database
from app.delivery import attempt, claim, reaper, record
from app.models import Account
from app.platforms.results import Published, RemoteRef


def waiting(database: Database) -> int:
    with database.read() as session:
        return int(session.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one())


def until_waiting(database: Database, count: int) -> None:
    end = time.monotonic() + PATIENCE
    while waiting(database) < count:
        assert time.monotonic() < end, "nobody waits"
        time.sleep(0.01)


class TestReaperBesideLateOutcomesOfTheSameDeliveries:
    # SQLite has one writer at a time.
    @pytest.mark.parametrize("database", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
    def test_meets_no_deadlock(self, stage: Stage) -> None:
        campaign = stage.campaign()
        accounts = [stage.account(campaign, f"a{n}") for n in range(2)]
        # The older delivery is the younger account's.
        for number, account in enumerate(reversed(accounts)):
            stage.delivery(stage.post(campaign, f"Post {number}."), account, in_minutes=0)
        frozen = attempt.begin_all(stage.deps, claim.claim_due(stage.deps, 2))
        stage.clock.advance(stage.deps.options.send_lease + timedelta(seconds=1))
        results = [Published(RemoteRef(f"r{one.delivery_id}")) for one in frozen]
        finished = [record.Finished(one, record.Outcome(result, one.parts[0]))
                    for one, result in zip(frozen, results, strict=True)]  # fmt: skip
        with ThreadPoolExecutor(2) as pool:
            with stage.database.write() as session:
                held = select(Account.id).where(Account.id == accounts[1].id)
                session.execute(held.with_for_update(key_share=True)).all()
                storing = pool.submit(record.outcomes, stage.deps, finished)
                # It has the first account with its delivery, and waits for the second one.
                until_waiting(stage.database, 1)
                reaping = pool.submit(reaper.reap, stage.deps)
                until_waiting(stage.database, 2)
            storing.result(PATIENCE)
            reaping.result(PATIENCE)
        assert stage.states() == ["published", "published"]
