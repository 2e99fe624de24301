"""Composing: what goes out on each network, from real posts of the bundled pack and from hard ones made here."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.composing.compose import compose
from app.composing.values import LinkTarget, PostText, Voice
from app.packs.bundled import default_pack
from app.packs.voice import build_voice, post_text
from app.platforms.registry import NETWORKS
from app.policy.facts import Facts
from app.policy.mentions import find_mentions
from app.policy.policy import HandleMapping
from app.text.counting import fits, length
from app.text.hashtags import find_hashtags

PACK = default_pack()
VOICE = build_voice(PACK, year=2027)
POSTS = [post_text(post) for post in PACK.posts]
OPEN = {post.key for post in PACK.posts if post.fill_ins}
SHORTEST = "Hotline: 1-888-373-7888"
LONG = " ".join(f"Sentence number {word} tells a little more of the story." for word in "abcdefghijkl")


def post(text: str, **fields: object) -> PostText:
    return PostText(key="p", text=text, language="en", **fields)  # type: ignore[arg-type]


def has_mention(text: str) -> bool:
    return bool(find_mentions(Facts(text), VOICE.policy))


def texts(text: str | PostText, network: str, voice: Voice = VOICE) -> list[str]:
    given_post = post(text) if isinstance(text, str) else text
    return [part.text for part in compose(given_post, NETWORKS[network].profile, voice).parts]


class TestEveryPostOfTheToolkit:
    @pytest.mark.parametrize("network", NETWORKS)
    @pytest.mark.parametrize("entry", POSTS, ids=lambda p: p.key)
    def test_fits_has_its_mention_and_at_most_two_hashtags(self, entry: PostText, network: str) -> None:
        profile = NETWORKS[network].profile
        composition = compose(entry, profile, VOICE)
        assert composition.sendable is (entry.key not in OPEN)
        assert all(fits(part.text, profile) and part.length == length(part.text, profile) for part in composition.parts)
        assert has_mention(composition.parts[0].text)
        found = [tag for part in composition.parts for tag in find_hashtags(part.text, profile.hashtags)]
        assert len(found) <= 2

    def test_goes_out_once_its_fill_ins_are_filled(self) -> None:
        filled = build_voice(PACK, year=2027, fill_ins={f.key: "https://www.example.gov/x" for f in PACK.fill_ins})
        for entry in POSTS:
            for network in NETWORKS.values():
                assert compose(entry, network.profile, filled).sendable, entry.key

    def test_counts_are_those_of_the_toolkit_with_the_short_mention(self) -> None:
        profiles = NETWORKS["x"].profile, NETWORKS["bluesky"].profile
        fitting = [sum(fits(f"{p.text} {SHORTEST}", profile) for p in POSTS) for profile in profiles]
        assert fitting == [25, 23]


class TestMention:
    def test_is_added_only_where_none_is_present(self) -> None:
        own = "Call 1-888-373-7888 for help."
        assert texts(own, "x") == [own]

    def test_is_the_longest_form_that_fits(self) -> None:
        forms = VOICE.forms_in("en")
        assert texts("Short.", "x") == [f"Short. {forms[0]}"]
        room = 280 - len(SHORTEST) - 1
        assert texts("a" * room, "x") == ["a" * room + f" {SHORTEST}"]

    @pytest.mark.parametrize("text", ["", "#EndTrafficking", "See hhs.gov/x", "🎉", "“Quoted.”", "a\r\nb\rc"])
    def test_stands_behind_any_text_after_one_blank(self, text: str) -> None:
        plain = text.replace("\r\n", "\n").replace("\r", "\n")
        assert texts(text, "x") == [f"{plain} {VOICE.forms_in('en')[0]}".strip()]

    def test_is_in_the_language_of_the_post(self) -> None:
        spanish = replace(post("Hola a todas las personas."), language="es-US")
        assert texts(spanish, "x")[0].endswith(VOICE.forms_in("es")[0])

    def test_stands_whole_in_the_first_part_of_a_thread(self) -> None:
        parts = texts(LONG, "x")
        assert len(parts) > 1
        assert has_mention(parts[0])

    def test_is_added_to_the_first_part_where_the_text_has_it_only_at_its_end(self) -> None:
        parts = texts(f"{LONG} Call 1-888-373-7888.", "x")
        assert has_mention(parts[0])

    def test_that_fits_nowhere_without_threads_is_blocked_as_too_long(self) -> None:
        composition = compose(post("a " * 1100), NETWORKS["instagram"].profile, VOICE)
        assert [f.code for f in composition.verdict.errors] == ["text.too_long"]

    def test_of_equal_threads_the_one_with_the_longest_form_is_taken(self) -> None:
        added = compose(post(LONG), NETWORKS["mastodon"].profile, VOICE).mention_added
        assert added is not None
        assert len(added) > len(SHORTEST)


class TestHandles:
    def test_mapped_ones_are_written_as_the_network_knows_them(self) -> None:
        assert texts("@POTUS has called on us.", "x")[0].startswith("@POTUS has")

    def test_unmapped_ones_go_out_as_plain_names_with_a_finding_where_they_stand(self) -> None:
        composition = compose(post("Ask @SomeStranger today."), NETWORKS["bluesky"].profile, VOICE)
        text = composition.parts[0].text
        assert text.startswith("Ask SomeStranger today.")
        (finding,) = [f for f in composition.verdict.findings if f.code == "handle.unmapped"]
        assert text[slice(*finding.span)] == "SomeStranger"

    def test_a_name_that_stands_in_the_text_already_is_not_taken_for_it(self) -> None:
        composition = compose(post("POTUS and @POTUS"), NETWORKS["bluesky"].profile, VOICE)
        (finding,) = (f for f in composition.verdict.findings if f.code == "handle.unmapped")
        assert finding.span == (10, 15)

    def test_the_networks_own_stay_and_are_seen_behind_a_dot(self) -> None:
        handles = (HandleMapping("Agency", "The Agency", (("x", "AgencyOnX"),)),)
        voice = replace(VOICE, policy=replace(VOICE.policy, handles=handles))
        assert texts("@AgencyOnX and .@agency on 233733", "x", voice)[0].startswith("@AgencyOnX and .@AgencyOnX")
        assert texts("w/@agency", "threads", voice)[0].startswith("w/The Agency ")

    def test_no_stranger_is_pinged_on_any_network(self) -> None:
        for network in NETWORKS:
            assert "@POTUS" not in texts("@POTUS has called on us.", network)[0] or network == "x"

    def test_mail_addresses_stay(self) -> None:
        assert "info@train.org" in texts("Write to info@train.org.", "mastodon")[0]


class TestLinks:
    def test_get_their_scheme_where_the_network_links_nothing_without(self) -> None:
        assert (
            "Learn more: https://train.org/main/course/1107319."
            in texts("Learn more: train.org/main/course/1107319.", "mastodon")[0]
        )

    def test_lead_to_the_target_of_the_post(self) -> None:
        given_post = post(
            "See acf.hhs.gov/otip.", links=(LinkTarget("acf.hhs.gov/otip", "https://www.acf.hhs.gov/otip"),)
        )
        assert "https://www.acf.hhs.gov/otip" in texts(given_post, "mastodon")[0]
        (part,) = compose(given_post, NETWORKS["bluesky"].profile, VOICE).parts
        assert part.text[slice(*part.links[0].span)] == "acf.hhs.gov/otip"
        assert part.links[0].target == "https://www.acf.hhs.gov/otip"

    def test_stay_as_printed_where_the_network_links_them_itself(self) -> None:
        assert "Learn more: train.org/main" in texts("Learn more: train.org/main", "x")[0]


class TestFillIns:
    def test_hold_a_post_back_until_filled(self) -> None:
        composition = compose(post("Read: [link to proclamation]"), NETWORKS["x"].profile, VOICE)
        assert [f.code for f in composition.verdict.errors] == ["text.placeholder"]

    def test_are_put_in_once_even_where_a_value_reads_like_a_placeholder(self) -> None:
        key = next(f.key for f in PACK.fill_ins if f.text == "[link to proclamation]")
        voice = build_voice(PACK, year=2027, fill_ins={key: "see [XX]"})
        assert texts("Read: [link to proclamation]", "x", voice)[0].startswith("Read: see [XX]")


class TestVariants:
    def test_are_taken_on_their_network_only(self) -> None:
        given_post = post("For all.", variants=(("x", "For X."),))
        assert texts(given_post, "x")[0].startswith("For X.")
        assert texts(given_post, "mastodon")[0].startswith("For all.")


class TestAnyText:
    @settings(max_examples=150, deadline=None)
    @given(
        text=st.text(max_size=900)
        | st.lists(st.sampled_from(["Word", "train.org/a", "#Tag", "1-888-373-7888", "ends.", "@x"]), max_size=120).map(
            " ".join
        ),
        network=st.sampled_from(sorted(NETWORKS)),
    )
    def test_what_is_sendable_fits_and_has_its_mention_in_the_first_part(self, text: str, network: str) -> None:
        profile = NETWORKS[network].profile
        composition = compose(post(text), profile, VOICE)
        if composition.sendable:
            assert has_mention(composition.parts[0].text)
            assert all(fits(part.text, profile) for part in composition.parts)
        joined = Facts(tuple(part.text for part in composition.parts)).text
        assert all(0 <= f.span[0] <= f.span[1] <= len(joined) for f in composition.verdict.findings)

    @settings(max_examples=50, deadline=None)
    @given(text=st.text(max_size=400))
    def test_composing_twice_gives_the_same(self, text: str) -> None:
        profile = NETWORKS["bluesky"].profile
        assert compose(post(text), profile, VOICE) == compose(post(text), profile, VOICE)
