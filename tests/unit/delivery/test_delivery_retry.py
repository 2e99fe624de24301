from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.delivery.options import EngineOptions
from app.delivery.retry import Again, GiveUp, decide, next_try
from app.errors import BadConfiguration
from app.settings import Settings

NOW = datetime(2027, 1, 11, 15, tzinfo=UTC)
OPTIONS = EngineOptions()


def dice(seed: int = 1) -> random.Random:
    return random.Random(seed)  # noqa: S311  # jitter that a test can repeat


class TestNextTry:
    @given(attempts=st.integers(1, 10_000), seed=st.integers())
    def test_lies_between_half_and_all_of_a_doubling_wait_with_a_ceiling(self, attempts: int, seed: int) -> None:
        at = next_try(attempts, NOW, None, OPTIONS, dice(seed))
        full = min(timedelta(seconds=30) * 2 ** min(attempts - 1, 10), timedelta(minutes=15))
        assert full / 2 <= at - NOW <= full

    @given(seconds=st.integers(1, 10**7), seed=st.integers())
    def test_never_undercuts_the_networks_own_time(self, seconds: int, seed: int) -> None:
        named = NOW + timedelta(seconds=seconds)
        at = next_try(1, NOW, named, OPTIONS, dice(seed))
        assert named <= at <= named + timedelta(seconds=2)

    def test_a_time_that_is_past_counts_as_none(self) -> None:
        at = next_try(1, NOW, NOW - timedelta(hours=1), OPTIONS, dice())
        assert at > NOW + timedelta(seconds=14)


class TestDecision:
    def test_inside_budget_and_window_tries_again(self) -> None:
        assert isinstance(decide(4, NOW, NOW + timedelta(hours=1), None, OPTIONS, dice()), Again)

    def test_with_the_budget_spent_fails(self) -> None:
        decision = decide(5, NOW, NOW + timedelta(hours=1), None, OPTIONS, dice())
        assert decision == GiveUp(state="failed", reason="retry.exhausted")  # type: ignore[arg-type]

    def test_past_the_window_misses(self) -> None:
        decision = decide(1, NOW, NOW + timedelta(seconds=10), None, OPTIONS, dice())
        assert decision == GiveUp(state="missed", reason="late.retry")  # type: ignore[arg-type]


class TestOptions:
    def test_come_from_the_settings(self) -> None:
        options = EngineOptions.from_settings(Settings(worker_threads=3, settle_seconds=7), workers=None)
        assert (options.workers, options.settle) == (3, timedelta(seconds=7))

    def test_with_a_deadline_beyond_the_lease_are_refused(self) -> None:
        with pytest.raises(BadConfiguration, match="lease"):
            EngineOptions.from_settings(Settings(publish_deadline_seconds=120, send_lease_seconds=120))
