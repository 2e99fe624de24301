from __future__ import annotations

import base64
from datetime import timedelta

import httpx
import pytest
from api_client import Json, made, ok, refused

from app.bootstrap import House
from app.clock import VirtualClock

BUFFER = """Text,Image URL,Tags,Posting Time
"Help victims. Call 1-888-373-7888. #Partner2Prevent",,,2027-01-04 09:00
Hello #A #B #C,https://example.org/a.png,,2027-01-05 09:00
Never,,,2027-03-14 02:30
"""
OPEN_DATES = "04/01/2027 09:00,Hello,\n"


def staged(api: httpx.Client, content: str | bytes, name: str = "posts.csv", **options: object) -> Json:
    data = content.encode() if isinstance(content, str) else content
    body = {"campaign_id": 1, "file_name": name, "content": base64.b64encode(data).decode()} | options
    return made(api.post("/imports", json=body))


def rows(api: httpx.Client, run: Json, **params: object) -> list[Json]:
    items: list[Json] = ok(api.get(f"/imports/{run['id']}/rows", params=params))["items"]
    return items


def count_posts(api: httpx.Client) -> int:
    return len(ok(api.get("/posts", params={"campaign_id": 1, "limit": 200}))["items"])


@pytest.mark.usefixtures("campaign")
class TestStaging:
    def test_keeps_the_file_and_changes_nothing(self, api: httpx.Client) -> None:
        run = staged(api, BUFFER)
        assert (run["state"], run["format"], run["counts"]) == ("previewed", "buffer", {"rows": 3})
        assert run["expires"]["utc"] == "2026-12-02T12:00:00Z"
        assert count_posts(api) == 36
        (listed,) = ok(api.get("/imports", params={"campaign_id": 1}))["items"]
        assert listed == run

    def test_shows_what_each_row_would_do_and_what_is_wrong_or_found(self, api: httpx.Client) -> None:
        run = staged(api, BUFFER)
        preview = ok(api.get(f"/imports/{run['id']}"))
        assert preview["counts"] == {"rows": 3, "added": 2, "changed": 0, "unchanged": 0, "refused": 1}
        assert (preview["questions"], preview["unused_columns"], preview["encoding"]) == ([], [], "utf-8")
        first, second, third = rows(api, run)
        assert (first["row"], first["action"], first["at"]["local"]) == (2, "added", "2027-01-04T09:00:00-05:00")
        assert "language.victim" in [finding["code"] for finding in first["findings"]]
        assert {"platform", "length", "limit", "fits", "thread"} == set(first["lengths"][0])
        assert "hashtag.limit" in [finding["code"] for finding in second["findings"]]
        assert third["errors"][0] | {"message": ""} == {
            "column": "Posting Time",
            "code": "at.nonexistent",
            "message": "",
        }
        assert [row["row"] for row in rows(api, run, action="refused")] == [4]

    def test_rows_come_in_pages(self, api: httpx.Client) -> None:
        run = staged(api, BUFFER)
        page = ok(api.get(f"/imports/{run['id']}/rows", params={"limit": 2}))
        assert [row["row"] for row in page["items"]] == [2, 3]
        rest = ok(api.get(f"/imports/{run['id']}/rows", params={"limit": 2, "cursor": page["next_cursor"]}))
        assert ([row["row"] for row in rest["items"]], rest["next_cursor"]) == ([4], None)
        refused(api.get(f"/imports/{run['id']}/rows", params={"cursor": "x"}), 400, "cursor.invalid")

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"content": "not base64!"}, "input.invalid"),
            ({"content": "é"}, "input.invalid"),
            ({"content": base64.b64encode(b"%PDF-1.4").decode()}, "file.refused"),
            ({"content": base64.b64encode(b"PK\x03\x04").decode()}, "file.refused"),
            ({"content": ""}, "input.invalid"),
            ({"file_name": "a.json", "content": base64.b64encode(b"{}").decode()}, "pack.invalid"),
            ({"format": "excel"}, "validation.failed"),
            ({"format": "sprout"}, "input.invalid"),
            ({"columns": {"Text": "words"}}, "input.invalid"),
        ],
    )
    def test_refuses_what_cannot_be_read(self, api: httpx.Client, change: Json, code: str) -> None:
        body = {"campaign_id": 1, "file_name": "posts.csv", "content": base64.b64encode(BUFFER.encode()).decode()}
        refused(api.post("/imports", json=body | change), 422, code)
        assert ok(api.get("/imports"))["items"] == []

    def test_takes_a_file_larger_than_other_bodies(self, api: httpx.Client) -> None:
        large = "key,week,text\n" + "".join(f"post-{n},1,{'word ' * 200}\n" for n in range(1500))
        assert len(large) > 1_000_000
        assert staged(api, large)["counts"] == {"rows": 1500}

    def test_of_more_than_twenty_megabytes_is_refused(self, api: httpx.Client) -> None:
        body = {"campaign_id": 1, "file_name": "posts.csv", "content": "A" * 27_000_000}
        refused(api.post("/imports", json=body), 413, "body.too_large")

    def test_is_forgotten_after_a_day(self, api: httpx.Client, house: House, clock: VirtualClock) -> None:
        run = staged(api, BUFFER)
        chore = next(chore for chore in house.chores if chore.name == "forget_imports")
        chore.run()
        ok(api.get(f"/imports/{run['id']}"))
        clock.move_to(clock.now() + timedelta(hours=24))
        chore.run()
        refused(api.get(f"/imports/{run['id']}"), 404, "not_found")

    def test_can_be_taken_back(self, api: httpx.Client) -> None:
        run = staged(api, BUFFER)
        assert api.delete(f"/imports/{run['id']}").status_code == 204
        refused(api.get(f"/imports/{run['id']}"), 404, "not_found")


