"""The page about the format names every field, and its example is a pack."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.packs.json_schema import pack_json_schema
from app.packs.reading import parse_pack

PAGE = (Path(__file__).parents[3] / "docs" / "pack-format.md").read_text(encoding="utf-8")
SCHEMA = pack_json_schema()
FIELDS = sorted({field for model in [SCHEMA, *SCHEMA["$defs"].values()] for field in model.get("properties", {})})


class TestThePageAboutTheFormat:
    @pytest.mark.parametrize("field", FIELDS)
    def test_names_every_field(self, field: str) -> None:
        assert f"`{field}`" in PAGE

    def test_shows_a_pack_that_can_be_read(self) -> None:
        (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
        assert parse_pack(example, "example.yaml").key == "pool-safety-week"
