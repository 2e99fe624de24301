from __future__ import annotations

from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from app.platforms.signing import new_secret, signed_headers


def test_a_signature_is_what_the_specification_s_own_library_accepts() -> None:
    secret = new_secret()
    body = '{"a": "é 🎗"}'.encode()
    headers = signed_headers(secret, message_id="msg_1", at=datetime.now(UTC), body=body)
    assert Webhook(secret).verify(body, headers) == {"a": "é 🎗"}


def test_the_specification_s_example_is_signed_as_printed() -> None:
    headers = signed_headers(
        "whsec_plJ3nmyCDGBKInavdOK15jsl",
        message_id="msg_loFOjxBNrRLzqYUf",
        at=datetime.fromtimestamp(1731705121, UTC),
        body=b'{"event_type":"ping","data":{"success":true}}',
    )
    assert headers["webhook-signature"] == "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="
    assert headers["webhook-timestamp"] == "1731705121"


def test_secrets_differ() -> None:
    assert len({new_secret() for _ in range(100)}) == 100


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_not base64!", "é"])
def test_what_is_no_secret_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(ValueError, match="not whsec_ and base64") as refused:
        signed_headers(secret, message_id="msg_1", at=datetime.now(UTC), body=b"")
    assert "not base64!" not in str(refused.value)


@pytest.mark.parametrize("message_id", ["", "msg.1"])
def test_an_id_that_would_move_the_signature_s_parts_is_refused(message_id: str) -> None:
    with pytest.raises(ValueError, match="full stop"):
        signed_headers(new_secret(), message_id=message_id, at=datetime.now(UTC), body=b"")
