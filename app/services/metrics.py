"""Metrics for Prometheus: what the engine tells as it works, and what the database says when it is asked.

Each house has a registry of its own. Labels are networks, states, outcomes and kinds: never a name, handle or text.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

#: What a scrape's answer is.
CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

#: From what nobody notices to an hour, which is the widest that a post is usually allowed to be late. In seconds.
_LATENESS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600)
#: From a server on the same machine to the longest deadline of a publishing call. In seconds.
_ATTEMPT = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 45, 60, 120, 300, 900)


class EngineMetrics:
    """Counts what the engine says; an `Observer`. What it counts begins at zero with the process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._lateness = Histogram(
            "focusweek_delivery_lateness_seconds",
            "How long after the moment that it was meant for a post went out.",
            ["platform"],
            buckets=_LATENESS,
            registry=registry,
        )
        self._attempts = Counter(
            "focusweek_attempts",
            "Attempts that ended, by what came of them.",
            ["platform", "outcome"],
            registry=registry,
        )
        self._seconds = Histogram(
            "focusweek_attempt_seconds",
            "How long an attempt took, from its first step to its outcome.",
            ["platform"],
            buckets=_ATTEMPT,
            registry=registry,
        )
        self._retries = Counter(
            "focusweek_retries",
            "Deliveries that were proved not sent and went back in line for another attempt.",
            ["platform"],
            registry=registry,
        )

    def attempt_ended(self, platform: str, outcome: str, seconds: float) -> None:
        """Count an attempt on a network (slug) by its outcome and its length."""
        self._attempts.labels(platform, outcome).inc()
        self._seconds.labels(platform).observe(max(0.0, seconds))

    def published(self, platform: str, lateness_seconds: float) -> None:
        """Count a delivery that went out by how late it was; what went out early was not late."""
        self._lateness.labels(platform).observe(max(0.0, lateness_seconds))

    def retried(self, platform: str) -> None:
        """Count a delivery that is tried again."""
        self._retries.labels(platform).inc()


def exposition(registry: CollectorRegistry) -> bytes:
    """Return everything of a registry in Prometheus' text format."""
    return generate_latest(registry)
