"""What Mastodon servers, and others that speak its API, do besides what every platform does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from wire_double import Answer

from app.composing.values import Part
from app.platforms.results import (
    AuthNeeded,
    CannotTell,
    Found,
    NotFound,
    Permanent,
    Published,
    Retracted,
    RetractFailed,
    Retryable,
    Unknown,
)

TEXT = "Partner to prevent. https://www.acf.hhs.gov/otip/training/soar-health-and-wellness-training #Partner2Prevent"


def now() -> datetime:
    return datetime.now(UTC)


class TestTheRequest:
    def test_carries_key_visibility_language_and_token(self, mastodon) -> None:
        sending = mastodon.sending(TEXT)
        mastodon.publish(sending)
        call = mastodon.double.calls[-1]
        assert call.headers["idempotency-key"] == sending.minted.key
        assert call.body == {"status": TEXT, "visibility": "public", "language": "en"}
        assert call.token == mastodon.secrets[0]

    def test_is_the_stored_record_on_every_attempt(self, mastodon) -> None:
        sending = mastodon.sending(TEXT)
        mastodon.double.faults.extend([Answer(500), None])
        mastodon.publish(sending)
        mastodon.publish(sending)
        first, second = [call for call in mastodon.double.calls if mastodon.double.publishes(call)]
        assert first.body == second.body
        assert first.headers["idempotency-key"] == second.headers["idempotency-key"]

    def test_without_a_token_is_not_made(self, mastodon) -> None:
        mastodon.connection.credentials.store({})
        assert isinstance(mastodon.publish(mastodon.sending(TEXT)), AuthNeeded)
        assert mastodon.double.calls == []

    def test_without_a_server_is_refused(self, mastodon) -> None:
        mastodon.connection = replace(mastodon.connection, server=None)
        assert isinstance(mastodon.publish(mastodon.sending(TEXT)), Permanent)


class TestTheTableOfAnswers:
    @pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 302, 303, 408, 409, 425])
    def test_what_may_have_gone_out_is_unknown(self, mastodon, status) -> None:
        mastodon.double.faults.append(Answer(status, {"error": "Oops"}))
        assert isinstance(mastodon.publish(mastodon.sending(TEXT)), Unknown)

    @pytest.mark.parametrize("status", [400, 403, 404, 405, 410, 413, 422])
    def test_a_clear_no_is_permanent(self, mastodon, status) -> None:
        mastodon.double.faults.append(Answer(status, {"error": "Validation failed: Text can't be blank"}))
        result = mastodon.publish(mastodon.sending(TEXT))
        assert isinstance(result, Permanent)
        assert "can't be blank" in result.detail

    @pytest.mark.parametrize("status", [301, 307, 308])
    def test_a_server_that_has_moved_is_permanent_and_says_where(self, mastodon, status) -> None:
        mastodon.double.faults.append(Answer(status, {}, {"Location": "https://new.example/api/v1/statuses?x=1"}))
        result = mastodon.publish(mastodon.sending(TEXT))
        assert isinstance(result, Permanent)
        assert "new.example" in result.detail
        assert len(mastodon.double.calls) == 1

    @pytest.mark.parametrize(
        ("status", "said"),
        [
            (401, "The access token is invalid"),
            (403, "This action is outside the authorized scopes"),
            (422, "Invalid token"),
            (422, "The access token was revoked"),
        ],
    )
    def test_a_refused_token_needs_a_person(self, mastodon, status, said) -> None:
        mastodon.double.faults.append(Answer(status, {"error": said}))
        assert isinstance(mastodon.publish(mastodon.sending(TEXT)), AuthNeeded)

    @pytest.mark.parametrize("body", [b"", b"OK", b"[]", b"null", b'{"url": "x"}', b'{"id": null}', b'{"id": true}'])
    def test_a_yes_without_an_id_is_unknown(self, mastodon, body) -> None:
        mastodon.double.faults.append(Answer(200, body))
        assert isinstance(mastodon.publish(mastodon.sending(TEXT)), Unknown)

    def test_a_replay_that_answers_500_leaves_one_post_that_is_found(self, mastodon) -> None:
        sending = mastodon.sending(TEXT)
        mastodon.lose(after=True)
        mastodon.publish(sending)
        mastodon.double.faults.append(Answer(500))
        assert isinstance(mastodon.publish(sending), Unknown)
        assert isinstance(mastodon.find(sending), Found)

    def test_a_page_of_html_stands_short_and_clean_in_the_detail(self, mastodon) -> None:
        token = mastodon.secrets[0]
        mastodon.double.faults.append(Answer(422, {"error": f"x\x00\n{token} Bearer {token}" + "long " * 500}))
        result = mastodon.publish(mastodon.sending(TEXT))
        assert token not in repr(result)
        assert len(result.detail) <= 300
        assert "\n" not in result.detail

    @pytest.mark.parametrize(
        ("headers", "seconds"),
        [
            ({"Retry-After": "120"}, 120),
            ({"X-RateLimit-Reset": "garbage"}, None),
            ({}, None),
            ({"Retry-After": "999999999"}, 86400),
        ],
    )
    def test_a_rate_limit_ends_when_the_server_says(self, mastodon, headers, seconds) -> None:
        mastodon.double.faults.append(Answer(429, {"error": "Too many requests"}, headers))
        result = mastodon.publish(mastodon.sending(TEXT))
        assert isinstance(result, Retryable)
        if seconds is None:
            assert result.retry_at is None
        else:
            assert abs((result.retry_at - now()).total_seconds() - seconds) < 10


class TestFinding:
    def test_the_same_text_of_ten_days_ago_is_another_post(self, mastodon) -> None:
        mastodon.double.add(TEXT, at=now() - timedelta(days=10))
        assert isinstance(mastodon.find(mastodon.sending(TEXT)), NotFound)

    def test_the_same_text_just_before_the_attempt_proves_nothing(self, mastodon) -> None:
        mastodon.double.add(TEXT, at=now() - timedelta(seconds=30))
        assert isinstance(mastodon.find(mastodon.sending(TEXT), since=now()), CannotTell)

    def test_two_that_fit_cannot_be_told_apart(self, mastodon) -> None:
        mastodon.double.add(TEXT)
        mastodon.double.add(TEXT)
        assert isinstance(mastodon.find(mastodon.sending(TEXT)), CannotTell)

    def test_of_two_that_fit_the_one_recorded_elsewhere_is_left_out(self, mastodon) -> None:
        known, ours = mastodon.double.add(TEXT), mastodon.double.add(TEXT)
        found = mastodon.find(mastodon.sending(TEXT), taken=frozenset({known["id"]}))
        assert isinstance(found, Found)
        assert found.ref.remote_id == ours["id"]

    def test_a_reply_with_the_text_is_not_the_post(self, mastodon) -> None:
        mastodon.double.add(TEXT, parent="99")
        assert isinstance(mastodon.find(mastodon.sending(TEXT)), NotFound)

    def test_a_boost_is_not_the_post(self, mastodon) -> None:
        mastodon.double.add(TEXT, reblog={"id": "5"})
        assert isinstance(mastodon.find(mastodon.sending(TEXT)), NotFound)

    def test_reads_page_after_page_back_to_the_attempt(self, mastodon) -> None:
        mastodon.double.page_size = 2
        mastodon.double.add("old", at=now() - timedelta(days=1))
        ours = mastodon.double.add(TEXT)
        for number in range(5):
            mastodon.double.add(f"later {number}")
        found = mastodon.find(mastodon.sending(TEXT))
        assert isinstance(found, Found)
        assert found.ref.remote_id == ours["id"]

    def test_cannot_tell_from_pages_that_do_not_reach_back(self, mastodon) -> None:
        mastodon.double.page_size = 2
        for number in range(30):
            mastodon.double.add(f"busy {number}")
        assert isinstance(mastodon.find(mastodon.sending(TEXT)), CannotTell)

    @pytest.mark.parametrize(
        "page",
        [
            Answer(500),
            Answer(200, b"<html>"),
            Answer(200, {"error": "x"}),
            Answer(200, [{"id": "1"}]),
            Answer(200, ["x"]),
        ],
    )
    def test_cannot_tell_from_a_page_that_cannot_be_read(self, mastodon, page) -> None:
        listing = mastodon.double._page
        mastodon.double._page = lambda call: page
        assert isinstance(mastodon.find(mastodon.sending(TEXT)), CannotTell)
        mastodon.double._page = listing

    def test_an_edited_post_cannot_be_compared(self, mastodon) -> None:
        mastodon.double.add("Corrected by hand", edited_at="2027-01-01T00:00:00Z")
        assert isinstance(mastodon.find(mastodon.sending(TEXT)), CannotTell)

    @pytest.mark.parametrize("has_source", [True, False])
    @pytest.mark.parametrize("text", [TEXT, "a < b & c > d\n\nnext\nline", "émoji 👩🏽‍⚕️ \u2019quote\u2019", "x  y"])
    def test_compares_the_text_with_or_without_its_source(self, mastodon, has_source, text) -> None:
        mastodon.double.has_source = has_source
        mastodon.double.add(text)
        assert isinstance(mastodon.find(mastodon.sending(text)), Found)
        assert isinstance(mastodon.find(mastodon.sending(text + " more")), NotFound)

    def test_a_mention_is_compared_by_the_source(self, mastodon) -> None:
        mastodon.double.add("With @office@agency.example today")
        assert isinstance(mastodon.find(mastodon.sending("With @office@agency.example today")), Found)

    def test_a_mention_without_the_source_cannot_be_told(self, mastodon) -> None:
        mastodon.double.has_source = False
        mastodon.double.add("With @office@agency.example today")
        assert isinstance(mastodon.find(mastodon.sending("With @office@agency.example today")), CannotTell)

    def test_works_without_the_accounts_id_on_record(self, mastodon) -> None:
        mastodon.connection = replace(mastodon.connection, remote_id=None)
        mastodon.double.add(TEXT)
        assert isinstance(mastodon.find(mastodon.sending(TEXT)), Found)

    def test_is_right_where_the_server_ignores_keys(self, mastodon) -> None:
        mastodon.double.honours_keys = False
        sending = mastodon.sending(TEXT)
        mastodon.lose(after=True)
        mastodon.publish(sending)
        assert isinstance(mastodon.find(sending), Found)
        assert len(mastodon.texts()) == 1


class TestRetracting:
    def test_a_delete_whose_answer_is_lost_is_looked_up(self, mastodon) -> None:
        ref = mastodon.publish(mastodon.sending(TEXT)).ref
        mastodon.double.publishes = lambda call: call.method == "DELETE"
        mastodon.lose(after=True)
        assert isinstance(mastodon.retract(ref), Retracted)

    def test_a_delete_that_did_nothing_has_failed(self, mastodon) -> None:
        ref = mastodon.publish(mastodon.sending(TEXT)).ref
        mastodon.double.publishes = lambda call: call.method == "DELETE"
        mastodon.double.faults.append(Answer(200))
        assert isinstance(mastodon.retract(ref), RetractFailed)

    def test_another_sites_missing_page_proves_nothing(self, mastodon) -> None:
        ref = mastodon.publish(mastodon.sending(TEXT)).ref
        mastodon.double.answer = lambda call: Answer(404, b"<html>Not found</html>")
        assert isinstance(mastodon.retract(ref), RetractFailed)


def configured(version: str, statuses: object) -> dict[str, object]:
    return {f"/api/{version}/instance": {"configuration": {"statuses": statuses}}}


class TestTheServersLimits:
    @pytest.mark.parametrize(
        ("instance", "limit", "link_length"),
        [
            (configured("v2", {"max_characters": 5000, "characters_reserved_per_url": 30}), 5000, 30),
            (configured("v1", {"max_characters": 1000}), 1000, 23),
            ({"/api/v1/instance": {"max_toot_chars": 4096}}, 4096, 23),
            ({}, 500, 23),
            ({"/api/v2/instance": {"configuration": None}}, 500, 23),
            (configured("v2", None), 500, 23),
            (configured("v2", {"max_characters": "many"}), 500, 23),
            (configured("v2", {"max_characters": -1}), 500, 23),
        ],
    )
    def test_hold_for_the_account_once_checked(self, mastodon, instance, limit, link_length) -> None:
        mastodon.double.instance = instance
        check = mastodon.check()
        assert check.ok
        connection = replace(mastodon.connection, settings=check.settings)
        profile = mastodon.adapter.profile(connection)
        assert (profile.limit, profile.link_length) == (limit, link_length)

    def test_name_the_account_with_its_server(self, mastodon) -> None:
        assert mastodon.check().handle == "agency@127.0.0.1"

    def test_are_not_asked_for_with_a_refused_token(self, mastodon) -> None:
        mastodon.refuse_token()
        check = mastodon.check()
        assert (check.ok, check.unreachable) == (False, False)


def test_a_thread_whose_parent_is_gone_is_refused(mastodon) -> None:
    first = mastodon.publish(mastodon.sending("Part 0"))
    assert isinstance(first, Published)
    mastodon.retract(first.ref)
    assert isinstance(
        mastodon.publish(mastodon.sending("Part 1", index=1, root=first.ref, parent=first.ref)), Permanent
    )


@pytest.mark.parametrize(
    ("language", "sent"), [("en", "en"), ("en-US", "en"), ("ES-419", "es"), ("fil", "fil"), ("", None), ("x!", None)]
)
def test_the_language_is_sent_as_the_server_takes_it(mastodon, language, sent) -> None:
    minted = mastodon.adapter.mint(Part("a", 1), connection=mastodon.connection, language=language, now=now(), seed="s")
    assert minted.record.get("language") == sent
