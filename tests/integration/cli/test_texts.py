from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., Any]


def lines(*values: object) -> str:
    return "".join(json.dumps(value) + "\n" for value in values)


class TestCheck:
    def test_answers_every_line_in_order_with_its_id_and_findings(self, run: Run) -> None:
        ran = run("check", stdin=lines({"id": "a", "text": "Call 1-888-373-7888."}, {"id": 7, "text": "Help victims."}))
        assert ran.code == 0
        good, bad = ran.lines
        assert good == {"id": "a", "sendable": True, "findings": good["findings"]}
        assert bad["id"] == 7
        assert bad["sendable"] is False
        finding = next(f for f in bad["findings"] if f["code"] == "language.victim")
        assert set(finding) == {"code", "level", "span", "message", "suggestion"}
        assert (finding["level"], finding["span"]) == ("warning", [5, 12])

    def test_reports_a_missing_mention_whenever_the_text_has_none(self, run: Run) -> None:
        (answer,) = run("check", "--platform", "x", stdin=lines({"id": 1, "text": "Nothing added."})).lines
        assert "mention.missing" in [f["code"] for f in answer["findings"]]

    def test_applies_lengths_only_where_a_platform_is_named(self, run: Run) -> None:
        long = lines({"id": 1, "text": "Call 1-888-373-7888. " + "long " * 100})
        codes = [
            [f["code"] for f in run("check", *o, stdin=long).lines[0]["findings"]] for o in ([], ["--platform", "x"])
        ]
        assert "text.too_long" not in codes[0]
        assert "text.too_long" in codes[1]

    def test_counts_a_hashtag_that_any_network_links_without_a_platform(self, run: Run) -> None:
        text = "Call 1-888-373-7888 #EndTrafficking #ForcedLabor ＃SexTrafficking"
        (answer,) = run("check", stdin=lines({"id": 1, "text": text})).lines
        assert "hashtag.limit" in [f["code"] for f in answer["findings"]]

    def test_gives_spans_in_code_points_of_the_text_as_received(self, run: Run) -> None:
        text = "😀\r\n vi\u200bctim"
        (answer,) = run("check", stdin=lines({"id": 1, "text": text})).lines
        (span,) = [f["span"] for f in answer["findings"] if f["code"] == "language.victim"]
        assert text[slice(*span)] == "vi\u200bctim"

    @pytest.mark.parametrize(
        ("bad", "said"),
        [
            (b"{", "Line 2"),
            (b"[1]", "Line 2"),
            (b'{"id": 1}', '"text" is missing'),
            (b'{"id": 1, "text": 5}', '"text" must be a string'),
            (b'{"id": null, "text": "x"}', '"id" must be'),
            (b'{"id": 1, "text": "\xff"}', "not UTF-8"),
            (b"[" * 100_000, "Line 2"),
        ],
    )
    def test_stops_at_a_bad_line_with_its_number_and_exit_code_2(self, run: Run, bad: bytes, said: str) -> None:
        ran = run(
            "check",
            stdin=lines({"id": 1, "text": "first"}).encode() + bad + b"\n" + lines({"id": 3, "text": "t"}).encode(),
        )
        assert ran.code == 2
        assert [answer["id"] for answer in ran.lines] == [1]
        assert said in ran.err
        assert "Line 2" in ran.err

    def test_survives_lone_surrogates_byte_order_marks_and_empty_lines(self, run: Run) -> None:
        ran = run("check", stdin=b'\xef\xbb\xbf{"id": "\\ud800", "text": "\\udfff"}\n\n')
        assert ran.code == 0
        assert ran.lines[0]["id"] == "\ud800"

    def test_names_the_platforms_where_one_is_unknown(self, run: Run) -> None:
        ran = run("check", "--platform", "twitter", stdin=lines({"id": 1, "text": "x"}))
        assert (ran.code, ran.out) == (2, "")
        assert "bluesky" in ran.err


class TestMeasure:
    def test_gives_length_limit_fit_and_hashtags_in_order_with_repeats(self, run: Run) -> None:
        ran = run("measure", "--platform", "x", stdin=lines({"id": 1, "text": "#b #a #b train.org/x"}))
        assert ran.lines == [{"id": 1, "length": 32, "limit": 280, "fits": True, "hashtags": ["b", "a", "b"]}]

    def test_says_that_a_text_over_the_bytes_does_not_fit_even_where_its_graphemes_do(self, run: Run) -> None:
        text = "👩‍👩‍👧‍👦" * 200
        (answer,) = run("measure", "--platform", "bluesky", stdin=lines({"id": 1, "text": text})).lines
        assert (answer["length"], answer["fits"]) == (200, False)
