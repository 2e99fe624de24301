from __future__ import annotations

from collections.abc import Callable
from typing import Any

Run = Callable[..., Any]
MAIL = {
    "FOCUSWEEK_SMTP_HOST": "127.0.0.1",
    "FOCUSWEEK_SMTP_PORT": "9",
    "FOCUSWEEK_SMTP_FROM": "focusweek@agency.example",
}
URL = "https://127.0.0.1:9/hook?key=in-the-address"


def test_a_channel_is_added_listed_tried_and_removed(run: Run) -> None:
    nothing = run("alerts")
    assert (nothing.code, nothing.out) == (0, "There are no open alerts.\n")
    assert "no alert channel is set up" in nothing.err
    assert "WARNING: Nobody is told" in run("status").out

    added = run(
        "alerts", "add", "desk", "--webhook", URL, "--kind", "missed", "--kind", "held", "--digest-minutes", "5"
    )
    assert added.code == 0, added.err
    assert added.out.count("whsec_") == 1
    (channel,) = run("alerts", "channels", "--json").lines
    assert (channel["name"], channel["kinds"], channel["digest_minutes"]) == ("desk", ["held", "missed"], 5)
    assert channel["target"] == "https://127.0.0.1:9/hook?…"
    assert "whsec_" not in run("alerts", "channels").out

    tested = run("alerts", "test", "desk")
    assert (tested.code, "it leads to a loopback or private address" in tested.err) == (1, True)
    assert run("alerts", "remove", "desk").out == "desk removed.\n"
    assert run("alerts", "channels", "--json").lines == []


def test_what_cannot_be_used_is_said(run: Run) -> None:
    for arguments, words in (
        (("add", "desk"), "Say where alerts go."),
        (("add", "desk", "--email", "a@b.example", "--webhook", URL), "Say where alerts go."),
        (("add", "desk", "--email", "nobody"), "That is no e-mail address."),
        (("add", "desk", "--webhook", URL, "--kind", "nonsense"), "There is no kind of alert 'nonsense'."),
        (("add", "a\nb", "--webhook", URL), "one line of 1 to 100"),
        (("test", "nobody"), "There is no channel 'nobody'."),
        (("remove", "nobody"), "There is no channel 'nobody'."),
    ):
        said = run("alerts", *arguments, **MAIL)
        assert (said.code, words in said.err) == (2, True), said
    without = run("alerts", "add", "desk", "--email", "a@b.example")
    assert (without.code, "FOCUSWEEK_SMTP_HOST" in without.err) == (1, True)


def test_a_wrong_setting_is_named(run: Run) -> None:
    for name, value in (
        ("SMTP_SECURITY", "maybe"),
        ("SMTP_FROM", "a@b.example\nBcc: c@d.example"),
        ("PUBLIC_URL", "x"),
    ):
        said = run("alerts", **{f"FOCUSWEEK_{name}": value})
        assert (said.code, f"FOCUSWEEK_{name}" in said.err) == (1, True), said
