from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

PASSWORD = "three words and a half"  # noqa: S105 - made for tests
Run = Callable[..., Any]
SET_UP = ("users", "set-up", "--email", "First@Agency.example", "--organization", "Agency of Examples")


class TestTheFirstUser:
    def test_is_made_once_with_a_password_from_standard_input(self, run: Run) -> None:
        done = run(*SET_UP, "--alone", stdin=f"{PASSWORD}\n")
        assert (done.code, done.err) == (0, "")
        assert "first@agency.example can sign in now" in done.out
        assert PASSWORD not in done.out
        again = run(*SET_UP, stdin=PASSWORD)
        assert again.code == 1
        assert "set up already" in again.err
        listed = run("users", "list", "--json").lines
        assert [(one["email"], one["is_operator"], one["organizations"]) for one in listed] == [
            ("first@agency.example", True, [{"organization": "default", "role": "admin"}])
        ]

    def test_a_weak_password_or_no_address_is_refused_and_nobody_is_made(self, run: Run) -> None:
        for given, said in (
            ("short", "12 to 128"),
            ("password1234", "first that anybody would try"),
            ("", "12 to 128"),
        ):
            refused = run(*SET_UP, stdin=given)
            assert refused.code == 2
            assert said in refused.err
        refused = run("users", "set-up", "--email", "nobody", "--organization", "A", stdin=PASSWORD)
        assert refused.code == 2
        assert run("users", "list").out == ""


class TestUsers:
    def test_an_invitation_is_printed_where_no_mail_is_set_up(self, run: Run) -> None:
        invited = run(
            "users", "invite", "new@agency.example", "--role", "reviewer", FOCUSWEEK_PUBLIC_URL="https://f.example/"
        )
        assert invited.code == 0
        assert "https://f.example/invitation?token=" in invited.out
        view = run("users", "invite", "new@agency.example", "--json").lines[0]
        assert view["role"] == "author"
        assert view["link"].startswith("http://127.0.0.1:8000/invitation?token=")

    def test_an_invitation_is_printed_all_the_same_where_the_letter_is_not_taken(self, run: Run) -> None:
        mail = {
            "FOCUSWEEK_SMTP_HOST": "127.0.0.1",
            "FOCUSWEEK_SMTP_PORT": "9",
            "FOCUSWEEK_SMTP_FROM": "f@agency.example",
        }
        invited = run("users", "invite", "new@agency.example", FOCUSWEEK_SMTP_SECURITY="none", **mail)
        assert invited.code == 0
        assert "The e-mail was not sent" in invited.err
        assert "/invitation?token=" in invited.out

    def test_a_user_is_disabled_enabled_and_given_a_link_for_a_new_password(self, run: Run) -> None:
        run(*SET_UP, stdin=PASSWORD)
        assert run("users", "disable", "first@agency.example").code == 0
        assert "disabled" in run("users", "list").out
        assert run("users", "reset-password", "first@agency.example").code == 1
        assert run("users", "enable", "FIRST@agency.example").code == 0
        assert "disabled" not in run("users", "list").out
        assert "password alone" in run("users", "remove-second-factor", "first@agency.example").out
        assert "at the next sign-in" in run("users", "forget-openid", "first@agency.example").out
        reset = run("users", "reset-password", "first@agency.example")
        assert reset.out.startswith("http://127.0.0.1:8000/password-reset?token=")

    def test_who_is_unknown_is_said_in_plain_words(self, run: Run) -> None:
        for command in ("disable", "enable", "reset-password", "remove-second-factor", "forget-openid"):
            assert run("users", command, "nobody@agency.example").code == 1
            assert run("users", command, "no address").code == 2


class TestTokens:
    def test_a_token_is_shown_once_listed_without_itself_and_revoked(self, run: Run) -> None:
        added = run("tokens", "add", "nightly import", "--scope", "view", "--scope", "write", "--days", "7")
        token = added.out.strip()
        assert token.startswith("fwk_")
        listed = run("tokens", "list", "--json")
        assert token not in listed.out
        view = listed.lines[0]
        assert (view["name"], view["scopes"], view["state"], view["used"]) == (
            "nightly import", ["view", "write"], "active", None,
        )  # fmt: skip
        assert token.startswith(view["hint"])
        assert run("tokens", "revoke", str(view["id"])).code == 0
        assert run("tokens", "list", "--json").lines[0]["state"] == "revoked"
        assert run("tokens", "revoke", str(view["id"])).code == 1
        assert run("tokens", "revoke", "999").code == 1

    def test_it_says_what_is_wrong_with_one(self, run: Run, tmp_path: Path) -> None:
        assert run("tokens", "add", "x", "--scope", "everything").code == 2
        assert run("tokens", "add", "x").code == 2
        assert run("tokens", "add", "x", "--scope", "view", "--days", "0").code == 2
        assert run("tokens", "add", "a\u202eb", "--scope", "view").code == 2
        # The token is in no file of the data folder.
        token = run("tokens", "add", "x", "--scope", "view").out.strip().encode()
        for file in (tmp_path / "data").iterdir():
            assert token not in file.read_bytes()
