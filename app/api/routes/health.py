"""Is the process alive, and can it do its work?"""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Request, Response

from app.api.schemas.base import Output

router = APIRouter(tags=["health"])

#: A look at one thing that the service needs: what is wrong with it, or None.
Look = Callable[[], str | None]


class HealthOut(Output):
    """That the process answers."""

    status: str


class ReadyOut(Output):
    """Whether the service can do its work, and what is in its way."""

    status: str
    reasons: dict[str, str]


@router.get("/healthz")
def is_alive() -> HealthOut:
    """Say that the process answers. It says nothing of its work: see /readyz."""
    return HealthOut(status="alive")


@router.get("/readyz", responses={503: {"model": ReadyOut, "description": "It cannot; the reasons say why."}})
def is_ready(request: Request, response: Response) -> ReadyOut:
    """Say whether the database answers and the scheduler ticks; 503 with the reasons where not."""
    looks: dict[str, Look] = request.app.state.looks
    reasons = {name: wrong for name, look in looks.items() if (wrong := look()) is not None}
    response.status_code = 503 if reasons else 200
    return ReadyOut(status="not ready" if reasons else "ready", reasons=reasons)
