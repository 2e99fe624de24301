from __future__ import annotations

from datetime import UTC, datetime

import pytest
from import_scene import CALL, Importing, actions

from app.errors import InvalidInput
from app.models import Account, Delivery

SHEET = f"""key,week,text,text_x,image,alt,tags,at
one,1,"One. {CALL}","One, on X. {CALL}",https://example.org/a.png,A sign,"a, b",
two,2,"Two. {CALL}",,,,,2027-01-12 09:10
"""
BUFFER = f"""Text,Image URL,Tags,Posting Time
"First. {CALL}",,,2027-01-04 09:00
"Second. {CALL}",,,2027-01-05 09:00
"Second. {CALL}",,,2027-01-06 09:00
"""


class TestCommit:
    def test_writes_drafts_at_the_end_with_all_that_the_rows_say(self, importing: Importing) -> None:
        run = importing.commit(SHEET)
        posts = importing.posts()
        assert list(posts) == ["one", "two"]
        one, two = posts.values()
        assert (one.week, one.text, one.tags) == (1, f"One. {CALL}", ["a", "b"])
        assert one.media == [{"url": "https://example.org/a.png", "alt": "A sign"}]
        assert importing.variants(one) == {"x": f"One, on X. {CALL}"}
        assert (one.review_state, one.writers, one.language) == ("draft", ["local"], "en")
        assert two.at == datetime(2027, 1, 12, 14, 10, tzinfo=UTC)
        assert one.position == 36
        assert run.counts == {"rows": 2, "added": 2, "changed": 0, "unchanged": 0, "refused": 0}
        assert (run.state, run.content, run.committed_by) == ("committed", None, "local")
        assert [(row.row, row.action, row.post_id) for row in importing.rows(run)] == [
            (2, "added", one.id),
            (3, "added", two.id),
        ]

    def test_is_noted_in_the_trail_post_by_post(self, importing: Importing) -> None:
        before = len(importing.noted("post"))
        importing.commit(SHEET)
        added = importing.noted("post")[before:]
        assert [(event.action, event.after["key"]) for event in added] == [("added", "one"), ("added", "two")]
        assert added[0].after["text"] == f"One. {CALL}"
        (deed,) = [event for event in importing.noted("campaign") if event.action == "imported"]
        assert deed.after["added"] == 2
        assert deed.after["file"] == "posts.csv"

    def test_of_all_writes_nothing_where_one_row_cannot_be(self, importing: Importing) -> None:
        with pytest.raises(InvalidInput, match="row 4: The campaign has no week 9"):
            importing.commit(SHEET + "three,9,Three,,,,,\n")
        assert importing.posts() == {}

    def test_of_the_good_rows_writes_those_and_keeps_why_the_others_were_not(self, importing: Importing) -> None:
        run = importing.commit(SHEET + "three,9,Three,,,,,\n", "good")
        assert list(importing.posts()) == ["one", "two"]
        refused = importing.rows(run)[2]
        assert (refused.action, refused.post_id) == ("refused", None)
        assert refused.errors[0]["code"] == "week.unknown"
        assert run.counts["refused"] == 1

    @pytest.mark.parametrize("which", ["all", "good"])
    def test_waits_for_the_answer_to_every_question(self, importing: Importing, which: str) -> None:
        sheet = "04/01/2027 09:00,Hello,\n"
        with pytest.raises(InvalidInput, match="first of February"):
            importing.commit(sheet, which)
        importing.commit(sheet, which, dates="day-first")
        (post,) = importing.posts().values()
        assert post.at == datetime(2027, 1, 4, 14, 0, tzinfo=UTC)

    def test_tells_how_far_it_is(self, importing: Importing) -> None:
        importing.commit("key,week,text\n" + "".join(f"post-{n},1,Text {n}\n" for n in range(1200)))
        assert importing.said == [(500, 1200), (1000, 1200), (1200, 1200), (1200, 1200)]
        assert len(importing.posts()) == 1200


