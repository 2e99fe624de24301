"""What the OpenAPI document says beyond the routes themselves."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts

from app.api.edge_words import RATE_HEADERS, describe_edge
from app.api.schemas.problems import ProblemOut, problems
from app.settings import Settings
from app.version import version
from app.web.asking import open_to_all
from app.web.cookies import cookie_name

#: Where the API begins.
API = "/api/v1"

DESCRIPTION = """
Plans, checks and publishes an awareness month's posts.

**Who may ask.** Send an API token (`Authorization: Bearer fwk_...`), which speaks for one organization and may do what
its scopes say; or use the session of a signed-in browser, naming the organization by its slug in the header
`Focusweek-Organization` where its user has several. What belongs to another organization is answered like what does not
exist: 404.

**Errors** are RFC 9457 problems (`application/problem+json`) with a stable `code`, what happened (`detail`) and what
to do next (`hint`).

**Times** in answers are `{"utc": "...Z", "local": "...-05:00"}`, local in the campaign's zone. Times in requests are
ISO 8601 with their offset; one without an offset is refused.

**Lists** come in pages: give `next_cursor` as `cursor` for the next one. Rows that come in between neither repeat nor
hide others.

**Sending again**: give a POST an `Idempotency-Key` of your own (a new UUID for each new request). Sent again with the
same key it is not carried out again, and answers as the first time, with `Idempotency-Replayed: true`, for 24 hours.
The same key with another request is refused (422), and while the first is at work there is 409 with `Retry-After`.
Failures of the service (5xx) are not kept: send those again with the same key.

**Edits**: posts, campaigns, fill-ins, accounts, webhooks, alert channels and the organization come with an `ETag`.
Send it as `If-Match` with a change, and the change is refused (412) where somebody else has made one meanwhile. Send
it as `If-None-Match` to read only what has changed (304).

**Rates**: a token or session may ask 600 times in any 60 seconds, an address at which nobody is signed in 60 times,
unless the operator says otherwise. `RateLimit-Policy` and `RateLimit` in each answer say what is left; beyond it
there is 429 with `Retry-After`.

**Texts**: `parts` is always `[{"text", "length"}]`, the exact messages with their length in the network's own count;
spans are half-open, in Unicode code points.
"""

TAGS = [
    {"name": "sign-in", "description": "The first start, signing in and out, and new passwords."},
    {"name": "me", "description": "Who asks: their name, password, second factor and sessions."},
    {"name": "members", "description": "Who belongs to the organization, what they are in it, and who is invited."},
    {"name": "api-tokens", "description": "Programs' keys to the organization."},
    {"name": "users", "description": "Everybody who signs in to this service, for its operator."},
    {"name": "campaigns", "description": "A pack set up for a year: its days, settings, facts and fill-ins."},
    {"name": "plans", "description": "What would go out where and when; looked at first, then committed."},
    {"name": "posts", "description": "The campaign's messages, and what each network would get."},
    {"name": "imports", "description": "Files of posts: looked at row by row, committed, and undone while unsent."},
    {"name": "reviews", "description": "Posts are put before reviewers, and approved exactly as they would go out."},
    {"name": "guest reviews", "description": "Posts put before somebody who has no user here, by a link and a code."},
    {"name": "deliveries", "description": "One occurrence of one post on one account, and all that happens to it."},
    {"name": "withdrawals", "description": "Taking back what is out: found by what it says, deleted, corrected."},
    {"name": "withdrawn facts", "description": "Urgent corrections of an issuer: what nobody may publish any more."},
    {"name": "pauses", "description": "What a person has stopped, and what becomes of the posts that waited."},
    {"name": "accounts", "description": "Places to publish to, and the networks that there are."},
    {"name": "alerts", "description": "What a person should know of now, and who is told how."},
    {"name": "webhooks", "description": "Other systems that are told what happens, by Standard Webhooks, and the log."},
    {"name": "calendar", "description": "A campaign in people's calendars, under a secret address."},
    {"name": "checks", "description": "Any text under the rules, as it stands."},
    {"name": "organizations", "description": "The agencies, one's own, and all of one's own together."},
    {"name": "audit", "description": "Who changed what, before and after, when, and from where."},
    {"name": "clock", "description": "The time that decides, and a person's word that it is right."},
    {"name": "health", "description": "Whether the process is alive and can do its work, and its numbers."},
]


def _schemes(settings: Settings) -> dict[str, Any]:
    return {
        "token": {"type": "http", "scheme": "bearer", "description": "An API token: fwk_..."},
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": cookie_name(settings),
            "description": "A signed-in browser's session.",
        },
    }


def _open_operations(app: FastAPI) -> set[tuple[str, str]]:
    """Return the path and method of everything that everybody may ask."""
    return {
        (str(route.path), method.lower())
        for route in iter_route_contexts(app.routes)
        if getattr(route, "dependant", None) is not None
        and any(inner.call is open_to_all for inner in route.dependant.dependencies)
        for method in route.methods or ()
    }


def describe(app: FastAPI) -> None:
    """Make the application's OpenAPI document, once, when it is first asked for."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title="Focusweek", version=version(), description=DESCRIPTION, tags=TAGS, routes=app.routes
            )
            problem = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas = document["components"]["schemas"]
            schemas |= problem.pop("$defs", {})
            schemas["ProblemOut"] = problem
            document["components"]["headers"] = RATE_HEADERS
            document["components"]["securitySchemes"] = _schemes(app.state.house.settings)
            everybody = _open_operations(app)
            for path, operations in document["paths"].items():
                for method, operation in operations.items():
                    is_open = (path, method) in everybody
                    operation["security"] = [] if is_open else [{name: []} for name in ("token", "session")]
                    describe_edge(path, method, operation, is_open=is_open)
                    if path.startswith(API) and method != "get":
                        operation["responses"] |= {str(status): said for status, said in problems(415).items()}
                    # The framework would write Every Word With A Capital.
                    said = operation["operationId"].replace("fill_ins", "fill-ins").replace("_", " ")
                    operation["summary"] = said.capitalize()
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own documented way
