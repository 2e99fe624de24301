from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from api_client import Json, ok, serving
from api_token import ACTOR, BEARER
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event, update

from app.bootstrap import House
from app.clock import SystemClock, VirtualClock
from app.main import create_app
from app.models import Account, ClockMark, Delivery
from app.settings import Settings


def unready(response: httpx.Response) -> dict[str, Json]:
    """Expect 503, and return the reasons by their codes."""
    assert response.status_code == 503, response.text
    body = response.json()
    assert body["status"] == "not ready"
    assert all(reason["message"] and reason["hint"] for reason in body["reasons"])
    return {reason["code"]: reason for reason in body["reasons"]}


def numbers(response: httpx.Response) -> dict[tuple[str, ...], float]:
    """Return a scrape's samples by name and labels' values."""
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(response.text)
    return {(s.name, *sorted(s.labels.values())): s.value for family in families for s in family.samples}


@pytest.fixture
def ticking(ticking_house: House) -> Iterator[httpx.Client]:
    """A client of a service that ticks by itself."""
    with serving(create_app(ticking_house)) as base, httpx.Client(base_url=base) as client:
        deadline = time.monotonic() + 10
        while client.get("/readyz").status_code != 200 and time.monotonic() < deadline:
            time.sleep(0.02)
        yield client


@pytest.fixture
def held_database(house: House) -> Iterator[None]:
    """A database that takes every connection's request and does not answer for as long as the test runs."""
    answer = threading.Event()

    def wait(*_: object) -> None:
        answer.wait(30)

    event.listen(house.database.engine, "before_cursor_execute", wait)
    yield
    answer.set()
    event.remove(house.database.engine, "before_cursor_execute", wait)


class TestAlive:
    def test_it_says_so(self, site: httpx.Client) -> None:
        assert ok(site.get("/healthz")) == {"status": "alive"}

    def test_it_says_so_while_every_thread_waits_for_the_database(
        self, site: httpx.Client, held_database: None
    ) -> None:
        def ask(_: int) -> None:
            patient = httpx.Client(base_url=site.base_url, headers=BEARER, timeout=0.2)
            with patient as client, pytest.raises(httpx.TimeoutException):
                client.get("/")

        with ThreadPoolExecutor(45) as pool:
            list(pool.map(ask, range(45)))
        began = time.monotonic()
        assert ok(site.get("/healthz")) == {"status": "alive"}
        assert time.monotonic() - began < 1
        assert set(unready(site.get("/readyz", timeout=20))) == {"database.no_answer"}
        assert time.monotonic() - began < 8


