"""Is the process alive, can it do its work, and what are its numbers?

These are `async`, unlike all others: they must answer even while every thread waits for the database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fastapi import APIRouter, Request, Response

from app.api.desk import Open
from app.api.house import HouseDep
from app.api.metrics_guard import refuse_strangers
from app.api.schemas.health import HealthOut, ReadyOut, ready_out
from app.api.schemas.problems import problems
from app.services.health import DEADLINE_SECONDS, Own, no_answer
from app.services.metrics import CONTENT_TYPE

router = APIRouter(tags=["health"], dependencies=[Open])


@router.get("/healthz")
async def is_alive() -> HealthOut:
    """Say that the process answers. It says nothing of its work: see /readyz."""
    return HealthOut(status="alive")


@router.get("/readyz", responses={503: {"model": ReadyOut, "description": "It cannot; the reasons say why."}})
async def is_ready(request: Request, house: HouseDep, response: Response) -> ReadyOut:
    """Say whether posts go out as they should; 503 with the reasons where not. It answers within seconds.

    Deliveries that wait for a good reason (a pause, a hold, a server that does not answer) do not make it unready.
    """
    own: Callable[[], Own] | None = request.app.state.scheduler
    try:
        look = await asyncio.wait_for(asyncio.wrap_future(house.health.begin()), DEADLINE_SECONDS)
    except TimeoutError:
        look = no_answer()
    reasons = house.health.reasons(look, None if own is None else own())
    response.status_code = 503 if reasons else 200
    return ready_out(reasons)


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}, **problems(401)})
async def read_metrics(request: Request, house: HouseDep) -> Response:
    """Give the service's numbers in Prometheus' text format; `focusweek_database_up` is 0 where it does not answer.

    It asks for the operator's token for it (FOCUSWEEK_METRICS_TOKEN); without one it answers this machine only, and
    nothing that a proxy passes on.
    """
    refuse_strangers(request, house.settings.metrics_token)
    return Response(await asyncio.wrap_future(house.scrape.begin()), media_type=CONTENT_TYPE)
