from __future__ import annotations

import pytest

from app.errors import InvalidInput
from app.identity.emails import clean_email, is_mailbox
from app.identity.names import clean_name
from app.identity.passwords import checked_password, hash_password, renewed, verify_password

EMAIL = "name.surname@agency.example"


class TestPasswordsThatMayBeSet:
    @pytest.mark.parametrize(
        "password",
        [
            "three words and a half",
            "twelve chars",
            "x" * 4 + "abcdefgh",
            "ß" * 4 + "äöüéèêëï",
            "🙂🙃😀😃😄😁😆😅🤣😂🙄😏",
            "z1Y8q" * 25 + "abc",
            "83920 47710 29384 50562",
        ],
    )
    def test_twelve_to_128_characters_of_any_kind(self, password: str) -> None:
        assert checked_password(password, email=EMAIL)

    @pytest.mark.parametrize(
        "password",
        [
            "", "short", "eleven char", "x1y2" * 32 + "z", EMAIL, EMAIL.upper(), "name.surname", "aaaaaaaaaaaaaaaa",
            "121212121212", "Password1234!", "WELCOME2024!!!", "password1234", "1234567890123", "qwertyuiop123",
            "correcthorsebatterystaple", "correct horse battery staple", "            ", "!!!2024!!!2025",
            "Focusweek2027!", "01011970-0202",
        ],
    )  # fmt: skip
    def test_short_long_own_and_common_ones_are_refused(self, password: str) -> None:
        with pytest.raises(InvalidInput) as refusal:
            checked_password(password, email=EMAIL)
        assert not password or password not in refusal.value.message + refusal.value.hint


class TestKeptPasswords:
    def test_only_the_right_one_is_taken_however_its_letters_are_written(self) -> None:
        kept = hash_password("cafe\u0301 und Gru\u00dfe")
        assert kept.startswith("$argon2id$")
        assert verify_password("caf\u00e9 und Gru\u00dfe", kept)
        assert not verify_password("cafe und Grusse", kept)
        assert renewed("caf\u00e9 und Gru\u00dfe", kept) is None

    def test_nobody_has_no_password(self) -> None:
        assert not verify_password("three words and a half", None)
        assert not verify_password("\0nobody\0", None)

    @pytest.mark.parametrize("given", ["", "\0", "\ud800", "x" * 100_000])
    def test_nothing_that_is_given_breaks_it(self, given: str) -> None:
        assert not verify_password(given, hash_password("three words and a half"))

    def test_what_is_no_hash_lets_nobody_in(self) -> None:
        assert not verify_password("three words and a half", "not a hash")


class TestAddressesAndNames:
    @pytest.mark.parametrize(
        "text", ["a@b.example", "A.b+c@sub.agency.example", "o'hara@agency.example", "a@localhost"]
    )
    def test_an_address_is_kept_in_lower_case(self, text: str) -> None:
        assert clean_email(f" {text} ") == text.lower()

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "a",
            "@b",
            "a@",
            "a@b@c",
            "a b@c",
            "a@b..c",
            "a@-b",
            "a\n@b",
            "a@b,c@d",
            "ä@b.example",
            "a" * 65 + "@b",
            "a@" + "b" * 260,
            "a@b\0",
        ],
    )
    def test_what_is_none_or_several_is_refused(self, text: str) -> None:
        assert not is_mailbox(text)
        with pytest.raises(InvalidInput):
            clean_email(text)

    def test_a_name_is_one_line(self) -> None:
        assert clean_name("  A.\t Name \n", what="Your name") == "A. Name"
        assert clean_name("", what="Your name", optional=True) == ""
        for text in ("", "a\0", "a\u202eb", "x" * 201, "\ud800"):
            with pytest.raises(InvalidInput):
                clean_name(text, what="Your name")
