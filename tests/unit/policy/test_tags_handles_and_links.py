from __future__ import annotations

import pytest
from policy_profiles import OTHER, SHORT

from app.policy.evaluate import evaluate
from app.policy.facts import Facts


class TestHashtags:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("#EndTrafficking #SexTrafficking", []),
            ("#EndTrafficking #SexTrafficking #ForcedLabor #A", [("hashtag.limit", "#ForcedLabor")]),
            ("#EndTrafficking #EndTrafficking #EndTrafficking", [("hashtag.limit", "#EndTrafficking")]),
            ("＃EndTrafficking #EndTrafficking #EndTrafficking", [("hashtag.limit", "#EndTrafficking")]),
            ("hhs.gov/#a hhs.gov/#b hhs.gov/#c #1 #2 #3", []),
        ],
    )
    def test_are_counted_with_repeats(self, found, text, expected):
        assert found(text, "hashtag.limit") == expected

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("#Partner2Prevent", []),
            ("#partner2prevent", []),
            ("#Other", [("hashtag.unapproved", "#Other")]),
            ("see hhs.gov/a#anchor and #1", []),
        ],
    )
    def test_are_those_of_the_campaign(self, found, text, expected):
        assert found(text, "hashtag.unapproved") == expected

    @pytest.mark.parametrize(
        ("tag", "suggestion"),
        [
            ("#partner2prevent", "#Partner2Prevent"),
            ("#PARTNER2PREVENT", "#Partner2Prevent"),
            ("#endTrafficking", "#EndTrafficking"),
            ("#endhumantrafficking", "#EndHumanTrafficking"),
            ("#ENDTRAFFICKINGNOW", "#EndTraffickingNow"),
            ("#stophumantrafficking", "#StopHumanTrafficking"),
            ("#humantrafficking", "#HumanTrafficking"),
        ],
    )
    def test_begin_each_word_with_a_capital(self, trafficking, tag, suggestion):
        [case] = [f for f in evaluate(Facts(tag), trafficking).findings if f.code == "hashtag.case"]
        assert case.suggestion == suggestion

    @pytest.mark.parametrize("tag", ["#Partner2Prevent", "#EndHumanTrafficking", "#trafficking", "#january", "#HHS"])
    def test_of_one_word_or_with_capitals_are_fine(self, found, tag):
        assert found(tag, "hashtag.case") == []

    def test_of_a_slip_suggest_what_was_meant(self, trafficking):
        findings = evaluate(Facts("#EndTraficking"), trafficking).findings
        assert [f.suggestion for f in findings if f.code == "hashtag.unapproved"] == ["#EndTrafficking"]

    def test_include_the_first_of_the_campaign(self, found):
        assert found("#partner2prevent", "hashtag.primary") == []
        assert len(found("#EndTrafficking", "hashtag.primary")) == 1
        assert found("Hi", "hashtag.primary", profile=OTHER) == []


class TestHandles:
    def test_without_a_network_need_a_mapping_on_any(self, found):
        assert found("@POTUS, @stranger, @me@server.example", "handle.") == [
            ("handle.unmapped", "@stranger"),
            ("handle.unmapped", "@me@server.example"),
        ]

    def test_on_a_network_need_one_there(self, found):
        assert found("@POTUS", "handle.", profile=SHORT) == []
        assert found("@potus", "handle.", profile=SHORT) == []
        assert found("@POTUS", "handle.", profile=OTHER) == [("handle.unmapped", "@POTUS")]

    def test_are_not_seen_in_addresses(self, found):
        assert found("mail me@hhs.gov, see youtube.com/@channel", "handle.") == []


class TestLinks:
    def test_that_say_http_are_found_with_the_safe_address(self, trafficking):
        findings = evaluate(Facts("See http://hhs.gov/a and https://hhs.gov and hhs.gov"), trafficking).findings
        assert [f.suggestion for f in findings if f.code == "link.not_https"] == ["https://hhs.gov/a"]

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("acf.hhs.gov/otip www.hhs.gov https://hhs.gov:443/", []),
            ("evilhhs.gov", ["evilhhs.gov"]),
            ("hhs.gov.evil.com", ["hhs.gov.evil.com"]),
        ],
    )
    def test_to_unknown_hosts_are_noted(self, found, text, expected):
        assert [place for _, place in found(text, "link.unknown_host")] == expected
