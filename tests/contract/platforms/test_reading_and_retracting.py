"""What readers see, and taking back, on every platform; then what servers answer that fail, lie or are slow."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from rigs import CLOCK
from wire_double import LOST_AFTER, LOST_BEFORE, Answer

from app.composing.values import Part, PartLink
from app.platforms.base import Sending
from app.platforms.results import CannotTell, Gone, Published, RemoteRef, Retracted, RetractFailed, Seen
from app.text.link_keys import link_key

LINK = "https://www.acf.hhs.gov/otip/training/soar-health-and-wellness-training"
TEXT = f"Learn the signs 👩‍👩‍👧‍👦 & <call> 1-888-373-7888.\n\n{LINK} #Partner2Prevent"


def published(rig, text: str = TEXT) -> RemoteRef:
    at = text.find(LINK)
    part = Part(text, len(text), () if at < 0 else (PartLink((at, at + len(LINK)), LINK),))
    minted = rig.adapter.mint(part, connection=rig.connection, language="en", now=CLOCK.now(), seed=f"read {text}")
    result = rig.publish(Sending(minted))
    assert isinstance(result, Published), result
    return result.ref


def read(rig, ref: RemoteRef, *, seconds: float = 20.0):
    return rig.adapter.read_part(ref, rig.connection, deadline=CLOCK.monotonic() + seconds)


class TestEveryPlatform:
    def test_shows_what_was_sent(self, rig) -> None:
        seen = read(rig, published(rig))
        assert isinstance(seen, Seen)
        assert " ".join(seen.text.split()) == " ".join(TEXT.split())
        assert link_key(LINK) in [link_key(link) for link in seen.links]

    def test_shows_each_part_of_a_thread(self, rig) -> None:
        first = published(rig, "Part 0")
        second = rig.publish(rig.sending("Part 1", index=1, root=first, parent=first)).ref
        assert [read(rig, ref).text for ref in (first, second)] == ["Part 0", "Part 1"]

    def test_says_that_a_post_is_gone_when_it_was_taken_back(self, rig) -> None:
        ref = published(rig)
        assert isinstance(rig.retract(ref), Retracted)
        assert isinstance(read(rig, ref), Gone)
        assert isinstance(rig.retract(ref), Retracted)

    def test_changes_nothing_by_reading(self, rig) -> None:
        ref = published(rig)
        read(rig, ref)
        assert rig.texts() == [TEXT]
        assert read(rig, ref) == read(rig, ref)

    # The sandbox's local feed cannot go away.
    @pytest.mark.parametrize("rig", ["mastodon", "bluesky", pytest.param("pds", marks=pytest.mark.node)], indirect=True)
    def test_that_cannot_be_reached_is_worth_asking_again(self, rig) -> None:
        ref = published(rig)
        rig.go_away()
        answer, result = read(rig, ref), rig.retract(ref)
        assert isinstance(answer, CannotTell)
        assert answer.later
        assert isinstance(result, RetractFailed)
        assert result.later


@pytest.fixture(params=["mastodon", "bluesky"])
def wired(request):
    """A platform behind a double whose reading and deleting calls can be made to fail, each by one fault."""
    rig = request.getfixturevalue(request.param)
    rig.ref = published(rig)
    return rig


def fail_reads(rig, *faults) -> None:
    rig.double.publishes = lambda call: call.method == "GET" and ("statuses/" in call.path or "getRecord" in call.path)
    rig.double.faults.extend(faults)


def fail_deletes(rig, *faults) -> None:
    rig.double.publishes = lambda call: call.method == "DELETE" or call.path.endswith("deleteRecord")
    rig.double.faults.extend(faults)


def limited(seconds: int) -> Answer:
    return Answer(429, {"error": "Too many requests"}, {"Retry-After": str(seconds)})


BODIES = [
    b"",
    b"<html>Down for maintenance</html>",
    b"[]",
    b"null",
    b"{" * 50_000,
    b'{"id": {}, "content": []}',
    b'{"id": "1", "content": "another post"}',
    b'{"uri": "at://did:plc:x/app.bsky.feed.post/y", "cid": "bafyrei123", "value": {"text": "another post"}}',
    b'{"value": {"text": 5, "facets": 7}}',
    b"x" * 2_000_000,
]


class TestReading:
    @pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 520])
    def test_what_passes_is_worth_asking_again(self, wired, status) -> None:
        fail_reads(wired, Answer(status, {"error": "Oops"}))
        answer = read(wired, wired.ref)
        assert isinstance(answer, CannotTell)
        assert answer.later

    @pytest.mark.parametrize("status", [301, 302, 401, 403, 418])
    def test_what_does_not_pass_is_not(self, wired, status) -> None:
        fail_reads(wired, Answer(status, {"error": "No"}))
        answer = read(wired, wired.ref)
        assert isinstance(answer, CannotTell)
        assert not answer.later

    def test_too_often_waits_until_the_networks_own_time(self, wired) -> None:
        fail_reads(wired, limited(180))
        answer = read(wired, wired.ref)
        assert timedelta(minutes=2) < answer.retry_at - CLOCK.now() < timedelta(minutes=4)

    @pytest.mark.parametrize("body", BODIES)
    def test_an_answer_that_is_no_post_tells_nothing(self, wired, body) -> None:
        fail_reads(wired, Answer(200, body))
        answer = read(wired, wired.ref)
        assert isinstance(answer, CannotTell)
        assert answer.later

    @pytest.mark.parametrize("body", [b"<html>not found</html>", b"", b'{"message": "no route"}'])
    def test_a_404_of_some_other_server_is_no_proof_that_it_is_gone(self, wired, body) -> None:
        fail_reads(wired, Answer(404, body))
        assert isinstance(read(wired, wired.ref), CannotTell)

    def test_a_connection_that_breaks_is_worth_asking_again(self, wired) -> None:
        fail_reads(wired, LOST_AFTER)
        assert read(wired, wired.ref).later

    def test_after_the_deadline_asks_nothing(self, wired) -> None:
        calls = len(wired.double.calls)
        assert isinstance(read(wired, wired.ref, seconds=-1), CannotTell)
        assert len(wired.double.calls) == calls

    def test_shows_no_secret(self, wired) -> None:
        secrets = tuple(wired.connection.credentials.read().values())
        echo = Answer(403, {"error": "No", "message": f"No: {secrets}", "error_description": f"No: {secrets}"})
        fail_reads(wired, echo, echo)
        said = repr(read(wired, wired.ref)) + repr(wired.retract(wired.ref))
        # Its handle and id are on its public page.
        hidden = [secret for secret in secrets if secret not in {"agency.test", wired.connection.remote_id}]
        assert hidden
        assert not any(secret in said for secret in hidden)


class TestRetracting:
    @pytest.mark.parametrize("fault", [LOST_AFTER, LOST_BEFORE, Answer(500), Answer(503), Answer(502, b"<html>")])
    def test_an_answer_that_is_lost_is_looked_up(self, wired, fault) -> None:
        fail_deletes(wired, fault)
        result = wired.retract(wired.ref)
        if fault == LOST_AFTER:
            assert isinstance(result, Retracted)
            return
        assert isinstance(result, RetractFailed)
        assert result.later
        assert isinstance(wired.retract(wired.ref), Retracted)
        assert wired.texts() == []

    def test_too_often_waits_until_the_networks_own_time(self, wired) -> None:
        fail_deletes(wired, limited(180))
        result = wired.retract(wired.ref)
        assert (result.code, result.later) == ("rate_limited", True)
        assert timedelta(minutes=2) < result.retry_at - CLOCK.now() < timedelta(minutes=4)
        assert wired.texts() == [TEXT]

    @pytest.mark.parametrize("status", [400, 403, 405, 422])
    def test_a_clear_no_is_not_asked_again(self, wired, status) -> None:
        fail_deletes(wired, Answer(status, {"error": "InvalidRequest", "message": "No"}))
        result = wired.retract(wired.ref)
        assert isinstance(result, RetractFailed)
        assert not result.later

    @pytest.mark.parametrize("fault", [Answer(503), limited(60), LOST_AFTER, Answer(404, b"<html>not found</html>")])
    def test_what_cannot_be_looked_at_is_not_said_to_be_gone(self, wired, fault) -> None:
        fail_reads(wired, fault)
        assert isinstance(wired.retract(wired.ref), RetractFailed)
        assert isinstance(wired.retract(wired.ref), Retracted)

    def test_with_a_refused_token_is_for_a_person(self, wired) -> None:
        wired.refuse_token()
        result = wired.retract(wired.ref)
        assert isinstance(result, RetractFailed)
        assert not result.later
        assert not any(secret in repr(result) for secret in wired.secrets)


class TestMastodonsHtml:
    """What another server makes of a post is read in time linear to its length, and never as more than text."""

    def shown(self, mastodon, content: str) -> Seen:
        status = mastodon.double.add("x")
        status["content"] = content
        return read(mastodon, RemoteRef(status["id"]))

    def test_links_are_read_however_they_are_quoted(self, mastodon) -> None:
        content = (
            '<p><A title="a" HREF="https://example.org/?a=1&amp;b=2">x</A> <a href=\'https://example.org/2\'>y</a> '
            '<a data-href="https://example.org/no" href=https://example.org/3>z</a> '
            '<a href="javascript:alert(1)">q</a></p>'
        )
        assert self.shown(mastodon, content).links == (
            "https://example.org/?a=1&b=2",
            "https://example.org/2",
            "https://example.org/3",
        )

    def test_text_is_read_without_marks(self, mastodon) -> None:
        seen = self.shown(mastodon, "<p>One &amp; <b>two</b><br>three</p><p>call 1-888&#45;373-7888</p><!-- no -->")
        assert seen.text == "One & two\nthree\n\ncall 1-888-373-7888"

    @pytest.mark.parametrize(
        "content",
        [
            "<a href=" * 100_000,
            "<a " + "href " * 150_000 + ">",
            "<a href='" + "'\"" * 300_000,
            "<" * 900_000,
            "<!--" * 200_000,
            "<a " + "=" * 800_000 + ">",
            "<a " + " " * 800_000 + ">",
            "&#" + "9" * 800_000 + ";",
            "<a href='&#" + "9" * 800_000 + ";'>",
            "<p>" * 300_000,
        ],
    )
    def test_hostile_html_takes_little_time(self, mastodon, content) -> None:
        began = time.perf_counter()
        assert isinstance(self.shown(mastodon, content), Seen)
        assert time.perf_counter() - began < 5


class TestBlueskysFacets:
    @pytest.mark.parametrize("facets", [None, 5, [None], [{}], [{"features": 5}], [{"features": [None, {"uri": 5}]}]])
    def test_that_are_none_are_passed_over(self, bluesky, facets) -> None:
        ref = published(bluesky, "Text")
        (record,) = bluesky.double.records.values()
        record["facets"] = facets
        assert read(bluesky, ref) == Seen("Text")

    def test_of_an_address_of_another_network_tells_nothing(self, bluesky) -> None:
        answer = read(bluesky, RemoteRef("https://example.org/1"))
        assert isinstance(answer, CannotTell)
        assert not answer.later
        assert bluesky.double.calls == []


class TestMastodonsOwners:
    def test_a_post_of_another_account_is_no_longer_asked_for(self, mastodon) -> None:
        ref = published(mastodon)
        mastodon.double.publishes = lambda call: call.method == "DELETE"
        mastodon.double.faults.append(Answer(404, {"error": "Record not found"}))
        result = mastodon.retract(ref)
        assert (result.code, result.later) == ("not_ours", False)
