from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from api_client import Json, made, ok, refused, serving
from api_token import BEARER, give_token
from fastapi import FastAPI, Request, Response
from sqlalchemy import select, update

from app.api.idempotent import Idempotent
from app.api.problems import CatchAll
from app.bootstrap import House
from app.clock import VirtualClock
from app.errors import NetworkUnreachable
from app.models import Campaign, IdempotencyKey
from app.services.idempotency import ABANDONED, CLAIMED, KEPT, LARGEST_ANSWER, carried_out, forget_expired
from app.services.organizations import default_organization

KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
NEW = {"name": "January at the agency", "year": 2027}


def campaigns(api: httpx.Client) -> int:
    return len(ok(api.get("/campaigns"))["items"])


class TestTheSameRequestAgain:
    def test_gets_the_first_answer_and_makes_nothing(self, api_on_each: httpx.Client) -> None:
        first = api_on_each.post("/campaigns", json=NEW, headers=KEY)
        again = api_on_each.post("/campaigns", json=NEW, headers=KEY)
        made(first)
        assert (again.status_code, again.content) == (201, first.content)
        for header in ("location", "etag", "content-type"):
            assert again.headers[header] == first.headers[header]
        assert again.headers["idempotency-replayed"] == "true"
        assert "idempotency-replayed" not in first.headers
        assert campaigns(api_on_each) == 1

    def test_is_known_with_the_key_in_quotes(self, api: httpx.Client) -> None:
        first = made(api.post("/campaigns", json=NEW, headers={"Idempotency-Key": "a-key"}))
        again = api.post("/campaigns", json=NEW, headers={"Idempotency-Key": '"a-key"'})
        assert made(again)["id"] == first["id"]

    def test_gets_a_refusal_again(self, api: httpx.Client) -> None:
        body = {"slug": "a", "platform": "bluesky", "via": "nonsense"}
        refused(api.post("/accounts", json=body, headers=KEY), 422, "validation.failed")
        again = api.post("/accounts", json=body, headers=KEY)
        refused(again, 422, "validation.failed")
        assert again.headers["idempotency-replayed"] == "true"

    def test_is_carried_out_once_where_two_come_at_the_same_time(self, api_on_each: httpx.Client) -> None:
        answers: list[httpx.Response] = []
        start = threading.Barrier(6)

        def ask() -> None:
            start.wait()
            answers.append(api_on_each.post("/campaigns", json=NEW, headers=KEY, timeout=60))

        askers = [threading.Thread(target=ask) for _ in range(6)]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()
        assert campaigns(api_on_each) == 1
        done = [answer for answer in answers if answer.status_code == 201]
        assert len({answer.content for answer in done}) == 1
        for answer in answers:
            if answer not in done:
                refused(answer, 409, "idempotency.in_progress")
                assert answer.headers["retry-after"].isdigit()

    def test_is_another_request_with_another_key_or_none(self, api: httpx.Client) -> None:
        made(api.post("/campaigns", json=NEW, headers=KEY))
        refused(api.post("/campaigns", json=NEW, headers={"Idempotency-Key": "another"}), 409, "already_exists")
        refused(api.post("/campaigns", json=NEW), 409, "already_exists")


