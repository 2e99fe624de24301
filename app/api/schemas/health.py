"""Health as the API shows it."""

from __future__ import annotations

from pydantic import Field

from app.api.schemas.base import Output
from app.services.health import Reason


class HealthOut(Output):
    """That the process answers."""

    status: str = Field(description="Always alive.", examples=["alive"])


class ReasonOut(Output):
    """One thing that keeps the service from its work."""

    code: str = Field(description="Stable, for programs.", examples=["scheduler.silent"])
    message: str = Field(description="What is wrong, in words.", examples=["No scheduler has ticked."])
    hint: str = Field(description="What to do next.", examples=["Start one: focusweek serve."])
    numbers: dict[str, float] = Field(
        description="How much, with units in the names.", examples=[{"silent_seconds": 95.0, "limit_seconds": 70.0}]
    )


class ReadyOut(Output):
    """Whether the service can do its work, and what is in its way."""

    status: str = Field(description="ready, or not ready.", examples=["not ready"])
    reasons: list[ReasonOut] = Field(description="Empty where it is ready.")


def ready_out(reasons: list[Reason]) -> ReadyOut:
    """Return the reasons as an answer."""
    shown = [ReasonOut(code=r.code, message=r.message, hint=r.hint, numbers=r.numbers) for r in reasons]
    return ReadyOut(status="not ready" if reasons else "ready", reasons=shown)
