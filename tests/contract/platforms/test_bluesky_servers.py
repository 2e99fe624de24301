"""What personal data servers do besides what every platform does: sessions, record keys, facets."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from bluesky_double import DID, cid_of, uri
from wire_double import Answer

from app.platforms.bluesky.tid import is_tid
from app.platforms.results import (
    AuthNeeded,
    CannotTell,
    Found,
    Permanent,
    Published,
    RemoteRef,
    RetractFailed,
    Retryable,
    Unknown,
)

TEXT = "Know the signs 👩‍⚕️: acf.hhs.gov/otip #Partner2Prevent"


def sign_ins(double) -> list[str]:
    return [call.path.rsplit(".", 1)[1] for call in double.calls if "server" in call.path]


class TestSessions:
    def test_begin_with_the_app_password_and_are_kept(self, bluesky) -> None:
        for _ in range(3):
            assert isinstance(bluesky.publish(bluesky.sending(TEXT)), Published)
        assert sign_ins(bluesky.double) == ["createSession"]
        kept = bluesky.connection.credentials.read()
        assert kept["access_jwt"] in bluesky.double.access
        assert kept["password"]

    def test_are_refreshed_once_when_the_token_has_run_out(self, bluesky) -> None:
        bluesky.publish(bluesky.sending(TEXT))
        bluesky.double.expire_access()
        assert isinstance(bluesky.publish(bluesky.sending(TEXT)), Published)
        assert sign_ins(bluesky.double) == ["createSession", "refreshSession"]
        assert bluesky.connection.credentials.read()["refresh_jwt"] in bluesky.double.refresh

    def test_begin_anew_when_the_refresh_token_has_run_out_too(self, bluesky) -> None:
        bluesky.publish(bluesky.sending(TEXT))
        bluesky.double.expire_all()
        assert isinstance(bluesky.publish(bluesky.sending(TEXT)), Published)
        assert sign_ins(bluesky.double) == ["createSession", "refreshSession", "createSession"]

    def test_that_cannot_be_renewed_need_a_person(self, bluesky) -> None:
        bluesky.publish(bluesky.sending(TEXT))
        kept = bluesky.connection.credentials.read()
        del kept["password"]
        bluesky.connection.credentials.store(kept)
        bluesky.double.expire_all()
        assert isinstance(bluesky.publish(bluesky.sending(TEXT)), AuthNeeded)

    def test_are_renewed_no_more_than_once_for_a_call(self, bluesky) -> None:
        refused = Answer(401, {"error": "AuthMissing"})
        bluesky.double.faults.extend([refused] * 5)
        assert isinstance(bluesky.publish(bluesky.sending(TEXT)), AuthNeeded)
        assert sum(bluesky.double.publishes(call) for call in bluesky.double.calls) == 2

    @pytest.mark.parametrize("error", ["ExpiredToken", "InvalidToken"])
    def test_whose_token_is_called_bad_with_400_are_renewed(self, bluesky, error) -> None:
        bluesky.double.faults.append(Answer(400, {"error": error, "message": "no"}))
        assert isinstance(bluesky.publish(bluesky.sending(TEXT)), Published)

    def test_store_new_tokens_before_they_are_used(self, bluesky) -> None:
        stored: list[str] = []
        keep = bluesky.connection.credentials.store

        class Watching(type(bluesky.connection.credentials)):
            def store(self, secrets) -> None:
                stored.append(f"{len(bluesky.double.calls)} {secrets['access_jwt']}")
                keep(secrets)
                super().store(secrets)

        watching = Watching(bluesky.connection.credentials.read())
        bluesky.connection = replace(bluesky.connection, credentials=watching)
        bluesky.publish(bluesky.sending(TEXT))
        calls, token = stored[0].split(" ")
        assert all(call.token != token for call in bluesky.double.calls[: int(calls)])
        assert bluesky.double.calls[int(calls)].token == token

    def test_are_refreshed_once_for_many_threads(self, bluesky) -> None:
        bluesky.publish(bluesky.sending("first"))
        bluesky.double.expire_access()
        sendings = [bluesky.sending(f"part {number}") for number in range(6)]
        results = []
        threads = [threading.Thread(target=lambda s=s: results.append(bluesky.publish(s))) for s in sendings]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(isinstance(result, Published) for result in results)
        assert sign_ins(bluesky.double).count("refreshSession") == 1

    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            (Answer(500), Retryable),
            (Answer(502, {"error": "UpstreamFailure"}), Retryable),
            (Answer(429, {"error": "RateLimitExceeded"}, {"Retry-After": "60"}), Retryable),
            (Answer(200, {}), Retryable),
            (Answer(401, {"error": "AuthenticationRequired"}), AuthNeeded),
            (Answer(401, {"error": "AuthFactorTokenRequired"}), AuthNeeded),
            (Answer(400, {"error": "AccountTakedown"}), AuthNeeded),
        ],
    )
    def test_that_cannot_begin_leave_the_post_unsent(self, bluesky, answer, kind) -> None:
        bluesky.double.session_answers.append(answer)
        assert isinstance(bluesky.publish(bluesky.sending(TEXT)), kind)
        assert bluesky.texts() == []

    def test_of_another_account_publish_nothing(self, bluesky) -> None:
        bluesky.connection = replace(bluesky.connection, remote_id="did:plc:someoneelsesomeoneelses2")
        result = bluesky.publish(bluesky.sending(TEXT))
        assert isinstance(result, AuthNeeded)
        assert result.code == "other_account"
        assert bluesky.texts() == []

    def test_tell_whose_repository_it_is_where_that_is_not_on_record(self, bluesky) -> None:
        bluesky.connection = replace(bluesky.connection, remote_id=None)
        result = bluesky.publish(bluesky.sending(TEXT))
        assert isinstance(result, Published)
        assert result.ref.remote_id.startswith(f"at://{DID}/")


class TestTheRecord:
    def test_is_put_under_its_key_and_only_where_nothing_stands(self, bluesky) -> None:
        sending = bluesky.sending(TEXT)
        bluesky.publish(sending)
        body = bluesky.double.calls[-1].body
        assert body == {
            "repo": DID,
            "collection": "app.bsky.feed.post",
            "rkey": sending.minted.key,
            "swapRecord": None,
            "record": dict(sending.minted.record),
        }
        assert is_tid(sending.minted.key)
        assert sending.minted.record["createdAt"].endswith("Z")
        assert sending.minted.record["langs"] == ["en-US"]

    def test_has_its_public_address_and_what_a_reply_needs(self, bluesky) -> None:
        sending = bluesky.sending(TEXT)
        ref = bluesky.publish(sending).ref
        assert ref.remote_id == uri(DID, sending.minted.key)
        assert ref.url == f"https://bsky.app/profile/{DID}/post/{sending.minted.key}"
        assert ref.extra["cid"] == cid_of(dict(sending.minted.record))

    def test_replies_name_root_and_parent(self, bluesky) -> None:
        root, parent = (bluesky.publish(bluesky.sending(text)).ref for text in ("root", "parent"))
        bluesky.publish(bluesky.sending("reply", index=2, root=root, parent=parent))
        reply = bluesky.double.calls[-1].body["record"]["reply"]
        assert reply == {
            "root": {"uri": root.remote_id, "cid": root.extra["cid"]},
            "parent": {"uri": parent.remote_id, "cid": parent.extra["cid"]},
        }

    def test_of_a_reply_without_the_parents_cid_is_not_sent(self, bluesky) -> None:
        bare = RemoteRef(uri(DID, "3jzfcijpj2z2a"))
        assert isinstance(bluesky.publish(bluesky.sending("x", index=1, root=bare, parent=bare)), Permanent)
        assert bluesky.texts() == []

    def test_under_a_key_that_other_content_holds_is_a_duplicate_and_cannot_be_told(self, bluesky) -> None:
        sending = bluesky.sending(TEXT)
        bluesky.double.records[sending.minted.key] = {"text": "someone else's", "createdAt": "2027-01-01T00:00:00Z"}
        result = bluesky.publish(sending)
        assert isinstance(result, Permanent)
        assert result.duplicate
        assert isinstance(bluesky.find(sending), CannotTell)
        assert bluesky.texts() == ["someone else's"]


class TestTheTableOfAnswers:
    @pytest.mark.parametrize("status", [500, 502, 503, 504, 302, 408, 409])
    def test_what_may_have_gone_out_is_unknown(self, bluesky, status) -> None:
        bluesky.double.faults.append(Answer(status, {"error": "InternalServerError"}))
        assert isinstance(bluesky.publish(bluesky.sending(TEXT)), Unknown)

    @pytest.mark.parametrize(
        ("status", "error"), [(400, "InvalidRequest"), (403, "Forbidden"), (404, "NotFound"), (413, "PayloadTooLarge")]
    )
    def test_a_clear_no_is_permanent(self, bluesky, status, error) -> None:
        bluesky.double.faults.append(Answer(status, {"error": error, "message": "Invalid record"}))
        result = bluesky.publish(bluesky.sending(TEXT))
        assert isinstance(result, Permanent)
        assert not result.duplicate

    @pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"uri": "at://x", "cid": "y"}', b'{"uri": 1, "cid": 2}'])
    def test_a_yes_without_an_address_is_unknown(self, bluesky, body) -> None:
        bluesky.double.faults.append(Answer(200, body))
        assert isinstance(bluesky.publish(bluesky.sending(TEXT)), Unknown)


class TestLooking:
    def test_needs_no_session(self, bluesky) -> None:
        sending = bluesky.sending(TEXT)
        bluesky.publish(sending)
        bluesky.double.expire_all()
        bluesky.connection.credentials.store({})
        assert isinstance(bluesky.find(sending), Found)

    @pytest.mark.parametrize(
        "answer",
        [
            Answer(500),
            Answer(400, {"error": "InvalidRequest", "message": "Could not find repo"}),
            Answer(200, b"?"),
            Answer(404),
        ],
    )
    def test_takes_only_a_clear_absence_for_one(self, bluesky, answer) -> None:
        bluesky.double._get = lambda rkey: answer
        assert isinstance(bluesky.find(bluesky.sending(TEXT)), CannotTell)

    def test_retracts_nothing_of_another_account(self, bluesky) -> None:
        for remote_id in (uri("did:plc:someoneelsesomeoneelses2", "3jzfcijpj2z2a"), "https://bsky.app/x", ""):
            assert isinstance(bluesky.retract(RemoteRef(remote_id)), RetractFailed)
        assert all("deleteRecord" not in call.path for call in bluesky.double.calls)
