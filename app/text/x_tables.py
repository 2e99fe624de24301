"""Characters as X's own library sorts them: twitter-text 3.1.0 with twemoji-parser 11.0.2.

The tables are data of that library (`data/twitter_text.json`, written by `tests/contract/node/tables.mjs`), not of the
Unicode version that Python happens to carry: X counts an emoji that is newer than its table as its code points.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import TypeAlias

_TABLES: dict[str, str] = json.loads(files("app.text").joinpath("data/twitter_text.json").read_text("utf-8"))


def _as_class(ranges: str) -> str:
    """Turn `41-5a 5f` into the inside of a character class."""
    parts = []
    for one in ranges.split():
        low, _, high = one.partition("-")
        parts.append(f"\\U{int(low, 16):08x}-\\U{int(high or low, 16):08x}")
    return "".join(parts)


#: Inside of a character class: letters and marks, one of which a hashtag must have.
LETTERS = _as_class(_TABLES["letters_and_marks"])
#: Inside of a character class: all that a hashtag may hold.
TAG_CHARACTERS = _as_class(_TABLES["letters_marks_and_numerals"])


@cache
def emoji() -> re.Pattern[str]:
    """Return the pattern of one emoji, whatever it is put together from; made when a text may have one.

    A lone variation selector is one too, as twemoji-parser has it.
    """
    tree: _Tree = {}
    for key, end in (("emoji", ""), ("emoji_unless_text", _AS_TEXT)):
        for sequence in _TABLES[key].split(" "):
            node = tree
            for character in sequence:
                node = node.setdefault(character, {})
            node[end] = {}
    return re.compile(_pattern(tree))


#: Stands in the tree for the end of an emoji that counts unless the sign for text presentation follows it.
_AS_TEXT = "(?!\ufe0e)"
_Tree: TypeAlias = dict[str, "_Tree"]


def _pattern(tree: _Tree) -> str:
    """Return the pattern of all sequences of a tree, longest first, without two alternatives that begin alike."""
    by_rest: dict[str, list[str]] = {}
    for character, rest in tree.items():
        if character not in {"", _AS_TEXT}:
            by_rest.setdefault(_pattern(rest), []).append(re.escape(character))
    longer = [f"[{''.join(characters)}]{rest}" for rest, characters in by_rest.items()]
    ends = [end for end in ("", _AS_TEXT) if end in tree]
    return f"(?:{'|'.join([*longer, *ends[:1]])})" if longer or ends != [""] else ""


#: Where none of these stands, there is no emoji.
EMOJI_HINT = re.compile("[©®\u203c-\U0010ffff]")

#: Latin letters with accents that X takes as parts of a link, JavaScript's case folding included.
LATIN = (
    "\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0260\u0263\u0268\u0269\u026f\u0272"
    "\u0275\u0280\u0283\u0288-\u028c\u0292\u02bb\u0300-\u036f\u0399\u03b9\u1e00-\u1eff\u1fbe\u2c65\u2c66\u2c7e\u2c7f\ua7dc"
)
CYRILLIC = "\u0400-\u04ff\u1c80-\u1c87"
#: What stands in no domain: punctuation, white space, invalid characters and marks of direction.
NO_DOMAIN = (
    "\\x09-\\x0d\\x20!\\x23-\\x2c/:-@\\[-\\^{-~\u0085\u00a0\u061c\u1680\u180e\u2000-\u200a\u200e\u200f\u2028-\u202f"
    "\u205f\u2066-\u2069\u3000\ufeff\ufffe\uffff"
)
#: Characters that make a text invalid on X.
INVALID = re.compile("[\ufeff\ufffe\uffff]")