@pytest.mark.usefixtures("campaign")
class TestAnswering:
    def test_a_question_of_dates(self, api: httpx.Client) -> None:
        run = staged(api, OPEN_DATES)
        (question,) = ok(api.get(f"/imports/{run['id']}"))["questions"]
        assert (question["option"], question["choices"]) == ("dates", ["day-first", "month-first"])
        refused(api.post(f"/imports/{run['id']}/commit", json={"rows": "good"}), 422, "input.invalid")
        answered = ok(api.patch(f"/imports/{run['id']}", json={"dates": "day-first"}))
        assert (answered["questions"], answered["options"]) == ([], {"dates": "day-first"})
        assert rows(api, run)[0]["at"]["utc"] == "2027-01-04T14:00:00Z"
        assert ok(api.patch(f"/imports/{run['id']}", json={"dates": None}))["options"] == {}

    def test_a_question_of_columns_by_a_saved_mapping(self, api: httpx.Client) -> None:
        run = staged(api, "Words;When\nHello;2027-01-05 09:00\n")
        (question,) = ok(api.get(f"/imports/{run['id']}"))["questions"]
        assert question["option"] == "columns"
        body = {"name": "Our calendar", "columns": {"Words": "text", "When": "at"}}
        saved = made(api.post("/column-mappings", json=body))
        assert ok(api.get(f"/column-mappings/{saved['id']}")) == saved
        assert ok(api.get("/column-mappings"))["items"] == [saved]
        answered = ok(api.patch(f"/imports/{run['id']}", json={"mapping": "Our calendar"}))
        assert answered["options"] == {"columns": body["columns"]}
        assert rows(api, run)[0]["text"] == "Hello"
        assert api.delete(f"/column-mappings/{saved['id']}").status_code == 204
        refused(api.patch(f"/imports/{run['id']}", json={"mapping": "Our calendar"}), 404, "not_found")

    @pytest.mark.parametrize("columns", [{"Words": "when"}, {"Words": "at"}, {"A": "text", "B": "text"}])
    def test_a_mapping_must_make_sense(self, api: httpx.Client, columns: Json) -> None:
        refused(api.post("/column-mappings", json={"name": "x", "columns": columns}), 422, "input.invalid")

    def test_bulk_changes_are_remembered_and_shown(self, api: httpx.Client) -> None:
        run = staged(api, BUFFER)
        for body in (
            {"fix": "keep_first_two_hashtags"},
            {"fix": "set_alt_text", "rows": [3], "value": "A sign"},
            {"fix": "reschedule", "rows": [4], "value": "2027-01-14 09:00"},
        ):
            changed = ok(api.post(f"/imports/{run['id']}/fixes", json=body))
        assert [fix["fix"] for fix in changed["fixes"]] == ["keep_first_two_hashtags", "set_alt_text", "reschedule"]
        assert changed["counts"]["added"] == 3
        assert [row["text"] for row in rows(api, run)][1] == "Hello #A #B"
        refused(api.post(f"/imports/{run['id']}/fixes", json={"fix": "set_alt_text"}), 422, "input.invalid")