class TestReady:
    def test_a_service_that_ticks_is(self, ticking: httpx.Client) -> None:
        assert ok(ticking.get("/readyz")) == {"status": "ready", "reasons": []}

    def test_one_that_only_serves_is_not_unless_another_process_ticks(self, site: httpx.Client, house: House) -> None:
        assert set(unready(site.get("/readyz"))) == {"scheduler.none"}
        house.pulse.beat(None, None)
        assert ok(site.get("/readyz"))["reasons"] == []

    def test_one_whose_own_scheduler_does_not_run_is_not(self, house: House) -> None:
        app = create_app(house)
        with serving(create_app(house, ticking=False)) as base:
            house.pulse.beat(None, None)
            assert app.state.scheduler().trouble.code == "scheduler.not_ticking"
            assert ok(httpx.get(f"{base}/readyz"))["reasons"] == []

    def test_a_database_that_does_not_answer_is_said_in_time(self, site: httpx.Client, held_database: None) -> None:
        began = time.monotonic()
        reasons = unready(site.get("/readyz", timeout=20))
        assert set(reasons) == {"database.no_answer"}
        assert time.monotonic() - began < 8

    def test_however_many_ask_a_database_that_hangs_one_thread_waits(
        self, site: httpx.Client, held_database: None
    ) -> None:
        def ask(_: int) -> int:
            return httpx.get(f"{site.base_url}/readyz", timeout=20).status_code

        before = threading.active_count()
        with ThreadPoolExecutor(20) as pool:
            asked = [pool.submit(ask, number) for number in range(20)]
            time.sleep(1)
            looks = [thread for thread in threading.enumerate() if thread.name == "health"]
            assert [future.result() for future in asked] == [503] * 20
        assert len(looks) == 1
        assert threading.active_count() <= before + 2

    def test_what_is_overdue_makes_it_unready_and_what_is_paused_does_not(
        self, api: httpx.Client, site: httpx.Client, house: House, clock: VirtualClock, deliveries: list[Json]
    ) -> None:
        with house.database.write() as session:
            session.execute(update(Account).values(next_free_at=clock.now()))
            late = clock.now() + timedelta(minutes=1)
            session.execute(update(Delivery).where(Delivery.id == deliveries[0]["id"]).values(ready_at=late))
        clock.advance(timedelta(minutes=10))
        house.pulse.beat(None, None)
        reason = unready(site.get("/readyz"))["deliveries.overdue"]
        assert reason["numbers"] == {"count": 1, "oldest_seconds": 540.0, "oldest_delivery": deliveries[0]["id"]}
        campaign = deliveries[0]["campaign_id"]
        assert api.post(f"/campaigns/{campaign}/pause", json={"reason": "a storm"}).status_code == 201
        assert ok(site.get("/readyz"))["reasons"] == []


class TestReadOnlyDatabase:
    def test_is_not_ready_although_it_can_be_read(self, tmp_path: Path, migrated_sqlite: bytes) -> None:
        (tmp_path / "focusweek.sqlite3").write_bytes(migrated_sqlite)
        house = House(Settings(data_dir=tmp_path, tick_seconds=0.2), clock=SystemClock())
        with house.write():
            pass

        def read_only(connection: object, *_: object) -> None:
            connection.exec_driver_sql("PRAGMA query_only = ON")  # type: ignore[attr-defined]

        with serving(create_app(house)) as base:
            event.listen(house.database.engine, "begin", read_only)
            deadline = time.monotonic() + 10
            while (response := httpx.get(f"{base}/readyz")).status_code == 200 and time.monotonic() < deadline:
                time.sleep(0.05)
            assert "readonly" in unready(response)["scheduler.beat_failed"]["message"]
            event.remove(house.database.engine, "begin", read_only)
        house.close()


class TestClock:
    def test_that_is_trusted_has_no_refusal(self, api: httpx.Client) -> None:
        answer = ok(api.get("/clock"))
        assert answer["now"]["utc"] == "2026-12-01T12:00:00Z"
        assert (answer["refusal"], answer["confirmed"]) == (None, None)
        assert api.post("/clock/confirm").status_code == 409

    def test_that_was_set_back_is_shown_everywhere_until_it_is_confirmed(
        self, api: httpx.Client, site: httpx.Client, house: House, clock: VirtualClock
    ) -> None:
        house.pulse.beat(None, None)
        with house.database.write() as session:
            session.execute(update(ClockMark).values(seen_at=clock.now() + timedelta(hours=3)))
        refusal = ok(api.get("/clock"))["refusal"]
        assert refusal["message"] == "The clock stands 3 hours before the last tick."
        reason = unready(site.get("/readyz"))["clock.refused"]
        assert refusal["message"] in reason["message"]
        assert refusal["message"] in site.get("/").text
        assert numbers(site.get("/metrics"))[("focusweek_clock_refused",)] == 1

        confirmed = ok(api.post("/clock/confirm"))
        assert confirmed["confirmed"] == refusal["message"]
        answer = ok(api.get("/clock"))
        assert (answer["refusal"], answer["confirmed_by"]) == (None, ACTOR)
        assert ok(site.get("/readyz"))["reasons"] == []
        assert "NOT READY" not in site.get("/").text


