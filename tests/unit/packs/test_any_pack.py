"""Whatever is done to a pack, it is read, or refused as an invalid pack; and what is read survives a round trip."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InvalidPack
from app.packs.bundled import default_pack
from app.packs.json_schema import pack_json_schema
from app.packs.policy import build_policy
from app.packs.reading import pack_digest, parse_pack
from app.packs.schema import Pack
from app.packs.voice import build_voice, post_text
from app.packs.window import build_window, plan_posts

OTHER = Path(__file__).parents[2] / "fixtures" / "packs" / "agua-segura.yaml"

CONTENT: dict[str, Any] = parse_pack(OTHER.read_text(encoding="utf-8"), "other").model_dump(mode="json")

junk = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        ["", "02-29", "12-31", "05-20", "x", "https://", "{piscina}", "#a", "@", "en", "error", [], {}, [[]]]
    ),
    st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=2),
)


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    content = copy.deepcopy(CONTENT)
    for _ in range(draw(st.integers(1, 3))):
        at: Any = content
        while True:
            if isinstance(at, dict) and at:
                step: Any = draw(st.sampled_from(sorted(at)))
            elif isinstance(at, list) and at:
                step = draw(st.integers(0, len(at) - 1))
            else:
                break
            if isinstance(at[step], dict | list) and at[step] and draw(st.booleans()):
                at = at[step]
                continue
            match draw(st.sampled_from(["delete", "replace", "double"])):
                case "delete":
                    del at[step]
                case "replace":
                    at[step] = draw(junk)
                case "double" if isinstance(at, list):
                    at.append(copy.deepcopy(at[step]))
                case _:
                    at[draw(st.text(max_size=6))] = draw(junk)
            break
    return content


def use(pack: Pack) -> None:
    build_voice(pack, year=2027)
    build_window(pack, year=2027)
    plan_posts(pack, 2027)
    assert [post_text(post).key for post in pack.posts]
    assert parse_pack(pack.model_dump_json(), "again") == pack


class TestAnyMutation:
    @given(mutated())
    @settings(max_examples=300, deadline=None)
    def test_gives_a_pack_that_works_or_an_invalid_pack(self, content: Any) -> None:
        try:
            pack = parse_pack(json.dumps(content), "mutated.json")
        except InvalidPack as error:
            assert all(p.line >= 1 and p.field and p.message for p in error.problems)  # noqa: PT017 - either is right
        else:
            use(pack)

    @given(st.text(max_size=300))
    @settings(max_examples=200, deadline=None)
    def test_any_text_is_refused_in_words(self, text: str) -> None:
        try:
            parse_pack(text, "any")
        except InvalidPack as error:
            assert error.problems  # noqa: PT017 - the only way out
        else:
            raise AssertionError("no such text is a pack")

    @given(st.integers(0, 70_000), st.text(max_size=5))
    @settings(max_examples=60, deadline=None)
    def test_a_cut_or_scribbled_file_is_read_or_refused(self, place: int, scribble: str) -> None:
        text = OTHER.read_text(encoding="utf-8")
        place %= len(text)
        for damaged in (text[:place], text[:place] + scribble + text[place:]):
            try:
                use(parse_pack(damaged, "damaged.yaml"))
            except InvalidPack as error:
                assert error.problems  # noqa: PT017 - either is right


class TestRoundTrips:
    def test_the_bundled_pack_is_the_same_after_json(self) -> None:
        pack = default_pack()
        again = parse_pack(json.dumps(pack.model_dump(mode="json"), ensure_ascii=False), "again.json")
        assert again == pack
        assert pack_digest(again) == pack_digest(pack)
        assert build_policy(again, year=2027) == build_policy(pack, year=2027)

    def test_a_digest_changes_with_the_content(self) -> None:
        changed = parse_pack(json.dumps({**CONTENT, "title": "Otro"}), "changed.json")
        assert pack_digest(changed) != pack_digest(parse_pack(json.dumps(CONTENT), "same.json"))


def _follow(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


def _fits(value: object, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    schema = _follow(schema, root)
    if "anyOf" in schema:
        return any(_fits(value, option, root) for option in schema["anyOf"])
    kinds = {"string": str, "integer": int, "number": int | float, "array": list, "object": dict, "null": type(None)}
    if "type" in schema and not isinstance(value, kinds[schema["type"]]):
        return False
    if isinstance(value, dict):
        known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
        return set(schema.get("required", ())) <= value.keys() and all(
            _fits(inner, known[name], root)
            if name in known
            else others is not False and (others is True or _fits(inner, others, root))
            for name, inner in value.items()
        )
    if isinstance(value, list):
        return all(_fits(inner, schema.get("items", {}), root) for inner in value)
    return value in schema.get("enum", [value]) and value == schema.get("const", value)


class TestTheJsonSchema:
    def test_it_takes_both_packs(self) -> None:
        schema = pack_json_schema()
        assert _fits(CONTENT, schema, schema)
        assert _fits(default_pack().model_dump(mode="json"), schema, schema)

    def test_it_refuses_an_unknown_or_missing_field(self) -> None:
        schema = pack_json_schema()
        assert not _fits({**CONTENT, "extra": 1}, schema, schema)
        assert not _fits({k: v for k, v in CONTENT.items() if k != "posts"}, schema, schema)

    def test_every_field_is_described(self) -> None:
        schema = pack_json_schema()
        for name, model in {"Pack": schema, **schema["$defs"]}.items():
            for field, content in model.get("properties", {}).items():
                assert content.get("description"), f"{name}.{field}"

    def test_it_names_its_draft_and_itself(self) -> None:
        schema = pack_json_schema()
        assert schema["$schema"].endswith("2020-12/schema")
        assert schema["$id"]
        json.dumps(schema)