class TestAKey:
    @pytest.mark.parametrize("address", ["/campaigns", "/campaigns?again=1", "/checks"])
    def test_is_of_one_request_only(self, api: httpx.Client, address: str) -> None:
        made(api.post("/campaigns", json=NEW, headers=KEY))
        other = NEW if "?" in address else NEW | {"name": "Another"}
        refused(api.post(address, json=other, headers=KEY), 422, "idempotency.mismatch")
        assert campaigns(api) == 1

    def test_is_of_one_token_only(self, api: httpx.Client, house: House) -> None:
        made(api.post("/campaigns", json=NEW, headers=KEY))
        give_token(house.database, "fwk_another")
        answer = api.post("/campaigns", json=NEW, headers=KEY | {"Authorization": "Bearer fwk_another"})
        refused(answer, 409, "already_exists")

    def test_gives_nothing_to_whoever_is_not_signed_in_any_more(self, api: httpx.Client, house: House) -> None:
        made(api.post("/campaigns", json=NEW, headers=KEY))
        with house.database.write() as session:
            organization = default_organization(session, house.clock.now())
            organization.state = "closed"
        refused(api.post("/campaigns", json=NEW, headers=KEY), 401, "not_signed_in")

    def test_is_good_for_a_day(self, api: httpx.Client, clock: VirtualClock) -> None:
        first = made(api.post("/campaigns", json=NEW, headers=KEY))
        clock.move_to(clock.now() + KEPT - timedelta(seconds=1))
        assert made(api.post("/campaigns", json=NEW, headers=KEY)) == first
        clock.move_to(clock.now() + timedelta(seconds=1))
        refused(api.post("/campaigns", json=NEW, headers=KEY), 409, "already_exists")

    @pytest.mark.parametrize("key", ["", '""', "two words", "x" * 201, "é", 'a"b'])
    def test_of_other_letters_is_refused(self, api: httpx.Client, key: str) -> None:
        answer = api.post("/campaigns", json=NEW, headers={"Idempotency-Key": key.encode()})
        refused(answer, 422, "idempotency.key_invalid")
        assert campaigns(api) == 0

    def test_means_nothing_to_what_is_no_post(self, api: httpx.Client) -> None:
        for _ in range(2):
            answer = api.get("/campaigns", headers=KEY)
            ok(answer)
            assert "idempotency-replayed" not in answer.headers

    def test_is_told_in_the_document(self, api: httpx.Client) -> None:
        document = ok(api.get("/openapi.json"))
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                named = [one["name"] for one in operation.get("parameters", ())]
                takes_it = path.startswith("/api/") and method == "post" and operation["security"] != []
                assert ("Idempotency-Key" in named) == takes_it, f"{method} {path}"


class TestWhatIsKept:
    def test_is_sealed(self, api: httpx.Client, house: House) -> None:
        hook = {"url": "https://receiver.example/focusweek"}
        secret = made(api.post("/webhooks", json=hook, headers=KEY))["secret"]
        with house.database.read() as session:
            (row,) = session.scalars(select(IdempotencyKey))
        assert row.answer is not None
        assert secret.encode() not in row.answer
        assert secret not in row.headers
        assert made(api.post("/webhooks", json=hook, headers=KEY))["secret"] == secret

    def test_goes_when_its_day_is_over(self, api: httpx.Client, house: House, clock: VirtualClock) -> None:
        made(api.post("/campaigns", json=NEW, headers=KEY))
        assert forget_expired(house.database, clock.now() + KEPT - timedelta(seconds=1)) == 0
        (chore,) = [chore for chore in house.chores if chore.name == "idempotency_keys"]
        clock.move_to(clock.now() + KEPT)
        chore.run()
        with house.database.read() as session:
            assert session.scalars(select(IdempotencyKey)).all() == []