class TestMetrics:
    def test_of_a_planned_campaign_have_its_depth_by_platform_and_state(
        self, site: httpx.Client, house: House, deliveries: list[Json]
    ) -> None:
        house.pulse.beat(None, None)
        found = numbers(site.get("/metrics"))
        assert found[("focusweek_database_up",)] == 1
        assert found[("focusweek_deliveries", "bluesky", "scheduled")] > 30
        assert found[("focusweek_heartbeat_age_seconds",)] == 0
        for name in ("overdue_deliveries", "stuck_deliveries", "unknown_deliveries", "needs_review_deliveries"):
            assert found[(f"focusweek_{name}",)] == 0

    def test_count_holds_pauses_and_what_is_overdue(
        self, api: httpx.Client, site: httpx.Client, house: House, clock: VirtualClock, deliveries: list[Json]
    ) -> None:
        ids = [item["id"] for item in deliveries]
        with house.database.write() as session:
            for state, row in (("held", ids[0]), ("unknown", ids[1]), ("needs_review", ids[2])):
                session.execute(update(Delivery).where(Delivery.id == row).values(state=state))
            session.execute(update(Delivery).where(Delivery.id == ids[3]).values(ready_at=clock.now()))
            session.execute(update(Account).values(next_free_at=clock.now()))
        clock.advance(timedelta(seconds=200))
        found = numbers(site.get("/metrics"))
        assert found[("focusweek_held_deliveries", "connected")] == 1
        assert found[("focusweek_unknown_deliveries",)] == 1
        assert found[("focusweek_needs_review_deliveries",)] == 1
        assert found[("focusweek_oldest_overdue_seconds",)] == 200
        api.post(f"/campaigns/{deliveries[0]['campaign_id']}/pause", json={"reason": "a storm"})
        found = numbers(site.get("/metrics"))
        assert found[("focusweek_paused_scopes", "campaign")] == 1
        assert found[("focusweek_oldest_overdue_seconds",)] == 0

    def test_of_the_engine_are_counted_by_house(self, site: httpx.Client, house: House) -> None:
        observer = house.deps.observer
        observer.attempt_ended("bluesky", "published", 0.2)
        observer.attempt_ended("bluesky", "retryable", 45.0)
        observer.retried("bluesky")
        observer.published("bluesky", 0.04)
        observer.published("bluesky", -0.01)
        found = numbers(site.get("/metrics"))
        assert found[("focusweek_attempts_total", "bluesky", "published")] == 1
        assert found[("focusweek_retries_total", "bluesky")] == 1
        assert found[("focusweek_delivery_lateness_seconds_bucket", "0.05", "bluesky")] == 2
        assert found[("focusweek_attempt_seconds_count", "bluesky")] == 2
        assert found[("focusweek_attempt_seconds_sum", "bluesky")] == pytest.approx(45.2)
        other = House(house.settings, clock=house.clock)
        assert b"focusweek_attempts_total{" not in other.scrape.within(5)
        other.close()

    def test_of_a_database_that_lost_its_tables_are_no_error(self, site: httpx.Client, house: House) -> None:
        house.deps.observer.retried("bluesky")
        with house.database.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE delivery RENAME TO gone")
        found = numbers(site.get("/metrics"))
        assert found[("focusweek_database_up",)] == 0
        assert found[("focusweek_retries_total", "bluesky")] == 1

    def test_of_a_database_that_hangs_come_in_time(self, site: httpx.Client, held_database: None) -> None:
        began = time.monotonic()
        assert numbers(site.get("/metrics", timeout=20))[("focusweek_database_up",)] == 0
        assert time.monotonic() - began < 8

    def test_name_no_organization_account_or_text(
        self, site: httpx.Client, house: House, deliveries: list[Json]
    ) -> None:
        with house.database.write() as session:
            session.execute(update(Account).values(slug="the-agency", handle="agency.example", name="The Agency"))
        scraped = site.get("/metrics").text.lower()
        for word in ("agency", "1-888", "local", "trafficking"):
            assert word not in scraped