@pytest.mark.usefixtures("campaign")
class TestCommitting:
    def test_writes_the_good_rows_and_is_undone(self, api: httpx.Client) -> None:
        run = staged(api, BUFFER)
        refused(api.post(f"/imports/{run['id']}/commit", json={"rows": "all"}), 422, "input.invalid")
        done = ok(api.post(f"/imports/{run['id']}/commit", json={"rows": "good"}))
        assert (done["state"], done["counts"]["added"], done["expires"]) == ("committed", 2, None)
        assert count_posts(api) == 38
        assert [(row["row"], row["action"]) for row in rows(api, run)] == [
            (2, "added"),
            (3, "added"),
            (4, "refused"),
        ]
        assert [row["row"] for row in rows(api, run, action="refused")] == [4]
        assert ok(api.get(f"/imports/{run['id']}"))["questions"] == []
        undone = ok(api.post(f"/imports/{run['id']}/undo"))
        assert undone["state"] == "undone"
        assert count_posts(api) == 36

    def test_happens_once(self, api: httpx.Client) -> None:
        run = staged(api, "Text,Image URL,Tags,Posting Time\nHello,,,\n")
        ok(api.post(f"/imports/{run['id']}/commit", json={"rows": "all"}))
        for answer in (
            api.post(f"/imports/{run['id']}/commit", json={"rows": "all"}),
            api.patch(f"/imports/{run['id']}", json={"dates": "day-first"}),
            api.post(f"/imports/{run['id']}/fixes", json={"fix": "keep_first_two_hashtags"}),
            api.delete(f"/imports/{run['id']}"),
        ):
            refused(answer, 409, "conflict")

    def test_of_the_same_file_changes_nothing(self, api: httpx.Client) -> None:
        content = "Text,Image URL,Tags,Posting Time\nHello,,,2027-01-04 09:00\n"
        for expected in ("added", "unchanged"):
            run = staged(api, content)
            assert [row["action"] for row in rows(api, run)] == [expected]
            ok(api.post(f"/imports/{run['id']}/commit", json={"rows": "all"}))
        assert count_posts(api) == 37

    def test_what_is_not_there_is_not_found(self, api: httpx.Client) -> None:
        for answer in (
            api.get("/imports/99"),
            api.get("/imports/99/rows"),
            api.post("/imports/99/commit", json={"rows": "all"}),
            api.post("/imports/99/undo"),
            api.delete("/imports/99"),
            api.get("/column-mappings/99"),
            api.delete("/column-mappings/99"),
        ):
            refused(answer, 404, "not_found")
        body = {"campaign_id": 99, "file_name": "a.csv", "content": "dGV4dAp4Cg=="}
        refused(api.post("/imports", json=body), 404, "not_found")
