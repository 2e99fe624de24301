"""When a network cannot say what became of a post, whether it is worth asking again; and when it asks for a rest."""

from __future__ import annotations

import base64
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from wire_double import Answer

from app.platforms.results import CannotTell, Found, NotFound, Published, RemoteRef

TEXT = "Partner to prevent. https://www.acf.hhs.gov/otip/training/soar-health-and-wellness-training #Partner2Prevent"
MENTION = "With @office@agency.example today"
EDITED = {"edited_at": "2027-01-01T00:00:00Z"}


def now() -> datetime:
    return datetime.now(UTC)


def answering(rig, end: str, answer: Answer) -> None:
    """Give one answer to every call whose path ends so."""
    usual = rig.double.answer
    rig.double.answer = lambda call: answer if call.path.endswith(end) else usual(call)


LISTS = {"mastodon": "/statuses", "bluesky": "com.atproto.repo.getRecord"}


@pytest.fixture(params=["mastodon", "bluesky"])
def network(request):
    rig = request.getfixturevalue(request.param)
    rig.list = LISTS[request.param]
    return rig


class TestANetworkThatCannotBeAskedNow:
    @pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 408, 425])
    def test_is_worth_asking_again(self, network, status) -> None:
        answering(network, network.list, Answer(status, {"error": "Oops"}))
        found = network.find(network.sending(TEXT))
        assert isinstance(found, CannotTell)
        assert found.later

    def test_names_its_own_time(self, network) -> None:
        answering(network, network.list, Answer(429, {"error": "x"}, {"Retry-After": "90"}))
        found = network.find(network.sending(TEXT))
        assert isinstance(found, CannotTell)
        assert found.retry_at is not None
        assert abs((found.retry_at - now()).total_seconds() - 90) < 10

    def test_is_worth_asking_again_when_it_does_not_listen(self, network) -> None:
        network.go_away()
        found = network.find(network.sending(TEXT))
        assert isinstance(found, CannotTell)
        assert found.later


class TestANetworkThatWillNotSay:
    @pytest.mark.parametrize("status", [400, 404, 410, 418])
    def test_is_left_to_a_person(self, network, status) -> None:
        answering(network, network.list, Answer(status, {"error": "Oops"}))
        found = network.find(network.sending(TEXT))
        assert isinstance(found, CannotTell)
        assert not found.later

    @pytest.mark.parametrize(
        ("status", "said"),
        [(401, "The access token is invalid"), (403, "This login is disabled"), (422, "Invalid token")],
    )
    def test_to_a_refused_token_asks_for_the_account_to_be_connected(self, mastodon, status, said) -> None:
        answering(mastodon, "/statuses", Answer(status, {"error": said}))
        found = mastodon.find(mastodon.sending(TEXT))
        assert isinstance(found, CannotTell)
        assert not found.later
        assert "Connect the account again" in found.reason
        assert mastodon.secrets[0] not in found.reason


class TestBlueskyWithoutASession:
    """The repository's name is not known yet, so there must be a session before anything can be looked up."""

    @pytest.fixture
    def unnamed(self, bluesky):
        bluesky.connection = replace(bluesky.connection, remote_id=None)
        return bluesky

    def test_is_looked_up_later_when_signing_in_is_limited(self, unnamed) -> None:
        unnamed.double.session_answers.append(Answer(429, {"error": "RateLimitExceeded"}, {"Retry-After": "60"}))
        found = unnamed.find(unnamed.sending(TEXT))
        assert isinstance(found, CannotTell)
        assert found.later
        assert found.retry_at is not None

    def test_is_left_to_a_person_when_signing_in_is_refused(self, unnamed) -> None:
        unnamed.refuse_token()
        found = unnamed.find(unnamed.sending(TEXT))
        assert isinstance(found, CannotTell)
        assert not found.later
        assert "Connect the account again" in found.reason


class TestAnEditedPost:
    def test_is_found_by_what_it_said_first(self, mastodon) -> None:
        ours = mastodon.double.add("Corrected by hand", **EDITED)
        answering(mastodon, "/history", versions(TEXT, "Corrected by hand"))
        found = mastodon.find(mastodon.sending(TEXT))
        assert isinstance(found, Found)
        assert found.ref.remote_id == ours["id"]

    def test_that_never_said_it_is_another_post(self, mastodon) -> None:
        mastodon.double.add("Corrected by hand", **EDITED)
        answering(mastodon, "/history", versions("By hand", "Corrected by hand"))
        assert isinstance(mastodon.find(mastodon.sending(TEXT)), NotFound)

    @pytest.mark.parametrize(
        ("answer", "later"),
        [
            (Answer(404, {"error": "x"}), False),
            (Answer(200, []), False),
            (Answer(200, ["x"]), False),
            (Answer(200, {"content": TEXT}), False),
            (Answer(503, {}), True),
        ],
    )
    def test_whose_versions_are_not_shown_cannot_be_compared(self, mastodon, answer, later) -> None:
        mastodon.double.add("Corrected by hand", **EDITED)
        answering(mastodon, "/history", answer)
        found = mastodon.find(mastodon.sending(TEXT))
        assert isinstance(found, CannotTell)
        assert found.later is later

    def test_with_a_mention_cannot_be_compared_by_what_is_shown(self, mastodon) -> None:
        mastodon.double.add("Corrected by hand", **EDITED)
        answering(mastodon, "/history", versions("With @else today", "Corrected by hand"))
        assert isinstance(mastodon.find(mastodon.sending(MENTION)), CannotTell)

    def test_is_compared_without_a_source_too(self, mastodon) -> None:
        mastodon.double.has_source = False
        mastodon.double.add("Corrected by hand", **EDITED)
        answering(mastodon, "/history", versions(TEXT, "Corrected by hand"))
        assert isinstance(mastodon.find(mastodon.sending(TEXT)), Found)


