"""Every error as an RFC 9457 problem: one table from an error's code to its status and title."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, IntegrityError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.plain_words import field_errors
from app.api.schemas.pauses import UndecidedOut
from app.api.schemas.unacknowledged import UnacknowledgedOut
from app.errors import FocusweekError, InvalidPack, NotSignedIn, TooManyTries
from app.services.approving import WarningsUnacknowledged
from app.services.idempotency import InProgress
from app.services.resuming import WaitingUndecided

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """What all problems of one code share."""

    status: int
    title: str


KINDS: dict[str, Kind] = {
    # The codes of app.errors.
    "error": Kind(500, "Something went wrong"),
    "input.invalid": Kind(422, "Something given cannot be used"),
    "pack.invalid": Kind(422, "The pack cannot be used"),
    "file.refused": Kind(422, "The file is not read"),
    "platform.unknown": Kind(422, "No such platform"),
    "cursor.invalid": Kind(400, "No such page"),
    "not_found": Kind(404, "Not found"),
    "conflict": Kind(409, "The present state does not allow it"),
    "plan.changed": Kind(409, "The plan has changed since its preview"),
    "already_exists": Kind(409, "It exists already"),
    "approval.unacknowledged": Kind(409, "Warnings are not acknowledged"),
    "pause.undecided": Kind(409, "Posts wait for a decision"),
    "delivery.state_refused": Kind(409, "The delivery's state does not allow it"),
    "not_signed_in": Kind(401, "Not signed in"),
    "not_allowed": Kind(403, "Not allowed"),
    "too_many_tries": Kind(429, "Tried too often"),
    "configuration.invalid": Kind(500, "The service is not set up rightly"),
    "storage.unavailable": Kind(503, "The database does not answer"),
    "network.unreachable": Kind(502, "The network could not be asked"),
    # The codes of the web's own edge.
    "validation.failed": Kind(422, "Some fields cannot be used"),
    "json.malformed": Kind(400, "The body is no JSON"),
    "request.malformed": Kind(400, "The request cannot be read"),
    "method.not_allowed": Kind(405, "The method is not offered here"),
    "precondition.failed": Kind(412, "It has changed meanwhile"),
    "idempotency.key_invalid": Kind(422, "The key cannot be used"),
    "idempotency.mismatch": Kind(422, "The key belongs to another request"),
    "idempotency.in_progress": Kind(409, "The first request is still at work"),
    "idempotency.answer_lost": Kind(409, "It was done, and its answer is lost"),
    "rate.limited": Kind(429, "Too many requests"),
    "body.not_json": Kind(415, "The body must be JSON"),
    "body.too_large": Kind(413, "The body is too large"),
    "host.refused": Kind(400, "Not a host of this service"),
    "origin.refused": Kind(403, "Requests of other sites are refused"),
    "internal": Kind(500, "Something went wrong"),
}

_BY_STATUS = {400: "request.malformed", 404: "not_found", 405: "method.not_allowed", 413: "body.too_large"}


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: its code, what happened (`detail`), what to do next (`hint`), and the fields it is about.

    `more` are further members of this kind of problem, as JSON.
    """

    code: str
    detail: str
    hint: str = ""
    errors: Sequence[dict[str, Any]] = ()
    error_id: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


def problem_response(problem: Problem, *, headers: dict[str, str] | None = None) -> Response:
    """Return a problem as an answer."""
    kind = KINDS[problem.code]
    content: dict[str, Any] = {
        "type": f"/problems/{problem.code}",
        "title": kind.title,
        "status": kind.status,
        "detail": problem.detail,
        "code": problem.code,
    }
    optional = {"hint": problem.hint, "errors": list(problem.errors), "error_id": problem.error_id}
    content |= {name: value for name, value in optional.items() if value} | dict(problem.more)
    # ASCII only: whatever a client sent that is quoted here, lone surrogates included, can be written.
    return Response(json.dumps(content), kind.status, headers, media_type=MEDIA_TYPE)


def problem_of(error: FocusweekError) -> Problem:
    """Return the problem for one of our errors."""
    if isinstance(error, InvalidPack):
        lines = [{"field": p.field, "line": p.line, "message": p.message} for p in error.problems]
        count = "One thing" if len(lines) == 1 else f"{len(lines)} things"
        return Problem(error.code, f"{count} in the pack cannot be used.", error.hint, lines)
    if isinstance(error, WaitingUndecided):
        return Problem(error.code, error.message, error.hint, more=UndecidedOut.of(error).model_dump(mode="json"))
    if isinstance(error, WarningsUnacknowledged):
        return Problem(error.code, error.message, error.hint, more=UnacknowledgedOut.of(error).model_dump(mode="json"))
    return Problem(error.code, error.message, error.hint)


