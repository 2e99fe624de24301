from __future__ import annotations

import time

import pytest

from app.redaction import LEFT_OUT, field, redacted, without_secrets

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJkaWQ6cGxjOmFiYyJ9.c2lnbmF0dXJlLXNpZ25hdHVyZQ"
MASTODON = "Zk3-JX9vQm4rT8yLw2BnH6cPd1sF7uAeRgK5oIqMx0Y"
TELEGRAM = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
FERNET = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4="

#: A text that holds a secret, and the secret.
HOLDING = [
    (f"Authorization: Bearer {JWT}", JWT),
    ("authorization: Basic YWxhZGRpbjpvcGVu", "YWxhZGRpbjpvcGVu"),
    ("Authorization: Basic YWxhZGRpbg", "YWxhZGRpbg"),
    ("sent 'Bearer abcdefghijkl' to it", "abcdefghijkl"),
    (f"the session {JWT} has expired", JWT),
    ("app password abcd-efgh-ijkl-mnop was refused", "abcd-efgh-ijkl-mnop"),
    ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw is no secret", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
    ("postgresql://focusweek:pa$$w@rd@db.example:5432/focusweek", "pa$$w@rd"),
    ("GET https://user:hunter2@social.example/api", "hunter2"),
    ("GET https://social.example/cb?code=SplxlOBeZQQYbYS6WxSbIA&x=1", "SplxlOBeZQQYbYS6WxSbIA"),
    ("https://graph.example/me?fields=id&access_token=EAABsbCS1iHgBA", "EAABsbCS1iHgBA"),
    (f"POST https://api.telegram.org/bot{TELEGRAM}/sendMessage", TELEGRAM),
    ("https://discord.com/api/webhooks/1234567890/aBcD_eFgH-iJkL", "aBcD_eFgH-iJkL"),
    (f"[(b'Authorization', b'Bearer {MASTODON}'), (b'Accept', b'*/*')]", MASTODON),
    ("headers: {'Cookie': 'session=abc; theme=dark'}", "session=abc"),
    ('{"password": "correct horse battery", "identifier": "agency.example"}', "correct horse battery"),
    ("connection failed: password=hunter2 host=db", "hunter2"),
    ("FOCUSWEEK_SMTP_PASSWORD: 12345678", "12345678"),
    (f"a token {MASTODON}, alone", MASTODON),
    (f"the key {FERNET}", FERNET),
    ("gAAAAABnX1Y2Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4==", "gAAAAABnX1Y2Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4"),
    ("[type=string_type, input_value='Call 1-888-373-7888, help', input_type=str]", "Call 1-888"),
]


class TestTexts:
    @pytest.mark.parametrize(("text", "secret"), HOLDING)
    def test_lose_what_looks_like_a_secret(self, text: str, secret: str) -> None:
        found = without_secrets(text)
        assert secret not in found
        assert LEFT_OUT in found

    @pytest.mark.parametrize(
        "text",
        [
            "delivery_published",
            "https://social.example/@agency/113891",
            "at://did:plc:ewvi7nxzyoun6zhxrhs64oiz/app.bsky.feed.post/3jwdwj2ctlk26",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "The database did not take the request (database is locked).",
            "0c2f1c3e-7a1b-4a52-9a60-1d2f3a4b5c6d",
            "2027-01-11T14:00:00Z",
            "https://acf.gov/otip/hotline?utm_source=focusweek&page=2",
            '  File "/srv/app/delivery/engine.py", line 92, in tick',
        ],
    )
    def test_keep_what_is_none(self, text: str) -> None:
        assert without_secrets(text) == text

    def test_are_read_in_a_time_that_grows_with_their_length_only(self) -> None:
        for hostile in (
            "a-" * 10_000,
            "token" * 4_000,
            "'token':'" * 2_000,
            "://" * 7_000,
            "&key" * 5_000,
            "A1a" * 7_000,
        ):
            start = time.process_time()
            without_secrets(hostile)
            assert time.process_time() - start < 2

    def test_that_are_endless_are_cut(self) -> None:
        assert len(without_secrets("word " * 100_000)) < 30_000


class TestFields:
    @pytest.mark.parametrize(
        "name", ["text", "post_text", "Authorization", "access_token", "password", "api_key", "body"]
    )
    def test_of_a_telling_name_are_left_out(self, name: str) -> None:
        assert field(name, "harmless") == LEFT_OUT
        assert field("context", {"deep": [{name: "harmless"}]}) == LEFT_OUT
        assert field("answer", {"deep": [{name: "harmless"}]}) == {"deep": [{name: LEFT_OUT}]}

    def test_keep_numbers_whatever_their_name(self) -> None:
        assert field("token", 7) == 7
        assert field("texts", None) is None

    @pytest.mark.parametrize(("text", "secret"), HOLDING)
    def test_lose_secrets_in_bytes_lists_and_objects(self, text: str, secret: str) -> None:
        class Thing:
            def __str__(self) -> str:
                return text

        assert secret not in str(redacted([text.encode(), {"x": (text, {text})}, Thing()]))