class TestAListOfPosts:
    def test_that_repeats_one_at_the_edge_of_a_page_counts_it_once(self, mastodon) -> None:
        mastodon.double.page_size = 1
        mastodon.double.add("old", at=now() - timedelta(days=1))
        mastodon.double.add(TEXT)
        mastodon.double.add("newer")
        usual = mastodon.double._page

        def inclusive(call: Any) -> Answer:
            asked = dict(call.query)
            if "max_id" in asked:
                asked["max_id"] = str(int(asked["max_id"]) + 1)
                mastodon.double.page_size = 2
            return usual(type(call)(call.method, call.path, asked, call.headers, call.body))

        mastodon.double._page = inclusive
        assert isinstance(mastodon.find(mastodon.sending(TEXT)), Found)

    def test_that_never_goes_on_proves_nothing(self, mastodon) -> None:
        mastodon.double.add("newer")
        usual = mastodon.double._page
        mastodon.double._page = lambda call: usual(type(call)(call.method, call.path, {"limit": "40"}, {}, None))
        assert isinstance(mastodon.find(mastodon.sending(TEXT)), CannotTell)
        assert len(mastodon.double.calls) == 2

    @pytest.mark.parametrize("form", ["NFC", "NFD"])
    def test_is_read_whatever_the_form_of_its_letters(self, mastodon, form) -> None:
        text = "Tráfico humano: año nuevo, café y niñez. Ayuda hay"
        mastodon.double.add(unicodedata.normalize(form, text))
        assert isinstance(mastodon.find(mastodon.sending(unicodedata.normalize("NFC", text))), Found)

    def test_keeps_what_differs_by_a_letter_apart(self, mastodon) -> None:
        mastodon.double.add("Call 1-888-373-7889")
        assert isinstance(mastodon.find(mastodon.sending("Call 1-888-373-7888")), NotFound)


class TestAReplyWhoseParentIsGone:
    def test_may_be_ours_and_so_is_left_to_a_person(self, mastodon) -> None:
        mastodon.double.add("Two.")
        gone = RemoteRef("5")
        found = mastodon.find(mastodon.sending("Two.", index=1, root=gone, parent=gone))
        assert isinstance(found, CannotTell)
        assert not found.later

    def test_is_not_confused_with_the_one_in_its_place(self, mastodon) -> None:
        first = mastodon.double.add("One.")
        parent = RemoteRef(first["id"])
        mastodon.double.add("Two.", parent=first["id"])
        found = mastodon.find(mastodon.sending("Two.", index=1, root=parent, parent=parent))
        assert isinstance(found, Found)


class TestTheLastCallOfAnHour:
    @pytest.mark.parametrize(
        ("rig_name", "headers"),
        [
            ("mastodon", lambda at: {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": at.isoformat()}),
            ("bluesky", lambda at: {"RateLimit-Remaining": "0", "RateLimit-Reset": str(int(at.timestamp()))}),
        ],
    )
    def test_lets_the_account_rest_until_the_next(self, request, rig_name, headers) -> None:
        rig = request.getfixturevalue(rig_name)
        reset = now().replace(microsecond=0) + timedelta(minutes=4)
        result = publish_with(rig, headers(reset))
        assert result.rest_until == reset

    @pytest.mark.parametrize("rig_name", ["mastodon", "bluesky"])
    @pytest.mark.parametrize("remaining", ["1", "", "many"])
    def test_is_only_that_which_leaves_none(self, request, rig_name, remaining) -> None:
        rig = request.getfixturevalue(rig_name)
        at = (now() + timedelta(minutes=4)).isoformat()
        names = ("X-RateLimit-Remaining", "RateLimit-Remaining"), ("X-RateLimit-Reset", "RateLimit-Reset")
        headers = {name: value for pair, value in zip(names, (remaining, at), strict=True) for name in pair}
        assert publish_with(rig, headers).rest_until is None


def publish_with(rig, headers: dict[str, str]) -> Published:
    """Publish, with headers added to the answer."""
    usual = rig.double.answer

    def answer(call: Any) -> Answer:
        given = usual(call)
        return Answer(given.status, given.body, headers) if rig.double.publishes(call) else given

    rig.double.answer = answer
    result = rig.publish(rig.sending("Help is there."))
    assert isinstance(result, Published)
    return result


def versions(*texts: str) -> Answer:
    return Answer(200, [{"content": f"<p>{text}</p>", "created_at": now().isoformat()} for text in texts])


class TestASessionsEnd:
    def test_is_none_where_a_password_is_kept(self, bluesky) -> None:
        check = bluesky.check()
        assert (check.ok, check.expires_at) == (True, None)

    def test_is_the_refresh_tokens_where_there_is_none(self, bluesky) -> None:
        assert bluesky.check().ok
        payload = base64.urlsafe_b64encode(b'{"exp": 1806537600}').decode().rstrip("=")
        kept = {name: value for name, value in bluesky.connection.credentials.read().items() if name != "password"}
        bluesky.connection.credentials.store(kept | {"refresh_jwt": f"e30.{payload}.c2ln"})
        check = bluesky.check()
        assert (check.ok, check.expires_at) == (True, datetime.fromtimestamp(1806537600, UTC))
