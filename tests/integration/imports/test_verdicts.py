"""What a preview says of every row, and what bulk changes make of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from import_scene import CALL, Importing, codes

from app.composing.compose import compose
from app.composing.values import PostText
from app.errors import InvalidInput
from app.packs.bundled import default_pack
from app.platforms.registry import NETWORKS
from app.services.imports.judging import Judge
from app.services.imports.targets import Ground, bundled_ground
from app.services.imports.values import Fix

HEADER = "Text,Image URL,Tags,Posting Time\n"


class TestFindings:
    def test_name_the_row_code_and_place(self, importing: Importing) -> None:
        (view,) = importing.preview(f'{HEADER}"Help victims. {CALL}",,,\n').rows
        found = next(one.finding for one in view.judged.findings if one.finding.code == "language.victim")
        assert found.span == (5, 12)

    def test_say_of_a_missing_mention_what_focusweek_does_about_it(self, importing: Importing) -> None:
        (view,) = importing.preview(f"{HEADER}Hello,,,\n").rows
        (found,) = [one for one in view.judged.findings if one.finding.code == "mention.missing"]
        assert "Focusweek adds one" in str(found.settled)

    def test_of_a_variant_are_of_its_network_only(self, importing: Importing) -> None:
        sheet = f'key,week,text,text_bluesky\na,1,"Fine. {CALL}","For victims. {CALL}"\n'
        (view,) = importing.preview(sheet).rows
        (found,) = [one for one in view.judged.findings if one.finding.code == "language.victim"]
        assert (found.variant, found.platforms) == ("bluesky", ("bluesky",))

    def test_of_handles_name_the_networks_that_have_no_account(self, importing: Importing) -> None:
        sheet = f'key,week,text,platforms\na,1,"Thank you, @somebody_unknown. {CALL}","x, mastodon"\n'
        (view,) = importing.preview(sheet).rows
        found = [one for one in view.judged.findings if one.finding.code == "handle.unmapped"]
        assert [one.platforms for one in found] == [("x", "mastodon")]

    def test_of_length_are_for_networks_without_threads(self, importing: Importing) -> None:
        long = f"{CALL} " + "word " * 700
        (view,) = importing.preview(f'key,week,text,platforms\na,1,"{long}","x, linkedin"\n').rows
        too_long = [one for one in view.judged.findings if one.finding.code == "text.too_long"]
        assert [one.platforms for one in too_long] == [("linkedin",)]
        lengths = {one.platform: one for one in view.judged.lengths}
        assert (lengths["x"].fits, lengths["x"].thread) == (False, True)
        assert (lengths["linkedin"].fits, lengths["linkedin"].thread) == (False, False)

    def test_are_for_the_networks_that_the_campaign_posts_to(self, importing: Importing) -> None:
        preview = importing.preview(f"{HEADER}Hello,,,\n")
        assert preview.platforms == ("bluesky",)
        assert [one.platform for one in preview.rows[0].judged.lengths] == ["bluesky"]


class TestLengths:
    @pytest.mark.parametrize("slug", sorted(NETWORKS))
    def test_agree_with_what_composing_makes_of_the_toolkit(self, slug: str) -> None:
        ground = bundled_ground(datetime(2026, 12, 1, tzinfo=UTC))
        profile = NETWORKS[slug].profile
        for post in default_pack().posts:
            (length,) = self.lengths(ground, post.text, slug)
            composed = compose(PostText("a", post.text, "en"), profile, ground.voice)
            fits = not any(finding.code == "text.too_long" for finding in composed.verdict.findings)
            assert (length.fits or length.thread) == fits, (slug, post.key)
            assert length.thread == (len(composed.parts) > 1), (slug, post.key)

    @staticmethod
    def lengths(ground: Ground, text: str, slug: str) -> tuple:
        from app.packs.sheets.values import RowDraft  # noqa: PLC0415

        judge = Judge(ground.voice, (slug,), ground.target)
        return judge.judge(RowDraft(1, {"text": text, "language": "en"})).lengths


class TestBulkChanges:
    def test_keep_the_first_two_hashtags_and_the_sentence(self, importing: Importing) -> None:
        text = "Learn of #ForcedLabor and #SexTrafficking and #LaborTrafficking today. #One #Two"
        sheet = f'{HEADER}"{text}",,,\n"Other #A #B #C",,,\n'
        fix = Fix("keep_first_two_hashtags", frozenset({2}))
        first, second = importing.preview(sheet, fixes=[fix]).rows
        assert first.draft.values["text"] == "Learn of #ForcedLabor and #SexTrafficking and LaborTrafficking today."
        assert "hashtag.limit" not in codes(first)
        assert "hashtag.limit" in codes(second)

    def test_apply_what_a_rule_suggests(self, importing: Importing) -> None:
        sheet = f'{HEADER}"See http://example.org and call 1-888-373-7889. #partner2prevent",,,\n'
        fixes = [Fix("apply_suggestion", None, code)
                 for code in ("link.not_https", "hashtag.case", "mention.wrong_number")]  # fmt: skip
        (view,) = importing.preview(sheet, fixes=fixes).rows
        text = view.draft.values["text"]
        assert text == "See https://example.org and call 1-888-373-7888. #Partner2Prevent"
        assert not {"link.not_https", "hashtag.case", "mention.wrong_number"} & codes(view)

    def test_apply_no_advice_as_if_it_were_text(self, importing: Importing) -> None:
        with pytest.raises(InvalidInput, match="advice"):
            importing.preview(f"{HEADER}Hello,,,\n", fixes=[Fix("apply_suggestion", None, "statistic.uncited")])

    def test_set_the_alternative_text_of_images(self, importing: Importing) -> None:
        sheet = f"{HEADER}Hello,https://example.org/a.png,,\nNone,,,\n"
        first, second = importing.preview(sheet, fixes=[Fix("set_alt_text", None, "A blue sign")]).rows
        assert first.draft.values["media"] == [{"url": "https://example.org/a.png", "alt": "A blue sign"}]
        assert second.draft.values["media"] == []

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("+2d", datetime(2027, 1, 7, 14, 0, tzinfo=UTC)),
            ("-30m", datetime(2027, 1, 5, 13, 30, tzinfo=UTC)),
            ("2027-01-20 10:00", datetime(2027, 1, 20, 15, 0, tzinfo=UTC)),
            ("2027-01-20T10:00:00Z", datetime(2027, 1, 20, 10, 0, tzinfo=UTC)),
        ],
    )
    def test_reschedule_by_an_amount_or_to_a_moment(self, importing: Importing, value: str, expected: datetime) -> None:
        sheet = f"{HEADER}Hello,,,2027-01-05 09:00\n"
        (view,) = importing.preview(sheet, fixes=[Fix("reschedule", frozenset({2}), value)]).rows
        assert view.draft.values["at"] == expected

    def test_moving_by_days_keeps_the_time_on_the_wall(self, importing: Importing) -> None:
        sheet = f"{HEADER}Hello,,,2027-03-13 09:00\n"
        (view,) = importing.preview(sheet, fixes=[Fix("reschedule", None, "+1d")]).rows
        assert view.draft.values["at"] == datetime(2027, 3, 14, 13, 0, tzinfo=UTC)

    def test_a_new_time_settles_one_that_could_not_be(self, importing: Importing) -> None:
        sheet = f"{HEADER}Hello,,,2027-03-14 02:30\n"
        (view,) = importing.preview(sheet, fixes=[Fix("reschedule", None, "2027-01-14 09:00")]).rows
        assert view.errors == []
        assert (view.action.value, view.draft.values["week"]) == ("added", 2)

    @pytest.mark.parametrize(
        "fix",
        [
            Fix("shout"),
            Fix("reschedule"),
            Fix("reschedule", None, "soon"),
            Fix("reschedule", None, "+x"),
            Fix("reschedule", frozenset({2}), "+99999999d"),
            Fix("set_alt_text", frozenset({2}), "A sign"),
            Fix("keep_first_two_hashtags", frozenset({9})),
            Fix("apply_suggestion"),
        ],
    )
    def test_that_cannot_be_made_are_refused(self, importing: Importing, fix: Fix) -> None:
        with pytest.raises(InvalidInput):
            importing.preview(f"{HEADER}Hello,,,\n", fixes=[fix])

    def test_are_what_is_imported_and_the_bare_file_changes_nothing_after(self, importing: Importing) -> None:
        sheet = f'{HEADER}"Hello #A #B #C",,,\n'
        run = importing.commit(sheet, fixes=[Fix("keep_first_two_hashtags")])
        (post,) = importing.posts().values()
        assert post.text == "Hello #A #B"
        assert run.fixes == [{"fix": "keep_first_two_hashtags", "rows": None, "value": None}]
        assert [view.action.value for view in importing.preview(sheet).rows] == ["unchanged"]
