"""Packs become the values of the pure rooms, the bundled one and one about something else alike."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from app.errors import InvalidInput, NotFound
from app.packs.bundled import bundled_pack_path
from app.packs.policy import build_policy
from app.packs.reading import parse_pack
from app.packs.schema import Pack
from app.packs.voice import build_voice, filled_values, post_text
from app.packs.window import build_window, default_year, plan_posts
from app.policy.finding import Level


class TestAPackAboutSomethingElse:
    def test_its_posts_speak_its_language(self, other: Pack) -> None:
        assert [post_text(post).language for post in other.posts] == ["es", "en", "es", "es"]

    def test_its_policy_holds_its_own_rules_and_helpline(self, other: Pack) -> None:
        policy = build_policy(other, year=2027)
        assert policy.language == "es"
        assert (policy.hashtags.limit, policy.hashtags.primary) == (3, "AguaSegura")
        assert policy.hashtags.secondary == ("NadarEsVida", "Salvavidas", "WaterSafety")
        assert policy.contact.voice == "7875550142"
        assert policy.contact.text_line is None
        assert policy.contact.site is not None
        assert policy.contact.site.paths == ("", "ayuda")
        codes = {rules.language: [rule.code for rule in rules.rules] for rules in policy.languages}
        assert codes == {"es": ["wording.accident"]}
        assert dict(policy.levels) == {"hashtag.primary_missing": Level.WARNING}

    def test_its_window_has_its_weeks(self, other: Pack) -> None:
        window = build_window(other, year=2027)
        assert [(week.ends_on - week.starts_on).days + 1 for week in window.weeks] == [5, 14, 5]
        assert window.zone.key == "America/Puerto_Rico"

    def test_its_posts_plan_with_pins_networks_and_reasons(self, other: Pack) -> None:
        posts = {post.key: post for post in plan_posts(other, 2027)}
        assert posts["familias-cerca-en"].pins == (date(2027, 5, 25),)
        assert posts["piscina-abierta"].platforms == {"bluesky", "mastodon"}
        assert posts["curso-de-salvamento"].left_out == "El curso se canceló."

    def test_its_variants_are_taken_along(self, other: Pack) -> None:
        post = post_text(other.posts[2])
        assert post.for_network("mastodon").startswith("¡La piscina")
        assert post.for_network("bluesky") == post.text


class TestThePolicy:
    def test_its_version_changes_with_anything_in_it(self, pack: Pack) -> None:
        base = build_policy(pack, year=2027)
        assert base.version == build_policy(pack, year=2027).version
        assert base.version != build_policy(pack, year=2028).version
        assert base.version != build_policy(pack, year=2027, levels={"link.broken": Level.ERROR}).version

    def test_a_campaigns_level_goes_over_the_packs(self, other: Pack) -> None:
        policy = build_policy(other, year=2027, levels={"hashtag.primary_missing": Level.ERROR})
        assert dict(policy.levels)["hashtag.primary_missing"] is Level.ERROR

    def test_what_blocks_cannot_be_lowered(self, pack: Pack) -> None:
        with pytest.raises(InvalidInput, match=r"mention\.missing cannot fall below error"):
            build_policy(pack, year=2027, levels={"mention.missing": Level.NOTE})

    def test_numbers_are_digits_and_the_tty_is_a_good_one(self, pack: Pack) -> None:
        contact = build_policy(pack, year=2027).contact
        assert contact.voice == "18883737888"
        assert contact.text_line is not None
        assert contact.text_line.number == "233733"
        assert {"711", "911", "988"} <= set(contact.other_good_numbers)
        assert all(number.isdigit() for number in contact.other_good_numbers)

    def test_a_handle_is_known_only_where_it_is_mapped(self, pack: Pack) -> None:
        potus = next(handle for handle in build_policy(pack, year=2027).handles if handle.handle == "POTUS")
        assert (potus.on("x"), potus.on("bluesky")) == ("POTUS", None)

    def test_it_can_be_hashed(self, pack: Pack, other: Pack) -> None:
        assert len({build_policy(pack, year=2027), build_policy(other, year=2027)}) == 2


class TestTheVoice:
    def test_fill_ins_are_stripped_and_kept_by_key(self, pack: Pack) -> None:
        voice = build_voice(pack, year=2027, fill_ins={"proclamation-link": "  https://example.gov/p \n"})
        assert voice.fill_ins == (("proclamation-link", "https://example.gov/p"),)

    def test_an_unknown_key_names_the_known_ones(self, pack: Pack) -> None:
        with pytest.raises(InvalidInput, match="no fill-in named 'proclamation'") as raised:
            build_voice(pack, year=2027, fill_ins={"proclamation": "x"})
        assert "proclamation-link" in raised.value.hint

    @pytest.mark.parametrize("value", ["", "  \t", "a\x00b", "one\ntwo", "a\u2028b", "\x1b[31m", "\ud800", "x" * 5001])
    def test_a_value_that_is_no_line_of_text_is_refused(self, pack: Pack, value: str) -> None:
        with pytest.raises(InvalidInput, match="partnership-quote"):
            build_voice(pack, year=2027, fill_ins={"partnership-quote": value})

    def test_anything_may_stand_in_for_a_link_while_looking_at_what_would_go_out(self, pack: Pack) -> None:
        assert build_voice(pack, year=2027, fill_ins={"proclamation-link": "soon"}).fill_ins[0][1] == "soon"

    @pytest.mark.parametrize("value", ["https://www.example.gov/p?q=1#a", "HTTP://a.example", "https://[2001:db8::1]/"])
    def test_a_link_to_keep_is_a_web_address(self, pack: Pack, value: str) -> None:
        assert filled_values(pack, {"proclamation-link": f" {value} "}) == {"proclamation-link": value}

    @pytest.mark.parametrize(
        "value",
        [
            "soon",
            "www.example.gov",
            "https://",
            "https://example",
            "https://a b.gov",
            "javascript:alert(1)",
            "https://a@example.gov",
            "see https://example.gov",
            "https://example.gov and more",
        ],
    )
    def test_a_link_to_keep_that_is_none_is_refused_with_what_to_write(self, pack: Pack, value: str) -> None:
        with pytest.raises(InvalidInput, match=r"proclamation-link.*no web address") as raised:
            filled_values(pack, {"proclamation-link": value})
        assert "https://" in raised.value.hint

    @pytest.mark.parametrize("value", ["31", "1,200"])
    def test_a_number_to_keep_is_written_in_digits(self, pack: Pack, value: str) -> None:
        assert filled_values(pack, {"proclamation-day": value}) == {"proclamation-day": value}

    @pytest.mark.parametrize("value", ["31st", "\u0663", "-1", "1,"])
    def test_a_number_to_keep_that_is_none_is_refused(self, pack: Pack, value: str) -> None:
        with pytest.raises(InvalidInput, match=r"proclamation-day.*number"):
            filled_values(pack, {"proclamation-day": value})

    def test_forms_come_longest_first_in_each_language(self, pack: Pack) -> None:
        voice = build_voice(pack, year=2027)
        for language in ("en", "es"):
            lengths = [len(form) for form in voice.forms_in(language)]
            assert lengths == sorted(lengths, reverse=True)

    def test_links_keep_their_visible_text_and_target(self, pack: Pack) -> None:
        post = next(post for post in pack.posts if post.key == "w3-voices-kimberly-chang")
        (link,) = post_text(post).links
        assert (link.visible, link.target) == (
            "youtube.com/watch?v=Epks5Iwo7NU",
            "https://www.youtube.com/watch?v=Epks5Iwo7NU",
        )


class TestTheWindow:
    def test_january_2027_has_its_four_weeks(self, pack: Pack) -> None:
        window = build_window(pack, year=2027)
        assert (window.starts_on, window.ends_on) == (date(2027, 1, 1), date(2027, 1, 28))
        assert [week.starts_on.day for week in window.weeks] == [1, 8, 15, 22]

    def test_another_zone_may_be_chosen(self, pack: Pack) -> None:
        assert build_window(pack, year=2027, zone="Pacific/Guam").zone.key == "Pacific/Guam"

    @pytest.mark.parametrize(
        "zone", ["", "EST5", "Mars/Olympus", "../etc/passwd", "/etc/localtime", "America", "a\x00b"]
    )
    def test_a_zone_that_is_none_is_refused(self, pack: Pack, zone: str) -> None:
        with pytest.raises(InvalidInput, match="There is no time zone named"):
            build_window(pack, year=2027, zone=zone)

    @pytest.mark.parametrize("year", [-1, 0, 1999, 2200, 10**12])
    def test_a_year_out_of_range_is_refused(self, pack: Pack, year: int) -> None:
        with pytest.raises(InvalidInput, match="no year that a campaign can have"):
            build_window(pack, year=year)
        with pytest.raises(InvalidInput, match="no year that a campaign can have"):
            plan_posts(pack, year)

    @pytest.mark.parametrize(
        ("now", "year"),
        [
            (datetime(2026, 6, 1, tzinfo=UTC), 2027),
            (datetime(2027, 1, 1, tzinfo=UTC), 2027),
            # The 28th ends in New York five hours after it ends in UTC.
            (datetime(2027, 1, 29, 4, 59, 59, tzinfo=UTC), 2027),
            (datetime(2027, 1, 29, 5, 0, tzinfo=UTC), 2028),
        ],
    )
    def test_the_year_is_the_next_whose_window_has_not_ended(self, pack: Pack, now: datetime, year: int) -> None:
        assert default_year(pack, now) == year

    def test_pins_become_dates_in_order(self, pack: Pack) -> None:
        pinned = [post.pins for post in plan_posts(pack, 2027) if post.pins]
        assert pinned == [(date(2027, 1, 1), date(2027, 1, 11))]


def days(pack_yaml: str, window: str, weeks: str, pin: str) -> Pack:
    head, _, rest = pack_yaml.partition("window:")
    _, _, tail = rest.partition("hashtags:")
    text = f"{head}window: {window}\nweeks: {weeks}\nhashtags:{tail}"
    return parse_pack(text.replace("[05-25]", f"[{pin}]").replace("week: 3", "week: 2"), "days.yaml")


class TestUnusualWindows:
    def test_one_that_spans_new_year_belongs_to_the_year_it_starts_in(self, other_yaml: str) -> None:
        pack = days(
            other_yaml,
            "{starts_on: 12-15, ends_on: 01-15}",
            "[{number: 1, title: A, starts_on: 12-15, ends_on: 12-28},"
            " {number: 2, title: B, starts_on: 12-29, ends_on: 01-15}]",
            "01-02",
        )
        window = build_window(pack, year=2026)
        assert (window.starts_on, window.ends_on) == (date(2026, 12, 15), date(2027, 1, 15))
        assert (window.weeks[1].starts_on, window.weeks[1].ends_on) == (date(2026, 12, 29), date(2027, 1, 15))
        assert plan_posts(pack, 2026)[1].pins == (date(2027, 1, 2),)
        assert default_year(pack, datetime(2027, 1, 10, tzinfo=UTC)) == 2026
        assert default_year(pack, datetime(2027, 1, 20, tzinfo=UTC)) == 2027

    @pytest.mark.parametrize(
        ("year", "first_ends", "second_starts", "pin"),
        [
            (2028, date(2028, 2, 28), date(2028, 2, 29), date(2028, 2, 29)),
            (2027, date(2027, 2, 28), date(2027, 3, 1), date(2027, 2, 28)),
        ],
    )
    def test_29_february_never_makes_weeks_overlap(
        self, other_yaml: str, year: int, first_ends: date, second_starts: date, pin: date
    ) -> None:
        pack = days(
            other_yaml,
            "{starts_on: 02-20, ends_on: 03-05}",
            "[{number: 1, title: A, starts_on: 02-20, ends_on: 02-28},"
            " {number: 2, title: B, starts_on: 02-29, ends_on: 03-05}]",
            "02-29",
        )
        weeks = build_window(pack, year=year).weeks
        assert (weeks[0].ends_on, weeks[1].starts_on) == (first_ends, second_starts)
        assert plan_posts(pack, year)[1].pins == (pin,)

    def test_a_window_that_starts_on_29_february_keeps_its_pin_inside(self, other_yaml: str) -> None:
        pack = days(
            other_yaml,
            "{starts_on: 02-29, ends_on: 03-14}",
            "[{number: 1, title: A, starts_on: 02-29, ends_on: 03-05},"
            " {number: 2, title: B, starts_on: 03-06, ends_on: 03-14}]",
            "02-29",
        )
        assert build_window(pack, year=2027).starts_on == date(2027, 3, 1)
        assert plan_posts(pack, 2027)[1].pins == (date(2027, 3, 1),)


class TestBundledPacks:
    def test_an_unknown_key_names_those_that_there_are(self) -> None:
        with pytest.raises(NotFound) as raised:
            bundled_pack_path("../../etc/passwd")
        assert "hhs-htpm-2023" in raised.value.hint
