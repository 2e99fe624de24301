from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from api_client import Json, ok, refused, serving
from api_token import BEARER, give_token
from fastapi import FastAPI

from app import errors
from app.api.problems import KINDS
from app.api.schemas.base import Output
from app.api.schemas.problems import ProblemOut
from app.bootstrap import House
from app.main import create_app
from app.services.pages import BadCursor


def family(error: type[errors.FocusweekError]) -> Iterator[type[errors.FocusweekError]]:
    yield error
    for child in error.__subclasses__():
        yield from family(child)


class TestTheTable:
    def test_every_error_of_ours_has_a_status_and_a_title(self) -> None:
        codes = {error.code for error in family(errors.FocusweekError)}
        assert BadCursor.code in codes
        assert codes <= set(KINDS)

    def test_no_two_errors_share_a_code(self) -> None:
        codes = [error.code for error in family(errors.FocusweekError)]
        assert len(codes) == len(set(codes))


class TestUnknownAddresses:
    def test_a_route_that_is_not_there_is_a_problem(self, api: httpx.Client) -> None:
        refused(api.get("/nothing/here"), 404, "not_found")

    def test_a_method_that_is_not_offered_is_a_problem_that_names_those_that_are(self, api: httpx.Client) -> None:
        response = api.request("DELETE", "/campaigns")
        refused(response, 405, "method.not_allowed")
        assert "GET" in response.headers["allow"]

    @pytest.mark.parametrize("path", ["/campaigns/%00", "/campaigns/%ff", "/campaigns/..%2f..%2fetc", "/campaigns/1/"])
    def test_odd_paths_are_not_found(self, api: httpx.Client, path: str) -> None:
        refused(api.get(path), 404, "not_found")


class TestUnexpectedFailures:
    @pytest.fixture
    def broken(self, house: House) -> FastAPI:
        app = create_app(house, ticking=False)

        @app.get("/api/v1/broken")
        def fail() -> None:
            raise ZeroDivisionError("a secret that must not leave")

        return app

    def test_the_answer_has_an_id_and_no_trace(self, broken: FastAPI) -> None:
        with serving(broken) as base:
            response = httpx.get(f"{base}/api/v1/broken")
        problem = refused(response, 500, "internal")
        assert problem["error_id"] in problem["hint"]
        assert "secret" not in response.text
        assert "Traceback" not in response.text
        assert response.headers["x-content-type-options"] == "nosniff"

    def test_a_lost_database_is_said_to_be_lost(self, house: House) -> None:
        give_token(house.database)
        with serving(create_app(house, ticking=False)) as base:
            with house.database.engine.begin() as connection:
                connection.exec_driver_sql("ALTER TABLE campaign RENAME TO gone")
            response = httpx.get(f"{base}/api/v1/campaigns", headers=BEARER)
        refused(response, 503, "storage.unavailable")
        assert response.headers["retry-after"]


def everything(model: type[Output]) -> Iterator[type[Output]]:
    for child in model.__subclasses__():
        # What is generic has no schema before it is told of what it is a page.
        if not child.__pydantic_generic_metadata__["parameters"]:
            yield child
        yield from everything(child)


class TestTheDescription:
    @pytest.fixture
    def document(self, api: httpx.Client) -> Json:
        return ok(api.get("/openapi.json"))

    def test_it_says_how_to_sign_in(self, document: Json) -> None:
        assert "Authorization: Bearer" in document["info"]["description"]

    def test_every_operation_has_an_id_of_its_own_a_tag_and_words(self, document: Json) -> None:
        operations = [op for path in document["paths"].values() for op in path.values()]
        ids = [operation["operationId"] for operation in operations]
        assert len(ids) == len(set(ids)) > 25
        assert all(operation["tags"] and operation["description"] for operation in operations)

    def test_every_operation_has_a_summary_in_plain_words(self, document: Json) -> None:
        summaries = {op["operationId"]: op["summary"] for path in document["paths"].values() for op in path.values()}
        assert summaries["create_a_campaign"] == "Create a campaign"
        assert len(set(summaries.values())) == len(summaries)

    def test_every_body_has_examples_of_its_schema(self, api: httpx.Client, planned: Json, document: Json) -> None:
        tried = 0
        for address, path in document["paths"].items():
            for method, operation in path.items():
                if "requestBody" not in operation:
                    continue
                schema = operation["requestBody"]["content"]["application/json"]["schema"]
                reference = schema.get("$ref") or next(s["$ref"] for s in schema["anyOf"] if "$ref" in s)
                examples = document["components"]["schemas"][reference.rpartition("/")[2]]["examples"]
                for example in examples:
                    here = re.sub(r"\{\w+\}", "1", address.removeprefix("/api/v1"))
                    response = api.request(method, here, json=example)
                    tried += 1
                    # The state of things may refuse it (and the pack in an example is cut short), the schema may not.
                    code = response.json().get("code")
                    assert code not in ("validation.failed", "json.malformed", "internal"), (address, response.text)
        assert tried > 20

    def test_every_example_of_an_answer_is_of_its_schema(self, document: Json) -> None:
        shown = [model for model in everything(Output) if model.model_json_schema().get("examples")]
        assert {"AccountOut", "CheckOut", "DeliveryOut", "PlanCommitOut", "PostOut"} <= {m.__name__ for m in shown}
        for model in shown:
            for example in model.model_json_schema()["examples"]:
                assert set(example) == set(model.model_fields)
                assert model.model_validate(example).model_dump(mode="json") == example

    def test_every_problem_in_it_is_one_and_says_what_to_do_next(self, document: Json) -> None:
        seen = set()
        for path in document["paths"].values():
            for operation in path.values():
                for status, response in operation["responses"].items():
                    body = response.get("content", {}).get("application/problem+json")
                    if body is not None:
                        problem = ProblemOut.model_validate(body["example"])
                        assert (str(problem.status), KINDS[problem.code].status) == (status, problem.status)
                        assert problem.hint
                        seen.add(problem.code)
        assert len(seen) >= 10

    def test_every_write_says_what_a_wrong_one_is_answered(self, document: Json) -> None:
        for address, path in document["paths"].items():
            for method, operation in path.items():
                if address.startswith("/api/"):
                    assert {"400", "403", "422", "503"} <= set(operation["responses"])
                    assert ("415" in operation["responses"]) == (method != "get"), address
                    assert ("404" in operation["responses"]) or "{" not in address

    def test_problems_are_documented_as_problems(self, document: Json) -> None:
        for address, path in document["paths"].items():
            for operation in path.values():
                for status, response in operation["responses"].items():
                    if int(status) >= 400 and address.startswith("/api/"):
                        assert list(response["content"]) == ["application/problem+json"]
        assert "ProblemOut" in document["components"]["schemas"]

    def test_no_page_loads_anything_from_elsewhere(self, site: httpx.Client) -> None:
        for address in ("/docs", "/redoc"):
            assert site.get(address).status_code == 404
