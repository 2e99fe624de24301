"""The start page, and a page for each kind of problem that the API's answers point to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from app.services.health_view import health_view
from app.services.overview import overview
from app.ui.house import Open, ViewPage
from app.ui.pages import page
from app.version import version

router = APIRouter()


@router.get("/", response_class=HTMLResponse)
def start(desk: ViewPage) -> HTMLResponse:
    """Show how the campaigns stand, and where everything is."""
    with desk.read() as scope:
        view = overview(scope)
    return page(
        "start/index.html",
        who=desk.who,
        view=view,
        health=health_view(desk.health),
        wide_pauses=_beyond_campaigns(view),
        waiting=_grouped(view["needs_a_person"]),
        version=version(),
    )


def _beyond_campaigns(view: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the pauses that are of more than one campaign, or of none."""
    of_one = {
        pause["id"]
        for campaign in view["campaigns"]
        for pause in campaign["pauses"]
        if pause["scope"] not in ("instance", "organization")
    }
    return [pause for pause in view["pauses"] if pause["id"] not in of_one]


def _grouped(items: Sequence[Mapping[str, Any]]) -> list[tuple[tuple[str, str, str | None], list[Mapping[str, Any]]]]:
    """Put together what waits for the same reason: post, state and reason, and the deliveries on each account."""
    groups: dict[tuple[str, str, str | None], list[Mapping[str, Any]]] = {}
    for item in items:
        groups.setdefault((item["post"], item["state"], item["reason"]), []).append(item)
    return list(groups.items())


@router.get("/problems/{code}", response_class=HTMLResponse, dependencies=[Open])
def problem(request: Request, code: str) -> HTMLResponse:
    """Say what a kind of problem is; its `type` leads here."""
    kind = request.app.state.problem_kinds.get(code)
    return page("start/problem.html", 404 if kind is None else 200, code=code, kind=kind)