class TestTheSameFileAgain:
    @pytest.mark.parametrize("sheet", [SHEET, BUFFER])
    def test_changes_nothing(self, importing: Importing, sheet: str) -> None:
        importing.commit(sheet)
        versions = {key: post.version for key, post in importing.posts().items()}
        assert set(actions(importing.preview(sheet))) == {"unchanged"}
        run = importing.commit(sheet)
        assert run.counts["unchanged"] == run.counts["rows"]
        assert {key: post.version for key, post in importing.posts().items()} == versions

    def test_leaves_what_a_person_has_changed_here_meanwhile(self, importing: Importing) -> None:
        importing.commit(SHEET)
        with importing.house.write() as scope:
            post = scope.get(type(importing.posts()["one"]), importing.posts()["one"].id)
            post.text = "Edited here."
        assert actions(importing.preview(SHEET)) == ["unchanged", "unchanged"]

    def test_twice_the_same_row_makes_two_posts_once(self, importing: Importing) -> None:
        sheet = BUFFER + f'"First. {CALL}",,,2027-01-04 09:00\n'
        importing.commit(sheet)
        assert len(importing.posts()) == 4
        assert set(actions(importing.preview(sheet))) == {"unchanged"}


class TestAChangedRow:
    def test_changes_the_post_of_its_key_and_says_which_fields(self, importing: Importing) -> None:
        importing.commit(SHEET)
        changed = SHEET.replace("Two. ", "Two, better. ").replace("A sign", "Another sign")
        preview = importing.preview(changed)
        assert [(view.action.value, view.fields) for view in preview.rows] == [
            ("changed", ("media",)),
            ("changed", ("text",)),
        ]
        importing.commit(changed)
        posts = importing.posts()
        assert posts["two"].text == f"Two, better. {CALL}"
        assert posts["one"].media[0]["alt"] == "Another sign"
        assert posts["two"].version == 2
        assert set(actions(importing.preview(changed))) == {"unchanged"}

    def test_leaves_fields_that_the_sheet_has_no_column_for(self, importing: Importing) -> None:
        importing.commit(SHEET)
        importing.commit(f'key,text\none,"New. {CALL}"\n')
        one = importing.posts()["one"]
        assert (one.text, one.tags) == (f"New. {CALL}", ["a", "b"])
        assert importing.variants(one) == {"x": f"One, on X. {CALL}"}

    def test_of_a_scheduler_is_known_by_its_text_or_its_moment(self, importing: Importing) -> None:
        importing.commit(BUFFER)
        changed = BUFFER.replace("2027-01-04 09:00", "2027-01-04 11:00").replace(
            f'"Second. {CALL}",,,2027-01-06', f'"Third. {CALL}",,,2027-01-06'
        )
        preview = importing.preview(changed)
        assert [(view.action.value, view.fields) for view in preview.rows] == [
            ("changed", ("at",)),
            ("unchanged", ()),
            ("changed", ("text",)),
        ]
        importing.commit(changed)
        assert len(importing.posts()) == 3
        assert set(actions(importing.preview(changed))) == {"unchanged"}

    def test_of_the_toolkits_own_posts_is_shown_as_well(self, importing: Importing) -> None:
        key = "w1-kickoff-partner-in-your-community"
        preview = importing.preview(f"key,week,text\n{key},1,Another text.\n")
        assert [(view.action.value, view.fields) for view in preview.rows] == [("changed", ("text",))]


class TestARowsOwnTime:
    def test_is_the_one_that_it_is_planned_for(self, importing: Importing) -> None:
        importing.commit(f'key,week,text,at\nnight,1,"At night. {CALL}",2027-01-09 03:17\n')
        importing.plan()
        assert self.due(importing, "night") == [datetime(2027, 1, 9, 8, 17, tzinfo=UTC)]
        importing.commit(f'key,week,text,at\nnight,1,"At night. {CALL}",2027-01-09 03:18\n')
        importing.plan()
        assert self.due(importing, "night") == [datetime(2027, 1, 9, 8, 18, tzinfo=UTC)]

    @staticmethod
    def due(importing: Importing, key: str) -> list[datetime]:
        post = importing.posts()[key]
        with importing.house.read() as scope:
            rows = scope.session.scalars(scope.query(Delivery).join(Account, Account.id == Delivery.account_id)
                                         .where(Delivery.post_id == post.id))  # fmt: skip
            return [row.due_at for row in rows]

    def test_that_lies_outside_or_in_the_past_is_said_and_kept(self, importing: Importing) -> None:
        sheet = "Text,Image URL,Tags,Posting Time\nLate,,,2026-11-30 09:00\nFar,,,2027-03-01 09:00\n"
        past, far = importing.preview(sheet).rows
        assert "at.past" in {one.finding.code for one in past.judged.findings}
        assert "at.outside" in {one.finding.code for one in far.judged.findings}
        assert actions(importing.preview(sheet)) == ["added", "added"]
