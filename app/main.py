"""The one place where the web application is put together.

Every route says who may ask it (`api/desk.py`); `api/guard.py` keeps other sites' pages out.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.staticfiles import StaticFiles

from app.api.etags import NotModified, not_modified
from app.api.guard import Guard
from app.api.idempotent import Idempotent
from app.api.openapi import API, describe
from app.api.problems import KINDS, CatchAll, add_problem_handlers
from app.api.rate_limit import RateLimit
from app.api.routes import (
    accounts,
    alert_channels,
    alerts,
    api_tokens,
    audit,
    bulk,
    calendar,
    campaigns,
    checks,
    clock,
    column_mappings,
    contacts,
    deliveries,
    exports,
    fill_ins,
    guest_reviews,
    health,
    imports,
    invitations,
    me,
    members,
    organizations,
    pack_drafts,
    pack_updates,
    password_resets,
    pauses,
    plans,
    platforms,
    posts,
    review_comments,
    review_delegates,
    reviews,
    second_factor,
    session,
    users,
    webhooks,
    withdrawals,
    withdrawn_facts,
)
from app.api.schemas.problems import problems
from app.bootstrap import House
from app.services.health import Own
from app.ui.house import AnswerInstead, answer_instead
from app.ui.routes import invitation, openid, password_reset, sandbox, set_up, sign_in, start
from app.workers.listener import listener_for
from app.workers.scheduler import Ticker

_NOUNS = (
    organizations,
    audit,
    session,
    me,
    second_factor,
    password_resets,
    members,
    invitations,
    api_tokens,
    users,
    campaigns,
    calendar,
    exports,
    imports,
    column_mappings,
    pack_drafts,
    pack_updates,
    fill_ins,
    contacts,
    plans,
    pauses,
    posts,
    bulk,
    reviews,
    review_comments,
    review_delegates,
    guest_reviews,
    deliveries,
    accounts,
    alerts,
    alert_channels,
    webhooks,
    platforms,
    checks,
    clock,
    withdrawals,
    withdrawn_facts,
)
_STATIC = Path(__file__).parent / "ui" / "static"


def create_app(house: House, *, ticking: bool = True) -> FastAPI:
    """Return the web application over a house; closing the house stays with the caller.

    With `ticking` its lifespan runs the scheduler; without, it only serves, and another process must tick.
    """
    ticker = Ticker(
        house.engine,
        house.clock,
        longest_sleep=house.settings.longest_sleep,
        chores=house.chores,
        pulse=house.pulse,
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if ticking:
            house.on_change(ticker.wake)
            house.engine.notify_free(ticker.wake)
            ticker.start()
        # Other processes' changes: the command line's, another server's.
        listener = listener_for(house.database, house.origin, ticker.wake) if ticking else None
        if listener is not None:
            listener.start()
        try:
            yield
        finally:
            if listener is not None:
                await run_in_threadpool(listener.stop)
            # Stopping waits for the tick under way; the loop must stay free for requests that are being answered.
            await run_in_threadpool(ticker.stop)

    app = FastAPI(
        lifespan=lifespan,
        openapi_url=f"{API}/openapi.json",
        # The interactive pages load scripts from elsewhere, which the pages' policy forbids; / links the document.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.house = house
    app.state.problem_kinds = KINDS
    app.state.scheduler = (lambda: Own(house.pulse.scheduler, ticker.trouble())) if ticking else None
    for noun in _NOUNS:
        app.include_router(noun.router, prefix=API, responses=problems(400, 401, 403, 422, 429, 503))
    app.include_router(health.router)
    app.include_router(calendar.public)
    for page in (start, sandbox, sign_in, openid, set_up, invitation, password_reset):
        app.include_router(page.router, include_in_schema=False)
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    add_problem_handlers(app)
    app.add_exception_handler(AnswerInstead, answer_instead)
    app.add_exception_handler(NotModified, not_modified)
    # The last one added is the outermost. The innermost turns what is left of a failure into an answer, so that a key
    # sees it as one that is not kept; another one does the same for what fails in between.
    app.add_middleware(CatchAll)
    app.add_middleware(Idempotent)
    app.add_middleware(CatchAll)
    # An answer that is given again counts as any other. What the guard refuses does not: it comes from a browser that
    # another site's page has led here, whose user is not to pay for it.
    app.add_middleware(RateLimit)
    # The guard sees every request first and every answer last.
    app.add_middleware(Guard, allowed_hosts=house.settings.answered_hosts, cors_origins=house.settings.cors_origins)
    describe(app)
    return app
