from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from app.packs.bundled import bundled_pack_path

Run = Callable[..., Any]
PACK = str(bundled_pack_path())


class TestPack:
    def test_shows_all_36_posts_as_json(self, run: Run) -> None:
        (pack,) = run("pack", "show", PACK, "--json").lines
        assert [sum(post["week"] == week for post in pack["posts"]) for week in (1, 2, 3, 4)] == [17, 9, 7, 3]

    def test_validates_the_bundled_one(self, run: Run) -> None:
        assert run("pack", "validate", PACK).code == 0

    def test_names_file_line_field_and_what_was_expected(self, run: Run, tmp_path: Path) -> None:
        broken = tmp_path / "broken.yaml"
        broken.write_text(Path(PACK).read_text("utf-8").replace("week: 4", "week: 9", 1), "utf-8")
        ran = run("pack", "validate", str(broken))
        assert ran.code == 2
        line = (
            broken.read_text("utf-8")
            .splitlines()
            .index(next(x for x in broken.read_text("utf-8").splitlines() if "week: 9" in x))
            + 1
        )
        assert f"{broken}:{line}:" in ran.err
        assert ".week" in ran.err
        assert "expected" in ran.err

    @pytest.mark.parametrize("file", ["missing.yaml", "."])
    def test_says_what_is_wrong_with_a_file_that_cannot_be_read(self, run: Run, file: str, tmp_path: Path) -> None:
        assert run("pack", "show", str(tmp_path / file)).code == 2

    def test_writes_a_json_schema(self, run: Run) -> None:
        assert '"$schema"' in run("pack", "schema").out


class TestCompose:
    def test_gives_a_line_for_each_post(self, run: Run) -> None:
        answers = run("compose", "--platform", "bluesky").lines
        assert len(answers) == 36
        assert all(set(answer) == {"key", "week", "sendable", "parts", "findings"} for answer in answers)
        assert sum(answer["sendable"] for answer in answers) == 34

    def test_fills_what_is_given(self, run: Run) -> None:
        (pack,) = run("pack", "show", PACK, "--json").lines
        fills = [part for fill in pack["fill_ins"] for part in ("--fill", f"{fill['key']}=something")]
        assert all(answer["sendable"] for answer in run("compose", "--platform", "x", *fills).lines)

    @pytest.mark.parametrize("fill", ["nothing", "=x", "unknown=x"])
    def test_refuses_a_fill_in_that_is_none(self, run: Run, fill: str) -> None:
        assert run("compose", "--platform", "x", "--fill", fill).code == 2


class TestPlan:
    def test_gives_a_line_for_each_delivery_with_its_moment_in_both_zones(self, run: Run) -> None:
        answers = run("plan", "--year", "2027", "--json").lines
        assert len(answers) == 148
        for answer in answers:
            assert set(answer) == {"post", "account", "platform", "week", "local", "utc"}
            assert answer["utc"].endswith("Z")
            assert datetime.fromisoformat(answer["local"]) == datetime.fromisoformat(answer["utc"])

    def test_of_a_year_that_is_over_is_empty_with_the_reason(self, run: Run) -> None:
        ran = run("plan", "--year", "2020", "--json")
        assert (ran.code, ran.out) == (0, "")
        assert "not planned" in ran.err

    @pytest.mark.parametrize("options", [["--zone", "Mars/Olympus"], ["--year", "99999"], ["--year", "soon"]])
    def test_refuses_what_it_cannot_use(self, run: Run, options: list[str]) -> None:
        assert run("plan", *options).code == 2
