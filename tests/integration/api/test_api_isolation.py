"""No organization reaches another's, and nobody does what their role does not allow: every route and method, walked.

Nothing is listed by hand but which table a path's parameter is an id of. A route that says nothing of who may ask it,
or that has a parameter which is not known here, fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from api_client import Json
from api_token import BEARER, give_token
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts
from one_of_everything import fill, rows_of
from sqlalchemy import insert

from app.bootstrap import House
from app.identity.permissions import ALLOWED, Permission, Role
from app.models import Organization
from app.web.asking import Demand, open_to_all

#: Which table a parameter of a path is an id of.
TABLES = {
    "account_id": "account",
    "campaign_id": "campaign",
    "channel_id": "alert_channel",
    "comment_id": "review_comment",
    "delegate_id": "review_delegate",
    "delivery_id": "delivery",
    "feed_id": "calendar_feed",
    "guest_review_id": "guest_review",
    "import_id": "import_run",
    "invitation_id": "one_time_link",
    "mapping_id": "column_mapping",
    "member_id": "membership",
    "message_id": "webhook_message",
    "organization_id": "organization",
    "pause_id": "pause",
    "post_id": "post",
    "review_id": "review",
    "token_id": "api_token",
    "webhook_id": "webhook",
}
#: What belongs to no organization: the operator's, or one's own.
BEYOND = {"fact_id": "withdrawn_fact", "session_id": "user_session", "user_id": "user"}
_OPERATOR = "operator"


@dataclass(frozen=True)
class Operation:
    """One route and method, and who may ask it; `demand` is None where everybody may."""

    method: str
    path: str
    document: Json
    demand: Demand | None

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)

    def at(self, ids: dict[str, int]) -> str:
        tables = TABLES | BEYOND
        return re.sub(r"{(\w+)}", lambda found: str(ids.get(tables.get(found[1], ""), 1)), self.path)

    @property
    def is_beyond(self) -> bool:
        return self.demand is not None and self.demand.beyond


def asked_of(dependant: Dependant) -> list[Demand | None]:
    """Return what a route says of who may ask it: nothing, or one demand, None being for everybody."""
    found: list[Demand | None] = []
    for inner in dependant.dependencies:
        if isinstance(inner.call, Demand):
            found.append(inner.call)
        elif inner.call is open_to_all:
            found.append(None)
        found += asked_of(inner)
    return found


@pytest.fixture
def operations(served: tuple[FastAPI, str]) -> list[Operation]:
    """Every operation of the OpenAPI document, with what its route says of who may ask it."""
    app, _ = served
    routes = {(route.path, method.lower()): route for route in _routes(app) for method in route.methods or ()}
    found = []
    for path, methods in app.openapi()["paths"].items():
        for method, document in methods.items():
            demands = asked_of(routes[path, method].dependant)
            assert len(set(map(id, demands))) == 1, f"{method.upper()} {path} does not say who may ask it"
            found.append(Operation(method, path, document, demands[0]))
    return found


def _routes(app: FastAPI) -> Iterator[RouteContext]:
    """All routes of the application, those of the pages as well."""
    for route in iter_route_contexts(app.routes):
        if getattr(route, "dependant", None) is not None:
            yield route


@pytest.fixture
def everything(house: House, campaign: Json) -> dict[str, int]:
    """One of everything in another organization; its ids by table."""
    with house.database.engine.begin() as connection:
        added = connection.execute(
            insert(Organization).values(slug="theirs", name="Theirs", fill_ins={}, created_at=house.clock.now())
        ).inserted_primary_key
        assert added is not None
        return fill(connection, int(added[0]))


@pytest.fixture
def ours(house: House, campaign: Json) -> dict[str, int]:
    """One of everything in the organization that asks."""
    with house.database.engine.begin() as connection:
        return fill(connection, 1)


@pytest.fixture
def anyone(served: tuple[FastAPI, str], api: httpx.Client) -> Iterator[httpx.Client]:
    """A client that brings nothing along."""
    with httpx.Client(base_url=served[1]) as client:
        yield client


def ask(client: httpx.Client, operation: Operation, address: str, headers: dict[str, str], **changes: Any) -> Any:
    """Ask with the example of the body and what a query must have, and these values in their place."""
    if operation.method == "get":
        return client.get(address, headers=headers, params=needed(operation) | changes)
    body = example(operation) | changes if "requestBody" in operation.document else {}
    return client.request(operation.method, address, headers=headers, params=needed(operation), json=body)


def example(operation: Operation) -> Json:
    schema = operation.document["requestBody"]["content"]["application/json"]["schema"]
    reference = schema.get("$ref") or next(s["$ref"] for s in schema["anyOf"] if "$ref" in s)
    examples: list[Json] = SCHEMAS[reference.rpartition("/")[2]].get("examples", [{}])
    return dict(examples[0])


def needed(operation: Operation) -> dict[str, Any]:
    """Return the query's parameters that must be given."""
    given: dict[str, Any] = {}
    for parameter in operation.document.get("parameters", ()):
        if parameter["in"] == "query" and parameter.get("required"):
            choices = parameter["schema"].get("enum") or _enum(parameter["schema"])
            given[parameter["name"]] = choices[0] if choices else 1
    return given


def _enum(schema: Json) -> list[Any]:
    reference = schema.get("$ref")
    return list(SCHEMAS[reference.rpartition("/")[2]].get("enum", ())) if reference else []


SCHEMAS: dict[str, Json] = {}