class Trouble:
    """An application of one address that does as a test says, behind the same middleware."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.calls = 0
        self.fails: Exception | None = None
        self.commits = True
        self.status = 200
        self.headers: dict[str, str] = {}
        self.size = 10
        self.app = FastAPI()
        self.app.state.house = house
        self.app.add_middleware(CatchAll)
        self.app.add_middleware(Idempotent)
        self.app.add_middleware(CatchAll)
        self.app.add_api_route("/api/v1/things", self.things, methods=["POST"])

    def things(self, request: Request) -> Response:
        self.calls += 1
        if self.commits:
            with self.house.write() as scope:
                campaign = scope.session.get_one(Campaign, 1)
                campaign.name = f"Changed {self.calls} times"
        if self.fails is not None:
            raise self.fails
        return Response(b"x" * self.size, self.status, self.headers)


@pytest.fixture
def trouble(house: House, campaign: Json) -> Trouble:
    return Trouble(house)


@pytest.fixture
def ask(trouble: Trouble) -> Iterator[httpx.Client]:
    with serving(trouble.app) as base, httpx.Client(base_url=f"{base}/api/v1", headers=BEARER | KEY) as client:
        yield client


class TestAFailure:
    def test_that_changed_nothing_is_made_good_by_the_same_key(self, trouble: Trouble, ask: httpx.Client) -> None:
        trouble.commits, trouble.fails = False, RuntimeError("broken")
        assert ask.post("/things").status_code == 500
        trouble.fails = None
        assert ask.post("/things").status_code == 200
        assert ask.post("/things").headers["idempotency-replayed"] == "true"
        assert trouble.calls == 2

    def test_after_a_change_is_not_carried_out_again(self, trouble: Trouble, ask: httpx.Client) -> None:
        trouble.fails = RuntimeError("broken")
        assert ask.post("/things").status_code == 500
        trouble.fails = None
        refused(ask.post("/things"), 409, "idempotency.answer_lost")
        assert trouble.calls == 1

    @pytest.mark.parametrize("status", [401, 403, 429])
    def test_to_be_let_in_is_not_kept(self, trouble: Trouble, ask: httpx.Client, status: int) -> None:
        trouble.commits, trouble.status = False, status
        assert ask.post("/things").status_code == status
        trouble.status = 200
        assert ask.post("/things").status_code == 200

    def test_of_a_network_is_not_kept(self, trouble: Trouble, ask: httpx.Client) -> None:
        trouble.commits, trouble.status = False, 502
        trouble.fails = NetworkUnreachable("nobody there", hint="Wait.")
        assert ask.post("/things").status_code == 500
        trouble.fails = None
        assert ask.post("/things").status_code == 502
        trouble.status = 200
        assert ask.post("/things").status_code == 200


class TestAnAnswer:
    def test_too_large_to_be_kept_is_given_whole_and_not_made_again(self, trouble: Trouble, ask: httpx.Client) -> None:
        trouble.size = LARGEST_ANSWER + 1
        assert len(ask.post("/things").content) == trouble.size
        refused(ask.post("/things"), 409, "idempotency.answer_lost")
        assert trouble.calls == 1

    def test_with_a_cookie_is_not_kept(self, trouble: Trouble, ask: httpx.Client, house: House) -> None:
        trouble.headers = {"Set-Cookie": "focusweek_session=secret"}
        ask.post("/things")
        refused(ask.post("/things"), 409, "idempotency.answer_lost")
        with house.database.read() as session:
            assert session.scalars(select(IdempotencyKey.answer)).all() == [b""]

    def test_that_the_key_cannot_open_any_more_is_lost(self, trouble: Trouble, ask: httpx.Client, house: House) -> None:
        ask.post("/things")
        with house.database.write() as session:
            session.execute(update(IdempotencyKey).values(answer=b"sealed with another key"))
        refused(ask.post("/things"), 409, "idempotency.answer_lost")


class TestAProcessThatDied:
    """Its row stays behind; what became of the request shows in it."""

    @pytest.fixture
    def row(self, ask: httpx.Client, house: House, trouble: Trouble) -> None:
        trouble.commits = False
        ask.post("/things")

    def leave(self, house: House, status: int | None) -> None:
        with house.database.write() as session:
            session.execute(update(IdempotencyKey).values(status=status, answer=None))

    def test_before_it_changed_anything_lets_another_do_it_after_a_while(
        self, row: None, ask: httpx.Client, house: House, clock: VirtualClock, trouble: Trouble
    ) -> None:
        self.leave(house, None)
        answer = ask.post("/things")
        refused(answer, 409, "idempotency.in_progress")
        clock.move_to(clock.now() + ABANDONED)
        assert ask.post("/things").status_code == 200
        assert trouble.calls == 2

    def test_after_its_change_lets_nobody_do_it_again(
        self, row: None, ask: httpx.Client, house: House, clock: VirtualClock, trouble: Trouble
    ) -> None:
        self.leave(house, 0)
        refused(ask.post("/things"), 409, "idempotency.in_progress")
        clock.move_to(clock.now() + ABANDONED)
        refused(ask.post("/things"), 409, "idempotency.answer_lost")
        assert trouble.calls == 1

    def test_and_was_only_slow_changes_nothing_once_another_has_taken_over(
        self, ask: httpx.Client, house: House, clock: VirtualClock, trouble: Trouble
    ) -> None:
        inner = trouble.things

        def slow(request: Request) -> Response:
            if trouble.calls == 0:
                trouble.calls = 1
                # While this one sleeps, its time passes and another request does it.
                clock.move_to(clock.now() + ABANDONED)
                mine = CLAIMED.set(None)
                with httpx.Client(base_url=ask.base_url, headers=BEARER | KEY) as other:
                    assert other.post("/things").status_code == 200
                CLAIMED.reset(mine)
                trouble.calls = 9
            return inner(request)

        trouble.app.router.routes.clear()
        trouble.app.add_api_route("/api/v1/things", slow, methods=["POST"])
        answer = ask.post("/things", timeout=30)
        assert answer.status_code == 500
        with house.read() as scope:
            assert scope.session.get_one(Campaign, 1).name == "Changed 2 times"


def test_a_unit_of_work_without_a_key_marks_nothing(house: House) -> None:
    with house.database.write() as session:
        carried_out(session)
        assert session.scalars(select(IdempotencyKey)).all() == []
