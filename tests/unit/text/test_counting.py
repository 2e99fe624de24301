from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from app.platforms.mastodon.limits import profile_for
from app.text.counting import fits, length, measure

SLUGS = ("x", "bluesky", "mastodon", "threads", "linkedin", "facebook", "instagram", "discord", "telegram")
PROFILES = {slug: import_module(f"app.platforms.{slug}.limits").PROFILE for slug in SLUGS}
FAMILY = "👨‍👩‍👧‍👦"


class TestLengthsAreTheNetworksOwn:
    @pytest.mark.parametrize(
        ("slug", "text", "expected"),
        [
            ("x", "abc", 3), ("x", "中", 2), ("x", FAMILY, 2), ("x", "e\u0301", 1), ("x", "’", 1),
            ("x", "train.org/main/course/1", 23), ("x", "http://a.co", 23),
            ("x", "a@train.org", 11), ("x", "a\r\nb", 3), ("x", "🇺🇸", 2), ("x", "1️⃣", 2),
            ("x", "example.org:80", 26), ("bluesky", FAMILY, 1), ("bluesky", "🇺🇸🇺🇸", 2),
            ("bluesky", "🇺🇸🇨", 2), ("bluesky", "e\u0301", 1), ("bluesky", "a\r\nb", 3),
            ("mastodon", "train.org/main/course/1", 23),
            ("mastodon", "https://train.org/main/course/1/2/3/4", 23),
            ("mastodon", "https://a.org", 23), ("mastodon", "@user@example.org hi", 8),
            ("mastodon", "a@example.org", 13), ("threads", "a🙂", 5), ("threads", "🇺🇸", 8),
            ("threads", "é", 1), ("threads", "👍🏽", 8), ("threads", "🇺🇸🇺🇸🇺", 20),
            ("telegram", "🙂", 2), ("discord", "🙂", 1), ("linkedin", "🙂é", 3),
        ],
    )  # fmt: skip
    def test_in_their_own_units(self, slug, text, expected):
        assert length(text, PROFILES[slug]) == expected

    def test_a_servers_own_limits_replace_mastodons(self):
        profile = profile_for(5000, 30)
        assert (profile.limit, length("https://a.org", profile)) == (5000, 30)
        assert profile_for(None, None) == profile_for(0, -1) == PROFILES["mastodon"]


class TestEveryLimitIsKept:
    @pytest.mark.parametrize("slug", SLUGS)
    def test_at_the_limit_and_not_beyond(self, slug):
        profile = PROFILES[slug]
        assert fits("a" * profile.limit, profile)
        assert not fits("a" * (profile.limit + 1), profile)

    @pytest.mark.parametrize("slug", SLUGS)
    def test_a_blank_text_fits_nowhere(self, slug):
        assert not any(fits(text, PROFILES[slug]) for text in ("", " ", "\r\n\t\u3000"))

    def test_bytes_on_bluesky(self):
        assert fits(FAMILY * 120, PROFILES["bluesky"])
        assert not fits(FAMILY * 121, PROFILES["bluesky"])

    def test_numbers_of_hashtags_and_handles_on_instagram_and_links_on_threads(self):
        assert fits("#a " * 30, PROFILES["instagram"])
        assert not fits("#a " * 31, PROFILES["instagram"])
        assert fits("@a " * 20, PROFILES["instagram"])
        assert not fits("@a " * 21, PROFILES["instagram"])
        assert fits("a.org " * 5, PROFILES["threads"])
        assert not fits("a.org " * 6, PROFILES["threads"])

    @pytest.mark.parametrize("character", ["\ufffe", "\ufeff", "\uffff"])
    def test_characters_that_x_forbids(self, character):
        assert not fits(f"a{character}b", PROFILES["x"])


class TestTheToolkitsPosts:
    def test_as_many_fit_with_the_telephone_number_as_were_counted_by_hand(self):
        pack = yaml.safe_load((Path(__file__).parents[3] / "seeds" / "hhs-htpm-2023.yaml").read_text("utf-8"))
        given = [f"{post['text']} Hotline: 1-888-373-7888" for post in pack["posts"]]
        assert [sum(fits(text, PROFILES[slug]) for text in given) for slug in ("x", "bluesky")] == [25, 23]


class TestMeasuresHangTogether:
    @given(st.text(max_size=80) | st.text(alphabet="#a.org/:@🙂🇺🇸\u200d\r\n é中", max_size=60), st.sampled_from(SLUGS))
    def test_measure_is_length_and_fits(self, text, slug):
        profile = replace(PROFILES[slug], limit=20)
        measured = measure(text, profile)
        assert (measured.length, measured.fits, measured.limit) == (length(text, profile), fits(text, profile), 20)
        assert not measured.fits or measured.length <= 20