@pytest.fixture(autouse=True)
def _schemas(served: tuple[FastAPI, str]) -> None:
    SCHEMAS.clear()
    SCHEMAS.update(served[0].openapi()["components"]["schemas"])


class TestEveryRoute:
    def test_says_who_may_ask_it_the_pages_included(self, served: tuple[FastAPI, str]) -> None:
        unsaid = [route.path for route in _routes(served[0]) if len(set(map(id, asked_of(route.dependant)))) != 1]
        assert unsaid == []

    def test_has_only_parameters_whose_kind_is_known(self, operations: list[Operation]) -> None:
        for operation in operations:
            unknown = set(operation.parameters) - TABLES.keys() - BEYOND.keys()
            # Whoever has the secret in an address may open it.
            assert operation.demand is None or not unknown, f"{operation}: of what is {unknown} an id?"

    def test_is_refused_to_who_is_not_signed_in_unless_it_is_for_everybody(
        self, operations: list[Operation], anyone: httpx.Client, ours: dict[str, int]
    ) -> None:
        guarded = [operation for operation in operations if operation.demand is not None]
        for operation in guarded:
            answer = ask(anyone, operation, operation.at(ours), {})
            assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in"), str(operation)
        assert len(guarded) > len(operations) / 2

    def test_is_refused_to_roles_that_may_not(
        self, house: House, operations: list[Operation], anyone: httpx.Client, ours: dict[str, int]
    ) -> None:
        roles = {role.value: tuple(ALLOWED[role]) for role in Role} | {_OPERATOR: (Permission.OPERATE,)}
        for name, permissions in roles.items():
            give_token(house.database, f"fwk_{name}", scopes=permissions)
        refused = 0
        for operation in operations:
            wanted = None if operation.demand is None else operation.demand.permission
            for name, permissions in roles.items():
                if wanted is None or wanted in permissions:
                    continue
                answer = ask(anyone, operation, operation.at(ours), {"Authorization": f"Bearer fwk_{name}"})
                assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed"), f"{operation} as {name}"
                refused += 1
        assert refused > len(operations)


class TestAnotherOrganization:
    def test_what_it_has_is_not_there_and_stays_as_it_was(
        self, house: House, operations: list[Operation], anyone: httpx.Client, everything: dict[str, int]
    ) -> None:
        theirs = everything["organization"]
        with house.database.engine.connect() as connection:
            before = rows_of(connection, theirs)
        assert {name for name, rows in before.items() if not rows} == set()
        asked = 0
        for operation in operations:
            if operation.demand is None or operation.is_beyond or not set(operation.parameters) & TABLES.keys():
                continue
            answer = ask(anyone, operation, operation.at(everything), BEARER)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), f"{operation}: {answer.text}"
            asked += 1
        with house.database.engine.connect() as connection:
            assert rows_of(connection, theirs) == before
        assert asked > 30

    def test_what_it_has_is_not_there_either_when_it_is_named_in_a_query_or_body(
        self, house: House, operations: list[Operation], anyone: httpx.Client, everything: dict[str, int]
    ) -> None:
        theirs = everything["organization"]
        with house.database.engine.connect() as connection:
            before = rows_of(connection, theirs)
        asked = 0
        for operation in operations:
            if operation.demand is None or operation.is_beyond or operation.parameters:
                continue
            for parameter in operation.document.get("parameters", ()):
                if parameter["in"] == "query" and parameter["name"] in TABLES:
                    id_ = everything[TABLES[parameter["name"]]]
                    # A search must be for something.
                    words = {"words": "help"} if operation.path.endswith("-search") else {}
                    answer = ask(anyone, operation, operation.path, BEARER, **{parameter["name"]: id_}, **words)
                    # A list may be narrowed by what is not there any more; it has nothing then.
                    is_empty = answer.status_code == 200 and answer.json()["items"] == []
                    assert is_empty or answer.status_code == 404, f"{operation}: {answer.text}"
                    asked += 1
            if "requestBody" in operation.document:
                # In a body, a delegate is a user.
                for name in example(operation).keys() & TABLES.keys() - {"delegate_id"}:
                    answer = ask(anyone, operation, operation.path, BEARER, **{name: everything[TABLES[name]]})
                    assert answer.status_code == 404, f"{operation}: {answer.text}"
                    asked += 1
        with house.database.engine.connect() as connection:
            assert rows_of(connection, theirs) == before
        assert asked > 4

    def test_of_many_at_once_each_is_said_not_to_be_there(self, api: httpx.Client, everything: dict[str, int]) -> None:
        body = {"delivery_ids": [everything["delivery"]], "reason": "A wrong number."}
        answer = api.post("/withdrawals", json=body).json()
        assert [(one["state"], one["problem"]["code"]) for one in answer["items"]] == [(None, "not_found")]

    def test_nothing_of_it_is_in_any_list(
        self, operations: list[Operation], anyone: httpx.Client, ours: dict[str, int], everything: dict[str, int]
    ) -> None:
        """Every list is read; none has a row with another organization's id where ours has its own."""
        looked = 0
        for operation in operations:
            if operation.method != "get" or operation.demand is None or operation.is_beyond:
                continue
            answer = anyone.get(operation.at(ours), headers=BEARER, params=needed(operation) | {"limit": 200})
            if answer.headers["content-type"] != "application/json" or "items" not in answer.json():
                continue
            items = [item for item in answer.json()["items"] if isinstance(item, dict)]
            for name in ("campaign_id", "post_id", "account_id", "organization_id"):
                assert everything[name.removesuffix("_id")] not in [item.get(name) for item in items], str(operation)
            looked += 1
        assert looked > 8