def add_problem_handlers(app: FastAPI) -> None:
    """Answer every error of the application with a problem."""
    app.add_exception_handler(FocusweekError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(IntegrityError, _collision)
    app.add_exception_handler(DataError, _unfit)


# The handlers are synchronous in all but name: an `async def` runs at once, a plain one would take a thread.


async def _ours(_request: Request, error: Exception) -> Response:
    assert isinstance(error, FocusweekError)  # noqa: S101 - registered for this class only
    return error_response(error)


def error_response(error: FocusweekError) -> Response:
    """Return one of our errors as an answer; the log has those that are the service's own."""
    problem = problem_of(error)
    if KINDS[problem.code].status >= 500:  # noqa: PLR2004 - HTTP's own number
        log.error("api.unable", code=problem.code, detail=problem.detail)
    return problem_response(problem, headers=_headers(error))


def _headers(error: FocusweekError) -> dict[str, str] | None:
    if isinstance(error, NotSignedIn):
        return {"WWW-Authenticate": 'Bearer realm="Focusweek"'}
    if isinstance(error, TooManyTries | InProgress):
        return {"Retry-After": str(error.wait_seconds)}
    return {"Retry-After": "5"} if error.code == "storage.unavailable" else None


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
    details = error.errors()
    if any(detail["type"] == "json_invalid" for detail in details):
        found = details[0]
        reason = found.get("ctx", {}).get("error", "it cannot be read")
        where = f" at character {int(found['loc'][-1]) + 1}" if isinstance(found["loc"][-1], int) else ""
        return problem_response(Problem("json.malformed", f"The body is no JSON: {reason}{where}.", "Correct it."))
    if any(detail["loc"][0] == "path" for detail in details):
        if request.method not in (offered := _methods(request)):
            # Not an id that is none, but another address: /posts/bulk, which answers to another method.
            return await _http(request, HTTPException(405, headers={"Allow": ", ".join(offered)}))
        return problem_response(Problem("not_found", "There is nothing at this address.", "Check the id in it."))
    errors = field_errors(details)
    first = errors[0]
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    detail = f"{first['field']}: {first['message']}{more}" if first["field"] else f"{first['message']}{more}"
    named = any(error["field"] for error in errors)
    hint = "Correct the fields named in errors." if named else "Correct the body; /api/v1/openapi.json has examples."
    return problem_response(Problem("validation.failed", detail, hint, errors))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as above
    code = _BY_STATUS.get(error.status_code, "internal" if error.status_code >= 500 else "request.malformed")  # noqa: PLR2004 - as above
    details = {
        "not_found": "There is nothing at this address.",
        "method.not_allowed": "This address does not take this method.",
        "request.malformed": "The request cannot be read.",
    }
    hint = "See /api/v1/openapi.json for what there is, and what each address takes."
    given = dict(error.headers or {})
    if code == "method.not_allowed" and (offered := _methods(request)):
        given["Allow"] = ", ".join(offered)
    return problem_response(Problem(code, details.get(code, str(error.detail)), hint), headers=given)


def _methods(request: Request) -> list[str]:
    """Return the methods of an address. Each route knows its own only, and the first one answered."""
    document = request.app.openapi()["paths"]
    here = request.url.path.rstrip("/")
    for address, operations in [(here, document.get(here)), *document.items()]:
        there = address.split("/")
        if operations and _fits(here.split("/"), there):
            return sorted(method.upper() for method in operations)
    return []


def _fits(here: list[str], there: list[str]) -> bool:
    return len(here) == len(there) and all(a == b or b.startswith("{") for a, b in zip(here, there, strict=True))


async def _collision(_request: Request, error: Exception) -> Response:
    # Two requests made the same thing at once: the database let one of them through.
    log.warning("api.collision", kind=type(error).__name__)
    return problem_response(
        Problem("conflict", "Something else changed the same thing at the same moment.", "Look at it and try again.")
    )


async def _unfit(_request: Request, error: Exception) -> Response:
    log.warning("api.unfit", kind=type(error).__name__)
    return problem_response(
        Problem("input.invalid", "A value is too long or too large to be kept.", "Shorten it and try again.")
    )


class CatchAll:
    """The ASGI middleware that turns whatever is left into a problem with an id; the log has the rest."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, whatever happens."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:
            error_id = secrets.token_hex(8)
            log.exception("api.failed", error_id=error_id, method=scope["method"], path=scope["path"])
            if started:
                raise
            detail = "The service failed on this request; nothing was changed by it."
            hint = f"Tell the operator the error's id: {error_id}."
            await problem_response(Problem("internal", detail, hint, error_id=error_id))(scope, receive, send)
