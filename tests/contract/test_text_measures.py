"""Lengths and hashtags agree with the networks' own libraries: npm twitter-text 3.1.0 and @atproto/api 0.21.0.

CRLF is taken as LF, which is what the libraries are given. Left out, narrowly: a text of white space only, which
twitter-text calls valid and no network publishes; half a surrogate pair, which is no character and cannot be sent; and
characters so new that Python does not know them, of which either side may have the newer table.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from unicodedata import category

import pytest
import yaml
from hard_texts import noise, texts

from app.platforms.bluesky.limits import PROFILE as BLUESKY
from app.platforms.x.limits import PROFILE as X
from app.text.counting import measure, utf8_length
from app.text.tlds import known_tlds, x_tlds

pytestmark = pytest.mark.node
HERE = Path(__file__).parent / "node"
NODE = os.environ.get("FOCUSWEEK_NODE") or shutil.which("node")


def _missing() -> str | None:
    if NODE is None:
        return "Node is missing: `make setup` brings it"
    for package in ("twitter-text", "@atproto/api"):
        if not (HERE / "node_modules" / package).is_dir():
            return f"the npm package {package} is missing in tests/contract/node: `make setup` installs it"
    return None


def _answers(given: list[str]) -> list[dict]:
    missing = _missing()
    if missing and os.environ.get("CI") == "true":
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)
    lines = "".join(json.dumps({"id": number, "text": text}) + "\n" for number, text in enumerate(given))
    done = subprocess.run(  # noqa: S603 - our own driver
        [str(NODE), "measure.mjs"], cwd=HERE, input=lines, capture_output=True, text=True, check=True, timeout=100
    )
    return [json.loads(line) for line in done.stdout.split("\n") if line]


def _as_ours(text: str, answer: dict) -> dict:
    """Put what we measure in the shape of the driver's answer."""
    x, bluesky = measure(text, X), measure(text, BLUESKY)
    return {
        "id": answer["id"],
        "x": {
            "length": x.length,
            "valid": x.fits or (answer["x"]["valid"] and text.isspace()),
            "hashtags": list(x.hashtags),
        },
        "bluesky": {"length": bluesky.length, "bytes": utf8_length(text), "hashtags": list(bluesky.hashtags)},
    }


def _differences(given: list[str]) -> list[tuple[str, dict, dict]]:
    given = [text.replace("\r\n", "\n") for text in given]
    answers = _answers(given)
    assert len(answers) == len(given)
    pairs = [(text, _as_ours(text, answer), answer) for text, answer in zip(given, answers, strict=True)]
    return [(text, ours, theirs) for text, ours, theirs in pairs if ours != theirs]


class TestMeasuresAgreeWithTheNetworksLibraries:
    def test_on_texts_of_hard_pieces(self):
        assert _differences(list(texts(4000, seed=2027))) == []

    def test_on_noise_of_meaningful_characters(self):
        assert _differences(list(noise(4000, seed=1128))) == []

    def test_on_every_top_level_domain_with_and_without_scheme(self):
        tlds = sorted(known_tlds() | x_tlds())
        assert (
            _differences([f"{a}example.{tld} {a}example.{tld.upper()}/a" for tld in tlds for a in ("", "http://")])
            == []
        )

    def test_on_every_character_glued_to_a_hashtag_and_a_link(self):
        # Every 7th code point, surrogates left out; the emoji and the blocks around them one by one.
        points = [*range(0, 0xD800, 7), *range(0x2000, 0x3300), *range(0xFE00, 0x10000), *range(0x1F000, 0x1FB00)]
        given = [
            f"a{chr(p)}#b{chr(p)}c x{chr(p)}example.org{chr(p)}y example.org/{chr(p)}z {chr(p)}"
            for p in points
            if category(chr(p)) != "Cn"
        ]
        assert _differences(given) == []

    def test_on_the_toolkits_posts(self):
        pack = yaml.safe_load((HERE.parents[2] / "seeds" / "hhs-htpm-2023.yaml").read_text("utf-8"))
        assert _differences([post["text"] for post in pack["posts"]]) == []

    def test_on_crlf_counted_as_lf(self):
        text = "One.\r\nTwo #three\r\n"
        assert _differences([text]) == []
        assert measure(text, X).length == measure(text.replace("\r\n", "\n"), X).length
